//! What identifies a photo, and what tells that its file has changed.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// BLAKE3 digest of a file's bytes: two files with the same one hold the same photo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Wraps a digest.
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest's bytes.
    pub fn bytes(&self) -> &[u8; 32] {
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

/// What the file system says about a file without reading it: as long as this stays the same, the
/// content is taken to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// The file's length.
    pub size_bytes: u64,
    /// When it was last modified, in nanoseconds since 1970-01-01 UTC; earlier times are negative.
    pub modified_ns: i64,
}

/// Where a known file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was there at the last look.
    Present,
    /// Its folder was looked into, and it was not there.
    Missing,
    /// Its root or its folder could not be looked into.
    Offline,
}

/// A file as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// The library's number of it.
    pub id: i64,
    /// Where it lies; absolute.
    pub path: PathBuf,
    /// What the file system said of it.
    pub stamp: FileStamp,
    /// Its content's hash, once it was read.
    pub hash: Option<ContentHash>,
    /// Where it is.
    pub presence: Presence,
}

#[cfg(test)]
mod tests {
    use super::*;

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
