//! What crashes and power failures leave of the store.
//!
//! Killing a process loses nothing that was given to the system, so it shows what the engine makes of a journal that ends
//! anywhere ([`kill`]). A power failure loses what was not synced, so it shows that what was acknowledged had been
//! ([`power`]).
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "tests: their failures are findings"
)]

pub mod kill;
pub mod power;

/// Numbers from a seed (SplitMix64): a run with the same seed draws the same.
#[derive(Debug, Clone)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}
