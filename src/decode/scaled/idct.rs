//! Transforms blocks of 8×8 coefficients to blocks of 1, 2, 4, 8, 16 or 32 samples a side.
//!
//! The lowest N of the eight coefficients of the discrete cosine transform, taken as those of a
//! transform over N samples, are the picture at N eighths of its size: detail too fine for the
//! smaller picture is dropped, and the rest is exact. With `X'(u) = X(u) √(N/8)` the
//! one-dimensional transform is, for each N,
//!
//! `x(i) = (X(0) + √2 Σ X(u) cos((2i+1) u π / 2N)) / √8`
//!
//! and the two-dimensional one applies that in both directions. A component stored at half the
//! picture's size is transformed at twice the N, so that nothing needs enlarging. Beyond eight
//! samples, the coefficients that the file lacks are zero.

use std::f32::consts::{PI, SQRT_2};
use std::sync::LazyLock;

/// The position of each coefficient, row by row, in the file's order: T.81, figure 5.
#[rustfmt::skip]
pub(super) const ZIGZAG: [usize; 64] = [
     0,  1,  5,  6, 14, 15, 27, 28,
     2,  4,  7, 13, 16, 26, 29, 42,
     3,  8, 12, 17, 25, 30, 41, 43,
     9, 11, 18, 24, 31, 40, 44, 53,
    10, 19, 23, 32, 39, 45, 52, 54,
    20, 22, 33, 38, 46, 51, 55, 60,
    21, 34, 37, 47, 50, 56, 59, 61,
    35, 36, 48, 49, 57, 58, 62, 63,
];

/// The last coefficient, in the file's order, that a block of `across`×`down` samples needs.
pub(super) fn last_needed(across: usize, down: usize) -> usize {
    let needed = (0..64).filter(|at| at % 8 < across && at / 8 < down);
    needed.map(|at| ZIGZAG[at]).max().unwrap_or(0)
}

/// A quantisation table that includes the transform's 1/8.
pub(super) fn steps(table: &[u16; 64]) -> [f32; 64] {
    table.map(|step| f32::from(step) / 8.0)
}

/// Transforms one block: quantised coefficients and [`steps`], both in the file's order, to samples
/// in rows of `stride`, starting with `out`'s first.
pub(super) type Transform = fn(&[i16; 64], &[f32; 64], &mut [u8], usize);

/// Chooses one of the sizes of `$kind`, each side 1, 2, 4, 8, 16 or 32.
macro_rules! of_size {
    ($kind:ident, $across:expr, $down:expr) => {{
        fn to_height<const ACROSS: usize>(down: usize) -> Option<Transform> {
            match down {
                1 => Some($kind::<ACROSS, 1>),
                2 => Some($kind::<ACROSS, 2>),
                4 => Some($kind::<ACROSS, 4>),
                8 => Some($kind::<ACROSS, 8>),
                16 => Some($kind::<ACROSS, 16>),
                32 => Some($kind::<ACROSS, 32>),
                _ => None,
            }
        }
        match $across {
            1 => to_height::<1>($down),
            2 => to_height::<2>($down),
            4 => to_height::<4>($down),
            8 => to_height::<8>($down),
            16 => to_height::<16>($down),
            32 => to_height::<32>($down),
            _ => None,
        }
    }};
}

/// The transform to `across`×`down` samples, each 1, 2, 4, 8, 16 or 32.
pub(super) fn transform(across: usize, down: usize) -> Option<Transform> {
    of_size!(block, across, down)
}

/// Like [`transform`], for blocks with only the zeroth coefficient.
pub(super) fn flat(across: usize, down: usize) -> Option<Transform> {
    of_size!(level, across, down)
}

fn level<const ACROSS: usize, const DOWN: usize>(
    coefficients: &[i16; 64],
    steps: &[f32; 64],
    out: &mut [u8],
    stride: usize,
) {
    let level = (f32::from(coefficients[0]) * steps[0] + 128.5) as u8;
    for row in out.chunks_mut(stride).take(DOWN) {
        if let Some(row) = row.first_chunk_mut::<ACROSS>() {
            *row = [level; ACROSS];
        }
    }
}

