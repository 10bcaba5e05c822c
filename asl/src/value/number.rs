//! Numbers as AWS prints and compares them.

use serde_json::Number;
use std::io::Write;

/// Equality by value: `1` equals `1.0`.
pub(super) fn equal(a: &Number, b: &Number) -> bool {
    a == b || (a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64())
}

/// Bytes of the number's JSON text.
pub fn number_len(n: &Number) -> usize {
    if let Some(u) = n.as_u64() {
        return digits(u);
    }
    if let Some(i) = n.as_i64() {
        return 1 + digits(i.unsigned_abs());
    }
    let mut counter = Counter(0);
    // Counting bytes cannot fail.
    let _ = write!(counter, "{n}");
    counter.0
}

fn digits(n: u64) -> usize {
    n.checked_ilog10().map_or(1, |log| log as usize + 1)
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0 += buf.len();
        Ok(buf.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A binary64 number as Java's `Double.toString` writes it: decimal between 0.001 and 10,000,000, else with `E`.
/// AWS's service is a Java program, and this shows wherever a number becomes part of a text.
pub fn java_double(d: f64) -> String {
    if d == 0.0 {
        return if d.is_sign_negative() { "-0.0".into() } else { "0.0".into() };
    }
    let magnitude = d.abs();
    if (1e-3..1e7).contains(&magnitude) {
        let text = format!("{d}");
        return if text.contains('.') { text } else { text + ".0" };
    }
    let text = format!("{d:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_writes_small_and_large_with_an_exponent() {
        for (d, text) in [
            (1.0, "1.0"),
            (1.1, "1.1"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.25e10, "1.25E10"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (-2.5e-7, "-2.5E-7"),
            (0.0, "0.0"),
        ] {
            assert_eq!(java_double(d), text);
        }
    }
}
