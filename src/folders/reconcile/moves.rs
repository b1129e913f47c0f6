//! Matches new files with vanished ones.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::ptr;

use crate::core::ids::FileId;
use crate::core::photo::{FileStamp, KnownFile};
use crate::folders::reconcile::change::{Change, News};
use crate::folders::scan::FoundFile;

/// Known files with their apparent new places; no file or place occurs twice.
#[derive(Default)]
pub(super) struct Moves<'a> {
    to: HashMap<FileId, &'a FoundFile>,
    from: HashMap<*const FoundFile, FileId>,
}

impl<'a> Moves<'a> {
    /// The moves by the files' ids.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut moves: Vec<(FileId, &FoundFile)> =
            self.to.iter().map(|(id, to)| (*id, *to)).collect();
        moves.sort_unstable_by_key(|(id, _)| *id);
        let change = |(id, to): (FileId, &FoundFile)| Change::Moved {
            id,
            to: to.path.clone(),
            stamp: to.stamp,
        };
        moves.into_iter().map(change).collect()
    }

    /// Whether the file seems to have moved.
    pub(super) fn has_left(&self, id: FileId) -> bool {
        self.to.contains_key(&id)
    }

    /// Whether a known file seems to have moved to this place.
    pub(super) fn is_taken(&self, place: &FoundFile) -> bool {
        self.from.contains_key(&ptr::from_ref(place))
    }

    fn insert(&mut self, file: &KnownFile, to: &'a FoundFile) {
        self.to.insert(file.id, to);
        self.from.insert(ptr::from_ref(to), file.id);
    }

    /// Revokes the move to this place and returns the file that was thought to have moved there.
    fn take_back(&mut self, place: &FoundFile) -> Option<FileId> {
        let id = self.from.remove(&ptr::from_ref(place))?;
        self.to.remove(&id);
        Some(id)
    }

    /// Pairs files and places with the same key, if there is one of each.
    fn pair<K: Hash + Eq>(
        &mut self,
        files: &[&'a KnownFile],
        places: &[&'a FoundFile],
        key: impl Fn(FileStamp, &'a Path) -> K,
    ) {
        let left = files.iter().filter(|f| !self.has_left(f.id));
        let the_file = single(left.map(|f| (key(f.stamp, &f.path), *f)));
        if the_file.is_empty() {
            return;
        }
        let left = places.iter().filter(|p| !self.is_taken(p));
        let keys = left.map(|p| (key(p.stamp, &p.path), *p));
        let the_place = single(keys.filter(|(key, _)| the_file.contains_key(key)));
        // In the order of the files, so that the result does not depend on hashing.
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

/// The item of each key, or none if several have the key.
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

/// Pairs vanished files with new places by stamp. Among several with the same stamp, the same name
/// in a folder of the same name decides, then the same name, so that a moved folder keeps its files
/// separate from copies elsewhere. Files that have just vanished come before long-missing ones.
/// What stays ambiguous is no move; the content decides later.
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
        // Most files have a unique stamp, and then names make no difference.
        let stamp = |stamp: FileStamp, _| (stamp.size_bytes, stamp.modified_ns);
        moves.pair(files, &places, stamp);
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
        moves.pair(files, &places, stamp);
    }
    free_occupied_paths(&mut moves, news);
    moves
}

/// Revokes moves to a path whose own file has not moved away, because two known files would share
/// that path. Revoking a move leaves another file in its old place, so this continues along the
/// chain.
fn free_occupied_paths(moves: &mut Moves<'_>, news: &News<'_>) {
    let here_of: HashMap<FileId, &FoundFile> = news
        .replaced
        .iter()
        .map(|(file, here)| (file.id, *here))
        .collect();
    for (file, _) in &news.replaced {
        let mut staying = Some(file.id);
        while let Some(id) = staying.filter(|id| !moves.has_left(*id)) {
            staying = here_of.get(&id).and_then(|here| moves.take_back(here));
        }
    }
}
