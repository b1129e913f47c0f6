//! The micro-kernels for 8-bit numbers: unsigned rows times signed packed columns, back to f32
//! while the sums are in registers.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use crate::engine::cpu::matmul::quantised_rows::Scale;
use crate::engine::cpu::simd::level::Level;

/// The most rows of all levels.
pub(crate) const MAX_ROWS: usize = 14;

/// Bytes of a row per step.
pub(crate) const GROUP: usize = 4;

/// What is known of a panel's columns, as many as the level has.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) scales: *const f32,
    pub(crate) bias: *const f32,
    /// The sum of each column's bytes.
    pub(crate) sums: *const i32,
}

/// A product `[rows, 4 · steps] · [4 · steps, columns]`, with the level's `columns`.
pub(crate) struct Tile<'a> {
    /// The left rows, `a_stride` bytes apart.
    pub(crate) a: *const u8,
    /// See `a`.
    pub(crate) a_stride: usize,
    /// How the left rows' bytes are read; their outliers are in the panel's steps.
    pub(crate) rows: &'a [Scale],
    /// `[steps, columns]` groups of four.
    pub(crate) b: *const i32,
    /// The number of groups summed.
    pub(crate) steps: usize,
    /// See there.
    pub(crate) columns: Columns,
    /// The result's rows, `c_stride` apart.
    pub(crate) c: *mut f32,
    /// See `c`.
    pub(crate) c_stride: usize,
    /// Whether to add the product to `c`.
    pub(crate) add: bool,
}

impl Level {
    /// The most rows that the 8-bit kernel takes at once.
    pub(crate) fn rows_i8(self) -> usize {
        match self {
            Self::Vnni => 14,
            Self::AvxVnni => 6,
            Self::Avx2 | Self::Avx512 => 4,
            Self::Portable => 4,
        }
    }

    /// Columns of a panel of 8-bit weights.
    pub(crate) fn columns_i8(self) -> usize {
        match self {
            Self::Vnni => 32,
            Self::Avx2 | Self::AvxVnni | Self::Avx512 => 16,
            Self::Portable => 8,
        }
    }

    /// The largest value in a row. Without VNNI, two products are added in 16 bits, whose limit is
    /// 2 · 127 · 128.
    pub(crate) fn most_u8(self) -> f32 {
        match self {
            Self::Vnni | Self::AvxVnni | Self::Portable => 255.0,
            Self::Avx2 | Self::Avx512 => 127.0,
        }
    }

    /// Whether the 8-bit kernel is faster than the f32 kernel.
    pub(crate) fn gains_by_i8(self) -> bool {
        self != Self::Portable
    }
}

/// Where an outlier's weights are in its panel: the group's step, and the bits by which its byte is
/// below the upper end.
#[inline(always)]
fn place(channel: u32) -> (usize, u32) {
    (channel as usize / GROUP, 24 - 8 * (channel % GROUP as u32))
}

/// Runs the level's kernel on `rows` rows.
///
/// # Safety
/// `tile`'s pointers must be valid as its fields describe, for `rows` rows, which must be
/// 1 to `level.rows_i8()`; `level` must be available.
#[inline]
pub(crate) unsafe fn multiply(level: Level, rows: usize, tile: &Tile) {
    debug_assert!((1..=level.rows_i8()).contains(&rows) && tile.rows.len() == rows);
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
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    let mut b = tile.b;
    // SAFETY: `steps` groups of 32 columns, the rows' groups and scales, the columns' numbers and
    // the result exist, and outliers are in the steps.
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
        for (index, (sums, row)) in sums.iter().zip(tile.rows).enumerate() {
            let zero = _mm512_set1_epi32(row.zero);
            let scale = _mm512_set1_ps(row.scale);
            for (i, sum) in sums.iter().enumerate() {
                let weights = _mm512_loadu_si512(tile.columns.sums.add(i * 16).cast());
                let sum = _mm512_sub_epi32(*sum, _mm512_mullo_epi32(zero, weights));
                let mut value = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
                for (channel, outlier) in row.outliers() {
                    let (step, left) = place(*channel);
                    let groups = _mm512_load_si512(tile.b.add(step * 32 + i * 16).cast());
                    let bytes = _mm512_sll_epi32(groups, _mm_cvtsi32_si128(left.cast_signed()));
                    let weights = _mm512_cvtepi32_ps(_mm512_srai_epi32::<24>(bytes));
                    value = _mm512_fmadd_ps(_mm512_set1_ps(*outlier), weights, value);
                }
                let scales = _mm512_loadu_ps(tile.columns.scales.add(i * 16));
                let bias = _mm512_loadu_ps(tile.columns.bias.add(i * 16));
                value = _mm512_fmadd_ps(value, scales, bias);
                let c = tile.c.add(index * tile.c_stride + i * 16);
                if tile.add {
                    value = _mm512_add_ps(value, _mm512_loadu_ps(c));
                }
                _mm512_storeu_ps(c, value);
            }
        }
    }
}

