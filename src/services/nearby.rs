//! The photos nearest to a query, among embeddings that are kept in memory: in 8 bits, which half the
//! memory holds. Those that may be the nearest are compared by the library's embeddings, so the result is
//! theirs.

use crate::core::embedding::Embedding;
use crate::core::ids::{ModelId, PhotoId};
use crate::indexer::shared::PipelineError;
use crate::store::Store;
use crate::tagging::{ByteRows, Matrix};

/// How many times as many photos as wanted are compared exactly.
const CANDIDATES: usize = 2;

/// The photos of a library, by the embeddings of one model.
#[derive(Debug, Default)]
pub(crate) struct Nearby {
    photos: Vec<PhotoId>,
    rows: ByteRows,
}

impl Nearby {
    /// Reads all embeddings.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn read(store: &Store, model: ModelId) -> Result<Self, PipelineError> {
        let mut nearby = Self::default();
        let count = store.embedded(model)?;
        nearby.photos.reserve_exact(count);
        store.each_block(model, |block| {
            if nearby.photos.is_empty() {
                nearby.rows.reserve(count, block.dimension);
            }
            nearby.photos.extend(&block.photo_ids);
            nearby
                .rows
                .push(&block.rows, block.dimension)
                .map_err(PipelineError::from)
        })?;
        Ok(nearby)
    }

    /// The number of photos.
    pub(crate) fn len(&self) -> usize {
        self.photos.len()
    }

    /// The photos that are `wanted` and nearest to a query, at most `most`, the nearest first, and the mean
    /// similarity of all photos.
    ///
    /// # Errors
    /// If the library cannot be read, or `query` has another dimension than its embeddings.
    pub(crate) fn nearest(
        &self,
        store: &Store,
        model: ModelId,
        query: &Embedding,
        most: usize,
        wanted: impl Fn(PhotoId) -> bool + Sync,
    ) -> Result<(Vec<(PhotoId, f32)>, f32), PipelineError> {
        if self.photos.is_empty() {
            return Ok((Vec::new(), 0.0));
        }
        let photo = |row: usize| self.photos.get(row).copied();
        let is_wanted = |row: usize| photo(row).is_some_and(&wanted);
        let (mut rows, mean) =
            self.rows
                .candidates(query.values(), CANDIDATES * most, is_wanted)?;
        // Of photos that are equally near, the one that was embedded first comes first.
        rows.sort_unstable();
        let photos: Vec<PhotoId> = rows.into_iter().filter_map(photo).collect();
        let exact = store.matrix_of(model, &photos)?;
        if exact.is_empty() {
            return Ok((Vec::new(), mean));
        }
        let nearest = Matrix::new(&exact.rows, exact.dimension)?.nearest(query.values(), most)?;
        let of_row =
            |(row, similarity): (usize, f32)| Some((*exact.photo_ids.get(row)?, similarity));
        Ok((nearest.into_iter().filter_map(of_row).collect(), mean))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::core::photo::{ContentHash, FileStamp, Identity};
    use crate::indexer::DECODER_VERSION;
    use crate::store::{Content, Outcome, StoreError, Writer};

    const PHOTOS: usize = 3000;

    fn random(rng: &mut StdRng) -> Embedding {
        let values = (0..128).map(|_| rng.random_range(-1.0..1.0));
        Embedding::normalised(values.collect()).unwrap()
    }

    fn record(w: &Writer<'_>, model: ModelId, rng: &mut StdRng) -> Result<(), StoreError> {
        let folder = w.add_folder("/a".as_ref())?;
        for number in 0..PHOTOS {
            let stamp = FileStamp {
                size_bytes: 1,
                modified_ns: 1,
            };
            let content = Content::Embedded {
                size: (1, 1),
                complete: true,
                embedding: random(rng),
            };
            let hash = *blake3::hash(&number.to_le_bytes()).as_bytes();
            let outcome = Outcome {
                file_id: w.add_file(folder, format!("/a/{number}.jpg").as_ref(), stamp)?,
                stamp,
                result: Ok((Identity::of_file(ContentHash::new(hash)), content)),
            };
            w.record(model, DECODER_VERSION, &outcome)?;
        }
        Ok(())
    }

    #[test]
    fn the_nearest_photos_are_those_of_the_librarys_embeddings() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let mut rng = StdRng::seed_from_u64(5);
        let model = store.write(|w| w.model("m", &[1; 32])).unwrap();
        let none = Nearby::read(&store, model).unwrap();
        let query = random(&mut rng);
        let found = none.nearest(&store, model, &query, 9, |_| true).unwrap();
        assert_eq!((none.len(), found), (0, (Vec::new(), 0.0)));
        store.write(|w| record(w, model, &mut rng)).unwrap();
        let nearby = Nearby::read(&store, model).unwrap();
        assert_eq!(nearby.len(), PHOTOS);
        let matrix = store.matrix(model).unwrap();
        let rows = Matrix::new(&matrix.rows, matrix.dimension).unwrap();
        for wanted in [|_: PhotoId| true, |photo: PhotoId| photo.number() % 3 == 1] {
            let query = random(&mut rng);
            let of_row = |row: usize| matrix.photo_ids[row];
            let whole = rows.nearest_where(query.values(), 100, |row| wanted(of_row(row)));
            let whole: Vec<(PhotoId, f32)> = whole
                .unwrap()
                .into_iter()
                .map(|(row, similarity)| (of_row(row), similarity))
                .collect();
            let (found, mean) = nearby.nearest(&store, model, &query, 100, wanted).unwrap();
            assert_eq!(found, whole);
            assert!(mean.abs() < 0.02, "{mean}");
        }
    }
}
