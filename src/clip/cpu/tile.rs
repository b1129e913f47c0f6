//! The f32 micro-kernels: a few rows times one panel of packed columns, summed in registers.

use super::level::Level;

/// Columns of the portable kernel's panel: two vectors of SSE2, four of NEON, which has twice the
/// registers.
pub(super) const PORTABLE_COLUMNS: usize = if cfg!(target_arch = "aarch64") { 16 } else { 8 };

/// Rows of the portable kernel.
pub(super) const PORTABLE_ROWS: usize = 4;

/// The widest panel of all levels.
pub(super) const MAX_COLUMNS: usize = 32;

/// The most rows of all levels.
pub(super) const MAX_ROWS: usize = 14;

/// One product `[rows, depth] · [depth, columns]`, where `columns` is the level's.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// The left rows, `a_stride` apart.
    pub a: *const f32,
    /// See `a`.
    pub a_stride: usize,
    /// `depth` times the panel's columns, aligned to the vector.
    pub b: *const f32,
    /// How many products are summed.
    pub depth: usize,
    /// The result's rows, `c_stride` apart.
    pub c: *mut f32,
    /// See `c`.
    pub c_stride: usize,
    /// Added to every row, unless it is null.
    pub bias: *const f32,
    /// Whether the product is added to what `c` holds.
    pub add: bool,
}

/// Runs the level's kernel on `rows` rows.
///
/// # Safety
/// `tile`'s pointers are good for what its fields say, `level` is available here, and `rows` is 1
/// to `level.rows()`.
#[inline]
pub(super) unsafe fn multiply(level: Level, rows: usize, tile: &Tile) {
    debug_assert!((1..=level.rows()).contains(&rows));
    macro_rules! by_rows {
        ($kernel:ident, $($n:literal)*) => {
            match rows {
                // SAFETY: the caller vouches for the pointers and the level.
                $($n => unsafe { $kernel::<$n>(tile) },)*
                _ => {}
            }
        };
    }
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 | Level::Vnni => by_rows!(avx512, 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => by_rows!(avx2, 1 2 3 4 5 6),
        _ => by_rows!(portable, 1 2 3 4),
    }
}

/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const ROWS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    let mut b = tile.b;
    let a = tile.a;
    // SAFETY: `depth` steps of 32 columns and the rows' `depth` values are there.
    unsafe {
        for k in 0..tile.depth {
            let columns = [_mm512_load_ps(b), _mm512_load_ps(b.add(16))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm512_set1_ps(*a.add(row * tile.a_stride + k));
                sums[0] = _mm512_fmadd_ps(value, columns[0], sums[0]);
                sums[1] = _mm512_fmadd_ps(value, columns[1], sums[1]);
            }
            b = b.add(32);
        }
        let bias = if tile.bias.is_null() {
            [_mm512_setzero_ps(); 2]
        } else {
            [
                _mm512_loadu_ps(tile.bias),
                _mm512_loadu_ps(tile.bias.add(16)),
            ]
        };
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * tile.c_stride);
            for (half, (sum, bias)) in sums.iter().zip(bias).enumerate() {
                let c = c.add(half * 16);
                let mut sum = _mm512_add_ps(*sum, bias);
                if tile.add {
                    sum = _mm512_add_ps(sum, _mm512_loadu_ps(c));
                }
                _mm512_storeu_ps(c, sum);
            }
        }
    }
}

/// # Safety
/// As for [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const ROWS: usize>(tile: &Tile) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
    let mut b = tile.b;
    let a = tile.a;
    // SAFETY: `depth` steps of 16 columns and the rows' `depth` values are there.
    unsafe {
        for k in 0..tile.depth {
            let columns = [_mm256_load_ps(b), _mm256_load_ps(b.add(8))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = _mm256_set1_ps(*a.add(row * tile.a_stride + k));
                sums[0] = _mm256_fmadd_ps(value, columns[0], sums[0]);
                sums[1] = _mm256_fmadd_ps(value, columns[1], sums[1]);
            }
            b = b.add(16);
        }
        let bias = if tile.bias.is_null() {
            [_mm256_setzero_ps(); 2]
        } else {
            [
                _mm256_loadu_ps(tile.bias),
                _mm256_loadu_ps(tile.bias.add(8)),
            ]
        };
        for (row, sums) in sums.iter().enumerate() {
            let c = tile.c.add(row * tile.c_stride);
            for (half, (sum, bias)) in sums.iter().zip(bias).enumerate() {
                let c = c.add(half * 8);
                let mut sum = _mm256_add_ps(*sum, bias);
                if tile.add {
                    sum = _mm256_add_ps(sum, _mm256_loadu_ps(c));
                }
                _mm256_storeu_ps(c, sum);
            }
        }
    }
}

/// # Safety
/// As for [`multiply`].
unsafe fn portable<const ROWS: usize>(tile: &Tile) {
    use super::math::fma;
    const FMA: bool = cfg!(target_arch = "aarch64");
    const COLUMNS: usize = PORTABLE_COLUMNS;
    let mut sums = [[0f32; COLUMNS]; ROWS];
    // SAFETY: `depth` steps of a panel's columns and the rows' `depth` values are there; where the
    // bias is not null it has a panel's columns, as has every row of the result.
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
        for (row, sums) in sums.iter_mut().enumerate() {
            let c = &mut *tile.c.add(row * tile.c_stride).cast::<[f32; COLUMNS]>();
            if !tile.bias.is_null() {
                let bias = &*tile.bias.cast::<[f32; COLUMNS]>();
                sums.iter_mut().zip(bias).for_each(|(s, b)| *s += b);
            }
            if tile.add {
                sums.iter_mut().zip(c.iter()).for_each(|(s, c)| *s += c);
            }
            *c = *sums;
        }
    }
}
