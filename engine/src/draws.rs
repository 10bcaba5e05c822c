//! Everything drawn by an execution: from its seed, never from the machine.

use crate::journal::Seed;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;

/// The generator of an execution. ChaCha12's stream is fixed for good: journals depend on it.
#[derive(Debug)]
pub(crate) struct Draws(RefCell<ChaCha12Rng>);

impl Draws {
    pub(crate) fn new(seed: Seed) -> Draws {
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(seed.0) {
            *to = from;
        }
        Draws(RefCell::new(ChaCha12Rng::from_seed(key)))
    }

    /// The generator of one of many things with numbers: it depends on nothing else that was drawn.
    pub(crate) fn numbered(seed: Seed, kind: u64, number: u64) -> Draws {
        let mut key = [0; 32];
        let bytes = seed.0.into_iter().chain((kind + 1).to_le_bytes()).chain(number.to_le_bytes());
        key.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Draws(RefCell::new(ChaCha12Rng::from_seed(key)))
    }

    /// The next 64 bits.
    pub(crate) fn next(&self) -> u64 {
        self.0.borrow_mut().next_u64()
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&self) -> String {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        crate::uuid_text(bits)
    }

    /// A seed for something that draws for itself: a map run, a child.
    pub(crate) fn seed(&self) -> Seed {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        Seed(bits.to_be_bytes())
    }

    /// A task token: 256 bits, so that none can be guessed from another.
    pub(crate) fn token(&self) -> String {
        let mut token = String::from("AQCE");
        for _ in 0..4 {
            token.push_str(&format!("{:016x}", self.next()));
        }
        token
    }
}

impl Default for Draws {
    fn default() -> Draws {
        Draws::new(Seed([0; 16]))
    }
}
