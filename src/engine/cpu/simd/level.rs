//! The instruction sets of the kernels.

use std::sync::OnceLock;

/// The variable for the highest level to use: `portable`, `avx2`, `avxvnni`, `avx512` or
/// `vnni`. Levels that the processor lacks are never used.
const VARIABLE: &str = "TAGLENS_CPU";

/// Columns of the portable kernel's panel: two vectors of SSE2, four of NEON, which has twice the
/// registers.
pub(crate) const PORTABLE_COLUMNS: usize = if cfg!(target_arch = "aarch64") { 16 } else { 8 };
/// Rows of the portable kernel.
pub(crate) const PORTABLE_ROWS: usize = 4;

/// An instruction set with kernels; later ones are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The baseline of the architecture; the compiler vectorises as far as it can.
    Portable,
    /// x86-64 with AVX2 and FMA: from 2013 on.
    Avx2,
    /// AVX2 with products of 8-bit numbers (AVX-VNNI): Intel's processors without AVX-512 from 2021
    /// on.
    AvxVnni,
    /// AVX-512 (F, BW, DQ, VL).
    Avx512,
    /// AVX-512 with products of 8-bit numbers (VNNI).
    Vnni,
}

impl Level {
    /// All of them.
    const ALL: [Self; 5] = [
        Self::Portable,
        Self::Avx2,
        Self::AvxVnni,
        Self::Avx512,
        Self::Vnni,
    ];

    /// The best level that this processor has and `TAGLENS_CPU` allows.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| {
            let wanted = std::env::var(VARIABLE).unwrap_or_default();
            let most = Self::ALL.into_iter().find(|level| level.name() == wanted);
            let allowed = |level: &Self| most.is_none_or(|most| *level <= most);
            let available = Self::available().into_iter().filter(allowed);
            available.max().unwrap_or(Self::Portable)
        })
    }

    /// The levels of this processor, in ascending order.
    pub(crate) fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|l| l.is_available()).collect()
    }

    /// Its name in `TAGLENS_CPU`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512 => "avx512",
            Self::Vnni => "vnni",
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        let avx2 = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = || {
            avx2()
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
        };
        match self {
            Self::Portable => true,
            Self::Avx2 => avx2(),
            Self::AvxVnni => avx2() && is_x86_feature_detected!("avxvnni"),
            Self::Avx512 => avx512(),
            Self::Vnni => avx512() && is_x86_feature_detected!("avx512vnni"),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Self::Portable
    }

    /// Columns of a panel of packed weights: the two vectors that the kernels hold of one row in
    /// registers.
    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Portable => PORTABLE_COLUMNS,
            Self::Avx2 | Self::AvxVnni => 16,
            Self::Avx512 | Self::Vnni => 32,
        }
    }

    /// Columns of a last panel that would otherwise be half empty: one vector.
    pub(crate) fn narrow_columns(self) -> usize {
        match self {
            Self::Portable => self.columns(),
            _ => self.columns() / 2,
        }
    }

    /// The most rows that the f32 kernel takes at once.
    pub(crate) fn rows(self) -> usize {
        match self {
            Self::Portable => PORTABLE_ROWS,
            Self::Avx2 | Self::AvxVnni => 6,
            Self::Avx512 | Self::Vnni => 14,
        }
    }

    /// Runs code that the compiler vectorises for this level.
    #[inline]
    pub(crate) fn run<V: Vectorised>(self, code: V) -> V::Output {
        match self {
            // NEON has fused multiplication; baseline x86-64 does not.
            Self::Portable => code.run::<{ cfg!(target_arch = "aarch64") }>(),
            // SAFETY: levels are only created after `is_available`.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 | Self::AvxVnni => unsafe { avx2(code) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Vnni => unsafe { avx512(code) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => code.run::<false>(),
        }
    }
}

/// Plain loops that are compiled once for each level.
pub(crate) trait Vectorised {
    /// The result.
    type Output;
    /// The code; mark it `#[inline(always)]`, like all that it calls. `FMA` says whether a
    /// multiplication with an addition is one instruction.
    fn run<const FMA: bool>(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<V: Vectorised>(code: V) -> V::Output {
    code.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn avx512<V: Vectorised>(code: V) -> V::Output {
    code.run::<true>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_processor_has_a_level() {
        let levels = Level::available();
        assert_eq!(levels.first(), Some(&Level::Portable));
        assert!(levels.is_sorted());
        assert!(levels.contains(&Level::best()));
    }
}
