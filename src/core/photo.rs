//! The identity of photos, the stamps that reveal changes, and which files are photos.

use std::fmt;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::UNIX_EPOCH;

use crate::core::ids::FileId;

/// Extensions of pictures, including formats that cannot be read yet: a user who adds a folder
/// wants to know about them. Formats of games, film and icons (DDS, EXR, HDR, ICO, QOI, TGA) are
/// not photographs.
#[rustfmt::skip]
const PICTURES: [&str; 32] = [
    "jpg", "jpeg", "jpe", "jfif", "jps", "mpo", "png", "apng", "tif", "tiff", "gif", "bmp", "dib",
    "webp", "pnm", "pbm", "pgm", "ppm", "pam", "heic", "heif", "hif", "heics", "avif", "avifs", "jxl",
    "jp2", "j2k", "jpf", "jpx", "jxr", "wdp",
];

/// Extensions of camera raw files.
#[rustfmt::skip]
const RAW: [&str; 26] = [
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos", "mrw",
    "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
];

/// Extensions of videos that can be read, by their first key frame.
const VIDEOS: [&str; 5] = ["m4v", "mov", "mp4", "qt", "3gp"];

/// Whether the path has the extension of a picture, in any case. The file is not opened.
pub(crate) fn is_picture(path: &Path) -> bool {
    has_extension(path, &PICTURES) || is_raw(path)
}

/// Whether the path has the extension of a camera's raw file, in any case.
pub(crate) fn is_raw(path: &Path) -> bool {
    has_extension(path, &RAW)
}

/// Whether the path has the extension of a video that can be read, in any case. The file is not opened.
pub(crate) fn is_video(path: &Path) -> bool {
    has_extension(path, &VIDEOS)
}

fn has_extension(path: &Path, any: &[&str]) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| any.iter().any(|p| p.eq_ignore_ascii_case(e)))
}

/// BLAKE3 digest of a file's bytes: files with the same digest hold the same photo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Wraps a digest.
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest's bytes.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content hash has 64 hexadecimal digits")]
pub struct ContentHashError;

impl FromStr for ContentHash {
    type Err = ContentHashError;

    fn from_str(text: &str) -> Result<Self, ContentHashError> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(ContentHashError);
        }
        let digit = |d: &u8| char::from(*d).to_digit(16).ok_or(ContentHashError);
        for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for d in digits {
                *byte = *byte << 4 | digit(d)? as u8;
            }
        }
        Ok(Self(digest))
    }
}

/// The file system's facts about a file, available without reading it: while they stay the same,
/// the content is assumed to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// The file's length.
    pub size_bytes: u64,
    /// When it was last modified, in nanoseconds since 1970-01-01 UTC; earlier times are negative.
    pub modified_ns: i64,
}

/// The coarsest resolution of file times: FAT counts in steps of two seconds.
const COARSEST_CLOCK_NS: i64 = 2_000_000_000;

impl FileStamp {
    /// Takes the stamp from a file's metadata. Without a time it is 0, and times outside the range
    /// of `i64` nanoseconds (the years 1677 to 2262) are clamped.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let modified_ns = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
        };
        Self {
            size_bytes: metadata.len(),
            modified_ns,
        }
    }

    /// Whether a write after `now_ns` (nanoseconds since 1970-01-01 UTC) certainly changes this
    /// stamp. A file modified a moment ago can be modified again within the same tick of the file
    /// system's clock and keep its size and its time, so what is read from it now may become
    /// outdated unnoticed. A time well in the future was set by hand or by a camera: a write
    /// replaces it with the present.
    pub(crate) fn is_settled(&self, now_ns: i64) -> bool {
        now_ns.abs_diff(self.modified_ns) >= COARSEST_CLOCK_NS.unsigned_abs()
    }
}

/// Whether a known file is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was there at the last scan.
    Present,
    /// Its folder was listed without it.
    Missing,
    /// Its root or its folder could not be listed.
    Offline,
}

/// A file as last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The library's number of it.
    pub id: FileId,
    /// Where it lies; absolute.
    pub path: PathBuf,
    /// What the file system said of it.
    pub stamp: FileStamp,
    /// Its content's hash, once it was read.
    pub hash: Option<ContentHash>,
    /// Whether it is present.
    pub presence: Presence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_extension() {
        for (name, expected) in [
            ("a.jpg", true),
            ("A.JPG", true),
            ("folder.png/b.HeIc", true),
            ("pair.MPO", true),
            ("DSC1.HIF", true),
            ("DSC2.NEF", true),
            ("texture.tga", false),
            ("a.jpg.xmp", false),
            ("jpg", false),
            (".jpg", false),
            ("a.jpg~", false),
            ("", false),
        ] {
            assert_eq!(is_picture(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn videos_are_no_pictures() {
        assert!(is_video(Path::new("a.MOV")) && !is_picture(Path::new("a.MOV")));
        assert!(!is_video(Path::new("a.mkv")) && !is_video(Path::new("mp4")));
    }

    #[test]
    fn a_stamp_settles_when_the_clock_has_moved_on() {
        let now_ns = 1_700_000_000_000_000_000;
        for (age_ns, expected) in [
            (0, false),
            (1_999_999_999, false),
            (2_000_000_000, true),
            (i64::MAX, true),
            (-1, false),
            (-3_600_000_000_000, true),
        ] {
            let stamp = FileStamp {
                size_bytes: 1,
                modified_ns: now_ns - age_ns,
            };
            assert_eq!(stamp.is_settled(now_ns), expected, "{age_ns} ns old");
        }
        let stamp = FileStamp {
            size_bytes: 1,
            modified_ns: i64::MIN,
        };
        assert!(stamp.is_settled(i64::MAX));
    }

    #[test]
    fn a_stamp_holds_length_and_time() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(7).unwrap();
        for (time, modified_ns) in [
            (
                UNIX_EPOCH + std::time::Duration::from_secs(5),
                5_000_000_000,
            ),
            (
                UNIX_EPOCH - std::time::Duration::from_secs(5),
                -5_000_000_000,
            ),
        ] {
            file.as_file().set_modified(time).unwrap();
            let stamp = FileStamp::of(&file.as_file().metadata().unwrap());
            let size_bytes = 7;
            assert_eq!(
                stamp,
                FileStamp {
                    size_bytes,
                    modified_ns
                }
            );
        }
    }

    #[test]
    fn a_hash_reads_what_it_writes() {
        let hash = ContentHash::new(std::array::from_fn(|i| (i * 8) as u8));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let not_hex = "g".repeat(64);
        for wrong in ["", "00", not_hex.as_str(), "é"] {
            assert_eq!(wrong.parse::<ContentHash>(), Err(ContentHashError));
        }
        assert_eq!(
            "+f".repeat(32).parse::<ContentHash>(),
            Err(ContentHashError),
            "a sign is no digit"
        );
    }
}
