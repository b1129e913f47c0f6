//! Which files are meant by the paths that a person names.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::core::photo::is_picture;

/// The pictures found, and what could not be looked into.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to read, sorted within each path that was named.
    pub pictures: Vec<PathBuf>,
    /// Folders and paths that failed, with the reason.
    pub failures: Vec<(PathBuf, String)>,
}

/// Lists the pictures below `paths`. A file that is named is taken whatever it is called; folders
/// are searched in full except for hidden files, and links to folders are not followed.
pub fn walk(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        if !path.is_dir() {
            // Missing files too: reading them says what is wrong.
            found.pictures.push(path.clone());
            continue;
        }
        let walk = WalkBuilder::new(path)
            .standard_filters(false)
            .hidden(true)
            .sort_by_file_path(Path::cmp)
            .build();
        for entry in walk {
            match entry {
                Ok(entry) if entry.path().is_file() && is_picture(entry.path()) => {
                    found.pictures.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => found
                    .failures
                    .push((failed_path(&error, path), error.to_string())),
            }
        }
    }
    found
}

fn failed_path(error: &ignore::Error, root: &Path) -> PathBuf {
    match error {
        ignore::Error::WithPath { path, .. } => path.clone(),
        ignore::Error::WithDepth { err, .. } => failed_path(err, root),
        _ => root.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_pictures_below_and_takes_named_files_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("b")).unwrap();
        for name in ["z.JPG", "a.heic", "notes.txt", ".hidden.jpg", "b/c.png"] {
            std::fs::write(at(name), "").unwrap();
        }
        let found = walk(&[folder.path().to_path_buf(), at("notes.txt"), at("missing")]);
        let expected = ["a.heic", "b/c.png", "z.JPG", "notes.txt", "missing"].map(at);
        assert_eq!(found.pictures, expected);
        assert!(found.failures.is_empty());
    }
}
