//! The one place where the server draws: request ids, names of executions, seeds, routing.

use crate::error::ApiError;
use std::cell::RefCell;

/// Bytes that are drawn from the machine at one time, since each time costs as much as a kilobyte.
const DRAWN: usize = 1_024;

thread_local! {
    /// Bytes that were drawn and not given out.
    static LEFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// 128 random bits. Errors: the machine gives none.
pub(crate) fn bits() -> Result<[u8; 16], ApiError> {
    let failed = |error| ApiError::internal(format!("the machine gives no random numbers: {error}"));
    LEFT.with_borrow_mut(|left| {
        if left.len() < 16 {
            let mut drawn = vec![0; DRAWN];
            getrandom::fill(&mut drawn).map_err(failed)?;
            *left = drawn;
        }
        let given = left.split_off(left.len() - 16);
        Ok(given.first_chunk().copied().unwrap_or_default())
    })
}

/// A version 4 UUID.
pub(crate) fn uuid() -> Result<String, ApiError> {
    Ok(aslx_engine::uuid_text(u128::from_be_bytes(bits()?)))
}

/// A number below `end`.
pub(crate) fn below(end: u64) -> Result<u64, ApiError> {
    let bits = u128::from_be_bytes(bits()?);
    Ok(u64::try_from(bits % u128::from(end.max(1))).unwrap_or(0))
}
