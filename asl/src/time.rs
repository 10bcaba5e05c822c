//! Points in time, as the language writes and reads them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch with the milliseconds as fraction, as the API writes times.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// This many milliseconds later, at most the end of time.
    pub const fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// This many seconds later, at most the end of time.
    pub const fn plus_seconds(self, seconds: u64) -> Timestamp {
        let millis = if seconds > i64::MAX as u64 / 1000 { i64::MAX } else { seconds as i64 * 1000 };
        self.plus_millis(millis)
    }
}

/// `2026-09-23T21:44:45.598Z`: UTC, three decimals, as in the context object.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// A point in time as the language compares it: whole seconds since the Unix epoch, and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    seconds: i64,
    nanos: u32,
}

impl Instant {
    /// The point in time, rounded up to a millisecond: a Wait never ends early.
    pub fn ceil_millis(self) -> Timestamp {
        let millis = i64::from(self.nanos.div_ceil(1_000_000));
        Timestamp(self.seconds.saturating_mul(1000).saturating_add(millis))
    }
}

/// Reads an RFC 3339 text with `T` and `Z` or an offset, fractions down to nanoseconds (01 §6.4): what Wait and the
/// Timestamp comparisons accept. `None`: a blank instead of `T`, no offset, month 13, hour 25.
pub fn parse_rfc3339(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = bytes.get(range)?;
        if !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        std::str::from_utf8(part).ok()?.parse().ok()
    };
    let is = |at: usize, what: u8| bytes.get(at) == Some(&what);
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute) = (digits(11..13)?, digits(14..16)?);
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':')) {
        return None;
    }
    let mut at = 16;
    let mut second = 0;
    let mut nanos = 0u32;
    if is(at, b':') {
        second = digits(17..19)?;
        at = 19;
        if is(at, b'.') || is(at, b',') {
            let fraction: &[u8] = bytes.get(at + 1..)?;
            let count = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if count == 0 || count > 9 {
                return None;
            }
            let value = digits(at + 1..at + 1 + count)?;
            nanos = u32::try_from(value * 10_i64.pow(9 - count as u32)).ok()?;
            at += 1 + count;
        }
    }
    let offset_seconds = match bytes.get(at)? {
        b'Z' if bytes.len() == at + 1 => 0,
        sign @ (b'+' | b'-') => {
            let hours = digits(at + 1..at + 3)?;
            let minutes = match bytes.len() - at {
                3 => 0,
                6 if is(at + 3, b':') => digits(at + 4..at + 6)?,
                _ => return None,
            };
            if hours > 18 || minutes > 59 {
                return None;
            }
            let offset = hours * 3600 + minutes * 60;
            if *sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    let date = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok()?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = i64::from((date - jiff::civil::date(1970, 1, 1)).get_days());
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset_seconds;
    Some(Instant { seconds, nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_that_a_wait_accepts() {
        for (text, millis) in [
            ("2016-03-14T01:59:00Z", Some(1_457_920_740_000)),
            ("2016-03-14T01:59:00.123456789Z", Some(1_457_920_740_124)),
            ("2016-03-14T07:29:00+05:30", Some(1_457_920_740_000)),
            ("2016-03-14 01:59:00Z", None),
            ("2016-03-14T01:59:00", None),
            ("2016-13-14T01:59:00Z", None),
            ("2016-03-14T25:59:00Z", None),
            ("2016-02-30T01:59:00Z", None),
            ("", None),
            ("2016-03-14T01:59:00Zx", None),
        ] {
            assert_eq!(parse_rfc3339(text).map(|i| i.ceil_millis().as_millis()), millis, "{text}");
        }
    }

    #[test]
    fn a_timestamp_is_written_with_milliseconds() {
        assert_eq!(Timestamp::from_millis(1_790_199_885_598).to_string(), "2026-09-23T21:44:45.598Z");
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
