//! The rows of a text tower's token embeddings.

use std::sync::Arc;

use candle_core::{DType, Device, Shape};
use candle_nn::VarBuilder;

use crate::clip::error::ModelError;
use crate::clip::weights::Weights;

/// A text tower's token embeddings, `[vocabulary, width]`.
///
/// A text uses some rows of a table that takes up to 800 MB for multilingual models, so rows are
/// read from the file when they are needed. Only if the file does not store rows (a compressed or
/// transposed tensor) is the table loaded.
#[derive(Clone)]
pub(crate) struct TokenTable {
    rows: Source,
    width: usize,
    vocabulary: usize,
}

#[derive(Clone)]
enum Source {
    File(Weights, String),
    Memory(Arc<Vec<f32>>),
}

impl TokenTable {
    /// The table `name` of `size`, vocabulary by width.
    ///
    /// # Errors
    /// If there is none, or it has another shape.
    pub(crate) fn new(
        weights: &Weights,
        name: &str,
        size: (usize, usize),
    ) -> Result<Self, ModelError> {
        let (vocabulary, width) = size;
        let mut first = vec![0f32; width];
        let rows = if weights.read_row(name, &Shape::from(size), 0, &mut first)? {
            Source::File(weights.clone(), name.to_owned())
        } else {
            let backend = Box::new(weights.clone());
            let vs = VarBuilder::from_backend(backend, DType::F32, Device::Cpu);
            let table = vs.get(size, name)?.flatten_all()?.to_vec1::<f32>()?;
            Source::Memory(Arc::new(table))
        };
        Ok(Self {
            rows,
            width,
            vocabulary,
        })
    }

    /// Values in a row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Reads the row of `id` into `out`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn read(&self, id: u32, out: &mut [f32]) -> Result<(), ModelError> {
        let row = id as usize;
        match &self.rows {
            Source::File(weights, name) => {
                let size = Shape::from((self.vocabulary, self.width));
                weights.read_row(name, &size, row, out)?;
            }
            Source::Memory(table) => {
                let rows = table.chunks_exact(self.width.max(1));
                if let Some(row) = rows.into_iter().nth(row) {
                    out.copy_from_slice(row);
                }
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for TokenTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenTable({}×{})", self.vocabulary, self.width)
    }
}
