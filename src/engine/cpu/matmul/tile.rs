//! The f32 micro-kernels: a few rows times one panel of packed columns, summed in registers.

use crate::engine::cpu::simd::level::{Level, PORTABLE_COLUMNS};

/// The widest panel of all levels.
pub(crate) const MAX_COLUMNS: usize = 32;

/// The most rows of all levels.
pub(crate) const MAX_ROWS: usize = 14;

/// The range of a result; NaN passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The lower limit.
    pub(crate) low: f32,
    /// The upper limit.
    pub(crate) high: f32,
}

impl Bounds {
    /// Anything.
    pub(crate) const NONE: Self = Self {
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
    };
    /// 0 and above.
    pub(crate) const RELU: Self = Self {
        low: 0.0,
        high: f32::INFINITY,
    };
    /// 0 to 6.
    pub(crate) const RELU6: Self = Self {
        low: 0.0,
        high: 6.0,
    };

    /// Clamps to the range.
    #[inline(always)]
    pub(crate) fn hold(self, value: f32) -> f32 {
        let value = if value < self.low { self.low } else { value };
        if value > self.high { self.high } else { value }
    }
}

/// A product `[rows, depth] · [depth, columns]`, with the level's `columns` or half of them.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    /// The left rows, `a_stride` apart.
    pub(crate) a: *const f32,
    /// See `a`.
    pub(crate) a_stride: usize,
    /// `depth` times the panel's columns, aligned to the vector.
    pub(crate) b: *const f32,
    /// The number of products summed.
    pub(crate) depth: usize,
    /// The result's rows, `c_stride` apart.
    pub(crate) c: *mut f32,
    /// See `c`.
    pub(crate) c_stride: usize,
    /// Added to every row, unless it is null.
    pub(crate) bias: *const f32,
    /// Whether to add the product to `c`.
    pub(crate) add: bool,
    /// The range of the sum.
    pub(crate) bounds: Bounds,
}

/// Runs the level's kernel on `rows` rows and a panel of `columns` columns.
///
/// # Safety
/// `tile`'s pointers must be valid as its fields describe, `level` must be available, `rows` must
/// be 1 to `level.rows()`, and `columns` must be `level.columns()` or `level.narrow_columns()`.
#[inline]
pub(crate) unsafe fn multiply(level: Level, columns: usize, rows: usize, tile: &Tile) {
    debug_assert!((1..=level.rows()).contains(&rows));
    macro_rules! by_rows {
        ($kernel:ident, $($n:literal)*) => {
            match (rows, columns == level.columns()) {
                // SAFETY: the caller guarantees the pointers and the level.
                $(($n, true) => unsafe { $kernel::<$n, 2>(tile) },)*
                // SAFETY: as above.
                $(($n, false) => unsafe { $kernel::<$n, 1>(tile) },)*
                _ => {}
            }
        };
    }
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 | Level::Vnni => by_rows!(avx512, 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::AvxVnni => by_rows!(avx2, 1 2 3 4 5 6),
        _ => by_rows!(portable, 1 2 3 4),
    }
}

/// `VECTORS` is the number of vectors of 16 columns in the panel.
///
/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const ROWS: usize, const VECTORS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let zero = _mm512_setzero_ps();
    let mut sums = [[zero; VECTORS]; ROWS];
    let mut b = tile.b;
    let a = tile.a;
    // SAFETY: `depth` steps of the panel's columns and the rows' `depth` values exist; unless the
    // bias is null it has the panel's columns, as has every row of the result.
    unsafe {
        for k in 0..tile.depth {
            let mut columns = [zero; VECTORS];
            for (i, column) in columns.iter_mut().enumerate() {
                *column = _mm512_load_ps(b.add(i * 16));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm512_set1_ps(*a.add(row * tile.a_stride + k));
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum = _mm512_fmadd_ps(value, column, *sum);
                }
            }
            b = b.add(16 * VECTORS);
        }
        let mut bias = [zero; VECTORS];
        if !tile.bias.is_null() {
            for (i, bias) in bias.iter_mut().enumerate() {
                *bias = _mm512_loadu_ps(tile.bias.add(i * 16));
            }
        }
        let low = _mm512_set1_ps(tile.bounds.low);
        let high = _mm512_set1_ps(tile.bounds.high);
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * tile.c_stride);
            for (i, (sum, bias)) in sums.iter().zip(bias).enumerate() {
                let c = c.add(i * 16);
                let mut sum = _mm512_add_ps(*sum, bias);
                if tile.add {
                    sum = _mm512_add_ps(sum, _mm512_loadu_ps(c));
                }
                // If one is NaN, these return the second.
                sum = _mm512_min_ps(high, _mm512_max_ps(low, sum));
                _mm512_storeu_ps(c, sum);
            }
        }
    }
}

