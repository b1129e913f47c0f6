//! Orders and groups of the library's rows, computed when it is read and not while drawing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use crate::app::catalogue::file_names::FileNames;
use crate::app::catalogue::order::Grouping;
use crate::app::catalogue::row::Row;
use crate::core::ids::{FileId, PhotoId};
use crate::words;

/// The name of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupName {
    /// The path of a folder.
    Folder(String),
    /// A day, counted from 1970-01-01.
    Day(i64),
}

impl GroupName {
    /// The name for display.
    pub(crate) fn in_words(&self) -> Cow<'_, str> {
        match self {
            Self::Folder(path) => Cow::Borrowed(path),
            Self::Day(day) => Cow::Owned(words::day(*day)),
        }
    }
}

/// Named groups of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    /// The group of each row.
    of: Vec<u32>,
    /// The names of the groups.
    names: Vec<GroupName>,
}

impl Groups {
    /// The group of the row at that place, as an index into [`Self::names`].
    pub(crate) fn of(&self, row: u32) -> u32 {
        self.of.get(row as usize).copied().unwrap_or_default()
    }

    /// The names of the groups.
    pub(crate) fn names(&self) -> &[GroupName] {
        &self.names
    }
}

/// Precomputed orders and groups of all rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Photos and the rows of their files, in order.
    by_photo: Vec<(PhotoId, u32)>,
    /// The same for the other files of stacks.
    by_other: Vec<(PhotoId, u32)>,
    /// The numbers of rows ([`Row::id`]) and the rows, in order.
    by_id: Vec<(FileId, u32)>,
    newest: Vec<u32>,
    folders: Groups,
    days: Groups,
    names: FileNames,
}

impl Index {
    /// Takes rows in the order of their paths.
    pub(crate) fn of(rows: &[Row]) -> Self {
        let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let all = rows.iter().enumerate();
        let mut by_photo: Vec<(PhotoId, u32)> = all
            .filter_map(|(i, row)| Some((row.photo_id()?, number(i))))
            .collect();
        by_photo.sort_unstable();
        let stacked = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.others.is_empty());
        let others =
            stacked.flat_map(|(i, row)| row.other_photos().map(move |photo| (photo, number(i))));
        let mut by_other: Vec<(PhotoId, u32)> = others.collect();
        by_other.sort_unstable();
        let all = rows.iter().enumerate();
        let mut by_id: Vec<(FileId, u32)> = all.map(|(i, row)| (row.id, number(i))).collect();
        by_id.sort_unstable();
        let mut newest: Vec<u32> = (0..rows.len()).map(number).collect();
        let taken = |i: &u32| rows.get(*i as usize).map_or(0, |r| r.captured.time.wall_ms);
        newest.sort_by_key(|i| std::cmp::Reverse(taken(i)));
        Self {
            by_photo,
            by_other,
            by_id,
            newest,
            folders: folders(rows),
            days: days(rows),
            names: FileNames::of(rows),
        }
    }

    /// The first row that shows a photo; none shows the other files of stacks.
    pub(crate) fn row_of(&self, photo: PhotoId) -> Option<usize> {
        rows_with(&self.by_photo, photo)
            .next()
            .map(|row| row as usize)
    }

    /// The rows that show a photo, in order; none is of another file of a stack.
    pub(crate) fn shown_rows_of(&self, photo: PhotoId) -> impl Iterator<Item = u32> {
        rows_with(&self.by_photo, photo)
    }

    /// The photos and the rows that show them, in the order of photos.
    pub(crate) fn by_photo(&self) -> &[(PhotoId, u32)] {
        &self.by_photo
    }

    /// The ids and their rows, in the order of ids.
    pub(crate) fn by_id(&self) -> &[(FileId, u32)] {
        &self.by_id
    }

    /// The rows of all files that have this photo, also in a stack.
    pub(crate) fn rows_of(&self, photo: PhotoId) -> impl Iterator<Item = usize> {
        let rows = rows_with(&self.by_photo, photo);
        rows.chain(rows_with(&self.by_other, photo))
            .map(|row| row as usize)
    }

    /// Whether a photo is only in files that others of their stacks stand for.
    pub(crate) fn is_hidden(&self, photo: PhotoId) -> bool {
        let has = |list| rows_with(list, photo).next().is_some();
        has(&self.by_other) && !has(&self.by_photo)
    }

    /// The row of that number ([`Row::id`]).
    pub(crate) fn row_of_id(&self, id: FileId) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.by_id.get(at).map(|(_, i)| *i as usize)
    }

    /// All rows, the latest taken first.
    pub(crate) fn newest(&self) -> &[u32] {
        &self.newest
    }

    /// The folders of the rows, by path.
    pub(crate) fn folders(&self) -> &Groups {
        &self.folders
    }

    /// The names of the rows' files.
    pub(crate) fn names(&self) -> &FileNames {
        &self.names
    }

    /// The groups of that kind.
    pub(crate) fn groups(&self, grouping: Grouping) -> Option<&Groups> {
        match grouping {
            Grouping::None => None,
            Grouping::Folder => Some(&self.folders),
            Grouping::Day => Some(&self.days),
        }
    }
}

