//! A set of files, small also where it has a million of them.

use roaring::RoaringTreemap;

use crate::core::ids::FileId;

/// A set of files by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FileSet(RoaringTreemap);

impl FileSet {
    /// Takes ids in rising order. Those that follow one another are added as one range, which is many
    /// times faster than one by one.
    pub(crate) fn of_sorted(ids: impl Iterator<Item = FileId>) -> Self {
        let mut set = RoaringTreemap::new();
        let mut range: Option<(u64, u64)> = None;
        for number in ids.map(number) {
            range = match range {
                Some((first, last)) if last.checked_add(1) == Some(number) => Some((first, number)),
                Some((first, last)) => {
                    set.insert_range(first..=last);
                    Some((number, number))
                }
                None => Some((number, number)),
            };
        }
        if let Some((first, last)) = range {
            set.insert_range(first..=last);
        }
        Self(set)
    }

    /// Whether it has a file.
    pub(crate) fn contains(&self, id: FileId) -> bool {
        self.0.contains(number(id))
    }

    /// Adds a file; whether it is new.
    pub(crate) fn insert(&mut self, id: FileId) -> bool {
        self.0.insert(number(id))
    }

    /// Removes a file; whether it was there.
    pub(crate) fn remove(&mut self, id: FileId) -> bool {
        self.0.remove(number(id))
    }

    /// Adds those of another set.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0 |= &other.0;
    }

    /// The number of files.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The files, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = FileId> {
        self.0.iter().map(|id| FileId::new(id.cast_signed()))
    }
}

impl FromIterator<FileId> for FileSet {
    fn from_iter<T: IntoIterator<Item = FileId>>(ids: T) -> Self {
        Self(ids.into_iter().map(number).collect())
    }
}

fn number(id: FileId) -> u64 {
    id.number().cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_ids_give_the_same_set() {
        for ids in [
            &[][..],
            &[5],
            &[1, 2, 3],
            &[1, 2, 4, 5, 9],
            &[-2, -1, 0, 1, i64::MAX],
        ] {
            let ids: Vec<FileId> = ids.iter().copied().map(FileId::new).collect();
            let set = FileSet::of_sorted(ids.iter().copied());
            assert_eq!(set, ids.iter().copied().collect());
            assert_eq!(set.len(), ids.len());
            assert!(ids.iter().all(|id| set.contains(*id)));
            let mut back: Vec<FileId> = set.iter().collect();
            back.sort_unstable();
            assert_eq!(back, ids);
        }
    }
}
