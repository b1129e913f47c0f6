//! Photos kept prepared for scoring, shared by all threads that score labels.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::bounded;

use crate::core::ids::{EmbeddingId, ModelId};
use crate::engine::ModelIdentity;
use crate::indexer::chunk::Chunk;
use crate::indexer::shared::PipelineError;
use crate::store::{EmbeddingMatrix, Store};
use crate::tagging::Reference;

/// Photos scored at once.
const CHUNK: usize = 16_384;
/// The most memory for photos that are kept prepared. Each takes about a kilobyte: all of a library of
/// 250,000 fit. Of a larger one the rest is read and prepared whenever labels change.
const MOST_BYTES: usize = 256 << 20;

/// The photos of one library, prepared for one model. With them, an edited label costs one product.
/// Clones share the photos, so that the worker and the search thread hold them once.
#[derive(Clone, Default)]
pub(crate) struct PreparedPhotos(Arc<Mutex<Kept>>);

struct Kept {
    /// The most memory that they may take.
    most_bytes: usize,
    /// The model with its templates, which the reference texts depend on.
    model: Option<ModelIdentity>,
    chunks: Vec<Arc<Chunk>>,
    bytes: usize,
    /// The last embedding in `chunks`.
    last_id: EmbeddingId,
    /// Whether all photos that fit were once prepared. Newer ones are prepared when needed.
    complete: bool,
}

impl Kept {
    fn none(most_bytes: usize, model: Option<ModelIdentity>) -> Self {
        Self {
            most_bytes,
            model,
            chunks: Vec::new(),
            bytes: 0,
            last_id: EmbeddingId::default(),
            complete: false,
        }
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self::none(MOST_BYTES, None)
    }
}

/// Where photos come from, and what they are prepared with.
pub(crate) struct Source<'a> {
    pub(crate) store: &'a Store,
    pub(crate) identity: &'a ModelIdentity,
    /// The model's id in the library.
    pub(crate) model: ModelId,
    pub(crate) reference: &'a Reference,
}

impl Source<'_> {
    /// Prepares the photos after an embedding; `None` if there are none.
    fn after(&self, last_id: EmbeddingId) -> Result<Option<(Chunk, EmbeddingId)>, PipelineError> {
        let (matrix, last_id) = self.store.matrix_after(self.model, last_id, CHUNK)?;
        if matrix.is_empty() {
            return Ok(None);
        }
        Ok(Some((Chunk::new(matrix, self.reference)?, last_id)))
    }
}

/// Photos as they are stored: those after `begin` up to `end`.
struct Read {
    matrix: EmbeddingMatrix,
    begin: EmbeddingId,
    end: EmbeddingId,
}

/// Reads the photos after an embedding, while another thread takes those that were read before: reading
/// keeps one core busy for as long as preparing keeps the others.
fn read_ahead(
    source: &Source<'_>,
    mut begin: EmbeddingId,
    mut take: impl FnMut(Read) -> Result<(), PipelineError> + Send,
) -> Result<(), PipelineError> {
    std::thread::scope(|scope| {
        let (read, inbox) = bounded::<Read>(1);
        let taking = std::thread::Builder::new().name("score".into());
        let taking = taking.spawn_scoped(scope, move || inbox.iter().try_for_each(&mut take));
        let taking = taking.map_err(|source| PipelineError::Thread {
            name: "score".into(),
            source,
        })?;
        let mut read_all = || loop {
            let (matrix, end) = source.store.matrix_after(source.model, begin, CHUNK)?;
            // If nobody takes it any more, the other thread says why.
            if matrix.is_empty() || read.send(Read { matrix, begin, end }).is_err() {
                return Ok(());
            }
            begin = end;
        };
        let all_read: Result<(), PipelineError> = read_all();
        drop(read);
        let lost = PipelineError::Lost { name: "score" };
        all_read.and(taking.join().unwrap_or(Err(lost)))
    })
}

impl PreparedPhotos {
    /// Keeps no photos: for a run that ends with its work, and would only fill memory with them.
    pub(crate) fn kept_by_none() -> Self {
        Self::within(0)
    }

