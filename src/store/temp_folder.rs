//! Folders for what is needed only for a while.

use std::path::{Path, PathBuf};

/// More names than that are not tried.
const TRIES: usize = 1000;

/// A folder that nobody else may look into, and that goes when it is dropped.
#[derive(Debug)]
pub(super) struct TempFolder(PathBuf);

impl TempFolder {
    /// A new folder in `parent`.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(super) fn new_in(parent: &Path) -> std::io::Result<Self> {
        let builder = private();
        let mut number = 0;
        loop {
            let folder = parent.join(format!("taglens-{}-{number}", std::process::id()));
            match builder.create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && number < TRIES => {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // Left behind, it is no more than temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Makes folders that nobody else may look into: what somebody tagged is nobody else's business.
pub(super) fn private() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
