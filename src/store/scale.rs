//! The photos that show how a label's similarities are usually distributed in a library.

use std::fmt;

use rusqlite::params;

use crate::core::ids::{ModelId, PhotoId};
use crate::store::embeddings::EmbeddingMatrix;
use crate::store::error::StoreError;
use crate::store::runs::meta;
use crate::store::{Store, Writer};

/// The photos that scale labels to the library: of those up to `last_photo`, the first by content
/// hash. The choice does not depend on the order in which photos were embedded, and never includes
/// photos added later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScalePhotos {
    /// Their number.
    pub(crate) count: usize,
    /// The number of the last photo that there was when they were chosen.
    pub(crate) last_photo: PhotoId,
    /// The model's constants, if they were fitted to these photos.
    pub(crate) constants: Option<ScaleConstants>,
}

/// A model's constants that were fitted to the library, in thousandths: as numbers that are equal or
/// not, they say whether tags are up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScaleConstants {
    /// How fast the log-odds of a label grow.
    pub(crate) slope: i32,
    /// Where they begin.
    pub(crate) bias: i32,
}

impl fmt::Display for ScaleConstants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.bias < 0 { "−" } else { "" };
        write!(
            f,
            "confidences follow the starter's verdicts on these photos (slope {:.2}, bias {sign}{:.2})",
            f64::from(self.slope) / 1000.0,
            f64::from(self.bias).abs() / 1000.0
        )
    }
}

impl ScalePhotos {
    /// The numbers to store: two without constants, four with them.
    pub(super) fn to_text(self) -> String {
        let text = format!("{} {}", self.count, self.last_photo);
        match self.constants {
            Some(c) => format!("{text} {} {}", c.slope, c.bias),
            None => text,
        }
    }

    /// The opposite; `None` for damaged text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let numbers = text.split(' ').map(|n| n.parse::<i64>().ok());
        let numbers: Vec<i64> = numbers.collect::<Option<_>>()?;
        let (count, last_photo, constants) = match numbers[..] {
            [count, last] => (count, last, None),
            [count, last, slope, bias] => {
                let constants = ScaleConstants {
                    slope: i32::try_from(slope).ok()?,
                    bias: i32::try_from(bias).ok()?,
                };
                (count, last, Some(constants))
            }
            _ => return None,
        };
        Some(Self {
            count: usize::try_from(count).ok()?,
            last_photo: PhotoId::new(last_photo),
            constants,
        })
    }
}

/// The first embeddings by content hash. SQLite would rather read them all and sort them, which takes more
/// than a second for a million photos.
const SCALE_MATRIX: &str = "SELECT photos.id, vector
     FROM photos INDEXED BY sqlite_autoindex_photos_1
     JOIN embeddings INDEXED BY embeddings_by_photo ON photo_id = photos.id AND model_id = ?1
     WHERE photos.id <= ?2 ORDER BY hash LIMIT ?3";

fn key(model: ModelId) -> String {
    format!("scale:{model}")
}

impl Store {
    /// Returns the photos that determine the library's scale for a model; `None` if none were
    /// chosen yet.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn scale_photos(&self, model: ModelId) -> Result<Option<ScalePhotos>, StoreError> {
        let Some(text) = meta(&self.connection, &key(model))? else {
            return Ok(None);
        };
        // If this cannot be parsed, photos are chosen again.
        Ok(ScalePhotos::parse(&text))
    }

    /// Returns the embeddings of those photos.
    ///
    /// # Errors
    /// As [`Store::matrix`].
    pub(crate) fn scale_matrix(
        &self,
        model: ModelId,
        photos: ScalePhotos,
    ) -> Result<EmbeddingMatrix, StoreError> {
        let mut statement = self.connection.prepare_cached(SCALE_MATRIX)?;
        let count = i64::try_from(photos.count).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![model, photos.last_photo, count])?;
        let mut matrix = EmbeddingMatrix::default();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            matrix.push(row.get(0)?, bytes)?;
        }
        Ok(matrix)
    }
}

impl Writer<'_> {
    /// Chooses `count` of the present photos to determine the library's scale for a model.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_scale_photos(&self, model: ModelId, count: usize) -> Result<(), StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM photos";
        let last_photo: PhotoId = self.connection.query_row(sql, [], |row| row.get(0))?;
        let photos = ScalePhotos {
            count,
            last_photo,
            constants: None,
        };
        self.keep_scale(model, Some(photos))
    }

    /// Lets these photos determine the library's scale for a model; `None` if none should.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_scale(
        &self,
        model: ModelId,
        photos: Option<ScalePhotos>,
    ) -> Result<(), StoreError> {
        let text = photos.map_or(String::new(), ScalePhotos::to_text);
        self.set_meta(&key(model), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_photos_of_a_scale_are_found_without_reading_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {SCALE_MATRIX}");
        let mut statement = store.connection.prepare(&sql).unwrap();
        let steps = statement.query_map(params![1, 1, 1], |row| row.get::<_, String>(3));
        let steps: Vec<String> = steps.unwrap().collect::<Result<_, _>>().unwrap();
        assert!(
            steps[0].starts_with("SCAN photos USING COVERING INDEX"),
            "{steps:?}"
        );
        assert!(
            steps.iter().all(|step| !step.contains("TEMP B-TREE")),
            "{steps:?}"
        );
    }
}
