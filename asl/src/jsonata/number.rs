//! Numbers as texts, in the manner of JavaScript.

use crate::value::Value;

/// The shortest text that reads back as this number.
pub(super) fn text(n: f64) -> String {
    if n == 0.0 {
        return "0".to_owned();
    }
    if !n.is_finite() {
        return if n.is_nan() {
            "NaN".to_owned()
        } else if n > 0.0 {
            "Infinity".to_owned()
        } else {
            "-Infinity".to_owned()
        };
    }
    let scientific = format!("{:e}", n.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let sign = if n < 0.0 { "-" } else { "" };
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    if (-6..0).contains(&exponent) {
        format!("{sign}0.{}{digits}", zeros(-exponent - 1))
    } else if (0..21).contains(&exponent) {
        match usize::try_from(exponent + 1).ok().and_then(|at| digits.split_at_checked(at)) {
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, rest)) => format!("{sign}{whole}.{rest}"),
            None => format!("{sign}{digits}{}", zeros(exponent + 1 - count)),
        }
    } else {
        let plus = if exponent > 0 { "+" } else { "" };
        format!("{sign}{mantissa}e{plus}{exponent}")
    }
}

/// The number with 15 digits, as texts show it.
pub(super) fn rounded(n: f64) -> f64 {
    if n.trunc() == n { n } else { format!("{n:.14e}").parse().unwrap_or(n) }
}

/// A number as JSON: whole numbers without a decimal point. `None` for what JSON cannot write.
pub(super) fn json(n: f64) -> Option<Value> {
    if n.trunc() == n && n.abs() < 9_007_199_254_740_992.0 {
        // The range was just checked.
        return Some(Value::from(n as i64));
    }
    if n.trunc() == n && (0.0..18_446_744_073_709_551_616.0).contains(&n) {
        return Some(Value::Number((n as u64).into()));
    }
    if n.trunc() == n && (-9_223_372_036_854_775_808.0..0.0).contains(&n) {
        return Some(Value::from(n as i64));
    }
    serde_json::Number::from_f64(n).map(Value::Number)
}

/// A number on its own as an expression gives it back: `1.0` as `1`.
pub(super) fn scalar(value: &Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => n.as_f64().and_then(json).unwrap_or_else(|| value.clone()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_javascript_writes_them() {
        for (n, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (100.0, "100"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.000001, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-9, "1.25e-9"),
            (123456.789, "123456.789"),
        ] {
            assert_eq!(text(n), expected);
        }
        assert_eq!(rounded(0.1 + 0.2), 0.3);
    }
}
