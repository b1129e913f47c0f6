//! The kinds of files that people tell apart, by extension.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::core::photo;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FileKind {
    /// JPEG.
    Jpeg,
    /// HEIC, HEIF and AVIF.
    Heic,
    /// Camera raw.
    Raw,
    /// PNG.
    Png,
    /// TIFF.
    Tiff,
    /// Videos.
    Video,
    /// Anything else.
    Other,
}

impl FileKind {
    /// All of them, each with its name.
    pub(crate) const ALL: [(Self, &str); 7] = [
        (Self::Jpeg, "JPEG"),
        (Self::Heic, "HEIC and AVIF"),
        (Self::Raw, "Raw"),
        (Self::Png, "PNG"),
        (Self::Tiff, "TIFF"),
        (Self::Video, "Video"),
        (Self::Other, "Other formats"),
    ];

    /// The kind of a file, by its name.
    pub(crate) fn of(path: &Path) -> Self {
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        let is = |any: &[&str]| any.iter().any(|e| extension.eq_ignore_ascii_case(e));
        match () {
            () if is(&["jpg", "jpeg", "jpe", "jfif"]) => Self::Jpeg,
            () if is(&["heic", "heif", "hif", "heics", "avif", "avifs"]) => Self::Heic,
            () if is(&["png", "apng"]) => Self::Png,
            () if is(&["tif", "tiff"]) => Self::Tiff,
            () if photo::is_video(path) => Self::Video,
            () if photo::is_raw(path) => Self::Raw,
            () => Self::Other,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(kind, _)| *kind == self).map_or("", |(_, n)| n)
    }

    /// Its bit in a set of kinds.
    pub(crate) fn bit(self) -> u8 {
        1 << self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_kind() {
        let of = |path: &str| FileKind::of(Path::new(path));
        assert_eq!(of("/a/IMG.JPG"), FileKind::Jpeg);
        assert_eq!(of("/a/IMG.CR2"), FileKind::Raw);
        assert_eq!(of("/a/IMG.x3f"), FileKind::Raw);
        assert_eq!(of("/a/IMG.MOV"), FileKind::Video);
        assert_eq!(of("/a/IMG.gif"), FileKind::Other);
        assert_eq!(of("/a/raw"), FileKind::Other);
        let bits = FileKind::ALL.map(|(kind, _)| u32::from(kind.bit()));
        assert_eq!(bits.iter().sum::<u32>(), 127, "each has its own");
    }
}
