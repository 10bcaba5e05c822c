//! The one place where the server draws: request ids, names of executions, seeds, routing.

use crate::error::ApiError;

/// 128 random bits. Errors: the machine gives none.
pub(crate) fn bits() -> Result<[u8; 16], ApiError> {
    let mut bits = [0; 16];
    let failed = |error| ApiError::internal(format!("the machine gives no random numbers: {error}"));
    getrandom::fill(&mut bits).map(|()| bits).map_err(failed)
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