/// Adds the products of a row's group and eight columns to `sums`.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn add_avx2(sums: __m256i, group: __m256i, columns: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(group, columns);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// As [`add_avx2`], in one instruction and without its limit.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
pub(crate) fn add_avx_vnni(sums: __m256i, group: __m256i, columns: __m256i) -> __m256i {
    _mm256_dpbusd_avx_epi32(sums, group, columns)
}

/// The kernel `$name` of 16 columns, whose products `$add` sums.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel_256 {
    ($name:ident, $features:literal, $add:ident) => {
        /// # Safety
        /// As for [`multiply`].
        #[target_feature(enable = $features)]
        unsafe fn $name<const ROWS: usize>(tile: &Tile) {
            let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
            let mut b = tile.b;
            // SAFETY: `steps` groups of 16 columns and the rows' groups exist; `finish` needs what
            // the caller guarantees.
            unsafe {
                for step in 0..tile.steps {
                    let columns = [
                        _mm256_load_si256(b.cast()),
                        _mm256_load_si256(b.add(8).cast()),
                    ];
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let group = tile.a.add(row * tile.a_stride + step * GROUP).cast::<i32>();
                        let group = _mm256_set1_epi32(group.read_unaligned());
                        sums[0] = $add(sums[0], group, columns[0]);
                        sums[1] = $add(sums[1], group, columns[1]);
                    }
                    b = b.add(16);
                }
                finish(&sums, tile);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel_256!(avx2, "avx2,fma", add_avx2);
#[cfg(target_arch = "x86_64")]
kernel_256!(avx_vnni, "avx2,fma,avxvnni", add_avx_vnni);

/// Writes the sums of 16 columns as f32.
///
/// # Safety
/// As for [`multiply`]: `sums` has as many rows as the tile.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn finish(sums: &[[__m256i; 2]], tile: &Tile) {
    // SAFETY: the rows' scales, the columns' numbers and the result exist, and outliers are in the
    // steps.
    unsafe {
        for (index, (sums, row)) in sums.iter().zip(tile.rows).enumerate() {
            let zero = _mm256_set1_epi32(row.zero);
            let scale = _mm256_set1_ps(row.scale);
            for (i, sum) in sums.iter().enumerate() {
                let weights = _mm256_loadu_si256(tile.columns.sums.add(i * 8).cast());
                let sum = _mm256_sub_epi32(*sum, _mm256_mullo_epi32(zero, weights));
                let mut value = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale);
                for (channel, outlier) in row.outliers() {
                    let (step, left) = place(*channel);
                    let groups = _mm256_load_si256(tile.b.add(step * 16 + i * 8).cast());
                    let bytes = _mm256_sll_epi32(groups, _mm_cvtsi32_si128(left.cast_signed()));
                    let weights = _mm256_cvtepi32_ps(_mm256_srai_epi32::<24>(bytes));
                    value = _mm256_fmadd_ps(_mm256_set1_ps(*outlier), weights, value);
                }
                let scales = _mm256_loadu_ps(tile.columns.scales.add(i * 8));
                let bias = _mm256_loadu_ps(tile.columns.bias.add(i * 8));
                value = _mm256_fmadd_ps(value, scales, bias);
                let c = tile.c.add(index * tile.c_stride + i * 8);
                if tile.add {
                    value = _mm256_add_ps(value, _mm256_loadu_ps(c));
                }
                _mm256_storeu_ps(c, value);
            }
        }
    }
}

/// # Safety
/// As for [`multiply`].
unsafe fn portable<const ROWS: usize>(tile: &Tile) {
    const COLUMNS: usize = 8;
    let mut sums = [[0i32; COLUMNS]; ROWS];
    // SAFETY: `steps` groups of 8 columns, the rows' groups and scales, the columns' numbers and
    // the result exist, and outliers are in the steps.
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
        let scales = &*tile.columns.scales.cast::<[f32; COLUMNS]>();
        let bias = &*tile.columns.bias.cast::<[f32; COLUMNS]>();
        let weights = &*tile.columns.sums.cast::<[i32; COLUMNS]>();
        for (index, (sums, row)) in sums.iter().zip(tile.rows).enumerate() {
            let c = &mut *tile.c.add(index * tile.c_stride).cast::<[f32; COLUMNS]>();
            for (i, c) in c.iter_mut().enumerate() {
                let mut value = (sums[i] - row.zero * weights[i]) as f32 * row.scale;
                for (channel, outlier) in row.outliers() {
                    let (step, left) = place(*channel);
                    let group = (*tile.b.add(step * COLUMNS + i)).to_le();
                    value += outlier * ((group << left) >> 24) as f32;
                }
                value = value * scales[i] + bias[i];
                *c = if tile.add { *c + value } else { value };
            }
        }
    }
}
