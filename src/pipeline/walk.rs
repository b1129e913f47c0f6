//! Which files are meant by the paths that a person names.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// Pictures by their extension, those included that cannot be read yet: a person who asks for a
/// folder wants to hear about them.
const PICTURES: [&str; 34] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "tif", "tiff", "gif", "bmp", "dib", "webp", "qoi",
    "tga", "ico", "pnm", "pbm", "pgm", "ppm", "pam", "dds", "exr", "hdr", "ff", "heic", "heif",
    "avif", "jp2", "j2k", "jpf", "jpx", "jxl", "jxr", "wdp",
];

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

fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| PICTURES.iter().any(|p| p.eq_ignore_ascii_case(e)))
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
