//! Photos kept prepared for scoring.

use crate::core::ids::EmbeddingId;
use crate::indexer::chunk::Chunk;

/// The most photos kept prepared, about 300 MB.
const PREPARED_PHOTOS: usize = 300_000;

/// Prepared photos, up to the embedding `last_id`, with which an edited label costs one product. At
/// most [`PREPARED_PHOTOS`] stay in memory.
#[derive(Default)]
pub(crate) struct Prepared {
    pub(crate) chunks: Vec<Chunk>,
    photos: usize,
    pub(crate) last_id: EmbeddingId,
    /// Whether all photos were once prepared. Newer ones are prepared when needed.
    pub(crate) complete: bool,
}

impl Prepared {
    /// Keeps a chunk that ends with the embedding `last_id`. Returns `false` if there is no room.
    pub(crate) fn keep(&mut self, chunk: Chunk, last_id: EmbeddingId) -> bool {
        let fits = self.photos + chunk.len() <= PREPARED_PHOTOS;
        if fits {
            self.photos += chunk.len();
            self.last_id = last_id;
            self.chunks.push(chunk);
        }
        fits
    }
}
