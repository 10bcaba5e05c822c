//! Numbers drawn for one evaluation, from two draws of the environment.

/// xoroshiro128++ by Blackman and Vigna.
pub(super) struct Draws {
    state: (u64, u64),
}

/// One step of SplitMix64: what spreads a seed.
fn spread(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Draws {
    pub(super) fn new(first: u64, second: u64) -> Draws {
        let state = (spread(first), spread(second ^ 0x6a09_e667_f3bc_c909));
        // Both zero would stay zero.
        Draws { state: if state == (0, 0) { (1, 2) } else { state } }
    }

    fn next(&mut self) -> u64 {
        let (a, b) = self.state;
        let drawn = a.wrapping_add(b).rotate_left(17).wrapping_add(a);
        let b = b ^ a;
        self.state = (a.rotate_left(49) ^ b ^ (b << 21), b.rotate_left(28));
        drawn
    }

    /// At least 0, below 1.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        let bits = bits & !(0xf << 76) | (4 << 76);
        let bits = bits & !(0b11 << 62) | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            (bits >> 96) as u32,
            (bits >> 80) as u16,
            (bits >> 64) as u16,
            (bits >> 48) as u16,
            bits as u64 & 0xffff_ffff_ffff
        )
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = (self.fraction() * (last + 1) as f64) as usize;
            items.swap(last, other.min(last));
        }
    }
}
