//! Writes a file that a person asked for: a list of labels, a list of decisions.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a file with `fill`. A file that is there is replaced only when the new one is complete
/// and on disk, so a full disk or a kill leaves the old one. A link keeps pointing where it did.
/// Something that is not a file, such as a pipe, is written into.
///
/// # Errors
/// If the file cannot be written, or `fill` fails.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // A dangling link is an error here: nobody has said where the new file belongs.
    let there = match std::fs::symlink_metadata(path) {
        Ok(_) => Some(std::fs::canonicalize(path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = there.as_deref().unwrap_or(path);
    let old = there.as_deref().map(std::fs::metadata).transpose()?;
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        let mut out = BufWriter::new(std::fs::OpenOptions::new().write(true).open(target)?);
        fill(&mut out)?;
        return out.flush();
    }
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut part = tempfile::Builder::new();
    part.prefix(".taglens-").suffix(".part");
    let permissions = new_permissions(old.as_ref());
    if let Some(permissions) = &permissions {
        part.permissions(permissions.clone());
    }
    let mut part = part.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let mut out = BufWriter::new(&mut part);
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    if let (Some(_), Some(permissions)) = (&old, permissions) {
        part.as_file().set_permissions(permissions)?;
    }
    part.as_file().sync_all()?;
    part.persist(target)?;
    Ok(())
}

/// The permissions of the file that is replaced, or what a new file gets from the system, which
/// takes away what the person's mask says.
#[cfg(unix)]
fn new_permissions(old: Option<&std::fs::Metadata>) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(old.map_or_else(
        || Permissions::from_mode(0o666),
        std::fs::Metadata::permissions,
    ))
}

#[cfg(not(unix))]
fn new_permissions(old: Option<&std::fs::Metadata>) -> Option<Permissions> {
    old.map(std::fs::Metadata::permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &str) -> io::Result<()> {
        write(path, |out| out.write_all(text.as_bytes()))
    }

    #[test]
    fn a_file_is_made_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.toml");
        put(&path, "old").unwrap();
        put(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.toml");
        put(&path, "old").unwrap();
        let full = |out: &mut dyn Write| {
            out.write_all(&[b'x'; 100_000])?;
            Err(io::ErrorKind::StorageFull.into())
        };
        assert_eq!(
            write(&path, full).unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_links_and_pipes_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        put(&at("real.toml"), "old").unwrap();
        std::fs::set_permissions(at("real.toml"), Permissions::from_mode(0o640)).unwrap();
        symlink("real.toml", at("link.toml")).unwrap();
        put(&at("link.toml"), "new").unwrap();
        assert!(at("link.toml").is_symlink());
        assert_eq!(std::fs::read_to_string(at("real.toml")).unwrap(), "new");
        let mode = std::fs::metadata(at("real.toml"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
        put(Path::new("/dev/null"), "nowhere").unwrap();
        assert!(!Path::new("/dev/null").is_file());
        symlink("gone/nothing.toml", at("dangling.toml")).unwrap();
        put(&at("dangling.toml"), "x").unwrap_err();
        std::fs::set_permissions(at("real.toml"), Permissions::from_mode(0o440)).unwrap();
        put(&at("real.toml"), "x").unwrap_err();
        assert_eq!(std::fs::read_to_string(at("real.toml")).unwrap(), "new");
    }
}
