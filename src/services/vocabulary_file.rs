//! Follows the file of an imported vocabulary: changes in the file are taken over, unless the
//! labels were also changed in the library.
//!
//! Nothing here writes the file, and a file that cannot be read changes nothing.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::indexer::keywords::renamed;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs;
use crate::store::{Store, StoreError, StoredVocabulary, VocabularyFile};
use crate::tagging::Vocabulary;

/// The result of a check of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// Its labels are now in use.
    Taken {
        /// The file.
        path: PathBuf,
        /// The vocabulary before.
        before: StoredVocabulary,
        /// The vocabulary now.
        after: StoredVocabulary,
    },
    /// The labels were also changed in the library, and stay.
    Apart {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read; the labels stay.
    Faulty {
        /// The file.
        path: PathBuf,
        /// Why, with the line.
        reason: String,
    },
}

impl Followed {
    /// A sentence for the user.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Taken { path, .. } => {
                format!("{} has changed; its labels are in use now.", path.display())
            }
            Self::Apart { path } => format!(
                "{} has changed, but the labels were changed here too and stay. Import the file to \
                 take its labels instead, or export these.",
                path.display()
            ),
            Self::Faulty { path, reason } => format!(
                "{} has changed, but cannot be used as it is: {reason}. The labels stay.",
                path.display()
            ),
        }
    }
}

/// Reads a vocabulary file, uses it under the name `name`, and follows it from now on.
///
/// # Errors
/// If it is not a vocabulary, or the library cannot be written.
pub(crate) fn import(
    store: &mut Store,
    path: &Path,
    name: String,
) -> Result<StoredVocabulary, PipelineError> {
    let text = Vocabulary::read_text(path)?;
    keep(store, path, StoredVocabulary { name, text })
}

/// Uses a vocabulary with the text read from `path`, and follows that file from now on. Pipes can
/// be read only once, and are not followed.
///
/// # Errors
/// If the library cannot be written.
pub(crate) fn keep(
    store: &mut Store,
    path: &Path,
    vocabulary: StoredVocabulary,
) -> Result<StoredVocabulary, PipelineError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // A path that is not UTF-8 cannot be stored as text, so that file is not followed.
    let file = path
        .to_str()
        .filter(|_| !is_pipe(&path))
        .map(|path| VocabularyFile {
            name: vocabulary.name.clone(),
            path: path.to_owned(),
            taken: digest(&vocabulary.text),
            seen: digest(&vocabulary.text),
        });
    let renamed = renamed_by(store, &vocabulary)?;
    store.back_up_before("vocabulary-import")?;
    store.write(|w| {
        w.rename_labels(&renamed)?;
        w.set_vocabulary(&vocabulary)?;
        w.set_vocabulary_file(file.as_ref())
    })?;
    Ok(vocabulary)
}

/// Whether a path that has just been read is no file, but a pipe. If the system cannot say, it is taken for
/// a file: that is what people import.
pub(crate) fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file())
}

/// Returns the labels that get another id with this vocabulary; their decisions and written
/// keywords follow.
fn renamed_by(
    store: &Store,
    vocabulary: &StoredVocabulary,
) -> Result<Vec<(String, String)>, PipelineError> {
    let before = tag_inputs::vocabulary(store).ok();
    let after = Vocabulary::parse(&vocabulary.text)?;
    let known = store.label_names()?.into_iter().map(|(_, name)| name);
    Ok(renamed(before.as_ref(), &after, known.collect()))
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Watches the file of the vocabulary in use.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    /// The file's state at the last check; it is not read again until it changes.
    last: Option<(PathBuf, SystemTime, u64)>,
}