fn rows_with(list: &[(PhotoId, u32)], photo: PhotoId) -> impl Iterator<Item = u32> {
    let first = list.partition_point(|(p, _)| *p < photo);
    let from = list.get(first..).unwrap_or_default().iter();
    from.take_while(move |(p, _)| *p == photo).map(|(_, i)| *i)
}

fn folders(rows: &[Row]) -> Groups {
    let mut groups = Groups::default();
    let mut known: HashMap<&Path, u32> = HashMap::new();
    // Rows of one folder mostly follow one another.
    let mut last: Option<(&Path, u32)> = None;
    for row in rows {
        let folder = row.path.parent().unwrap_or(&row.path);
        let group = match last {
            Some((path, group)) if path.as_os_str() == folder.as_os_str() => group,
            _ => *known.entry(folder).or_insert_with(|| {
                let name = folder.to_string_lossy().into_owned();
                groups.names.push(GroupName::Folder(name));
                u32::try_from(groups.names.len() - 1).unwrap_or(u32::MAX)
            }),
        };
        last = Some((folder, group));
        groups.of.push(group);
    }
    groups
}

fn days(rows: &[Row]) -> Groups {
    let mut groups = Groups::default();
    let mut known: HashMap<i64, u32> = HashMap::new();
    for row in rows {
        let day = row.captured.time.day_number();
        let group = *known.entry(day).or_insert_with(|| {
            groups.names.push(GroupName::Day(day));
            u32::try_from(groups.names.len() - 1).unwrap_or(u32::MAX)
        });
        groups.of.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::row;

    const DAY_NS: i64 = 86_400_000_000_000;

    #[test]
    fn rows_are_found_by_photo_time_folder_and_day() {
        let rows = [
            row("/a/1.jpg", Some(7), 3 * DAY_NS),
            row("/a/2.jpg", None, DAY_NS + 5),
            row("/b/c/3.jpg", Some(7), DAY_NS),
            row("/b/c/4.jpg", Some(9), 2 * DAY_NS),
        ];
        let index = Index::of(&rows);
        assert_eq!(
            index.row_of(PhotoId::new(7)),
            Some(0),
            "the first of a photo's files"
        );
        assert_eq!(index.rows_of(PhotoId::new(7)).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(index.row_of(PhotoId::new(9)), Some(3));
        assert_eq!(index.row_of(PhotoId::new(1)), None);
        assert_eq!(index.row_of_id(FileId::new(9)), Some(3));
        assert_eq!(index.row_of_id(FileId::new(8)), None);
        assert_eq!(index.newest(), [0, 3, 1, 2]);
        let folders = index.groups(Grouping::Folder).unwrap();
        let names = |groups: &Groups| -> Vec<String> {
            let names = groups.names().iter();
            names.map(|name| name.in_words().into_owned()).collect()
        };
        assert_eq!(names(folders), ["/a", "/b/c"]);
        assert_eq!(
            (0..4).map(|i| folders.of(i)).collect::<Vec<_>>(),
            [0, 0, 1, 1]
        );
        let days = index.groups(Grouping::Day).unwrap();
        let wanted = [
            "Sunday, 4 January 1970",
            "Friday, 2 January 1970",
            "Saturday, 3 January 1970",
        ];
        assert_eq!(names(days), wanted);
        assert_eq!((0..4).map(|i| days.of(i)).collect::<Vec<_>>(), [0, 1, 1, 2]);
        assert!(index.groups(Grouping::None).is_none());
    }
}
