//! Rotary positions; `clip::spec::rotation` defines them.

use rayon::prelude::*;

use crate::clip::spec::rotation::Rotation;
use crate::engine::cpu::memory::Matrix;

/// Turns the queries and the keys in rows of queries, keys and values, `width` each. The rows are those
/// of whole pictures.
pub(crate) fn turn(rotation: &Rotation, width: usize, qkv: &mut Matrix) {
    let pairs = rotation.pairs;
    let tokens = (rotation.cos.len() / pairs.max(1)).max(1);
    let stride = qkv.stride();
    let rows = qkv.values_mut().par_chunks_mut(stride).enumerate();
    rows.for_each(|(row, values)| {
        let at = row % tokens * pairs..(row % tokens + 1) * pairs;
        let angles = || {
            rotation.cos[at.clone()]
                .iter()
                .zip(&rotation.sin[at.clone()])
        };
        for head in values[..2 * width].chunks_exact_mut(2 * pairs) {
            for (pair, (cos, sin)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles()) {
                let [a, b] = *pair;
                *pair = [a * cos - b * sin, b * cos + a * sin];
            }
        }
    });
}
