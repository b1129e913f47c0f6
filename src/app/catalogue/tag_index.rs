//! Which rows have a label, and which are the most certain: kept up to date while tags change, so that
//! filters and orders need not read every row's tags.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::app::catalogue::row::Row;
use crate::store::TagState;

/// The rows by their tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagIndex {
    /// For each label the rows that have it, accepted or suggested.
    with: Vec<RoaringBitmap>,
    /// The sort keys of all rows, in order; see [`key`].
    certain: Vec<u64>,
    /// The rows whose tags have changed since `certain` was sorted, with their keys in it.
    changed: BTreeMap<u32, u64>,
}

impl TagIndex {
    /// Takes all rows and the number of labels.
    pub(crate) fn of(rows: &[Row], labels: usize) -> Self {
        let mut index = Self {
            with: vec![RoaringBitmap::new(); labels],
            certain: (0u32..).zip(rows).map(|(at, row)| key(at, row)).collect(),
            changed: BTreeMap::new(),
        };
        index.certain.sort_unstable();
        for (at, row) in (0u32..).zip(rows) {
            index.put(at, row);
        }
        index
    }

    /// The rows with a label, accepted or suggested.
    pub(crate) fn with(&self, label: usize) -> Option<&RoaringBitmap> {
        self.with.get(label)
    }

    /// All rows, those with the most certain tag first. Changes count once they are [sorted](Self::sort).
    pub(crate) fn certain(&self) -> impl Iterator<Item = u32> {
        self.certain.iter().map(|key| row_of(*key))
    }

    /// Takes a row out before its tags change.
    pub(crate) fn remove(&mut self, at: u32, row: &Row) {
        for label in labels(row) {
            if let Some(rows) = self.with.get_mut(label) {
                rows.remove(at);
            }
        }
        self.changed.entry(at).or_insert_with(|| key(at, row));
    }

    /// Puts a row back after its tags have changed.
    pub(crate) fn put(&mut self, at: u32, row: &Row) {
        for label in labels(row) {
            if let Some(rows) = self.with.get_mut(label) {
                rows.insert(at);
            }
        }
    }

    /// Sorts the changed rows into their places.
    pub(crate) fn sort(&mut self, rows: &[Row]) {
        if self.changed.is_empty() {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        let now = changed.keys().filter_map(|at| {
            let row = rows.get(*at as usize)?;
            Some(key(*at, row))
        });
        let mut now: Vec<u64> = now.collect();
        now.sort_unstable();
        let mut before: Vec<u64> = changed.into_values().collect();
        before.sort_unstable();
        let (mut now, mut before) = (now.into_iter().peekable(), before.into_iter().peekable());
        let mut sorted = Vec::with_capacity(self.certain.len());
        for key in &self.certain {
            while let Some(earlier) = now.next_if(|new| new < key) {
                sorted.push(earlier);
            }
            if before.next_if_eq(key).is_none() {
                sorted.push(*key);
            }
        }
        sorted.extend(now);
        self.certain = sorted;
    }
}

fn labels(row: &Row) -> impl Iterator<Item = usize> {
    let shown = row.tags.iter().filter(|t| t.state != TagState::Rejected);
    shown.map(|tag| tag.label)
}

/// A number that sorts rows by falling confidence, then by their place. Confidences are not negative,
/// so their bits sort like them; one number sorts several times faster than a pair.
pub(crate) fn key(at: u32, row: &Row) -> u64 {
    key_of(at, row.confidence())
}

/// The same for a confidence.
pub(crate) fn key_of(at: u32, confidence: f32) -> u64 {
    let falling = u64::from(u32::MAX - confidence.max(0.0).to_bits());
    falling << 32 | u64::from(at)
}

/// The row of such a number.
pub(crate) fn row_of(key: u64) -> u32 {
    (key & 0xffff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::Catalogue;
    use crate::app::catalogue::samples::{catalogue, row, tag};

    /// What a change leaves is what reading everything anew gives.
    #[test]
    fn changes_leave_what_reading_everything_gives() {
        let rows = (0..300).map(|i| {
            let mut row = row(&format!("/{i:03}.jpg"), Some(i + 1), 0);
            row.tags = vec![tag(i as usize % 3, i as f32 / 300.0, TagState::Suggested)];
            row
        });
        let mut changed = catalogue(rows.collect(), &["cat", "dog", "fox"]);
        let mut random = 7_usize;
        for step in 0..500 {
            random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            let at = (random >> 33) % 300;
            let state = [TagState::Accepted, TagState::Suggested, TagState::Rejected][step % 3];
            let confidence = (random >> 40 & 0xff) as f32 / 255.0;
            changed.change_tags(at, |row| match step % 7 {
                0 => row.tags.clear(),
                _ => row.tags = vec![tag(step % 3, confidence, state)],
            });
            if step % 50 == 49 {
                changed.sort_tags();
                let fresh = TagIndex::of(&changed.rows, 3);
                assert_eq!(changed.tag_index.with, fresh.with);
                assert_eq!(changed.tag_index.certain, fresh.certain);
            }
        }
    }

    #[test]
    fn the_most_certain_rows_come_first() {
        let mut rows = vec![row("/a.jpg", Some(1), 0), row("/b.jpg", Some(2), 0)];
        rows[0].tags = vec![tag(0, 0.4, TagState::Accepted)];
        rows[1].tags = vec![
            tag(0, 0.9, TagState::Suggested),
            tag(1, 0.95, TagState::Rejected),
        ];
        let catalogue = catalogue(rows, &["cat", "dog"]);
        let order = |c: &Catalogue| c.tag_index.certain().collect::<Vec<_>>();
        assert_eq!(order(&catalogue), [1, 0]);
        let with = |label| {
            catalogue
                .tag_index
                .with(label)
                .unwrap()
                .iter()
                .collect::<Vec<_>>()
        };
        assert_eq!((with(0), with(1)), (vec![0, 1], vec![]));
        assert!(catalogue.tag_index.with(2).is_none());
    }
}
