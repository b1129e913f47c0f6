//! Finds the pictures at the paths that the user names.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::folders::{PassedOver, RootState, ScanOptions, scan};

/// The pictures found, and the failures.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to read, sorted within each named path.
    pub pictures: Vec<PathBuf>,
    /// Folders and paths that failed, with the reason.
    pub(crate) failures: Vec<(PathBuf, String)>,
    /// What was skipped.
    pub(crate) passed_over: PassedOver,
}

/// Lists the pictures below `paths`. A named file is taken whatever its name; folders are searched
/// by the same rules as a library's, except that links to files are followed. Setting `stop` ends
/// the search soon. `videos` includes those that can be read.
pub fn walk(paths: &[PathBuf], videos: bool, stop: &AtomicBool) -> Found {
    let options = ScanOptions {
        links_to_files: true,
        videos,
        ..ScanOptions::default()
    };
    let mut found = Found::default();
    for path in paths {
        if !path.is_dir() {
            // Missing files too: reading them reports the error.
            found.pictures.push(path.clone());
            continue;
        }
        let scan = scan(path, &options, stop, &|_| {});
        if let RootState::Unreadable(reason) = scan.root {
            found.failures.push((path.clone(), reason));
        }
        found
            .pictures
            .extend(scan.files.into_iter().map(|file| file.path));
        found.passed_over.merge(&scan.passed_over);
        let problems = scan.problems.into_iter();
        found.failures.extend(problems.map(|p| (p.path, p.reason)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_pictures_below_and_takes_named_files_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("b")).unwrap();
        std::fs::create_dir(at("@EADIR")).unwrap();
        std::fs::create_dir(at("Apple.photoslibrary")).unwrap();
        std::fs::create_dir(at("covers")).unwrap();
        for name in ["@EADIR/x.jpg", "Apple.photoslibrary/x.jpg", "covers/x.jpg"] {
            std::fs::write(at(name), "").unwrap();
        }
        std::fs::write(at("covers/.nomedia"), "").unwrap();
        std::fs::write(at("no.jpg"), "").unwrap();
        std::fs::write(at("clip.MOV"), "").unwrap();
        std::fs::write(at(".taglensignore"), "no.*\n").unwrap();
        for name in ["z.JPG", "a.heic", "notes.txt", ".hidden.jpg", "b/c.png"] {
            std::fs::write(at(name), "").unwrap();
        }
        let paths = [folder.path().to_path_buf(), at("notes.txt"), at("missing")];
        let found = walk(&paths, false, &AtomicBool::new(false));
        let expected = ["a.heic", "b/c.png", "z.JPG", "notes.txt", "missing"].map(at);
        assert_eq!(found.pictures, expected);
        assert!(found.failures.is_empty());
        let passed_over = found.passed_over;
        assert_eq!(passed_over.unsupported["mov"], 1);
        // Two folders by name, one by its file, a hidden picture and one by a rule.
        assert_eq!(passed_over.ignored, 5);
        assert_eq!(passed_over.other, 1);
        let with_videos = walk(&paths, true, &AtomicBool::new(false));
        assert!(with_videos.pictures.contains(&at("clip.MOV")));
        assert!(with_videos.passed_over.unsupported.is_empty());
    }
}
