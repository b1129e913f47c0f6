//! Decides which folders may be in a library together, and which of them owns a path.
//!
//! A folder keeps the path that the user named, made absolute. Links in it are not resolved: to a
//! user `~/Photos` is their photo folder wherever it leads, and sidecars appear where they look for
//! them. But links count when checking whether two folders overlap, or one photo would be two.

use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder that cannot be added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// No folder was named.
    #[error("no folder is named: give the path of a folder with photos")]
    Empty,
    /// The path contains `..`, and where that leads is unknown.
    #[error("{}: {source}. Check the part of the path before the last `..`", path.display())]
    Climbs {
        /// The path as it was named.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The library already has it.
    #[error("{}: this folder is there already, as {}", folder.display(), existing.display())]
    AlreadyThere {
        /// The folder to add.
        folder: PathBuf,
        /// Its path in the library.
        existing: PathBuf,
    },
    /// It is inside one of the folders.
    #[error("{}: this folder is looked at already, as a part of {}", folder.display(), outer.display())]
    Inside {
        /// The folder to add.
        folder: PathBuf,
        /// The folder around it.
        outer: PathBuf,
    },
    /// Some of the folders are inside it.
    #[error(
        "{}: this folder contains {}, which would be looked at twice. Replace what lies inside \
         by this folder, or add others beside it",
        folder.display(),
        inner.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Contains {
        /// The folder to add.
        folder: PathBuf,
        /// The folders inside it.
        inner: Vec<PathBuf>,
    },
}

/// Makes a path absolute, from the folder `current`, and normalises it: without `.`, double or
/// final slashes. Links stay, except before a `..`, which only the links' targets can resolve:
/// `resolve` (usually [`std::fs::canonicalize`]) gets the part of the path up to the last `..`.
///
/// # Errors
/// If the path is empty, or `resolve` fails.
pub(crate) fn normalise(
    named: &Path,
    current: &Path,
    resolve: impl FnOnce(&Path) -> io::Result<PathBuf>,
) -> Result<PathBuf, FolderError> {
    if named.as_os_str().is_empty() {
        return Err(FolderError::Empty);
    }
    let absolute = current.join(named);
    let parts: Vec<Component<'_>> = absolute
        .components()
        .filter(|c| *c != Component::CurDir)
        .collect();
    let climbs = parts.iter().rposition(|c| *c == Component::ParentDir);
    let Some(last) = climbs else {
        return Ok(parts.into_iter().collect());
    };
    let (before, after) = parts.split_at(last + 1);
    let mut path = resolve(&before.iter().collect::<PathBuf>()).map_err(|source| {
        let path = named.to_path_buf();
        FolderError::Climbs { path, source }
    })?;
    path.extend(after);
    Ok(path)
}

/// Checks whether `folder` overlaps any of the existing folders, by path or by the targets of
/// links. `resolve` returns those targets (usually with [`std::fs::canonicalize`]), or nothing if
/// they are unknown because a drive is disconnected.
///
/// # Errors
/// If it is one of them, is inside one, or contains some.
pub(crate) fn check_new(
    folder: &Path,
    existing: &[PathBuf],
    resolve: impl Fn(&Path) -> Option<PathBuf>,
) -> Result<(), FolderError> {
    let real = resolve(folder);
    let mut inner = Vec::new();
    for other in existing {
        let other_real = resolve(other);
        let both = real.as_deref().zip(other_real.as_deref());
        let either = |test: fn(&Path, &Path) -> bool| {
            test(folder, other) || both.is_some_and(|(a, b)| test(a, b))
        };
        if either(|a, b| a == b) {
            return Err(FolderError::AlreadyThere {
                folder: folder.to_path_buf(),
                existing: other.clone(),
            });
        }
        if either(|a, b| a.starts_with(b)) {
            return Err(FolderError::Inside {
                folder: folder.to_path_buf(),
                outer: other.clone(),
            });
        }
        if either(|a, b| b.starts_with(a)) {
            inner.push(other.clone());
        }
    }
    if inner.is_empty() {
        return Ok(());
    }
    let folder = folder.to_path_buf();
    Err(FolderError::Contains { folder, inner })
}