fn block<const ACROSS: usize, const DOWN: usize>(
    coefficients: &[i16; 64],
    steps: &[f32; 64],
    out: &mut [u8],
    stride: usize,
) {
    let mut spectrum: [[f32; ACROSS]; DOWN] = std::array::from_fn(|v| {
        std::array::from_fn(|u| {
            if u >= 8 || v >= 8 {
                return 0.0;
            }
            let at = ZIGZAG[v * 8 + u];
            f32::from(coefficients[at]) * steps[at]
        })
    });
    // Samples are stored around zero; the half rounds, because the conversion truncates.
    spectrum[0][0] += 128.5;
    let columns = points(spectrum);
    let turned: [[f32; DOWN]; ACROSS] =
        std::array::from_fn(|x| std::array::from_fn(|y| columns[y][x]));
    let samples = points(turned);
    for (y, row) in out.chunks_mut(stride).take(DOWN).enumerate() {
        if let Some(row) = row.first_chunk_mut::<ACROSS>() {
            *row = std::array::from_fn(|x| samples[x][y] as u8);
        }
    }
}

/// The one-dimensional transform, without its 1/√8, of one column per lane.
#[inline(always)]
fn points<const N: usize, const LANES: usize>(spectrum: [[f32; LANES]; N]) -> [[f32; LANES]; N] {
    let mut out = spectrum;
    match N {
        2 => {
            let [a, b] = two(spectrum[0], spectrum[1]);
            out[0] = a;
            out[1] = b;
        }
        4 => {
            let four = four(spectrum[0], spectrum[1], spectrum[2], spectrum[3]);
            for (out, four) in out.iter_mut().zip(four) {
                *out = four;
            }
        }
        8 => {
            let even = four(spectrum[0], spectrum[2], spectrum[4], spectrum[6]);
            let odd = [spectrum[1], spectrum[3], spectrum[5], spectrum[7]];
            for at in 0..4 {
                let part: [f32; LANES] = lanes(|l| {
                    let [a, b, c, d] = ODD_OF_EIGHT[at];
                    a * odd[0][l] + b * odd[1][l] + c * odd[2][l] + d * odd[3][l]
                });
                out[at] = lanes(|l| even[at][l] + part[l]);
                out[7 - at] = lanes(|l| even[at][l] - part[l]);
            }
        }
        16 => enlarged(&spectrum, &BASIS_16, &mut out),
        32 => enlarged(&spectrum, &BASIS_32, &mut out),
        _ => {}
    }
    out
}

/// For each of `N` samples, the weight of the eight coefficients.
type Basis<const N: usize> = LazyLock<[[f32; 8]; N]>;

static BASIS_16: Basis<16> = LazyLock::new(basis);
static BASIS_32: Basis<32> = LazyLock::new(basis);

fn basis<const N: usize>() -> [[f32; 8]; N] {
    std::array::from_fn(|i| {
        std::array::from_fn(|u| match u {
            0 => 1.0,
            _ => SQRT_2 * ((2 * i + 1) as f32 * u as f32 * PI / (2 * N) as f32).cos(),
        })
    })
}

/// The transform to more samples than coefficients, by its definition: rare for photos, but used
/// for whole pictures with subsampled colours.
fn enlarged<const LANES: usize, const N: usize>(
    spectrum: &[[f32; LANES]],
    basis: &[[f32; 8]; N],
    out: &mut [[f32; LANES]],
) {
    for (out, parts) in out.iter_mut().zip(basis) {
        *out = lanes(|l| {
            let terms = spectrum.iter().zip(parts).map(|(row, part)| row[l] * part);
            terms.sum()
        });
    }
}

/// √2 cos(nπ/16) for odd n.
const C1: f32 = 1.387_039_8;
const C3: f32 = 1.175_875_6;
const C5: f32 = 0.785_694_96;
const C7: f32 = 0.275_899_38;
/// √2 cos((2i+1) u π / 16) for i of 0..4, and u of 1, 3, 5 and 7.
const ODD_OF_EIGHT: [[f32; 4]; 4] = [
    [C1, C3, C5, C7],
    [C3, -C7, -C1, -C5],
    [C5, -C1, C7, C3],
    [C7, -C5, C3, -C1],
];
/// √2 cos(π/8) and √2 cos(3π/8).
const C2: f32 = SQRT_2 * 0.923_879_5;
const C6: f32 = SQRT_2 * 0.382_683_43;

#[inline(always)]
fn lanes<const LANES: usize>(lane: impl Fn(usize) -> f32) -> [f32; LANES] {
    std::array::from_fn(lane)
}