    /// Keeps as many as fit.
    fn within(most_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Kept::none(most_bytes, None))))
    }

    /// Whether all photos that fit were once prepared for a model.
    pub(crate) fn is_complete(&self, identity: &ModelIdentity) -> bool {
        self.of(identity).complete
    }

    /// Prepares some more photos.
    ///
    /// # Errors
    /// If the library cannot be read, or its embeddings have another dimension.
    pub(crate) fn prepare_some(&self, source: &Source<'_>) -> Result<(), PipelineError> {
        let last_id = self.of(source.identity).last_id;
        match source.after(last_id)? {
            Some((chunk, end)) => self.keep(source.identity, Arc::new(chunk), last_id, end),
            None => self.of(source.identity).complete = true,
        }
        Ok(())
    }

    /// Calls `score` with all photos, some thousands at a time, and keeps those that fit.
    ///
    /// # Errors
    /// As [`PreparedPhotos::prepare_some`], and what `score` returns.
    pub(crate) fn for_each(
        &self,
        source: &Source<'_>,
        mut score: impl FnMut(&Chunk) -> Result<(), PipelineError> + Send,
    ) -> Result<(), PipelineError> {
        // No thread waits for another one's scoring: the lock is held only for the list.
        let (chunks, last_id) = {
            let kept = self.of(source.identity);
            (kept.chunks.clone(), kept.last_id)
        };
        for chunk in &chunks {
            score(chunk)?;
        }
        let (identity, reference) = (source.identity, source.reference);
        read_ahead(source, last_id, |read| {
            let chunk = Arc::new(Chunk::new(read.matrix, reference)?);
            score(&chunk)?;
            self.keep(identity, chunk, read.begin, read.end);
            Ok(())
        })?;
        self.of(source.identity).complete = true;
        Ok(())
    }

    /// Keeps a chunk of the photos after `begin` up to `end`, if it fits and follows the others.
    fn keep(
        &self,
        identity: &ModelIdentity,
        chunk: Arc<Chunk>,
        begin: EmbeddingId,
        end: EmbeddingId,
    ) {
        let mut kept = self.of(identity);
        let bytes = kept.bytes + chunk.views.bytes();
        let fits = bytes <= kept.most_bytes;
        if !fits {
            kept.complete = true;
        } else if kept.last_id == begin {
            // Otherwise another thread kept the same photos meanwhile.
            kept.bytes = bytes;
            kept.last_id = end;
            kept.chunks.push(chunk);
        }
    }

    /// The photos for a model; those of another one go.
    fn of(&self, identity: &ModelIdentity) -> MutexGuard<'_, Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.model.as_ref() != Some(identity) {
            *kept = Kept::none(kept.most_bytes, Some(identity.clone()));
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::embedding::Embedding;
    use crate::core::photo::{ContentHash, FileStamp, Identity};
    use crate::indexer::DECODER_VERSION;
    use crate::store::{Content, Outcome};
    use crate::tagging::Preparation;

    fn add(store: &mut Store, model: ModelId, number: u8) {
        let stamp = FileStamp {
            size_bytes: 1,
            modified_ns: 1,
        };
        let values = vec![1.0, f32::from(number), 0.0];
        let record = |w: &crate::store::Writer<'_>| {
            let folder = w.add_folder("/a".as_ref())?;
            let file_id = w.add_file(folder, format!("/a/{number}.jpg").as_ref(), stamp)?;
            let content = Content::Embedded {
                size: (1, 1),
                complete: true,
                embedding: Embedding::normalised(values.clone()).unwrap(),
            };
            let result = Ok((Identity::of_file(ContentHash::new([number; 32])), content));
            let outcome = Outcome {
                file_id,
                stamp,
                result,
            };
            w.record(model, DECODER_VERSION, &outcome)
        };
        store.write(record).unwrap();
    }

    #[test]
    fn photos_are_prepared_once_for_all_threads() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let none = Store::open(&folder.path().join("empty.sqlite")).unwrap();
        let model = store.write(|w| w.model("m", &[1; 32])).unwrap();
        let reference = Reference::new(&[], Preparation::Centred);
        let identity = |templates: &[&str]| ModelIdentity {
            name: "m".into(),
            fingerprint: [1; 32],
            templates: templates.iter().map(|t| (*t).to_owned()).collect(),
        };
        let count = |prepared: &PreparedPhotos, store: &Store, identity: &ModelIdentity| {
            let (mut count, reference) = (0, &reference);
            let source = Source {
                store,
                identity,
                model,
                reference,
            };
            let add = |chunk: &Chunk| {
                count += chunk.len();
                Ok(())
            };
            prepared.for_each(&source, add).unwrap();
            count
        };
        let own = identity(&[]);
        let (worker, search) = (PreparedPhotos::default(), PreparedPhotos::default());
        let shared = worker.clone();
        add(&mut store, model, 1);
        assert!(!worker.is_complete(&own));
        assert_eq!(count(&worker, &store, &own), 1);
        assert!(shared.is_complete(&own));
        // From a library without photos come only those that are kept.
        assert_eq!(count(&shared, &none, &own), 1);
        assert_eq!(count(&search, &none, &own), 0);
        // New photos follow, from whichever thread needs them first.
        add(&mut store, model, 2);
        assert_eq!(count(&shared, &store, &own), 2);
        assert_eq!(count(&worker, &none, &own), 2);
        // A run that ends keeps none, and still sees each once.
        let passing = PreparedPhotos::kept_by_none();
        assert_eq!(count(&passing, &store, &own), 2);
        assert!(passing.is_complete(&own));
        assert_eq!(count(&passing, &store, &own), 2);
        assert_eq!(count(&passing, &none, &own), 0);
        // Of three photos, each after the other, two fit, and the third is read again.
        let bounded = PreparedPhotos::within(2 * 10);
        assert_eq!(count(&bounded, &store, &own), 2);
        add(&mut store, model, 3);
        assert_eq!(count(&bounded, &store, &own), 3);
        assert!(bounded.is_complete(&own));
        assert_eq!(count(&bounded, &store, &own), 3);
        assert_eq!(count(&bounded, &none, &own), 2);
        // Other templates make other reference texts.
        assert_eq!(count(&worker, &none, &identity(&["a {}"])), 0);
    }
}
