//! The hash of a picture: of what a file shows, without the metadata that programs rewrite.
//!
//! A keyword, a rating or a caption written into a photo moves most of the file's bytes, but changes
//! nothing that is shown. Each format below says which of its parts count: the coded picture, how to
//! decode it, its colour profile, and the orientation as the decoder sees it. Positions in the file
//! never count.
//!
//! A file of any other format, and one that does not lead to its picture (damaged or cut off), has no
//! such hash: then all its bytes count.

mod boxes;
mod items;
mod jpeg;
mod png;
mod raf;
mod tiff;
mod webp;

use crate::core::panics::contained;
use crate::core::photo::{ContentHash, Identity, PictureHash};

/// Computes both hashes of a file.
pub(crate) fn identity(file: &[u8]) -> Identity {
    let hash = ContentHash::new(blake3::hash(file).into());
    match contained(|| picture_hash(file)) {
        Ok(Some(picture)) => Identity {
            file: hash,
            picture,
        },
        _ => Identity::of_file(hash),
    }
}

/// The hash of what the file shows; `None` if all its bytes count.
fn picture_hash(file: &[u8]) -> Option<PictureHash> {
    let mut parts = Parts::of(file);
    match file {
        [0xff, 0xd8, 0xff, ..] => jpeg::add(&mut parts, file)?,
        [0x89, b'P', b'N', b'G', ..] => png::add(&mut parts, file)?,
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => {
            webp::add(&mut parts, file)?;
        }
        [b'I', b'I', ..] | [b'M', b'M', ..] => tiff::add(&mut parts, file)?,
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => boxes::add_jxl(&mut parts, file)?,
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'c',
            b'r',
            b'x',
            b' ',
            ..,
        ] => {
            boxes::add_cr3(&mut parts, file)?;
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => items::add(&mut parts, file)?,
        _ if file.starts_with(b"FUJIFILMCCD-RAW") => raf::add(&mut parts, file)?,
        _ => return None,
    }
    Some(parts.finish())
}

/// The name of a part.
type Name = [u8; 4];

/// The orientation.
const TURN: Name = *b"turn";
/// An ICC profile.
const PROFILE: Name = *b"icc ";

/// Takes up the parts of a picture.
struct Parts {
    hasher: blake3::Hasher,
    /// The bytes that may still be added.
    left: u64,
}

impl Parts {
    /// No file has parts of more than twice its length, except one with parts that overlap to take
    /// time.
    fn of(file: &[u8]) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            left: file.len() as u64 * 2 + 1024,
        }
    }

    /// Adds a part. `None` if there are too many.
    fn add(&mut self, name: &Name, content: &[u8]) -> Option<()> {
        self.add_pieces(name, [content])
    }

    /// Adds a part that lies in several places.
    fn add_pieces<'a>(
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

    fn add_orientation(&mut self, orientation: image::metadata::Orientation) -> Option<()> {
        self.add(&TURN, &[orientation.to_exif()])
    }

    fn finish(self) -> PictureHash {
        PictureHash::new(self.hasher.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests;
