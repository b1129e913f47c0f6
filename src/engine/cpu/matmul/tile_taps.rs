//! The micro-kernels of 8-bit convolutions: neighbouring pixels times one panel, tap by tap.
//!
//! A tap's products are summed in 32 bits; only then, for each tap, the pixel's scale is applied.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::matmul::tile_i8::GROUP;
#[cfg(target_arch = "x86_64")]
use crate::engine::cpu::matmul::tile_i8::{add_avx_vnni, add_avx2};
use crate::engine::cpu::simd::level::Level;

/// The most pixels of all levels.
pub(crate) const MAX_ROWS: usize = 7;

/// The sums over taps of `[rows, 4 · steps] · [4 · steps, columns]`, with the level's 8-bit
/// `columns`.
pub(crate) struct Tile<'a> {
    /// The first tap's pixels, `a_stride` bytes apart.
    pub(crate) a: *const u8,
    /// See `a`.
    pub(crate) a_stride: usize,
    /// The first tap's pixels' scales.
    pub(crate) scales: *const f32,
    /// The offset of each tap's first pixel, in pixels.
    pub(crate) taps: &'a [usize],
    /// `[taps, steps, columns]` groups of four.
    pub(crate) b: *const i32,
    /// The number of groups summed per tap.
    pub(crate) steps: usize,
    /// The columns' scales.
    pub(crate) weights: *const f32,
    /// The columns' biases.
    pub(crate) bias: *const f32,
    /// The result's rows, `c_stride` apart.
    pub(crate) c: *mut f32,
    /// See `c`.
    pub(crate) c_stride: usize,
    /// Whether to add the product to `c`.
    pub(crate) add: bool,
    /// The range of the sum.
    pub(crate) bounds: Bounds,
}

impl Level {
    /// The most pixels that [`multiply`] takes at once. Widths of 224 / 2ⁿ divide by the largest.
    pub(crate) fn rows_taps(self) -> usize {
        match self {
            Self::Vnni => MAX_ROWS,
            Self::AvxVnni => 6,
            Self::Avx2 | Self::Avx512 | Self::Portable => 4,
        }
    }
}

/// Runs the level's kernel on `rows` pixels.
///
/// # Safety
/// `tile`'s pointers must be valid as its fields describe, `level` must be available, and `rows`
/// must be 1 to `level.rows_taps()`.
#[inline]
pub(crate) unsafe fn multiply(level: Level, rows: usize, tile: &Tile) {
    debug_assert!((1..=level.rows_taps()).contains(&rows));
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
        Level::Vnni => by_rows!(vnni, 1 2 3 4 5 6 7),
        #[cfg(target_arch = "x86_64")]
        Level::AvxVnni => by_rows!(avx_vnni, 1 2 3 4 5 6),
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
    let mut totals = [[_mm512_setzero_ps(); 2]; ROWS];
    let mut b = tile.b;
    // SAFETY: every tap has `steps` groups of 32 columns and the pixels' groups and scales; the
    // columns' scales and biases exist, and so does the result.
    unsafe {
        for tap in tile.taps {
            let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
            let a = tile.a.add(tap * tile.a_stride);
            for step in 0..tile.steps {
                let columns = [
                    _mm512_load_si512(b.cast()),
                    _mm512_load_si512(b.add(16).cast()),
                ];
                for (row, sums) in sums.iter_mut().enumerate() {
                    let group = a.add(row * tile.a_stride + step * GROUP).cast::<i32>();
                    let group = _mm512_set1_epi32(group.read_unaligned());
                    sums[0] = _mm512_dpbusd_epi32(sums[0], group, columns[0]);
                    sums[1] = _mm512_dpbusd_epi32(sums[1], group, columns[1]);
                }
                b = b.add(32);
            }
            for (row, (totals, sums)) in totals.iter_mut().zip(sums).enumerate() {
                let scale = _mm512_set1_ps(*tile.scales.add(tap + row));
                for (total, sum) in totals.iter_mut().zip(sums) {
                    *total = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, *total);
                }
            }
        }
        let low = _mm512_set1_ps(tile.bounds.low);
        let high = _mm512_set1_ps(tile.bounds.high);
        for i in 0..2 {
            let weights = _mm512_loadu_ps(tile.weights.add(i * 16));
            let bias = _mm512_loadu_ps(tile.bias.add(i * 16));
            for (row, totals) in totals.iter().enumerate() {
                let c = tile.c.add(row * tile.c_stride + i * 16);
                let mut value = _mm512_fmadd_ps(totals[i], weights, bias);
                if tile.add {
                    value = _mm512_add_ps(value, _mm512_loadu_ps(c));
                }
                // If one is NaN, these return the second.
                value = _mm512_min_ps(high, _mm512_max_ps(low, value));
                _mm512_storeu_ps(c, value);
            }
        }
    }
}

