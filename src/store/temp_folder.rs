//! Private folders, because a user's tags are nobody else's business.

use std::fs::DirBuilder;
use std::path::Path;

use tempfile::TempDir;

/// How the names of temporary folders begin.
pub(super) const TEMPORARY: &str = "taglens-";

/// Creates a private folder in `parent` that is removed when dropped.
///
/// # Errors
/// If it cannot be created.
pub(super) fn temp_folder_in(parent: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// Creates private folders.
pub(super) fn private() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there the mode is set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
