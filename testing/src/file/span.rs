//! Durations as people write them.

use std::time::Duration;

/// The units, and milliseconds in each.
const UNITS: [(&str, f64); 10] = [
    ("ms", 1.0),
    ("s", 1_000.0),
    ("sec", 1_000.0),
    ("m", 60_000.0),
    ("min", 60_000.0),
    ("h", 3_600_000.0),
    ("d", 86_400_000.0),
    ("day", 86_400_000.0),
    ("days", 86_400_000.0),
    ("hours", 3_600_000.0),
];

/// Milliseconds that no duration exceeds: a hundred years, as for a retrier.
const LONGEST: f64 = 100.0 * 366.0 * 86_400_000.0;

/// Reads `500 ms`, `3s`, `1.5 min`, `2 h 30 min`. `None` if it is none, or longer than a century.
pub fn duration_of(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut millis = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, more) = rest.split_at_checked(digits)?;
        let more = more.trim_start();
        let letters = more.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(more.len());
        let (unit, more) = more.split_at_checked(letters)?;
        let (_, worth) = UNITS.iter().find(|(name, _)| *name == unit)?;
        millis += number.parse::<f64>().ok()? * worth;
        rest = more.trim_start();
    }
    from_millis(millis)
}

/// A number of seconds as a duration.
pub(super) fn from_seconds(seconds: f64) -> Option<Duration> {
    from_millis(seconds * 1000.0)
}

fn from_millis(millis: f64) -> Option<Duration> {
    (0.0..=LONGEST).contains(&millis).then(|| Duration::from_millis(millis.round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_write_them() {
        for (text, millis) in [
            ("500 ms", Some(500)),
            ("3s", Some(3_000)),
            (" 1.5 min ", Some(90_000)),
            ("2 h 30 min", Some(9_000_000)),
            ("1d2h3m4s5ms", Some(93_784_005)),
            ("0s", Some(0)),
            ("", None),
            ("3", None),
            ("s", None),
            ("-3s", None),
            ("3 parsecs", None),
            ("1.2.3 s", None),
            ("99999999999 d", None),
            ("3 µs", None),
        ] {
            assert_eq!(duration_of(text).map(|d| d.as_millis()), millis, "{text}");
        }
    }
}
