//! The learning of labels: the user's settings, and the results.

use std::collections::HashMap;

use rusqlite::params;

use crate::core::ids::{LabelId, ModelId, PhotoId};
use crate::store::{Store, StoreError, Writer, guard, now_ms};

/// Whether a label learns, and from which decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LearningSetting {
    /// Whether it learns.
    pub(crate) active: bool,
    /// Decisions at or before this time (milliseconds since 1970-01-01 UTC) are ignored.
    pub(crate) since_ms: Option<i64>,
}

impl Default for LearningSetting {
    fn default() -> Self {
        Self {
            active: true,
            since_ms: None,
        }
    }
}

/// The result of a label's decisions when its tags were last computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LearnedRow {
    /// The number of decisions used.
    pub(crate) decisions: usize,
    /// Whether it learned something that does more good than harm.
    pub(crate) in_force: bool,
    /// The addition to the log-odds of every photo.
    pub(crate) shift: f32,
    /// Mean loss on held-out decisions without learning, in nats.
    pub(crate) loss_without: f32,
    /// The same with it.
    pub(crate) loss_with: f32,
}

/// A decision to learn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson {
    pub(super) photo: PhotoId,
    pub(super) accepted: bool,
    pub(super) decided_ms: i64,
}

/// Decisions to learn from, by label.
pub(crate) type Lessons = HashMap<LabelId, Vec<(PhotoId, bool)>>;

impl Store {
    /// Returns the user's settings; labels without one learn from all decisions.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn learning_settings(
        &self,
    ) -> Result<HashMap<LabelId, LearningSetting>, StoreError> {
        let sql = "SELECT label_id, active, since_ms FROM intact_learning";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let setting = LearningSetting {
                active: row.get(1)?,
                since_ms: row.get(2)?,
            };
            Ok((row.get(0)?, setting))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns what each label with enough decisions has learned.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn learned(&self) -> Result<HashMap<LabelId, LearnedRow>, StoreError> {
        let sql =
            "SELECT label_id, decisions, in_force, shift, loss_without, loss_with FROM learned";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let learned = LearnedRow {
                decisions: row.get::<_, i64>(1)? as usize,
                in_force: row.get(2)?,
                shift: row.get(3)?,
                loss_without: row.get(4)?,
                loss_with: row.get(5)?,
            };
            Ok((row.get(0)?, learned))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the decisions to learn from, by label, in the order of time: the photo, and whether
    /// it was accepted. It leaves out labels with learning switched off, decisions from before a
    /// reset, and rejections inferred from missing keywords. A decision on a stack counts once.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn lessons(&self) -> Result<Lessons, StoreError> {
        self.read_lessons(None)
    }

    /// Returns those on photos that the model has embedded: a label can learn from no others.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn lessons_for(&self, model: ModelId) -> Result<Lessons, StoreError> {
        self.read_lessons(Some(model))
    }

    fn read_lessons(&self, model: Option<ModelId>) -> Result<Lessons, StoreError> {
        let sql = "SELECT d.label_id, d.photo_id, d.accepted, d.decided_ms
                   FROM intact_decisions d LEFT JOIN intact_learning l ON l.label_id = d.label_id
                   WHERE coalesce(l.active, 1) AND (l.since_ms IS NULL OR d.decided_ms > l.since_ms)
                     AND (d.accepted OR d.origin != 2)
                     AND (?1 IS NULL OR EXISTS (SELECT 1 FROM embeddings e
                                                WHERE e.photo_id = d.photo_id AND e.model_id = ?1))
                   ORDER BY d.label_id, d.decided_ms, d.photo_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([model])?;
        let mut found: HashMap<LabelId, Vec<Lesson>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let lesson = Lesson {
                photo: row.get(1)?,
                accepted: row.get(2)?,
                decided_ms: row.get(3)?,
            };
            let label = row.get(0)?;
            found.entry(label).or_default().push(lesson);
        }
        self.once_a_stack(&mut found)?;
        let plain = |lesson: Lesson| (lesson.photo, lesson.accepted);
        let plain = |(label, lessons): (LabelId, Vec<Lesson>)| {
            (label, lessons.into_iter().map(plain).collect())
        };
        Ok(found.into_iter().map(plain).collect())
    }
}

