//! The micro-kernels for 8-bit numbers: unsigned rows times signed packed columns.

use crate::engine::cpu::simd::level::Level;

/// The most rows of all levels.
pub(crate) const MAX_ROWS: usize = 14;

/// Bytes of a row per step.
pub(crate) const GROUP: usize = 4;

/// A product `[rows, 4 · steps] · [4 · steps, columns]`, with the level's `columns`.
pub(crate) struct Tile {
    /// The left rows, `a_stride` bytes apart.
    pub(crate) a: *const u8,
    /// See `a`.
    pub(crate) a_stride: usize,
    /// `[steps, columns]` groups of four.
    pub(crate) b: *const i32,
    /// The number of groups summed.
    pub(crate) steps: usize,
    /// `[rows, columns]`, for the sums.
    pub(crate) c: *mut i32,
}

impl Level {
    /// The most rows that the 8-bit kernel takes at once.
    pub(crate) fn rows_i8(self) -> usize {
        match self {
            Self::Vnni => 14,
            Self::Avx2 | Self::Avx512 => 4,
            Self::Portable => 4,
        }
    }

    /// Columns of a panel of 8-bit weights.
    pub(crate) fn columns_i8(self) -> usize {
        match self {
            Self::Vnni => 32,
            Self::Avx2 | Self::Avx512 => 16,
            Self::Portable => 8,
        }
    }

    /// The largest value in a row. Without VNNI, two products are added in 16 bits, whose limit is
    /// 2 · 127 · 128.
    pub(crate) fn most_u8(self) -> f32 {
        match self {
            Self::Vnni | Self::Portable => 255.0,
            Self::Avx2 | Self::Avx512 => 127.0,
        }
    }

    /// Whether the 8-bit kernel is faster than the f32 kernel.
    pub(crate) fn gains_by_i8(self) -> bool {
        self != Self::Portable
    }
}

/// Runs the level's kernel on `rows` rows.
///
/// # Safety
/// `tile`'s pointers must be valid as its fields describe, `level` must be available, and `rows`
/// must be 1 to `level.rows_i8()`.
#[inline]
pub(crate) unsafe fn multiply(level: Level, rows: usize, tile: &Tile) {
    debug_assert!((1..=level.rows_i8()).contains(&rows));
    macro_rules! by_rows {
        ($kernel:ident, $($n:literal)*) => {
            match rows {
                // SAFETY: the caller guarantees the pointers and the level.
                $($n => unsafe { $kernel::<$n>(tile) },)*
                _ => {}
            }
        };
    }
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Vnni => by_rows!(vnni, 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::Avx512 => by_rows!(avx2, 1 2 3 4),
        _ => by_rows!(portable, 1 2 3 4),
    }
}

/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn vnni<const ROWS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    let mut b = tile.b;
    // SAFETY: `steps` groups of 32 columns, the rows' groups and the result exist.
    unsafe {
        for step in 0..tile.steps {
            let columns = [
                _mm512_load_si512(b.cast()),
                _mm512_load_si512(b.add(16).cast()),
            ];
            for (row, sums) in sums.iter_mut().enumerate() {
                let group = tile.a.add(row * tile.a_stride + step * GROUP).cast::<i32>();
                let group = _mm512_set1_epi32(group.read_unaligned());
                sums[0] = _mm512_dpbusd_epi32(sums[0], group, columns[0]);
                sums[1] = _mm512_dpbusd_epi32(sums[1], group, columns[1]);
            }
            b = b.add(32);
        }
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * 32);
            _mm512_storeu_si512(c.cast(), sums[0]);
            _mm512_storeu_si512(c.add(16).cast(), sums[1]);
        }
    }
}

/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn avx2<const ROWS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    let mut b = tile.b;
    // SAFETY: `steps` groups of 16 columns, the rows' groups and the result exist.
    unsafe {
        for step in 0..tile.steps {
            let columns = [
                _mm256_load_si256(b.cast()),
                _mm256_load_si256(b.add(8).cast()),
            ];
            for (row, sums) in sums.iter_mut().enumerate() {
                let group = tile.a.add(row * tile.a_stride + step * GROUP).cast::<i32>();
                let group = _mm256_set1_epi32(group.read_unaligned());
                for (sum, columns) in sums.iter_mut().zip(columns) {
                    let pairs = _mm256_maddubs_epi16(group, columns);
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
                }
            }
            b = b.add(16);
        }
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * 16);
            _mm256_storeu_si256(c.cast(), sums[0]);
            _mm256_storeu_si256(c.add(8).cast(), sums[1]);
        }
    }
}

/// # Safety
/// As for [`multiply`].
unsafe fn portable<const ROWS: usize>(tile: &Tile) {
    const COLUMNS: usize = 8;
    let mut sums = [[0i32; COLUMNS]; ROWS];
    // SAFETY: `steps` groups of 8 columns, the rows' groups and the result exist.
    unsafe {
        for step in 0..tile.steps {
            let columns = &*tile.b.add(step * COLUMNS).cast::<[[i8; GROUP]; COLUMNS]>();
            for (row, sums) in sums.iter_mut().enumerate() {
                let group = tile.a.add(row * tile.a_stride + step * GROUP);
                let group = &*group.cast::<[u8; GROUP]>();
                for (sum, column) in sums.iter_mut().zip(columns) {
                    for (a, b) in group.iter().zip(column) {
                        *sum += i32::from(*a) * i32::from(*b);
                    }
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            *tile.c.add(row * COLUMNS).cast::<[i32; COLUMNS]>() = *sums;
        }
    }
}
