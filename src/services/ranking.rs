//! Ranks all photos of a library by their similarity to a query, a block of embeddings at a time: the
//! library's embeddings need not fit into memory, only a similarity for each.

use crate::core::embedding::Embedding;
use crate::core::ids::{ModelId, PhotoId};
use crate::indexer::shared::PipelineError;
use crate::store::Store;
use crate::tagging::{Matrix, ShapeError};

/// Returns the photos that are `wanted`, the most similar first; of equals the one that was embedded
/// first. Photos whose similarity is not a number are left out.
///
/// # Errors
/// If the library cannot be read, or `query` has another dimension than the embeddings of `model`.
pub(crate) fn ranked(
    store: &Store,
    model: ModelId,
    query: &Embedding,
    wanted: impl Fn(PhotoId) -> bool,
) -> Result<Vec<(PhotoId, f32)>, PipelineError> {
    let query = query.values();
    let mut ranked: Vec<(PhotoId, f32)> = Vec::new();
    let mut similarities = Vec::new();
    store.each_block(model, |block| {
        if query.len() != block.dimension {
            return Err(PipelineError::from(ShapeError::Rows {
                values: query.len(),
                dimension: block.dimension,
            }));
        }
        similarities.clear();
        similarities.resize(block.len(), 0.0);
        Matrix::new(&block.rows, block.dimension)?.scores(query, &mut similarities)?;
        let found = block.photo_ids.iter().zip(&similarities);
        let found = found.filter(|(photo, s)| !s.is_nan() && wanted(**photo));
        ranked.extend(found.map(|(photo, s)| (*photo, *s)));
        Ok(())
    })?;
    // Equals stay in their order.
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    Ok(ranked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::{ContentHash, FileStamp, Identity};
    use crate::indexer::DECODER_VERSION;
    use crate::store::{Content, Outcome, Writer};

    const PHOTOS: usize = 9000;

    /// Photos that lie at an angle to the query, several at each.
    fn record(w: &Writer<'_>, model: ModelId) -> Result<(), crate::store::StoreError> {
        let folder = w.add_folder("/a".as_ref())?;
        for number in 0..PHOTOS {
            let stamp = FileStamp {
                size_bytes: 1,
                modified_ns: 1,
            };
            let file_id = w.add_file(folder, format!("/a/{number}.jpg").as_ref(), stamp)?;
            let angle = (number * 7919 % 500) as f32 / 500.0;
            let embedding = Embedding::normalised(vec![angle.cos(), angle.sin()]).unwrap();
            let content = Content::Embedded {
                size: (1, 1),
                complete: true,
                embedding,
            };
            let hash = *blake3::hash(&number.to_le_bytes()).as_bytes();
            let outcome = Outcome {
                file_id,
                stamp,
                result: Ok((Identity::of_file(ContentHash::new(hash)), content)),
            };
            w.record(model, DECODER_VERSION, &outcome)?;
        }
        Ok(())
    }

    #[test]
    fn blocks_give_what_the_whole_matrix_gives() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let (model, other) = store
            .write(|w| Ok((w.model("m", &[1; 32])?, w.model("n", &[2; 32])?)))
            .unwrap();
        store.write(|w| record(w, model)).unwrap();
        let query = Embedding::normalised(vec![1.0, 0.2]).unwrap();
        let matrix = store.matrix(model).unwrap();
        let rows = Matrix::new(&matrix.rows, matrix.dimension).unwrap();
        for wanted in [|_: PhotoId| true, |photo: PhotoId| photo.number() % 3 == 1] {
            let of_row = |row: usize| matrix.photo_ids[row];
            let whole = rows.nearest_where(query.values(), PHOTOS, |row| wanted(of_row(row)));
            let whole: Vec<(PhotoId, f32)> = whole
                .unwrap()
                .into_iter()
                .map(|(row, similarity)| (of_row(row), similarity))
                .collect();
            assert!(whole.len() >= PHOTOS / 3);
            assert_eq!(ranked(&store, model, &query, wanted).unwrap(), whole);
        }
        assert_eq!(ranked(&store, other, &query, |_| true).unwrap(), []);
        let longer = Embedding::normalised(vec![1.0; 4]).unwrap();
        ranked(&store, model, &longer, |_| true).unwrap_err();
    }
}
