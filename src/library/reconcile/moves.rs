//! Which files that turned up are files that vanished.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::Hash;
use std::path::Path;

use super::{Change, KnownFile, News};
use crate::library::scan::FoundFile;
use crate::photo::FileStamp;

/// Known files and where they seem to lie now, no file and no place twice.
#[derive(Default)]
pub(super) struct Moves<'a> {
    to: HashMap<i64, &'a FoundFile>,
    from: HashMap<&'a OsStr, i64>,
    /// In the order in which they were found.
    order: Vec<i64>,
}

impl<'a> Moves<'a> {
    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |id: &i64| {
            self.to.get(id).map(|to| Change::Moved {
                id: *id,
                to: to.path.clone(),
                stamp: to.stamp,
            })
        };
        self.order.iter().filter_map(change).collect()
    }

    /// Whether the file seems to lie elsewhere now.
    pub(super) fn has_left(&self, id: i64) -> bool {
        self.to.contains_key(&id)
    }

    /// Whether a known file seems to have come to this path.
    pub(super) fn is_taken(&self, path: &Path) -> bool {
        self.from.contains_key(path.as_os_str())
    }

    fn insert(&mut self, file: &KnownFile, to: &'a FoundFile) {
        self.to.insert(file.id, to);
        self.from.insert(to.path.as_os_str(), file.id);
        self.order.push(file.id);
    }

    /// Takes back the move to this path and says which file was thought to have come there.
    fn take_back(&mut self, path: &Path) -> Option<i64> {
        let id = self.from.remove(path.as_os_str())?;
        self.to.remove(&id);
        Some(id)
    }

    /// Pairs the files and places that have the same key, where there is one of each.
    fn pair<K: Hash + Eq>(
        &mut self,
        files: &[&'a KnownFile],
        places: &[&'a FoundFile],
        key: impl Fn(FileStamp, &'a Path) -> K,
    ) {
        let left = files.iter().filter(|f| !self.has_left(f.id));
        let the_file = single(left.map(|f| (key(f.stamp, &f.path), *f)));
        let left = places.iter().filter(|p| !self.is_taken(&p.path));
        let the_place = single(left.map(|p| (key(p.stamp, &p.path), *p)));
        // In the order of the files, so that the answer does not hang on a hash.
        for file in files {
            let key = key(file.stamp, &file.path);
            if let (Some(Some(one)), Some(Some(place))) = (the_file.get(&key), the_place.get(&key))
                && one.id == file.id
            {
                self.insert(file, place);
            }
        }
    }
}

/// The item of each key, or none where several have the key.
fn single<K: Hash + Eq, T>(items: impl Iterator<Item = (K, T)>) -> HashMap<K, Option<T>> {
    let mut single = HashMap::new();
    for (key, item) in items {
        single
            .entry(key)
            .and_modify(|several| *several = None)
            .or_insert(Some(item));
    }
    single
}

/// Pairs files that are not where they were with places where a file turned up, by stamp. Among
/// several with one stamp, the same name in a folder of the same name decides, then the same name:
/// so a folder that was moved keeps its files apart from copies of them elsewhere. Files that
/// vanished just now come before those that have been missing for long. What stays ambiguous is no
/// move; the content will tell.
pub(super) fn find<'a>(news: &News<'a>) -> Moves<'a> {
    let mut moves = Moves::default();
    let mut places = news.added.clone();
    places.extend(news.replaced.iter().map(|(_, here)| *here));
    if places.is_empty() {
        return moves;
    }
    let mut files = news.gone.clone();
    files.extend(news.replaced.iter().map(|(file, _)| *file));
    for files in [&files, &news.long_gone] {
        moves.pair(files, &places, |stamp, path| {
            let folder = path.parent().and_then(Path::file_name);
            (
                stamp.size_bytes,
                stamp.modified_ns,
                path.file_name(),
                folder,
            )
        });
        moves.pair(files, &places, |stamp, path| {
            (stamp.size_bytes, stamp.modified_ns, path.file_name())
        });
        moves.pair(files, &places, |stamp, _| {
            (stamp.size_bytes, stamp.modified_ns)
        });
    }
    free_occupied_paths(&mut moves, news);
    moves
}

/// Takes back moves onto a path whose own file has not moved away: that would leave two known files
/// with one path. To take back a move leaves another file where it was, so this goes on along the
/// chain.
fn free_occupied_paths(moves: &mut Moves<'_>, news: &News<'_>) {
    let here_of: HashMap<i64, &Path> = news
        .replaced
        .iter()
        .map(|(file, here)| (file.id, here.path.as_path()))
        .collect();
    for (file, _) in &news.replaced {
        let mut staying = Some(file.id);
        while let Some(id) = staying.filter(|id| !moves.has_left(*id)) {
            staying = here_of.get(&id).and_then(|path| moves.take_back(path));
        }
    }
}
