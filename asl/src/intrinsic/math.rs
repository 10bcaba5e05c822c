//! Functions of numbers, and what draws random numbers.

use super::call::Arguments;
use super::error::Refusal;
use crate::Value;

/// Rounds an argument to an integer, a half upwards: 2.5 gives 3, -2.5 gives -2 (recorded). AWS takes 32-bit
/// integers (AWS's developer guide).
pub(super) fn rounded(arguments: &Arguments<'_>, at: usize) -> Result<i64, Refusal> {
    let number = arguments.number(at)?;
    match nearest(number) {
        Some(whole) if i32::try_from(whole).is_ok() => Ok(whole),
        _ => Err(Refusal::new(format!("argument {} is beyond 32-bit integers: {number}", at + 1))),
    }
}

/// The nearest integer, of two the greater one.
fn nearest(number: &serde_json::Number) -> Option<i64> {
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let number = number.as_f64()?;
    let floor = number.floor();
    // `number + 0.5` would round 0.49999999999999994 up.
    let nearest = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    (nearest.abs() <= 9e15).then_some(nearest as i64)
}

pub(super) fn add(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let sum = rounded(arguments, 0)? + rounded(arguments, 1)?;
    match i32::try_from(sum) {
        Ok(_) => Ok(sum.into()),
        Err(_) => Err(Refusal::new(format!("the sum is beyond 32-bit integers: {sum}"))),
    }
}

/// From the start, included, to the end, excluded. The same seed gives the same number. Recordings hide the numbers;
/// with a seed they are those of `java.util.Random`, the generator that a Java service most likely uses.
pub(super) fn random(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let (start, end) = (rounded(arguments, 0)?, rounded(arguments, 1)?);
    if start >= end {
        return Err(Refusal::new(format!("the start must be less than the end, but {start} is not less than {end}")));
    }
    let number = if arguments.all().len() > 2 {
        let seed = arguments.number(2)?;
        let seed = nearest(seed).ok_or_else(|| Refusal::new(format!("argument 3 is not an integer: {seed}")))?;
        JavaRandom::new(seed).between(start, end)
    } else {
        let width = u128::from(end.abs_diff(start));
        // The high half of the product is below the width.
        let offset = (u128::from(arguments.draw()) * width) >> 64;
        start.saturating_add(i64::try_from(offset).unwrap_or(0))
    };
    Ok(number.into())
}

pub(super) fn uuid(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let bits = (u128::from(arguments.draw()) << 64) | u128::from(arguments.draw());
    let bits = bits & !(0xf << 76) | (4 << 76);
    let bits = bits & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let text = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
    Ok(text.into())
}

/// The linear congruential generator that `java.util.Random` is specified to be.
struct JavaRandom(u64);

impl JavaRandom {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;

    fn new(seed: i64) -> JavaRandom {
        JavaRandom((seed.cast_unsigned() ^ JavaRandom::MULTIPLIER) & JavaRandom::MASK)
    }

    /// The next bits, as a signed 32-bit integer.
    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(JavaRandom::MULTIPLIER).wrapping_add(0xB) & JavaRandom::MASK;
        ((self.0 >> (48 - bits)) as u32).cast_signed()
    }

    /// `nextInt(bound)` shifted to the start, or for a width beyond 31 bits the next integer that lies between.
    fn between(&mut self, start: i64, end: i64) -> i64 {
        match i32::try_from(end - start) {
            Ok(width) => start + i64::from(self.below(width)),
            // More than half of all 32-bit integers lie between, so this ends soon.
            Err(_) => loop {
                let number = i64::from(self.next(32));
                if (start..end).contains(&number) {
                    return number;
                }
            },
        }
    }

    fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let number = bits % bound;
            if bits.wrapping_sub(number).wrapping_add(bound - 1) >= 0 {
                return number;
            }
        }
    }
}
