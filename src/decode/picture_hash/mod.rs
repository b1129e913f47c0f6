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
mod parts;
mod png;
mod raf;
mod tiff;
mod webp;

use crate::core::panics::contained;
use crate::core::photo::{ContentHash, Identity, PictureHash};
use crate::decode::picture_hash::parts::Parts;

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

#[cfg(test)]
mod tests;