#[inline(always)]
fn two<const LANES: usize>(a: [f32; LANES], b: [f32; LANES]) -> [[f32; LANES]; 2] {
    [lanes(|l| a[l] + b[l]), lanes(|l| a[l] - b[l])]
}

#[inline(always)]
fn four<const LANES: usize>(
    a: [f32; LANES],
    b: [f32; LANES],
    c: [f32; LANES],
    d: [f32; LANES],
) -> [[f32; LANES]; 4] {
    let [outer, inner] = two(a, c);
    let outer_odd: [f32; LANES] = lanes(|l| C2 * b[l] + C6 * d[l]);
    let inner_odd: [f32; LANES] = lanes(|l| C6 * b[l] - C2 * d[l]);
    [
        lanes(|l| outer[l] + outer_odd[l]),
        lanes(|l| inner[l] + inner_odd[l]),
        lanes(|l| inner[l] - inner_odd[l]),
        lanes(|l| outer[l] - outer_odd[l]),
    ]
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// The definition, term by term.
    fn reference(spectrum: &[f64; 64], across: usize, down: usize, x: usize, y: usize) -> f64 {
        let basis = |i: usize, u: usize, n: usize| match u {
            0 => 1.0,
            _ => 2_f64.sqrt() * ((2 * i + 1) as f64 * u as f64 * PI / (2 * n) as f64).cos(),
        };
        let mut sum = 0.0;
        for v in 0..down.min(8) {
            for u in 0..across.min(8) {
                sum += spectrum[v * 8 + u] * basis(x, u, across) * basis(y, v, down);
            }
        }
        sum / 8.0 + 128.0
    }

    #[test]
    fn every_size_is_its_definition() {
        let table: [u16; 64] = std::array::from_fn(|at| 3 + at as u16 % 7);
        for round in 0..20_usize {
            let coefficients: [i16; 64] =
                std::array::from_fn(|at| ((at * 37 + round * 101) % 83) as i16 - 41)
                    .map(|v: i16| v / (1 + round as i16));
            let mut spectrum = [0.0; 64];
            for (at, value) in spectrum.iter_mut().enumerate() {
                let coded = ZIGZAG[at];
                *value = f64::from(coefficients[coded]) * f64::from(table[coded]);
            }
            for across in [1, 2, 4, 8, 16, 32] {
                for down in [1, 2, 4, 8, 16, 32] {
                    let mut out = [0; 34 * 32];
                    let run = transform(across, down).unwrap();
                    run(&coefficients, &steps(&table), &mut out, 34);
                    for y in 0..down {
                        for x in 0..across {
                            let exact = reference(&spectrum, across, down, x, y);
                            let off = f64::from(out[y * 34 + x]) - exact.clamp(0.0, 255.0);
                            assert!(off.abs() < 0.501, "{across}×{down} at {x}, {y}: {off}");
                        }
                    }
                    assert!(out[across..34].iter().all(|&v| v == 0));
                }
            }
        }
        for across in [1, 2, 4, 8] {
            for down in [1, 2, 4, 8] {
                let mut coefficients = [0; 64];
                coefficients[0] = -29;
                let (mut out, mut expected) = ([0; 80], [0; 80]);
                let steps = steps(&table);
                flat(across, down).unwrap()(&coefficients, &steps, &mut out, 10);
                transform(across, down).unwrap()(&coefficients, &steps, &mut expected, 10);
                assert!(out == expected);
            }
        }
        assert!(transform(3, 1).is_none() && transform(2, 64).is_none());
    }

    #[test]
    fn only_so_many_coefficients_are_needed() {
        let needed = [(1, 0), (2, 4), (4, 24), (8, 63)];
        for (side, last) in needed {
            assert_eq!(last_needed(side, side), last);
        }
        assert_eq!(last_needed(4, 1), 6);
        let mut order = ZIGZAG;
        order.sort_unstable();
        assert!(order.into_iter().eq(0..64));
    }

    #[test]
    fn out_of_range_is_clamped() {
        let run = transform(2, 2).unwrap();
        for (value, level) in [(i16::MAX, 255), (i16::MIN, 0)] {
            let mut coefficients = [0; 64];
            coefficients[0] = value;
            let mut out = [7; 4];
            run(&coefficients, &steps(&[u16::MAX; 64]), &mut out, 2);
            assert_eq!(out, [level; 4]);
        }
    }
}
