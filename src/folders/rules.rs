//! What a scan skips: hidden names, folders without the user's photos, and whatever a
//! `.taglensignore` lists.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A file that lists, in the syntax of `.gitignore`, what to skip in its folder and below. A
/// `.gitignore` has no effect: photos are often kept out of version control because they are
/// photos.
pub(crate) const IGNORE_FILE: &str = ".taglensignore";

/// Ignore files are written by hand. A larger file is something else.
const IGNORE_FILE_LIMIT_BYTES: u64 = 1 << 20;

/// Marks a folder, with all below it, as one without the user's photos. Android applications put
/// this file beside their covers and thumbnails.
pub(super) const NO_MEDIA_FILE: &str = ".nomedia";

/// Folders with pictures that no user put there: thumbnails and snapshots of network storage,
/// thumbnails of desktops, deleted files and recovered files.
const SKIPPED_FOLDERS: [&str; 14] = [
    "@eaDir",
    "#snapshot",
    "@Recently-Snapshot",
    ".@__thumb",
    ".thumbnails",
    "#recycle",
    "@Recycle",
    "$RECYCLE.BIN",
    "RECYCLER",
    "RECYCLED",
    ".Trashes",
    ".dtrash",
    "System Volume Information",
    "lost+found",
];

/// Folders that belong to another program, by the end of their names: previews of Lightroom, and
/// the libraries of Apple's programs, which nothing else should touch.
const SKIPPED_ENDINGS: [&str; 5] = [
    ".lrdata",
    ".photoslibrary",
    ".photolibrary",
    ".aplibrary",
    ".migratedphotolibrary",
];

/// Whether to skip a folder of this name. Case makes no difference, because network storage and
/// memory cards do not preserve it.
pub(super) fn skips_folder(name: &OsStr, hidden: bool) -> bool {
    let bytes = name.as_encoded_bytes();
    let ends_in = |ending: &str| {
        let start = bytes.len().saturating_sub(ending.len());
        start > 0 && bytes[start..].eq_ignore_ascii_case(ending.as_bytes())
    };
    skips_file(name, hidden)
        || SKIPPED_FOLDERS
            .iter()
            .any(|s| s.as_bytes().eq_ignore_ascii_case(bytes))
        || bytes
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case(b".trash-"))
        || SKIPPED_ENDINGS.iter().any(|ending| ends_in(ending))
}

/// Whether a file of this name makes a scan skip its folder.
pub(super) fn closes_folder(name: &OsStr) -> bool {
    name.as_encoded_bytes()
        .eq_ignore_ascii_case(NO_MEDIA_FILE.as_bytes())
}

/// Whether to skip a file of this name: hidden ones, unless they are requested.
pub(super) fn skips_file(name: &OsStr, hidden: bool) -> bool {
    !hidden && name.as_encoded_bytes().starts_with(b".")
}

/// Whether the names in a path below a root prevent a scan from getting there.
pub(super) fn skips_path(relative: &Path, hidden: bool) -> bool {
    relative
        .components()
        .any(|c| matches!(c, Component::Normal(name) if skips_folder(name, hidden)))
}

/// The ignore files that apply in a folder: its own, then those of its parents.
#[derive(Debug)]
pub(super) struct Rules {
    here: Gitignore,
    around: Option<Arc<Rules>>,
}

