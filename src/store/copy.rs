//! Copies the whole library as it is at one moment.

use std::fs::File;
use std::path::Path;

use crate::store::{Depth, Store, StoreError, paths, schema};

impl Store {
    /// Writes a copy of the library, as it is at this moment, to a new file. The copy gets its name
    /// only when it is complete and was checked.
    ///
    /// # Errors
    /// If the file exists, it cannot be written, or the copy is damaged.
    pub(crate) fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let failed = |what: String| StoreError::Copy {
            path: to.to_path_buf(),
            what,
        };
        if to.symlink_metadata().is_ok() {
            return Err(failed("there is such a file".into()));
        }
        let partial = paths::with_suffix(to, ".partial");
        let copied = schema::write_copy(&self.connection, &partial)
            .map_err(|error| failed(error.to_string()))
            .and_then(|()| check_copy(&partial));
        let kept = copied.and_then(|()| {
            let io = |error: std::io::Error| failed(error.to_string());
            File::open(&partial)
                .and_then(|f| f.sync_all())
                .map_err(io)?;
            std::fs::rename(&partial, to).map_err(io)
        });
        if kept.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        kept
    }
}

/// Checks a copy before anybody else knows of it.
fn check_copy(copy: &Path) -> Result<(), StoreError> {
    let damage = Store::open_existing(copy)?.damage(Depth::Whole);
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(paths::with_suffix(copy, suffix));
    }
    match damage?.into_iter().next() {
        None => Ok(()),
        Some(what) => Err(StoreError::Copy {
            path: copy.to_path_buf(),
            what,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::ContentHash;
    use crate::store::{Decision, Origin, StoredVocabulary, Verdict};

    #[test]
    fn damage_is_named_and_a_copy_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("library.sqlite");
        let copy = folder.path().join("copy.sqlite");
        let mut store = Store::open(&at).unwrap();
        store
            .write(|w| (0..200).try_for_each(|i| w.label(&format!("label {i}")).map(drop)))
            .unwrap();
        assert_eq!(store.damage(Depth::Whole).unwrap(), Vec::<String>::new());
        store.copy_to(&copy).unwrap();
        assert!(matches!(store.copy_to(&copy), Err(StoreError::Copy { .. })));
        assert_eq!(
            std::fs::read_dir(folder.path())
                .unwrap()
                .flatten()
                .filter(|e| e.file_name().to_string_lossy().contains("partial"))
                .count(),
            0
        );
        drop(store);

        // The names of labels are in the table and in an index; this changes one of them.
        let mut bytes = std::fs::read(&copy).unwrap();
        let name = b"label 123";
        let place = bytes.windows(name.len()).position(|w| w == name).unwrap();
        bytes[place + 8] = b'X';
        std::fs::write(&copy, bytes).unwrap();
        assert!(
            !Store::open(&copy)
                .unwrap()
                .damage(Depth::Whole)
                .unwrap()
                .is_empty()
        );
    }
    #[test]
    fn the_one_file_copied_after_a_decision_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        // Like in a window, others have the library open too.
        let readers = [store.reader().unwrap(), store.reader().unwrap()];
        for n in 0..20 {
            let yes = Decision::now(Verdict::Accepted, Origin::Person);
            let name = format!("label {n}");
            store
                .write(|w| {
                    let photo = w.photo_of(&ContentHash::new([n; 32]))?;
                    w.decide(photo, w.label(&name)?, Some(yes))
                })
                .unwrap();
            assert!(readers.iter().all(|r| r.label(&name).unwrap().is_some()));
            store
                .write(|w| {
                    w.set_vocabulary(&StoredVocabulary {
                        name: "mine".into(),
                        text: name.clone(),
                    })
                })
                .unwrap();
            let copy = folder.path().join(format!("copy-{n}"));
            std::fs::copy(&store.path, &copy).unwrap();
            let copy = Store::open(&copy).unwrap();
            assert_eq!(copy.decisions().unwrap(), store.decisions().unwrap());
            assert_eq!(copy.vocabulary().unwrap().unwrap().text, name);
            assert_eq!(copy.damage(Depth::Whole).unwrap(), Vec::<String>::new());
        }
    }
}
