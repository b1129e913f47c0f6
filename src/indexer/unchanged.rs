//! Leaves out the photos whose keywords cannot have changed: most of a library, most of the time.
//!
//! A photo is left out if it has one file, which is as it was when the keywords inside it were read,
//! and lies in a folder without sidecars. That is what a survey of its sources would find unchanged; it
//! takes one look at the file, and no look at what the library remembers. The lock of sidecars is not
//! needed for it: who writes into the photo meanwhile gives it another stamp.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::sidecar;
use crate::store::ReadFile;

/// Returns the files, in their order, without those of photos that cannot have changed. Those that
/// `is_known` for a problem stay. So do all after `stop`.
pub(crate) fn to_look_at(
    files: Vec<ReadFile>,
    is_known: impl Fn(&Path) -> bool + Sync,
    stop: &AtomicBool,
) -> Vec<ReadFile> {
    let same_folder = |a: &ReadFile, b: &ReadFile| folder(a) == folder(b);
    let of_folders: Vec<&[ReadFile]> = files.chunk_by(same_folder).collect();
    let of_folder = |files: &[ReadFile]| -> Vec<bool> {
        let around = files.first().and_then(|file| file.path.parent());
        let may_have = around.map(sidecar::may_have_sidecars);
        if !matches!(may_have, Some(Ok(false))) {
            return vec![false; files.len()];
        }
        let files = files.par_iter();
        let as_before = files.map(|file| {
            file.lone.is_some()
                && !stop.load(Ordering::Relaxed)
                && !is_known(&file.path)
                && sidecar::stamp(&file.path).ok() == file.lone
        });
        as_before.collect()
    };
    let as_before: Vec<bool> = of_folders.into_par_iter().flat_map(of_folder).collect();
    let mut as_before = as_before.into_iter();
    let mut files = files;
    files.retain(|_| !as_before.next().unwrap_or(false));
    files
}

/// The text of a file's folder, which is compared faster than its parts.
fn folder(file: &ReadFile) -> Option<&OsStr> {
    file.path.parent().map(Path::as_os_str)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::core::ids::PhotoId;
    use crate::core::photo::{ContentHash, FileStamp, Identity};
    use crate::indexer::DECODER_VERSION;
    use crate::store::{Content, Outcome, Recorded, SourceRow, SourceState, Store};

    struct World {
        folder: TempDir,
        store: Store,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("library.sqlite")).unwrap();
            Self { folder, store }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.folder.path().join("photos").join(name)
        }

        /// Adds a file of the photo with that number, which was read as it is now.
        fn add(&mut self, name: &str, number: u8) -> PhotoId {
            let path = self.at(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, [number; 9]).unwrap();
            let stamp = FileStamp::of(&std::fs::metadata(&path).unwrap());
            let root = self.folder.path().join("photos");
            let result = Content::Undecodable {
                reason: "no picture".into(),
            };
            let hash = ContentHash::new([number; 32]);
            let recorded = self.store.write(|w| {
                let folder = w.add_folder(&root)?;
                let outcome = Outcome {
                    file_id: w.add_file(folder, &path, stamp)?,
                    stamp,
                    result: Ok((Identity::of_file(hash), result)),
                };
                let model = w.model("m", &[1; 32])?;
                w.record(model, DECODER_VERSION, &outcome)
            });
            let Recorded::Photo(photo) = recorded.unwrap() else {
                panic!("{name} was not recorded");
            };
            self.keep(photo, "", 0, Some(stamp));
            photo
        }

        fn keep(&mut self, photo: PhotoId, owner: &str, kind: i64, stamp: Option<FileStamp>) {
            let row = SourceRow {
                id: None,
                photo_id: photo,
                owner: owner.into(),
                kind,
                path: PathBuf::new(),
                state: match stamp {
                    Some(_) => SourceState::Read,
                    None => SourceState::Unread,
                },
                stamp,
                digest: "d".into(),
                record: None,
                captured: None,
                keywords: Vec::new(),
            };
            self.store.write(|w| w.keep_source(&row)).unwrap();
        }

        /// The names of the files that are looked at.
        fn looked_at(&self, known: &[PathBuf]) -> Vec<String> {
            let root = self.folder.path().join("photos");
            let files = self.store.read_files_below(&root).unwrap();
            let is_known = |path: &Path| known.iter().any(|k| k == path);
            let files = to_look_at(files, is_known, &AtomicBool::new(false));
            let names = files.iter().map(|file| file.path.strip_prefix(&root));
            names
                .map(|name| name.unwrap().display().to_string())
                .collect()
        }
    }

    #[test]
    fn what_has_changed_is_looked_at() {
        let mut world = World::new();
        world.add("a/1.jpg", 1);
        let two = world.add("a/2.jpg", 2);
        let three = world.add("b/3.jpg", 3);
        world.add("c/4.jpg", 4);
        assert_eq!(world.looked_at(&[]), [""; 0]);
        // One that had a problem may have none now.
        assert_eq!(world.looked_at(&[world.at("b/3.jpg")]), ["b/3.jpg"]);
        // Another size or time.
        std::fs::write(world.at("a/1.jpg"), "edited").unwrap();
        assert_eq!(world.looked_at(&[]), ["a/1.jpg"]);
        // Not read yet, or gone.
        world.keep(three, "", 0, None);
        std::fs::remove_file(world.at("c/4.jpg")).unwrap();
        assert_eq!(world.looked_at(&[]), ["a/1.jpg", "b/3.jpg", "c/4.jpg"]);
        // A remembered sidecar, though there is none now.
        world.keep(two, &world.at("a/2.jpg").display().to_string(), 1, None);
        assert_eq!(world.looked_at(&[]).len(), 4);
    }

    #[test]
    fn beside_sidecars_and_copies_all_are_looked_at() {
        let mut world = World::new();
        world.add("a/1.jpg", 1);
        world.add("b/2.jpg", 2);
        for name in ["2.XMP", "other.xmp", "2.jpg.xmp.icloud"] {
            std::fs::write(world.at("b").join(name), "").unwrap();
            assert_eq!(world.looked_at(&[]), ["b/2.jpg"], "{name}");
            std::fs::remove_file(world.at("b").join(name)).unwrap();
            assert_eq!(world.looked_at(&[]), [""; 0], "{name}");
        }
        // Then what is inside belongs to no file alone.
        world.add("c/copy.jpg", 1);
        assert_eq!(world.looked_at(&[]), ["a/1.jpg", "c/copy.jpg"]);
    }

    #[test]
    fn a_run_that_is_stopped_leaves_nothing_out() {
        let mut world = World::new();
        world.add("a/1.jpg", 1);
        let files = world.store.read_files_below(world.folder.path()).unwrap();
        assert_eq!(files.len(), 1);
        let left = to_look_at(files, |_| false, &AtomicBool::new(true));
        assert_eq!(left.len(), 1);
    }
}
