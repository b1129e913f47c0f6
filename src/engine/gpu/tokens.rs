//! Token embeddings, looked up on the host: a batch uses some hundred rows of a table that would
//! take up to 800 MB on the device.

use crate::clip::spec::TextSpec;
use crate::clip::token_table::TokenTable;
use crate::clip::{Model, ModelError};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::pack::fours;
use crate::engine::gpu::network::scope::Scope;

/// The input rows of a text tower.
pub(crate) struct TokenRows {
    table: TokenTable,
    /// `[context, width]`; `None` for a bag of words.
    positions: Option<Vec<f32>>,
    width: usize,
    context: usize,
    row: Vec<f32>,
}

impl TokenRows {
    pub(crate) fn new(model: &Model) -> Result<Self> {
        let (name, vocabulary, width, context) = match &model.spec.text {
            TextSpec::Transformer(text) => (
                "token_embedding.weight",
                text.vocabulary,
                text.transformer.width,
                text.context_length,
            ),
            TextSpec::Cbow(text) => (
                "cbow.token_embedding.weight",
                text.vocabulary,
                text.width,
                1,
            ),
        };
        let table = TokenTable::new(model.weights(), name, (vocabulary, width));
        let positions = match &model.spec.text {
            TextSpec::Transformer(_) => {
                Some(Scope::new(model).get("positional_embedding", &[context, width])?)
            }
            TextSpec::Cbow(_) => None,
        };
        Ok(Self {
            table: table.map_err(unreadable)?,
            positions,
            width,
            context,
            row: vec![0.0; width],
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
    pub(crate) fn append(&mut self, ids: &[u32], rows: &mut Vec<f32>) -> Result<()> {
        let padded = fours(self.width) * 4;
        let Some(positions) = &self.positions else {
            let start = rows.len();
            rows.resize(start + padded, 0.0);
            let share = 1.0 / ids.len().max(1) as f32;
            let mean = rows.get_mut(start..).unwrap_or_default();
            for id in ids {
                self.table.read(*id, &mut self.row).map_err(unreadable)?;
                for (to, from) in mean.iter_mut().zip(&self.row) {
                    *to += from * share;
                }
            }
            return Ok(());
        };
        for (id, position) in ids.iter().zip(positions.chunks_exact(self.width.max(1))) {
            let start = rows.len();
            self.table.read(*id, &mut self.row).map_err(unreadable)?;
            rows.extend(self.row.iter().zip(position).map(|(t, p)| t + p));
            rows.resize(start + padded, 0.0);
        }
        Ok(())
    }
}

fn unreadable(error: ModelError) -> GpuError {
    GpuError::Weights {
        name: "token_embedding.weight".to_owned(),
        reason: error.to_string(),
    }
}
