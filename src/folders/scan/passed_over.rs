//! Counts what a scan skips, so that the user learns about a folder full of unsupported pictures.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::core::photo::is_video;

/// Extensions of unsupported pictures and videos. Extensions that
/// [`is_picture`](crate::core::photo::is_picture) knows never get here.
const MEDIA: &[&str] = &[
    // Camera raw.
    "3fr", "ari", "arw", "bay", "braw", "cap", "cr2", "cr3", "crw", "dcr", "dcs", "dng", "drf",
    "eip", "erf", "fff", "gpr", "iiq", "k25", "kdc", "mdc", "mef", "mos", "mrw", "nef", "nrw",
    "orf", "pef", "ptx", "pxn", "r3d", "raf", "raw", "rw2", "rwl", "rwz", "sr2", "srf", "srw",
    "x3f", // Other pictures.
    "ai", "eps", "heics", "hif", "insp", "jps", "mpo", "psb", "psd", "svg", "tgs", "xcf", "avifs",
    // Videos.
    "3gp", "avi", "flv", "insv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv",
    "webm", "wmv", "lrv",
];

/// Counts of skipped files and folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PassedOver {
    /// Unsupported pictures and videos, by extension in lower case.
    pub(crate) unsupported: BTreeMap<String, usize>,
    /// Folders and pictures that a rule excludes: hidden ones, recycle bins, previews of other
    /// programs, and those excluded by a `.taglensignore` or a `.nomedia`. The contents of such a
    /// folder are not counted.
    pub(crate) ignored: usize,
    /// Files that are neither pictures nor videos.
    pub(crate) other: usize,
}

impl PassedOver {
    pub(super) fn ignored(count: usize) -> Self {
        Self {
            ignored: count,
            ..Self::default()
        }
    }

    /// Counts a file that is not a picture by its name.
    pub(crate) fn add(&mut self, path: &Path) {
        let extension = path.extension().and_then(|e| e.to_str());
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        match MEDIA.contains(&extension.as_str()) {
            true => *self.unsupported.entry(extension).or_default() += 1,
            false => self.other += 1,
        }
    }

    /// Adds another's counts.
    pub(crate) fn merge(&mut self, more: &Self) {
        for (extension, count) in &more.unsupported {
            *self.unsupported.entry(extension.clone()).or_default() += count;
        }
        self.ignored += more.ignored;
        self.other += more.other;
    }

    /// The number of unsupported pictures and videos, with [`Self::videos`].
    pub(crate) fn unsupported_count(&self) -> usize {
        self.unsupported.values().sum()
    }

    /// The number of videos that the user can include.
    pub(crate) fn videos(&self) -> usize {
        let videos = self.unsupported.iter().filter(|(e, _)| can_be_included(e));
        videos.map(|(_, count)| count).sum()
    }

    /// The kinds of the others with their numbers, `1 psd, 2 wmv`.
    pub(crate) fn unsupported_kinds(&self) -> String {
        let others = self.unsupported.iter().filter(|(e, _)| !can_be_included(e));
        let kinds = others.map(|(extension, count)| format!("{count} {extension}"));
        kinds.collect::<Vec<_>>().join(", ")
    }
}

fn can_be_included(extension: &str) -> bool {
    is_video(&Path::new("video").with_extension(extension))
}

/// `1 video (--videos includes it), 2 files not supported (2 psd), 1 ignored, 4 other files`; empty if
/// there are none.
impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match self.videos() {
            0 => {}
            1 => parts.push("1 video (--videos includes it)".to_owned()),
            videos => parts.push(format!("{videos} videos (--videos includes them)")),
        }
        let others = self.unsupported_count() - self.videos();
        if others > 0 {
            let kinds = self.unsupported_kinds();
            parts.push(format!("{} not supported ({kinds})", files(others)));
        }
        if self.ignored > 0 {
            parts.push(format!("{} ignored", self.ignored));
        }
        if self.other > 0 {
            let s = if self.other == 1 { "" } else { "s" };
            parts.push(format!("{} other file{s}", self.other));
        }
        f.write_str(&parts.join(", "))
    }
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".into(),
        n => format!("{n} files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_by_kind() {
        let mut counts = PassedOver::ignored(1);
        for name in ["a.PSD", "b.psd", "c.MOV", "d.wmv", "notes.txt", "README"] {
            counts.add(Path::new(name));
        }
        let mut twice = counts.clone();
        twice.merge(&counts);
        assert_eq!(
            counts.to_string(),
            "1 video (--videos includes it), 3 files not supported (2 psd, 1 wmv), 1 ignored, 2 other files"
        );
        assert_eq!((twice.unsupported_count(), twice.videos()), (8, 2));
        assert!(
            twice
                .to_string()
                .starts_with("2 videos (--videos includes them), 6 files")
        );
        assert_eq!(PassedOver::default().to_string(), "");
    }
}
