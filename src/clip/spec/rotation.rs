//! Rotary positions (Su et al. 2021, <https://arxiv.org/abs/2104.09864>) on a grid of patches.

use crate::clip::spec::vit::VitSpec;

/// The longest wave, in patches over 2π, is this to the power of almost one.
const TEMPERATURE: f32 = 10_000.0;

/// The angles by which queries and keys are turned: pairs of adjacent channels of a head, by the place
/// of their token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rotation {
    /// `[tokens, pairs]`.
    pub(crate) cos: Vec<f32>,
    /// `[tokens, pairs]`.
    pub(crate) sin: Vec<f32>,
    /// Pairs of channels in a head.
    pub(crate) pairs: usize,
}

impl VitSpec {
    /// The angles of this tower, if it has rotary positions: the first half of a head's pairs turns
    /// with the column, the second with the row, each counted from 1. A class token is not turned.
    pub(crate) fn rotation(&self) -> Option<Rotation> {
        if !self.rotary {
            return None;
        }
        let pairs = self.transformer.width / self.transformer.heads.max(1) / 2;
        let bands = pairs / 2;
        let speed = |pair: usize| {
            TEMPERATURE
                .powf((pair % bands) as f32 / bands as f32)
                .recip()
        };
        let angle = |patch: usize, pair: usize| {
            let (row, column) = (patch / self.grid, patch % self.grid);
            let place = if pair < bands { column } else { row };
            (place + 1) as f32 * speed(pair)
        };
        let patches = (0..self.patches()).flat_map(|patch| (0..pairs).map(move |i| (patch, i)));
        let class = std::iter::repeat_n(0.0, pairs * usize::from(self.class_token));
        let angles: Vec<f32> = class.chain(patches.map(|(p, i)| angle(p, i))).collect();
        Some(Rotation {
            cos: angles.iter().map(|a| a.cos()).collect(),
            sin: angles.iter().map(|a| a.sin()).collect(),
            pairs,
        })
    }
}
