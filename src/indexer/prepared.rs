//! Photos that are kept ready for scoring.

use crate::core::ids::EmbeddingId;
use crate::indexer::chunk::Chunk;

/// Photos that are kept ready for scoring, some 300 MB of them.
const PREPARED_PHOTOS: usize = 300_000;

/// Photos that were made ready for scoring, up to the embedding `last_id`: with them an edited
/// label costs one product. Past [`PREPARED_PHOTOS`] no more are kept in memory.
#[derive(Default)]
pub(crate) struct Prepared {
    pub(crate) chunks: Vec<Chunk>,
    photos: usize,
    pub(crate) last_id: EmbeddingId,
    /// All the library's were reached once; what came since is made ready when it is needed.
    pub(crate) complete: bool,
}

impl Prepared {
    /// Keeps a chunk that ends with the embedding `last_id`; `false` where there is no room.
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
