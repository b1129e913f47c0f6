//! Self-attention, one head of one sequence at a time.
//!
//! A sequence need not be in consecutive rows: texts with a common beginning share its rows. A
//! head's keys and values are rearranged once for the f32 kernel and then stay in cache, as do the
//! logits, which are held only for some queries at once.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::matmul::product::row_groups;
use crate::engine::cpu::matmul::tile;
use crate::engine::cpu::matmul::tile::{Bounds, MAX_COLUMNS, MAX_ROWS, Tile};
use crate::engine::cpu::memory::{Aligned, Matrix, Shared};
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Softmax;

/// Queries with logits held at once.
const QUERIES_AT_ONCE: usize = 56;

/// Rows that attend to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// The rows of keys and values, in order.
    pub(crate) keys: Vec<u32>,
    /// The rows of the queries; with `causal` they are the sequence's last ones.
    pub(crate) queries: Range<usize>,
}

/// The properties that all heads share.
#[derive(Clone, Copy)]
pub(crate) struct Heads {
    /// The number of heads.
    pub(crate) count: usize,
    /// The channels of all heads.
    pub(crate) width: usize,
    /// Whether a query sees only the keys up to its own position.
    pub(crate) causal: bool,
    /// The kernels to use.
    pub(crate) level: Level,
}

/// The buffers of one thread.
#[derive(Default)]
struct Scratch {
    keys: Aligned,
    values: Aligned,
    logits: Aligned,
}

/// Computes softmax(q kᵀ / √depth) v for every sequence and head.
///
/// `q` has queries in its first `width` columns; `kv` has keys in the second `width` columns and
/// values in the third. The result has the rows of `q`.
pub(crate) fn attend(
    heads: Heads,
    sequences: &[Sequence],
    q: &Matrix,
    kv: &Matrix,
    out: &mut Matrix,
) {
    assert!(q.width() >= heads.width && kv.width() == 3 * heads.width);
    assert!(heads.count > 0 && heads.width.is_multiple_of(heads.count));
    out.shape(q.rows(), heads.width);
    let shared = Shared::new(out);
    let jobs = sequences.len() * heads.count;
    (0..jobs)
        .into_par_iter()
        .for_each_init(Scratch::default, |scratch, job| {
            let sequence = &sequences[job / heads.count];
            if !sequence.queries.is_empty() && !sequence.keys.is_empty() {
                head(&heads, sequence, job % heads.count, q, kv, &shared, scratch);
            }
        });
}

fn head(
    heads: &Heads,
    sequence: &Sequence,
    index: usize,
    q: &Matrix,
    kv: &Matrix,
    out: &Shared,
    scratch: &mut Scratch,
) {
    let level = heads.level;
    let columns = level.columns();
    let depth = heads.width / heads.count;
    let keys = sequence.keys.len();
    let at = index * depth;
    let padded = keys.div_ceil(columns) * columns;
    pack(heads, sequence, at, depth, kv, scratch);
    scratch.logits.reserve(QUERIES_AT_ONCE * padded);
    let scale = (depth as f32).powf(-0.5);
    let first_seen = keys - sequence.queries.len().min(keys);
    for queries in row_groups(&sequence.queries, QUERIES_AT_ONCE) {
        let logits = scratch.logits.values_mut();
        multiply_keys(
            level,
            (q, at, depth),
            &queries,
            &scratch.keys,
            (&mut *logits, padded),
        );
        for (i, row) in logits
            .chunks_exact_mut(padded)
            .take(queries.len())
            .enumerate()
        {
            let seen = if heads.causal {
                first_seen + queries.start - sequence.queries.start + i + 1
            } else {
                keys
            };
            level.run(Softmax { row, seen, scale });
        }
        multiply_values(
            level,
            (&*logits, padded),
            &queries,
            (&scratch.values, keys),
            (out, at, depth),
        );
    }
}

/// Multiplies queries and keys: a row of `logits`, which are `padded` apart, for each query.
fn multiply_keys(
    level: Level,
    (q, at, depth): (&Matrix, usize, usize),
    queries: &Range<usize>,
    keys: &Aligned,
    (logits, padded): (&mut [f32], usize),
) {
    let columns = level.columns();
    for group in row_groups(&(0..queries.len()), level.rows()) {
        let rows = queries.start + group.start..queries.start + group.end;
        assert!(rows.end <= q.rows());
        let left =
            &q.values()[rows.start * q.stride() + at..(rows.end - 1) * q.stride() + at + depth];
        for panel in 0..padded / columns {
            let tile = Tile {
                a: left.as_ptr(),
                a_stride: q.stride(),
                b: keys.values()[panel * depth * columns..][..depth * columns].as_ptr(),
                depth,
                c: logits[group.start * padded + panel * columns..]
                    [..(group.len() - 1) * padded + columns]
                    .as_mut_ptr(),
                c_stride: padded,
                bias: std::ptr::null(),
                add: false,
                bounds: Bounds::NONE,
            };
            // SAFETY: the slices are cut to what the tile reads and writes.
            unsafe { tile::multiply(level, columns, group.len(), &tile) };
        }
    }
}

