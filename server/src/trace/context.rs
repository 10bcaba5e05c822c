//! Where an execution belongs in a trace: ids in the form of X-Ray, and its header.

use aslx_asl::Timestamp;
use aslx_engine::history::view::SpanKey;
use aslx_engine::journal::{Started, Tracing};
use sha2::{Digest, Sha256};
use std::fmt;

/// An id of a trace. The first four bytes are seconds since the Unix epoch, so that X-Ray takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceId(pub(crate) [u8; 16]);

/// An id of a span.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanId(pub(crate) [u8; 8]);

/// 32 hexadecimal digits.
impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl TraceId {
    /// `1-5759e988-bd862e3fe1be46a994272793`
    pub(crate) fn of_xray(self) -> String {
        let text = self.to_string();
        let (time, rest) = text.split_at(8);
        format!("1-{time}-{rest}")
    }

    fn read(text: &str) -> Option<TraceId> {
        let (time, rest) = text.strip_prefix("1-")?.split_once('-')?;
        let fits = time.len() == 8 && rest.len() == 24 && is_hexadecimal(time) && is_hexadecimal(rest);
        let bits = u128::from_str_radix(&format!("{time}{rest}"), 16).ok().filter(|_| fits)?;
        Some(TraceId(bits.to_be_bytes()))
    }
}

/// A number may have a sign, an id may not.
fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What ids of an execution are drawn from: its ARN, and its start since a name can be taken again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'e> {
    pub(crate) execution: &'e str,
    pub(crate) start: Timestamp,
}

impl Identity<'_> {
    fn draw(self, what: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(format!("{}\n{}\n{what}", self.execution, self.start.as_millis()));
        digest.finalize().into()
    }

    fn trace(self) -> TraceId {
        let seconds = u32::try_from(self.start.as_millis().div_euclid(1_000)).unwrap_or_default();
        let mut id = [0; 16];
        let drawn = self.draw("trace");
        let bytes = seconds.to_be_bytes().into_iter().chain(drawn);
        id.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        TraceId(id)
    }

    /// The id of a span. The same span has the same id whenever it is asked for.
    pub(crate) fn span(self, key: SpanKey) -> SpanId {
        let what = match key {
            SpanKey::Execution { redrive } => format!("execution {redrive}"),
            SpanKey::Visit { event, redrive } => format!("visit {event} {redrive}"),
            SpanKey::Attempt { event } => format!("attempt {event}"),
            SpanKey::Lane { event, redrive } => format!("lane {event} {redrive}"),
            SpanKey::MapRun { event, redrive } => format!("run {event} {redrive}"),
        };
        let mut id = [0; 8];
        id.iter_mut().zip(self.draw(&what)).for_each(|(place, byte)| *place = byte);
        SpanId(id)
    }
}

/// A trace, and who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) trace: TraceId,
    /// The span that the execution lies within.
    pub(crate) parent: Option<SpanId>,
    /// Somebody else began the trace.
    pub(crate) joined: bool,
    /// What the header says of recording it.
    pub(crate) sampled: Option<bool>,
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Context {
    /// Of an execution: from the header that it was started with, else from that of the task which started it, else a
    /// trace of its own.
    pub(crate) fn of(started: &Started, identity: Identity<'_>) -> Context {
        let Tracing { header, caller } = &started.tracing;
        let own = Context { trace: identity.trace(), parent: None, joined: false, sampled: None };
        match header.as_deref().or(caller.as_deref()) {
            Some(header) => own.joining(header),
            None => own,
        }
    }

    /// `Root=1-…;Parent=…;Sampled=1`. What is no id of X-Ray is passed over, and so is what else the header says.
    fn joining(self, header: &str) -> Context {
        let mut context = self;
        let members = || header.split(';').filter_map(|member| member.trim().split_once('='));
        if let Some(trace) = members().find(|(name, _)| *name == "Root").and_then(|(_, root)| TraceId::read(root)) {
            let parent = members().find(|(name, _)| *name == "Parent").map(|(_, parent)| parent);
            let parent = parent.filter(|id| id.len() == 16 && is_hexadecimal(id));
            let parent = parent.and_then(|id| u64::from_str_radix(id, 16).ok()).filter(|id| *id != 0);
            context = Context { trace, parent: parent.map(|id| SpanId(id.to_be_bytes())), joined: true, ..context };
        }
        context.sampled = members().find(|(name, _)| *name == "Sampled").and_then(|(_, sampled)| match sampled {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        });
        context
    }

    /// The header for what a span calls.
    pub(crate) fn header(&self, caller: SpanId, sampled: bool) -> String {
        format!("Root={};Parent={caller};Sampled={}", self.trace.of_xray(), u8::from(sampled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_123);
    const ARN: &str = "arn:aws:states:us-east-1:000000000000:execution:m:e";

    fn joining(header: &str) -> Context {
        let identity = Identity { execution: ARN, start: START };
        Context { trace: identity.trace(), parent: None, joined: false, sampled: None }.joining(header)
    }

    #[test]
    fn ids_are_those_of_x_ray() {
        let identity = Identity { execution: ARN, start: START };
        let id = identity.trace();
        assert!(id.of_xray().starts_with("1-6553f100-"), "{}", id.of_xray());
        assert_eq!((id.of_xray().len(), TraceId::read(&id.of_xray())), (35, Some(id)));
        let later = Identity { execution: ARN, start: START.plus_millis(1) };
        assert!(
            later.trace() != id
                && later.span(SpanKey::Attempt { event: 3 }) != identity.span(SpanKey::Attempt { event: 3 })
        );
        let keys = [
            SpanKey::Attempt { event: 3 },
            SpanKey::Visit { event: 3, redrive: 0 },
            SpanKey::Visit { event: 3, redrive: 1 },
        ];
        let ids: std::collections::BTreeSet<String> = keys.map(|key| identity.span(key).to_string()).into();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn headers() {
        let root = "1-5759e988-bd862e3fe1be46a994272793";
        let context = joining(&format!("Root={root};Parent=53995c3f42cd8ad8;Sampled=1"));
        assert_eq!(context.header(SpanId([1; 8]), true), format!("Root={root};Parent=0101010101010101;Sampled=1"));
        assert_eq!(context.parent.unwrap().to_string(), "53995c3f42cd8ad8");
        assert_eq!((context.joined, context.sampled), (true, Some(true)));
        let context = joining(&format!("Self=1-1-1; Root={root} ;Sampled=?;Lineage=a:1"));
        assert_eq!((context.joined, context.parent, context.sampled), (true, None, None));
        // As AWS's own example has it.
        let context = joining("Root=not enabled;Sampled=0");
        assert_eq!((context.joined, context.sampled), (false, Some(false)));
        for bad in [
            "",
            "Root=",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-+759e988-bd862e3fe1be46a994272793",
            "ŝ;=;Root",
        ] {
            assert_eq!(joining(bad), joining("nothing"), "{bad}");
        }
        let no_parent = joining(&format!("Root={root};Parent=0000000000000000"));
        assert_eq!((no_parent.joined, no_parent.parent), (true, None));
    }
}