/// The kernel `$name` of 16 columns, whose products `$add` sums.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel_256 {
    ($name:ident, $features:literal, $add:ident) => {
        /// # Safety
        /// As for [`multiply`].
        #[target_feature(enable = $features)]
        unsafe fn $name<const ROWS: usize>(tile: &Tile) {
            let mut totals = [[_mm256_setzero_ps(); 2]; ROWS];
            let mut b = tile.b;
            // SAFETY: every tap has `steps` groups of 16 columns and the pixels' groups and scales; the
            // columns' scales and biases exist, and so does the result.
            unsafe {
                for tap in tile.taps {
                    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
                    let a = tile.a.add(tap * tile.a_stride);
                    for step in 0..tile.steps {
                        let columns = [
                            _mm256_load_si256(b.cast()),
                            _mm256_load_si256(b.add(8).cast()),
                        ];
                        for (row, sums) in sums.iter_mut().enumerate() {
                            let group = a.add(row * tile.a_stride + step * GROUP).cast::<i32>();
                            let group = _mm256_set1_epi32(group.read_unaligned());
                            sums[0] = $add(sums[0], group, columns[0]);
                            sums[1] = $add(sums[1], group, columns[1]);
                        }
                        b = b.add(16);
                    }
                    for (row, (totals, sums)) in totals.iter_mut().zip(sums).enumerate() {
                        let scale = _mm256_set1_ps(*tile.scales.add(tap + row));
                        for (total, sum) in totals.iter_mut().zip(sums) {
                            *total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), scale, *total);
                        }
                    }
                }
                let low = _mm256_set1_ps(tile.bounds.low);
                let high = _mm256_set1_ps(tile.bounds.high);
                for i in 0..2 {
                    let weights = _mm256_loadu_ps(tile.weights.add(i * 8));
                    let bias = _mm256_loadu_ps(tile.bias.add(i * 8));
                    for (row, totals) in totals.iter().enumerate() {
                        let c = tile.c.add(row * tile.c_stride + i * 8);
                        let mut value = _mm256_fmadd_ps(totals[i], weights, bias);
                        if tile.add {
                            value = _mm256_add_ps(value, _mm256_loadu_ps(c));
                        }
                        // If one is NaN, these return the second.
                        value = _mm256_min_ps(high, _mm256_max_ps(low, value));
                        _mm256_storeu_ps(c, value);
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel_256!(avx2, "avx2,fma", add_avx2);
#[cfg(target_arch = "x86_64")]
kernel_256!(avx_vnni, "avx2,fma,avxvnni", add_avx_vnni);

/// # Safety
/// As for [`multiply`].
unsafe fn portable<const ROWS: usize>(tile: &Tile) {
    const COLUMNS: usize = 8;
    let mut totals = [[0f32; COLUMNS]; ROWS];
    let mut b = tile.b.cast::<[[i8; GROUP]; COLUMNS]>();
    // SAFETY: every tap has `steps` groups of 8 columns and the pixels' groups and scales; the
    // columns' scales and biases exist, and so does the result.
    unsafe {
        for tap in tile.taps {
            let mut sums = [[0i32; COLUMNS]; ROWS];
            let a = tile.a.add(tap * tile.a_stride);
            for step in 0..tile.steps {
                let columns = &*b;
                for (row, sums) in sums.iter_mut().enumerate() {
                    let group = a.add(row * tile.a_stride + step * GROUP);
                    let group = &*group.cast::<[u8; GROUP]>();
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        for (a, b) in group.iter().zip(column) {
                            *sum += i32::from(*a) * i32::from(*b);
                        }
                    }
                }
                b = b.add(1);
            }
            for (row, (totals, sums)) in totals.iter_mut().zip(sums).enumerate() {
                let scale = *tile.scales.add(tap + row);
                for (total, sum) in totals.iter_mut().zip(sums) {
                    *total += sum as f32 * scale;
                }
            }
        }
        let weights = &*tile.weights.cast::<[f32; COLUMNS]>();
        let bias = &*tile.bias.cast::<[f32; COLUMNS]>();
        for (row, totals) in totals.iter().enumerate() {
            let c = &mut *tile.c.add(row * tile.c_stride).cast::<[f32; COLUMNS]>();
            for (i, (c, total)) in c.iter_mut().zip(totals).enumerate() {
                let value = total * weights[i] + bias[i] + if tile.add { *c } else { 0.0 };
                *c = tile.bounds.hold(value);
            }
        }
    }
}
