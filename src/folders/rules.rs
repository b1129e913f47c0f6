//! What a scan passes over: hidden names, folders that hold no photos of a person's, and whatever a
//! `.taglensignore` names.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The file whose lines, in the syntax of `.gitignore`, name what is passed over in its folder and
/// below. A `.gitignore` itself means nothing here: photos are often kept out of version control
/// precisely because they are photos.
pub const IGNORE_FILE: &str = ".taglensignore";

/// An ignore file is written by hand. Something larger is something else.
const IGNORE_FILE_LIMIT_BYTES: u64 = 1 << 20;

/// Folders with pictures in them that no person put there: thumbnails of network storage
/// (`@eaDir`), of desktops (`.thumbnails`) and of Lightroom (`*.lrdata`), and what was thrown away
/// (`#recycle`, `$RECYCLE.BIN`, `.dtrash` of digiKam) or salvaged (`lost+found`).
const SKIPPED_FOLDERS: [&str; 6] = [
    "@eaDir",
    ".thumbnails",
    "#recycle",
    "$RECYCLE.BIN",
    "lost+found",
    ".dtrash",
];

/// Whether a folder of this name is passed over.
pub(super) fn skips_folder(name: &OsStr, hidden: bool) -> bool {
    let bytes = name.as_encoded_bytes();
    let previews = b".lrdata";
    skips_file(name, hidden)
        || SKIPPED_FOLDERS.iter().any(|s| s.as_bytes() == bytes)
        || (bytes.len() > previews.len()
            && bytes[bytes.len() - previews.len()..].eq_ignore_ascii_case(previews))
}

/// Whether a file of this name is passed over: hidden, unless hidden files are asked for.
pub(super) fn skips_file(name: &OsStr, hidden: bool) -> bool {
    !hidden && name.as_encoded_bytes().starts_with(b".")
}

/// Whether the names alone of a path below a root keep a scan from getting there.
pub(super) fn skips_path(relative: &Path, hidden: bool) -> bool {
    relative
        .components()
        .any(|c| matches!(c, Component::Normal(name) if skips_folder(name, hidden)))
}

/// The ignore files that hold in a folder: its own, then those of the folders around it.
#[derive(Debug)]
pub(super) struct Rules {
    here: Gitignore,
    around: Option<Arc<Rules>>,
}

impl Rules {
    /// Reads the ignore file of `folder`. The second value lists lines that make no sense; the
    /// others hold regardless.
    ///
    /// # Errors
    /// The file is there but cannot be read. What it hides is unknown then, so the folder must not
    /// be looked into.
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

    /// Whether `path`, which lies in the folder of these rules, is passed over. The innermost file
    /// that says anything decides.
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
