//! Token embeddings, looked up on the host: a batch uses some hundred rows of a table that would
//! take up to 200 MB on the device.

use crate::clip::Model;
use crate::clip::spec::TextSpec;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::pack::fours;
use crate::engine::gpu::network::scope::Scope;

/// The input rows of a text tower.
pub(crate) struct TokenTable {
    /// `[vocabulary, width]`.
    tokens: Vec<f32>,
    /// `[context, width]`; `None` for a bag of words.
    positions: Option<Vec<f32>>,
    width: usize,
    context: usize,
}

impl TokenTable {
    pub(crate) fn new(model: &Model) -> Result<Self> {
        let scope = Scope::new(model);
        Ok(match &model.spec.text {
            TextSpec::Transformer(text) => {
                let (width, context) = (text.transformer.width, text.context_length);
                Self {
                    tokens: scope.get("token_embedding.weight", &[text.vocabulary, width])?,
                    positions: Some(scope.get("positional_embedding", &[context, width])?),
                    width,
                    context,
                }
            }
            TextSpec::Cbow(text) => {
                let (scope, shape) = (scope.below("cbow"), [text.vocabulary, text.width]);
                Self {
                    tokens: scope.get("token_embedding.weight", &shape)?,
                    positions: None,
                    width: text.width,
                    context: 1,
                }
            }
        })
    }

    /// The most rows of a text.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    /// The number of rows for these ids: one each, or one in total for a bag of words.
    pub(crate) fn rows(&self, ids: &[u32]) -> usize {
        match self.positions {
            Some(_) => ids.len(),
            None => 1,
        }
    }

    /// Appends the rows of a text, each padded to groups of four.
    pub(crate) fn append(&self, ids: &[u32], rows: &mut Vec<f32>) {
        let (width, padded) = (self.width, fours(self.width) * 4);
        let token = |id: &u32| {
            let start = *id as usize * width;
            self.tokens.get(start..start + width).unwrap_or_default()
        };
        let Some(positions) = &self.positions else {
            let start = rows.len();
            rows.resize(start + padded, 0.0);
            let share = 1.0 / ids.len().max(1) as f32;
            let mean = rows.get_mut(start..).unwrap_or_default();
            for id in ids {
                for (to, from) in mean.iter_mut().zip(token(id)) {
                    *to += from * share;
                }
            }
            return;
        };
        for (id, position) in ids.iter().zip(positions.chunks_exact(width.max(1))) {
            let start = rows.len();
            rows.extend(token(id).iter().zip(position).map(|(t, p)| t + p));
            rows.resize(start + padded, 0.0);
        }
    }
}
