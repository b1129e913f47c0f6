//! Data shared by the threads that score photos.

use crate::engine::EngineCache;
use crate::indexer::prepared::PreparedPhotos;

/// Held once for all threads, because each part takes hundreds of megabytes.
#[derive(Clone)]
pub(crate) struct SharedScoring {
    /// The open models.
    pub(crate) engines: EngineCache,
    /// The library's photos, prepared for scoring.
    pub(crate) prepared: PreparedPhotos,
}
