//! The user's decisions, which no machine overrides.

use std::path::PathBuf;

use rusqlite::{OptionalExtension, params};

use crate::core::ids::{LabelId, PhotoId};
use crate::core::photo::{ContentHash, PictureHash};
use crate::store::{Store, StoreError, Writer, now_ms, paths};

/// Whether a label belongs on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does.
    Accepted,
    /// It does not.
    Rejected,
}

/// Where a decision came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Made in Taglens.
    Person,
    /// A keyword beside or in the photo.
    Sidecar,
}

impl Origin {
    fn number(self) -> i64 {
        match self {
            Self::Person => 1,
            Self::Sidecar => 2,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        match number {
            2 => Self::Sidecar,
            _ => Self::Person,
        }
    }
}

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// The origin.
    pub(crate) origin: Origin,
    /// The time, in milliseconds since 1970-01-01 UTC.
    pub(crate) decided_ms: i64,
}

impl Decision {
    /// A decision made now.
    pub(crate) fn now(verdict: Verdict, origin: Origin) -> Self {
        Self {
            verdict,
            origin,
            decided_ms: now_ms(),
        }
    }
}

/// A decision with all that identifies it outside this library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecisionRow {
    /// A file of the photo, if there is one.
    pub(crate) path: Option<PathBuf>,
    /// Of the file in which the photo was first seen.
    pub(crate) hash: ContentHash,
    /// What it shows, once a file was read for that.
    pub(crate) picture: Option<PictureHash>,
    /// The label's name.
    pub(crate) label: String,
    /// The decision.
    pub(crate) decision: Decision,
}

impl Store {
    /// Returns all decisions, by label and photo. It leaves out damaged ones, those on a damaged
    /// label, and those on a photo if table and index disagree on its content.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn decisions(&self) -> Result<Vec<DecisionRow>, StoreError> {
        let sql = "SELECT (SELECT min(path) FROM files WHERE files.photo_id = d.photo_id),
                          photos.hash, (SELECT picture FROM photos again
                              WHERE again.picture = photos.picture AND +again.id = photos.id),
                          labels.name, accepted, origin, decided_ms
                   FROM intact_decisions d JOIN intact_labels labels ON labels.id = label_id
                   JOIN photos ON photos.id = d.photo_id
                   WHERE EXISTS (SELECT 1 FROM photos again
                                 WHERE again.hash = photos.hash AND +again.id = photos.id)
                   ORDER BY labels.name, d.photo_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let path: Option<Vec<u8>> = row.get(0)?;
            Ok(DecisionRow {
                path: path.map(paths::from_bytes),
                hash: ContentHash::new(row.get(1)?),
                picture: row
                    .get::<_, Option<[u8; 16]>>(2)?
                    .map(PictureHash::of_bytes),
                label: row.get(3)?,
                decision: read(row, 4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns how many decisions accept and reject each label that has any, by name.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn decision_counts(&self) -> Result<Vec<(String, usize, usize)>, StoreError> {
        let sql = "SELECT name, sum(accepted), sum(NOT accepted) FROM intact_decisions
                   JOIN intact_labels labels ON labels.id = label_id GROUP BY label_id ORDER BY name";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let (accepted, rejected): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, accepted as usize, rejected as usize))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the decisions on one label, by photo.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn decisions_on(
        &self,
        label: LabelId,
    ) -> Result<Vec<(PhotoId, Decision)>, StoreError> {
        let sql = "SELECT photo_id, accepted, origin, decided_ms FROM intact_decisions
                   WHERE label_id = ?1 ORDER BY photo_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([label], |row| Ok((row.get(0)?, read(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Sets a decision, or with `None` withdraws it. Returns the previous one, which undoes this
    /// when it is set again.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn decide(
        &self,
        photo: PhotoId,
        label: LabelId,
        decision: Option<Decision>,
    ) -> Result<Option<Decision>, StoreError> {
        self.has_decided.set(true);
        let before = self.decision(photo, label)?;
        if before.is_none() || decision.is_none() {
            // Deletes a damaged row too.
            let sql = "DELETE FROM decisions WHERE photo_id = ?1 AND label_id = ?2";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute(params![photo, label])?;
        }
        if let Some(d) = decision {
            let sql = "INSERT INTO decisions (photo_id, label_id, accepted, origin, decided_ms)
                       VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT DO UPDATE SET accepted = ?3, origin = ?4, decided_ms = ?5";
            let mut statement = self.connection.prepare_cached(sql)?;
            let accepted = d.verdict == Verdict::Accepted;
            let origin = d.origin.number();
            statement.execute(params![photo, label, accepted, origin, d.decided_ms])?;
        }
        Ok(before)
    }

    /// Returns the decision on a label and a photo.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn decision(
        &self,
        photo: PhotoId,
        label: LabelId,
    ) -> Result<Option<Decision>, StoreError> {
        let sql = "SELECT accepted, origin, decided_ms FROM intact_decisions
                   WHERE photo_id = ?1 AND label_id = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(params![photo, label], |row| read(row, 0))
            .optional()?)
    }

    /// Returns all decisions on a photo, with the names of the labels.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn decisions_of(
        &self,
        photo: PhotoId,
    ) -> Result<Vec<(LabelId, String, Decision)>, StoreError> {
        let sql = "SELECT label_id, name, accepted, origin, decided_ms FROM intact_decisions
                   JOIN intact_labels labels ON labels.id = label_id WHERE photo_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map([photo], |row| Ok((row.get(0)?, row.get(1)?, read(row, 2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn read(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Decision> {
    Ok(Decision {
        verdict: match row.get(first)? {
            true => Verdict::Accepted,
            false => Verdict::Rejected,
        },
        origin: Origin::of(row.get(first + 1)?),
        decided_ms: row.get(first + 2)?,
    })
}