/// Returns the folder that `path` is in, or is: the innermost if they overlap.
pub(crate) fn owner<'a>(folders: &'a [PathBuf], path: &Path) -> Option<&'a Path> {
    folders
        .iter()
        .filter(|folder| path.starts_with(folder))
        .max_by_key(|folder| folder.components().count())
        .map(PathBuf::as_path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A world in which /link leads to /far/real and /away cannot be resolved.
    fn resolve(path: &Path) -> io::Result<PathBuf> {
        if path.starts_with("/away") {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut real = PathBuf::new();
        for part in path.components() {
            match part {
                Component::ParentDir => {
                    real.pop();
                }
                part => real.push(part),
            }
            if real == Path::new("/link") {
                real = "/far/real".into();
            }
        }
        Ok(real)
    }

    #[test]
    fn paths_get_one_form() {
        for (named, expected) in [
            ("/a/b", "/a/b"),
            ("/a//b/./c/", "/a/b/c"),
            ("photos", "/home/me/photos"),
            (".", "/home/me"),
            ("./photos/", "/home/me/photos"),
            ("..", "/home"),
            ("../you/photos", "/home/you/photos"),
            ("/", "/"),
            ("/link/x", "/link/x"),
            ("/link/../x", "/far/x"),
            ("/link/../link/x", "/far/link/x"),
        ] {
            let path = normalise(Path::new(named), Path::new("/home/me"), resolve).unwrap();
            assert_eq!(path.as_os_str(), expected, "{named}");
        }
        let failing = |named: &str| {
            let error = normalise(Path::new(named), Path::new("/home/me"), resolve);
            error.unwrap_err().to_string()
        };
        assert!(failing("").contains("no folder is named"));
        assert!(failing("/away/..").starts_with("/away/..: "));
    }

    #[test]
    fn folders_do_not_overlap() {
        let existing = ["/a/b", "/link", "/away/x"].map(PathBuf::from);
        let check = |folder: &str| {
            let result = check_new(Path::new(folder), &existing, |p| resolve(p).ok());
            result.err().map(|e| match e {
                FolderError::AlreadyThere { existing, .. } => format!("is {}", existing.display()),
                FolderError::Inside { outer, .. } => format!("in {}", outer.display()),
                FolderError::Contains { inner, .. } => format!("around {inner:?}"),
                other => panic!("{other}"),
            })
        };
        for (folder, expected) in [
            ("/c", None),
            ("/a/bc", None),
            ("/a/b", Some("is /a/b")),
            ("/a/b/c", Some("in /a/b")),
            ("/a", Some(r#"around ["/a/b"]"#)),
            ("/", Some(r#"around ["/a/b", "/link", "/away/x"]"#)),
            ("/far/real", Some("is /link")),
            ("/far/real/c", Some("in /link")),
            ("/far", Some(r#"around ["/link"]"#)),
            ("/link/c", Some("in /link")),
            ("/away/x", Some("is /away/x")),
            ("/away/x/y", Some("in /away/x")),
            ("/away/y", None),
        ] {
            assert_eq!(check(folder).as_deref(), expected, "{folder}");
        }
    }

    #[test]
    fn a_path_has_one_owner() {
        let folders = ["/a", "/a/b", "/c"].map(PathBuf::from);
        for (path, expected) in [
            ("/a/x.jpg", Some("/a")),
            ("/a/b/x.jpg", Some("/a/b")),
            ("/a/bc/x.jpg", Some("/a")),
            ("/c", Some("/c")),
            ("/cc/x.jpg", None),
        ] {
            assert_eq!(
                owner(&folders, Path::new(path)),
                expected.map(Path::new),
                "{path}"
            );
        }
    }
}