/// `VECTORS` is the number of vectors of 8 columns in the panel.
///
/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const ROWS: usize, const VECTORS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let zero = _mm256_setzero_ps();
    let mut sums = [[zero; VECTORS]; ROWS];
    let mut b = tile.b;
    let a = tile.a;
    // SAFETY: `depth` steps of the panel's columns and the rows' `depth` values exist; unless the
    // bias is null it has the panel's columns, as has every row of the result.
    unsafe {
        for k in 0..tile.depth {
            let mut columns = [zero; VECTORS];
            for (i, column) in columns.iter_mut().enumerate() {
                *column = _mm256_load_ps(b.add(i * 8));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm256_set1_ps(*a.add(row * tile.a_stride + k));
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum = _mm256_fmadd_ps(value, column, *sum);
                }
            }
            b = b.add(8 * VECTORS);
        }
        let mut bias = [zero; VECTORS];
        if !tile.bias.is_null() {
            for (i, bias) in bias.iter_mut().enumerate() {
                *bias = _mm256_loadu_ps(tile.bias.add(i * 8));
            }
        }
        let low = _mm256_set1_ps(tile.bounds.low);
        let high = _mm256_set1_ps(tile.bounds.high);
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * tile.c_stride);
            for (i, (sum, bias)) in sums.iter().zip(bias).enumerate() {
                let c = c.add(i * 8);
                let mut sum = _mm256_add_ps(*sum, bias);
                if tile.add {
                    sum = _mm256_add_ps(sum, _mm256_loadu_ps(c));
                }
                // If one is NaN, these return the second.
                sum = _mm256_min_ps(high, _mm256_max_ps(low, sum));
                _mm256_storeu_ps(c, sum);
            }
        }
    }
}

/// Panels have only one width, whatever `VECTORS`.
///
/// # Safety
/// As for [`multiply`].
unsafe fn portable<const ROWS: usize, const VECTORS: usize>(tile: &Tile) {
    use crate::engine::cpu::simd::math::fma;
    const FMA: bool = cfg!(target_arch = "aarch64");
    const COLUMNS: usize = PORTABLE_COLUMNS;
    let mut sums = [[0f32; COLUMNS]; ROWS];
    // SAFETY: `depth` steps of a panel's columns and the rows' `depth` values exist.
    unsafe {
        for k in 0..tile.depth {
            let columns = &*tile.b.add(k * COLUMNS).cast::<[f32; COLUMNS]>();
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = *tile.a.add(row * tile.a_stride + k);
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum = fma::<FMA>(value, *column, *sum);
                }
            }
        }
    }
    let sums = sums;
    // SAFETY: as the caller guarantees.
    unsafe { put(&sums, tile) };
}

/// The end of `portable`, a separate function so that the sums stay in registers before it.
///
/// # Safety
/// As for [`multiply`]: `sums` has as many rows as the tile.
#[inline(never)]
unsafe fn put(sums: &[[f32; PORTABLE_COLUMNS]], tile: &Tile) {
    const COLUMNS: usize = PORTABLE_COLUMNS;
    // SAFETY: unless the bias is null it has a panel's columns, as has every row of the result.
    unsafe {
        for (row, sums) in sums.iter().enumerate() {
            let mut sums = *sums;
            let c = &mut *tile.c.add(row * tile.c_stride).cast::<[f32; COLUMNS]>();
            if !tile.bias.is_null() {
                let bias = &*tile.bias.cast::<[f32; COLUMNS]>();
                sums.iter_mut().zip(bias).for_each(|(s, b)| *s += b);
            }
            if tile.add {
                sums.iter_mut().zip(c.iter()).for_each(|(s, c)| *s += c);
            }
            sums.iter_mut().for_each(|s| *s = tile.bounds.hold(*s));
            *c = sums;
        }
    }
}