/// Multiplies attention weights and values: the results are a head's columns of `out`.
fn multiply_values(
    level: Level,
    (logits, padded): (&[f32], usize),
    queries: &Range<usize>,
    (values, keys): (&Aligned, usize),
    (out, at, depth): (&Shared, usize, usize),
) {
    let columns = level.columns();
    for group in row_groups(&(0..queries.len()), level.rows()) {
        let left = &logits[group.start * padded..(group.end - 1) * padded + keys];
        for panel in 0..depth.div_ceil(columns) {
            let width = columns.min(depth - panel * columns);
            let row = queries.start + group.start;
            let target = out.block(row, at + panel * columns, group.len(), width);
            let mut tile = Tile {
                a: left.as_ptr(),
                a_stride: padded,
                b: values.values()[panel * keys * columns..][..keys * columns].as_ptr(),
                depth: keys,
                c: target,
                c_stride: out.stride,
                bias: std::ptr::null(),
                add: false,
                bounds: Bounds::NONE,
            };
            if width == columns {
                // SAFETY: as above; `block` has checked the target, which is only this head's
                // columns of this sequence's rows.
                unsafe { tile::multiply(level, columns, group.len(), &tile) };
            } else {
                let mut buffer = [0f32; MAX_ROWS * MAX_COLUMNS];
                (tile.c, tile.c_stride) = (buffer.as_mut_ptr(), columns);
                // SAFETY: as above, and the buffer fits any tile.
                unsafe { tile::multiply(level, columns, group.len(), &tile) };
                for (i, sums) in buffer.chunks_exact(columns).take(group.len()).enumerate() {
                    // SAFETY: `block` has checked `width` values of each row.
                    let row = unsafe {
                        std::slice::from_raw_parts_mut(target.add(i * out.stride), width)
                    };
                    row.copy_from_slice(&sums[..width]);
                }
            }
        }
    }
}

/// Packs transposed keys, and values, into panels.
fn pack(
    heads: &Heads,
    sequence: &Sequence,
    at: usize,
    depth: usize,
    kv: &Matrix,
    scratch: &mut Scratch,
) {
    let columns = heads.level.columns();
    let count = sequence.keys.len();
    scratch
        .keys
        .reserve(count.div_ceil(columns) * columns * depth);
    scratch
        .values
        .reserve(depth.div_ceil(columns) * columns * count);
    let keys = scratch.keys.values_mut();
    let values = scratch.values.values_mut();
    for (i, row) in sequence.keys.iter().enumerate() {
        let row = kv.row(*row as usize);
        let key = &row[heads.width + at..][..depth];
        let panel = &mut keys[i / columns * columns * depth..][..columns * depth];
        for (line, value) in panel.chunks_exact_mut(columns).zip(key) {
            line[i % columns] = *value;
        }
        let value = &row[2 * heads.width + at..][..depth];
        for (panel, part) in value.chunks(columns).enumerate() {
            values[(panel * count + i) * columns..][..part.len()].copy_from_slice(part);
        }
    }
    // Beyond the last key there may be anything from an earlier head, even NaN: the softmax ignores
    // it.
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::matrix;

    /// The plain definition.
    fn reference(
        heads: &Heads,
        sequence: &Sequence,
        q: &Matrix,
        kv: &Matrix,
        query: usize,
        head: usize,
    ) -> Vec<f64> {
        let depth = heads.width / heads.count;
        let at = head * depth;
        let seen = if heads.causal {
            sequence.keys.len() - sequence.queries.len() + query + 1
        } else {
            sequence.keys.len()
        };
        let q = &q.row(sequence.queries.start + query)[at..at + depth];
        let logits: Vec<f64> = sequence.keys[..seen]
            .iter()
            .map(|k| {
                let k = &kv.row(*k as usize)[heads.width + at..][..depth];
                let dot: f64 = q
                    .iter()
                    .zip(k)
                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                    .sum();
                (dot / (depth as f64).sqrt()).exp()
            })
            .collect();
        let whole: f64 = logits.iter().sum();
        (0..depth)
            .map(|d| {
                let value = |k: &u32| f64::from(kv.row(*k as usize)[2 * heads.width + at + d]);
                sequence
                    .keys
                    .iter()
                    .zip(&logits)
                    .map(|(k, l)| value(k) * l / whole)
                    .sum()
            })
            .collect()
    }

    #[test]
    fn agrees_with_the_definition() {
        for level in Level::available() {
            for (count, depth, causal) in [
                (1, 64, false),
                (3, 64, true),
                (2, 20, true),
                (2, 8, false),
                (1, 33, true),
            ] {
                let width = count * depth;
                let heads = Heads {
                    count,
                    width,
                    causal,
                    level,
                };
                let kv = matrix(300, 3 * width, 5);
                let sequences = [
                    Sequence {
                        keys: (0..50).collect(),
                        queries: 0..50,
                    },
                    Sequence {
                        keys: vec![3, 4, 70, 71],
                        queries: 70..72,
                    },
                    Sequence {
                        keys: vec![72],
                        queries: 72..73,
                    },
                    Sequence {
                        keys: (100..300).collect(),
                        queries: 100..300,
                    },
                    Sequence {
                        keys: vec![3, 4],
                        queries: 90..90,
                    },
                ];
                let mut out = Matrix::default();
                attend(heads, &sequences, &kv, &kv, &mut out);
                for sequence in &sequences {
                    for query in 0..sequence.queries.len() {
                        for head in 0..count {
                            let expected = reference(&heads, sequence, &kv, &kv, query, head);
                            let got =
                                &out.row(sequence.queries.start + query)[head * depth..][..depth];
                            for (g, e) in got.iter().zip(expected) {
                                assert!((f64::from(*g) - e).abs() < 2e-6, "{level:?}");
                            }
                        }
                    }
                }
            }
        }
    }
}
