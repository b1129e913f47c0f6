//! Names a photo's lens: as EXIF does, else as the maker's own notes do, if they hold a name or numbers.
//! Numbers of lens models, which only long lists explain, are not read.

mod notes;
mod numbers;
mod phase_one;

use exif::Tag;

use crate::core::about::names_a_lens;
use crate::decode::exif_blocks::ExifBlocks;
use numbers::LensNumbers;

/// The lens of a photo with this EXIF.
pub(super) fn lens(exif: &ExifBlocks) -> Option<String> {
    let name = exif.text(Tag::LensModel).filter(|name| names_a_lens(name));
    name.or_else(|| notes::lens(exif)).or_else(|| {
        let numbers = exif.rationals(Tag::LensSpecification)?;
        LensNumbers::of_rationals(&numbers)?.described()
    })
}

/// A lens with these focal lengths in millimetres.
pub(super) fn zoom(shortest_mm: f64, longest_mm: f64) -> Option<String> {
    LensNumbers::of_rationals(&[shortest_mm, longest_mm])?.described()
}

#[cfg(test)]
mod tests;
