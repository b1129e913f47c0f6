//! Lists folders for the path dialog.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::app::messages::event::Event;
use crate::app::messages::listing::Listing;
use crate::app::threads::outbox::Outbox;

/// The most folders listed at a time. A share that does not answer blocks only its own thread.
const AT_ONCE: usize = 4;
/// The most names to list of one folder.
const MOST: usize = 20_000;

/// Lists folders, each on its own thread.
pub(crate) struct Lister {
    outbox: Outbox,
    at_work: Arc<AtomicUsize>,
}

impl Lister {
    /// Sends listings to `outbox`.
    pub(crate) fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            at_work: Arc::default(),
        }
    }

    /// Lists a folder. Returns `false` if too many do not answer.
    pub(crate) fn list(&self, folder: PathBuf) -> bool {
        if self.at_work.fetch_add(1, Ordering::Relaxed) >= AT_ONCE {
            self.at_work.fetch_sub(1, Ordering::Relaxed);
            return false;
        }
        let (outbox, at_work) = (self.outbox.clone(), self.at_work.clone());
        let look = move || {
            let listing = look_into(&folder);
            at_work.fetch_sub(1, Ordering::Relaxed);
            outbox.send(Event::Listed(listing));
        };
        let thread = std::thread::Builder::new().name("listing".into());
        let spawned = thread.spawn(look).is_ok();
        if !spawned {
            self.at_work.fetch_sub(1, Ordering::Relaxed);
        }
        spawned
    }
}

/// The contents of a folder, with links resolved.
fn look_into(folder: &Path) -> Listing {
    let mut listing = Listing {
        folder: folder.to_path_buf(),
        ..Listing::default()
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            listing.problem = Some(format!("{}: {error}", folder.display()));
            return listing;
        }
    };
    for entry in entries.flatten().take(MOST) {
        let kind = entry.file_type();
        let is_folder = match kind {
            Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
            Ok(kind) => kind.is_dir(),
            Err(_) => false,
        };
        match is_folder {
            true => listing.folders.push(entry.file_name()),
            false => listing.files.push(entry.file_name()),
        }
    }
    let lower = |name: &std::ffi::OsString| name.to_string_lossy().to_lowercase();
    listing.folders.sort_by_cached_key(lower);
    listing.files.sort_by_cached_key(lower);
    listing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_listed_by_name_and_what_is_not_there_has_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "A", ".hidden"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("labels.toml"), "").unwrap();
        let listing = look_into(folder.path());
        assert_eq!(listing.folders, [".hidden", "A", "b"]);
        assert_eq!(listing.files, ["labels.toml"]);
        assert!(listing.has_folder(&folder.path().join("A")));
        assert!(listing.has_file(Path::new("labels.toml")));
        assert_eq!(listing.problem, None);
        let nowhere = look_into(&folder.path().join("nowhere"));
        assert!(nowhere.problem.unwrap().contains("nowhere"));
    }
}
