//! A hasher for keys and for SQL.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

/// Hashes by folding products, in a fraction of the time that the standard hasher takes for a
/// number. The seed is random, so that nobody can choose keys that collide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(u64);

impl Seed {
    /// For keys that the program itself is made of.
    pub(crate) const FIXED: Self = Self(0x9e37_79b9_7f4a_7c15);
}

impl Default for Seed {
    fn default() -> Self {
        static SEED: LazyLock<Seed> = LazyLock::new(|| Seed(RandomState::new().hash_one(0)));
        *SEED
    }
}

impl BuildHasher for Seed {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding(self.0)
    }
}

pub(crate) struct Folding(u64);

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        // The golden ratio of 2 to the power of 64, made odd.
        let (low, high) = (self.0 ^ word).carrying_mul(0x9e37_79b9_7f4a_7c15, 0);
        self.0 = low ^ high;
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
