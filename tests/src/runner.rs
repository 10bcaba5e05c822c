//! Playing many cases.

use crate::case::{Case, Kind, Language};
use crate::judge::judge;
use crate::subject::Subject;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long one case may take. Cases run in virtual time, so one that takes longer does not end.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Stack of a case: as much as a program's main thread has.
const STACK: usize = 8 << 20;

/// Which cases are played.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Groups; all if empty.
    pub only: Vec<String>,
    /// One kind.
    pub kind: Option<Kind>,
    /// One language.
    pub language: Option<Language>,
}

impl Selection {
    /// Whether a case is chosen.
    pub fn includes(&self, case: &Case) -> bool {
        (self.only.is_empty() || self.only.contains(&case.group))
            && self.kind.is_none_or(|kind| kind == case.body.kind())
            && self.language.is_none_or(|language| language == case.language)
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The case.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Its kind.
    pub kind: Kind,
    /// Its language.
    pub language: Language,
    /// Why it failed; none if it passed.
    pub reason: Option<String>,
}

/// Plays the cases side by side; the verdicts come in the order of the cases. A case that panics or does not end fails
/// like any other.
pub fn play(cases: &[Case], subject: &Arc<dyn Subject>, limit: Duration) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::with_capacity(cases.len()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, case)) = take(cases, &next) {
                    let reason = play_one(case, subject, limit).err();
                    let verdict = Verdict {
                        name: case.name.clone(),
                        group: case.group.clone(),
                        kind: case.body.kind(),
                        language: case.language,
                        reason,
                    };
                    verdicts.lock().unwrap_or_else(PoisonError::into_inner).push((at, verdict));
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_else(PoisonError::into_inner);
    verdicts.sort_by_key(|(at, _)| *at);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

fn take<'a>(cases: &'a [Case], next: &AtomicUsize) -> Option<(usize, &'a Case)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    cases.get(at).map(|case| (at, case))
}

/// A thread for each case: one that does not end is left behind and ends with the process.
fn play_one(case: &Case, subject: &Arc<dyn Subject>, limit: Duration) -> Result<(), String> {
    let (sender, receiver) = channel();
    let (case, subject) = (case.clone(), Arc::clone(subject));
    let work = move || {
        let judged = catch_unwind(AssertUnwindSafe(|| judge(&case, subject.as_ref())));
        let verdict = judged.unwrap_or_else(|panic| Err(format!("panicked: {}", message(panic.as_ref()))));
        // Nobody listens any more once the time is up.
        let _ = sender.send(verdict);
    };
    let spawned = thread::Builder::new().name("case".to_owned()).stack_size(STACK).spawn(work);
    if let Err(why) = spawned {
        return Err(format!("no thread for this case: {why}"));
    }
    receiver.recv_timeout(limit).unwrap_or_else(|why| match why {
        RecvTimeoutError::Timeout => Err(format!("did not end within {} s", limit.as_secs())),
        RecvTimeoutError::Disconnected => Err("ended without a verdict".to_owned()),
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "without a message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{ExecutionCase, read_file};
    use crate::subject::{Observed, Session, Setting, Unsupported};
    use serde_json::json;

    /// Does what the input of the case says.
    struct Moody;

    impl Subject for Moody {
        fn execute(&self, case: &ExecutionCase) -> Result<Observed, Unsupported> {
            match case.input.as_str() {
                "\"panic\"" => panic!("oh"),
                "\"hang\"" => thread::sleep(Duration::from_secs(60)),
                "\"refuse\"" => return Err(Unsupported("this".into())),
                _ => {}
            }
            Ok(Observed { status: "SUCCEEDED".into(), output: Some("1".into()), ..Observed::default() })
        }

        fn session(&self, _: &Setting) -> Result<Box<dyn Session>, Unsupported> {
            Err(Unsupported("judging".into()))
        }
    }

    #[test]
    fn every_case_has_a_verdict() {
        let case = |name: &str| {
            json!({"name": name, "kind": "execution", "type": "STANDARD", "api": "StartExecution", "definition": {},
                "input": name, "expect": {"status": "SUCCEEDED", "output": 1}})
        };
        let api = json!({"name": "api", "kind": "api", "steps": [{"call": "B"}, {"await": "x"}, {"call": "A"}, {"call": "B"}]});
        let names = ["panic", "fine", "hang", "refuse"];
        let mut all: Vec<_> = names.iter().map(|name| case(name)).collect();
        all.push(api);
        let cases = read_file(&json!({"group": "g", "cases": all})).unwrap().unwrap();
        let subject: Arc<dyn Subject> = Arc::new(Moody);
        let verdicts = play(&cases, &subject, Duration::from_secs(1));
        let found: Vec<_> = verdicts.iter().map(|v| (v.name.as_str(), v.reason.as_deref())).collect();
        let expected = [
            ("panic", Some("panicked: oh")),
            ("fine", None),
            ("hang", Some("did not end within 1 s")),
            ("refuse", Some("not supported yet: this")),
            ("api", Some("not supported yet: judging")),
        ];
        assert_eq!(found, expected);
    }
}
