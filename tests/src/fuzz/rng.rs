//! The generator that every case draws from.

/// SplitMix64: a case is determined by its seed, target and number alone.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The generator of one case.
    pub fn of(seed: u64, target: u64, case: u64) -> Rng {
        let mut rng = Rng(seed ^ target.wrapping_mul(0xd6e8_feb8_6659_fd93));
        rng.0 = rng.draw().wrapping_add(case.wrapping_mul(0xa076_1d64_78bd_642f));
        rng.draw();
        rng
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.draw() >> 11) as usize % bound }
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        let at = self.below(from.len());
        from.get(at)
    }

    /// One of these texts; empty if there is none.
    pub fn word<'t, S: AsRef<str>>(&mut self, from: &'t [S]) -> &'t str {
        self.pick(from).map_or("", AsRef::as_ref)
    }
}
