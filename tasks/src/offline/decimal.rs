//! Numbers as DynamoDB has them: up to 38 decimal digits, nothing lost to binary floating point.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Digits that a number may have.
const MAX_DIGITS: u32 = 38;
/// Powers of ten that a number may have, up or down.
const MAX_EXPONENT: i32 = 130;

/// `digits` times ten to the power of `exponent`, without zeros at the end of the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    fn new(mut digits: i128, mut exponent: i32) -> Option<Decimal> {
        if digits == 0 {
            return Some(Decimal { digits: 0, exponent: 0 });
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent = exponent.checked_add(1)?;
        }
        let magnitude = exponent.checked_add(i32::try_from(digits.unsigned_abs().ilog10()).ok()?)?;
        let fits = digits.unsigned_abs().ilog10() < MAX_DIGITS && magnitude.abs() <= MAX_EXPONENT;
        fits.then_some(Decimal { digits, exponent })
    }

    /// The digits at a smaller exponent; `None` if they are too many.
    fn at(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        if self.digits == 0 { Some(0) } else { self.digits.checked_mul(10i128.checked_pow(shift)?) }
    }

    /// The sum; `None` if it has more digits than a number may have.
    pub(super) fn plus(self, other: Decimal) -> Option<Decimal> {
        let exponent = self.exponent.min(other.exponent);
        Decimal::new(self.at(exponent)?.checked_add(other.at(exponent)?)?, exponent)
    }

    /// The difference; `None` if it has more digits than a number may have.
    pub(super) fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(Decimal { digits: -other.digits, ..other })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let signs = self.digits.signum().cmp(&other.digits.signum());
        if signs != Ordering::Equal || self.digits == 0 {
            return signs;
        }
        let magnitude = |d: &Decimal| i64::from(d.exponent) + i64::from(d.digits.unsigned_abs().ilog10());
        let sizes = magnitude(self).cmp(&magnitude(other));
        let by_size = if self.digits < 0 { sizes.reverse() } else { sizes };
        by_size.then_with(|| {
            // Equally many digits before the point: shifting one of them cannot be too much by more than its digits.
            let exponent = self.exponent.min(other.exponent);
            match (self.at(exponent), other.at(exponent)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => Ordering::Equal,
            }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Decimal {
    type Err = ();
    fn from_str(text: &str) -> Result<Decimal, ()> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((m, e)) => (m, e.parse::<i32>().map_err(|_| ())?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let significant = format!("{whole}{fraction}");
        if significant.is_empty() || !significant.bytes().all(|b| b.is_ascii_digit()) {
            return Err(());
        }
        let kept = significant.trim_end_matches('0');
        let dropped = significant.len() - kept.len();
        let digits = if kept.is_empty() { 0 } else { kept.parse::<i128>().map_err(|_| ())? };
        let shift =
            i32::try_from(dropped).and_then(|d| i32::try_from(fraction.len()).map(|f| d - f)).map_err(|_| ())?;
        let exponent = exponent.checked_add(shift).ok_or(())?;
        Decimal::new(if negative { -digits } else { digits }, exponent).ok_or(())
    }
}

/// Without an exponent, as DynamoDB answers.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        match usize::try_from(self.exponent) {
            Ok(zeros) => write!(f, "{sign}{digits}{}", "0".repeat(zeros)),
            Err(_) => {
                let places = self.exponent.unsigned_abs() as usize;
                let padded = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = padded.split_at(padded.len() - places);
                write!(f, "{sign}{whole}.{fraction}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_exact() {
        for (text, shown) in [
            ("1", "1"),
            ("1.50", "1.5"),
            ("-0.001", "-0.001"),
            ("1e3", "1000"),
            ("12.5E-2", "0.125"),
            ("-0", "0"),
            ("+7", "7"),
        ] {
            assert_eq!(number(text).to_string(), shown);
        }
        assert_eq!(number("0.1").plus(number("0.2")), Some(number("0.3")));
        assert_eq!(number("1").minus(number("1.01")), Some(number("-0.01")));
        assert_eq!(number("99999999999999999999999999999999999999").plus(number("1")), Some(number("1e38")));
        assert_eq!(number("1e38").plus(number("1")), None);
        for bad in ["", ".", "-", "1e", "1x", "--1", "1e999", "123456789012345678901234567890123456789"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_ordered() {
        let sorted = ["-1e30", "-2", "-1.5", "-1e-20", "0", "1e-130", "0.5", "2", "10", "1.0000001e125"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }
}