impl Follower {
    /// Checks whether the file has changed, and takes over its labels.
    ///
    /// # Errors
    /// If the library cannot be read or written.
    pub(crate) fn look(&mut self, store: &mut Store) -> Result<Option<Followed>, StoreError> {
        let Some(file) = store.vocabulary_file()? else {
            return Ok(None);
        };
        let path = PathBuf::from(&file.path);
        // Missing, or just being saved: there will be another check.
        let Ok(now) = std::fs::metadata(&path) else {
            return Ok(None);
        };
        let state = (
            path,
            now.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            now.len(),
        );
        if self.last.as_ref() == Some(&state) {
            return Ok(None);
        }
        let path = state.0.clone();
        let in_use = store.vocabulary()?.filter(|v| v.name == file.name);
        let Some(before) = in_use else {
            return Ok(None);
        };
        self.last = Some(state);
        let text = match Vocabulary::read_text(&path) {
            Ok(text) => text,
            Err(error) => {
                let reason = error.to_string();
                return Ok(Some(Followed::Faulty { path, reason }));
            }
        };
        let seen = digest(&text);
        if seen == file.seen {
            return Ok(None);
        }
        let note = |taken: String, seen: String| VocabularyFile {
            taken,
            seen,
            ..file.clone()
        };
        let ours = digest(&before.text);
        // After an export to its own file, both are equal again.
        if seen == ours {
            store.write(|w| w.set_vocabulary_file(Some(&note(ours, seen))))?;
            return Ok(None);
        }
        if let Err(error) = Vocabulary::parse(&text) {
            store.write(|w| w.set_vocabulary_file(Some(&note(file.taken.clone(), seen))))?;
            let reason = error.to_string();
            return Ok(Some(Followed::Faulty { path, reason }));
        }
        if ours != file.taken {
            store.write(|w| w.set_vocabulary_file(Some(&note(file.taken.clone(), seen))))?;
            return Ok(Some(Followed::Apart { path }));
        }
        let after = StoredVocabulary {
            name: before.name.clone(),
            text,
        };
        store.write(|w| {
            w.set_vocabulary(&after)?;
            w.set_vocabulary_file(Some(&note(seen.clone(), seen)))
        })?;
        Ok(Some(Followed::Taken {
            path,
            before,
            after,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        _folder: tempfile::TempDir,
        store: Store,
        file: PathBuf,
        follower: Follower,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open(&folder.path().join("library")).unwrap();
            let file = folder.path().join("mine.txt");
            std::fs::write(&file, "cat\ndog\n").unwrap();
            import(&mut store, &file, "mine".into()).unwrap();
            Self {
                _folder: folder,
                store,
                file,
                follower: Follower::default(),
            }
        }

        /// Writes the file, with a later time than before.
        fn save(&mut self, text: &str) {
            std::fs::write(&self.file, text).unwrap();
            let file = std::fs::File::options().append(true).open(&self.file);
            let later = SystemTime::now() + std::time::Duration::from_secs(text.len() as u64);
            file.unwrap().set_modified(later).unwrap();
        }

        fn look(&mut self) -> Option<Followed> {
            self.follower.look(&mut self.store).unwrap()
        }

        fn text(&self) -> String {
            self.store.vocabulary().unwrap().unwrap().text
        }
    }

    #[test]
    fn what_is_changed_in_the_file_is_taken_up_once() {
        let mut world = World::new();
        assert_eq!(world.look(), None);
        let revision = world.store.vocabulary_revision().unwrap();
        world.save("cat\ndog\nhorse\n");
        assert!(matches!(world.look(), Some(Followed::Taken { .. })));
        assert_eq!(world.text(), "cat\ndog\nhorse\n");
        assert!(world.store.vocabulary_revision().unwrap() > revision);
        assert_eq!(world.look(), None);
        // Another program that checks finds nothing new either.
        world.follower = Follower::default();
        assert_eq!(world.look(), None);
    }

    #[test]
    fn what_was_changed_here_stays_until_both_are_one_again() {
        let mut world = World::new();
        let own = StoredVocabulary {
            name: "mine".into(),
            text: "cat\ndog\nowl\n".into(),
        };
        world.store.write(|w| w.set_vocabulary(&own)).unwrap();
        world.save("cat\n");
        assert!(matches!(world.look(), Some(Followed::Apart { .. })));
        assert_eq!(world.look(), None, "it is said once");
        assert_eq!(world.text(), own.text);
        world.save(&own.text);
        assert_eq!(world.look(), None);
        world.save("cat\ndog\nowl\nmouse\n");
        assert!(matches!(world.look(), Some(Followed::Taken { .. })));
    }

    #[test]
    fn a_faulty_file_and_one_that_is_gone_change_nothing() {
        let mut world = World::new();
        world.save("cat\ncat|dog\n");
        let Some(Followed::Faulty { reason, .. }) = world.look() else {
            panic!("it is said");
        };
        assert!(reason.contains('2'), "{reason}");
        assert_eq!(world.look(), None);
        std::fs::remove_file(&world.file).unwrap();
        assert_eq!(world.look(), None);
        assert_eq!(world.text(), "cat\ndog\n");
        world.save("cat\nowl\n");
        assert!(matches!(world.look(), Some(Followed::Taken { .. })));
        // Another vocabulary in use has no such file.
        world.store.write(|w| w.use_vocabulary(None)).unwrap();
        world.save("cat\nowl\nmouse\nhare\n");
        assert_eq!(world.look(), None);
    }
}