impl Rules {
    /// Reads the ignore file of `folder`. The second value lists invalid lines; the others apply
    /// regardless.
    ///
    /// # Errors
    /// If the file exists but cannot be read. Then nobody knows what it hides, so the folder must
    /// not be listed.
    pub(super) fn read(
        folder: &Path,
        around: Option<Arc<Rules>>,
    ) -> Result<(Arc<Rules>, Vec<String>), String> {
        let path = folder.join(IGNORE_FILE);
        let unusable = |why: &dyn std::fmt::Display| {
            format!(
                "its {IGNORE_FILE} cannot be used ({why}), so the folder is left alone until it can"
            )
        };
        // Opening a named pipe would wait for ever.
        if !path.metadata().map_err(|e| unusable(&e))?.is_file() {
            return Err(unusable(&"it is not a file"));
        }
        let mut text = String::new();
        File::open(&path)
            .and_then(|f| {
                f.take(IGNORE_FILE_LIMIT_BYTES + 1)
                    .read_to_string(&mut text)
            })
            .map_err(|e| unusable(&e))?;
        if text.len() as u64 > IGNORE_FILE_LIMIT_BYTES {
            return Err(unusable(&"it is larger than 1 MiB"));
        }
        let mut builder = GitignoreBuilder::new(folder);
        let mut nonsense = Vec::new();
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if let Err(error) = builder.add_line(None, line) {
                nonsense.push(format!("line {} of its {IGNORE_FILE}: {error}", i + 1));
            }
        }
        let here = builder.build().map_err(|e| unusable(&e))?;
        Ok((Arc::new(Rules { here, around }), nonsense))
    }

    /// Whether to skip `path`, which is in the folder of these rules. The innermost file with a
    /// matching line decides.
    pub(super) fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = self;
        loop {
            match (rules.here.matched(path, is_folder), &rules.around) {
                (Match::Ignore(_), _) => return true,
                (Match::Whitelist(_), _) | (Match::None, None) => return false,
                (Match::None, Some(around)) => rules = around,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_passed_over() {
        for (name, hidden, expected) in [
            ("holiday", false, false),
            (".cache", false, true),
            (".cache", true, false),
            (".thumbnails", true, true),
            ("@eaDir", false, true),
            ("Catalog Previews.lrdata", false, true),
            ("Previews.LRDATA", false, true),
            (".lrdata", true, false),
            ("lost+found", false, true),
            ("LOST+FOUND", false, true),
            ("@EADIR", false, true),
            ("@recycle", true, true),
            ("$Recycle.bin", false, true),
            (".Trash-1000", true, true),
            ("Fotos.PhotosLibrary", false, true),
            (".photoslibrary", true, false),
            ("photoslibrary", false, false),
            ("$RECYCLE.BIN", false, true),
            ("recycle", false, false),
        ] {
            assert_eq!(skips_folder(OsStr::new(name), hidden), expected, "{name}");
        }
        assert!(skips_path(Path::new("a/@eaDir/b.jpg"), false));
        assert!(!skips_path(Path::new("a/b/c.jpg"), false));
        assert!(!skips_path(Path::new(""), false));
    }

    #[test]
    fn the_innermost_ignore_file_decides() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(folder.path().join(IGNORE_FILE), "*.png\n/private/\n[z-a]\n").unwrap();
        std::fs::write(inner.join(IGNORE_FILE), "\u{feff}!keep.png\n").unwrap();
        let (outer, nonsense) = Rules::read(folder.path(), None).unwrap();
        assert_eq!(nonsense.len(), 1, "{nonsense:?}");
        assert!(nonsense[0].starts_with("line 3"), "{nonsense:?}");
        let (rules, _) = Rules::read(&inner, Some(outer.clone())).unwrap();
        assert!(outer.ignore(&folder.path().join("a.png"), false));
        assert!(outer.ignore(&folder.path().join("private"), true));
        assert!(!outer.ignore(&folder.path().join("private"), false));
        assert!(rules.ignore(&inner.join("a.png"), false));
        assert!(!rules.ignore(&inner.join("keep.png"), false));
        assert!(!rules.ignore(&inner.join("private"), true));
    }

    #[test]
    fn an_ignore_file_that_cannot_be_read_closes_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(IGNORE_FILE);
        std::fs::write(&path, [0xff, b'\n']).unwrap();
        assert!(Rules::read(folder.path(), None).is_err());
        std::fs::write(&path, "a\n".repeat(600_000)).unwrap();
        let reason = Rules::read(folder.path(), None).unwrap_err();
        assert!(reason.contains("1 MiB"), "{reason}");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(Rules::read(folder.path(), None).is_err());
    }
}
