//! The parts of a file that make up its picture, on their way into the hash.

use image::metadata::Orientation;

use crate::core::photo::PictureHash;

/// The name of a part.
pub(super) type Name = [u8; 4];

/// The orientation.
const TURN: Name = *b"turn";
/// An ICC profile.
pub(super) const PROFILE: Name = *b"icc ";

/// Takes up the parts of a picture.
pub(super) struct Parts {
    hasher: blake3::Hasher,
    /// The bytes that may still be added.
    left: u64,
}

impl Parts {
    /// No file has parts of more than twice its length, except one with parts that overlap to take
    /// time.
    pub(super) fn of(file: &[u8]) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            left: file.len() as u64 * 2 + 1024,
        }
    }

    /// Adds a part. `None` if there are too many.
    pub(super) fn add(&mut self, name: &Name, content: &[u8]) -> Option<()> {
        self.add_pieces(name, [content])
    }

    /// Adds a part that lies in several places.
    pub(super) fn add_pieces<'a>(
        &mut self,
        name: &Name,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Option<()> {
        self.hasher.update(name);
        let mut length = 0_u64;
        for piece in pieces {
            self.left = self.left.checked_sub(piece.len() as u64)?;
            self.hasher.update(piece);
            length += piece.len() as u64;
        }
        // Read from the end, lengths tell the parts apart.
        self.hasher.update(&length.to_le_bytes());
        Some(())
    }

    pub(super) fn add_orientation(&mut self, orientation: Orientation) -> Option<()> {
        self.add(&TURN, &[orientation.to_exif()])
    }

    pub(super) fn finish(self) -> PictureHash {
        PictureHash::new(self.hasher.finalize().as_bytes())
    }
}