impl Writer<'_> {
    /// Switches a label's learning on or off. Its decisions stay.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn switch_learning(&self, label: LabelId, active: bool) -> Result<(), StoreError> {
        guard::drop_damaged(self.connection, "learning", label)?;
        let sql = "INSERT INTO learning (label_id, active) VALUES (?1, ?2)
                   ON CONFLICT (label_id) DO UPDATE SET active = ?2";
        self.connection.execute(sql, params![label, active])?;
        self.bump_revision()
    }

    /// Makes a label forget what it has learned: it ignores all decisions made so far, but they
    /// stay.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn reset_learning(&self, label: LabelId) -> Result<(), StoreError> {
        guard::drop_damaged(self.connection, "learning", label)?;
        let sql = "INSERT INTO learning (label_id, since_ms) VALUES (?1, ?2)
                   ON CONFLICT (label_id) DO UPDATE SET since_ms = ?2";
        // A decision in the same millisecond was made before.
        self.connection.execute(sql, params![label, now_ms()])?;
        self.bump_revision()
    }

    /// Stores what a label has learned; `None` if it has too few decisions.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_learned(
        &self,
        label: LabelId,
        row: Option<LearnedRow>,
    ) -> Result<(), StoreError> {
        match row {
            None => {
                let sql = "DELETE FROM learned WHERE label_id = ?1";
                self.connection.prepare_cached(sql)?.execute([label])?;
            }
            Some(row) => {
                let sql = "INSERT OR REPLACE INTO learned
                           (label_id, decisions, in_force, shift, loss_without, loss_with)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                self.connection.prepare_cached(sql)?.execute(params![
                    label,
                    row.decisions as i64,
                    row.in_force,
                    row.shift,
                    row.loss_without,
                    row.loss_with
                ])?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::core::photo::ContentHash;
    use crate::store::{Decision, LearnedRow, Origin, Store, Verdict};

    #[test]
    fn learning_is_switched_reset_and_carried_along() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library")).unwrap();
        let row = LearnedRow {
            decisions: 3,
            in_force: true,
            shift: 0.5,
            loss_without: 1.0,
            loss_with: 0.25,
        };
        let decide = |store: &mut Store, photo: u8, decided_ms: i64| {
            store
                .write(|w| {
                    let photo = w.photo_of(&ContentHash::new([photo; 32]))?;
                    let decision = Decision {
                        verdict: Verdict::Accepted,
                        origin: Origin::Person,
                        decided_ms,
                    };
                    w.decide(photo, w.label("dog")?, Some(decision)).map(drop)
                })
                .unwrap();
        };
        decide(&mut store, 1, 1);
        decide(&mut store, 2, 2);
        let dog = store.label("dog").unwrap().unwrap();
        let lessons = |store: &Store, label| store.lessons().unwrap().get(&label).map(Vec::len);
        assert_eq!(lessons(&store, dog), Some(2));
        store.write(|w| w.switch_learning(dog, false)).unwrap();
        assert_eq!(lessons(&store, dog), None);
        store.write(|w| w.switch_learning(dog, true)).unwrap();
        assert_eq!(lessons(&store, dog), Some(2));
        store.write(|w| w.reset_learning(dog)).unwrap();
        assert_eq!(lessons(&store, dog), None);
        decide(&mut store, 3, i64::MAX);
        assert_eq!(lessons(&store, dog), Some(1));
        store.write(|w| w.keep_learned(dog, Some(row))).unwrap();
        assert_eq!(store.learned().unwrap()[&dog], row);

        store.write(|w| w.rename_label("dog", "hound")).unwrap();
        let hound = store.label("hound").unwrap().unwrap();
        assert_eq!(lessons(&store, hound), Some(1));
        assert!(
            store.learning_settings().unwrap()[&hound]
                .since_ms
                .is_some()
        );
        // The new name does not inherit the old name's results.
        assert!(store.learned().unwrap().is_empty());
    }
}
