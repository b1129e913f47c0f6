//! Sidecars, and photos with keywords inside, that could not be read or written.

use std::path::{Path, PathBuf};

use rusqlite::params;

use crate::store::{Store, StoreError, Writer, paths};

/// A sidecar that could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SidecarProblem {
    /// The sidecar.
    pub(crate) path: PathBuf,
    /// The photo.
    pub(crate) photo: PathBuf,
    /// Whether writing failed, rather than reading.
    pub(crate) writing: bool,
    /// A sentence with the sidecar's name, the reason and what to do.
    pub(crate) reason: String,
}

impl SidecarProblem {
    /// A sentence for the user, which names the sidecar once.
    pub(crate) fn describe(&self) -> String {
        let path = self.path.display();
        let reason = self.reason.strip_prefix(&format!("{path}: "));
        let done = if self.writing { "written" } else { "read" };
        format!("{path} was not {done}: {}", reason.unwrap_or(&self.reason))
    }
}

impl Store {
    /// Returns the sidecars that could not be read or written, for files that are not missing, by
    /// path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn sidecar_problems(&self) -> Result<Vec<SidecarProblem>, StoreError> {
        let sql = "SELECT path, photo, writing, reason FROM sidecar_problems
                   WHERE EXISTS (SELECT 1 FROM files WHERE files.path = photo AND presence != 1)
                   ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(SidecarProblem {
                path: paths::from_bytes(row.get(0)?),
                photo: paths::from_bytes(row.get(1)?),
                writing: row.get(2)?,
                reason: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Replaces what is said of a photo's sidecars that could not be read, or with `writing` not be
    /// written, each with the reason.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_sidecar_problems(
        &self,
        photo: &Path,
        writing: bool,
        problems: &[(PathBuf, String)],
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM sidecar_problems WHERE photo = ?1 AND writing = ?2")?
            .execute(params![paths::to_bytes(photo), writing])?;
        problems
            .iter()
            .try_for_each(|(path, reason)| self.add_sidecar_problem(photo, writing, path, reason))
    }

    /// Records that a sidecar of a photo, or the photo itself, could not be read, or with `writing`
    /// not be written.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn add_sidecar_problem(
        &self,
        photo: &Path,
        writing: bool,
        path: &Path,
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO sidecar_problems (path, photo, reason, writing)
                   VALUES (?1, ?2, ?3, ?4)";
        let values = params![
            paths::to_bytes(path),
            paths::to_bytes(photo),
            reason,
            writing
        ];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::FileStamp;

    #[test]
    fn each_file_of_a_photo_that_could_not_be_written_keeps_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let photo = Path::new("/p/a.jpg");
        let sidecar = Path::new("/p/a.jpg.xmp");
        let reasons = |store: &Store| -> Vec<(PathBuf, String)> {
            let problems = store.sidecar_problems().unwrap();
            problems.into_iter().map(|p| (p.path, p.reason)).collect()
        };
        store
            .write(|w| {
                let root = w.add_folder(Path::new("/p"))?;
                let stamp = FileStamp {
                    size_bytes: 1,
                    modified_ns: 5,
                };
                w.add_file(root, photo, stamp)?;
                w.add_sidecar_problem(photo, true, photo, "locked")?;
                w.add_sidecar_problem(photo, true, sidecar, "read-only")
            })
            .unwrap();
        let both = [(photo, "locked"), (sidecar, "read-only")];
        let both = both.map(|(path, reason)| (path.to_owned(), reason.to_owned()));
        assert_eq!(reasons(&store), both);
        // The next export that can write them forgets both.
        store
            .write(|w| w.set_sidecar_problems(photo, true, &[]))
            .unwrap();
        assert!(reasons(&store).is_empty());
    }
}
