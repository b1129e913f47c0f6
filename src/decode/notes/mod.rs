//! Makers' notes: where their directories begin, and what places in them count from.

mod directory;
mod iso;

use exif::Tag;

use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::numbers::number;

pub(super) use directory::{Directory, Space};
pub(super) use iso::iso;

/// Whose notes they are. Others hold nothing that is read.
#[derive(Clone, Copy)]
pub(super) enum Maker {
    Canon,
    Fujifilm,
    Nikon,
    Olympus,
    Panasonic,
    Sigma,
    Sony,
}

/// What places in notes count from.
#[derive(Clone, Copy)]
enum From {
    /// The start of the photo's EXIF.
    Exif,
    /// The start of the notes.
    Notes,
    /// A TIFF header at this place in the notes, which says where the directory is.
    Header(usize),
}

/// How notes begin, where in them the directory is, and what places count from.
const STARTS: [(&[u8], Maker, usize, From); 9] = [
    (b"Nikon\0\x02", Maker::Nikon, 0, From::Header(10)),
    (b"OLYMPUS\0", Maker::Olympus, 12, From::Notes),
    (b"OM SYSTEM\0\0\0", Maker::Olympus, 16, From::Notes),
    (b"OLYMP\0", Maker::Olympus, 8, From::Exif),
    (b"Panasonic\0\0\0", Maker::Panasonic, 12, From::Exif),
    (b"FUJIFILM\x0c\0\0\0", Maker::Fujifilm, 12, From::Notes),
    (b"SIGMA\0\0\0", Maker::Sigma, 10, From::Exif),
    (b"SONY DSC \0\0\0", Maker::Sony, 12, From::Exif),
    (b"SONY CAM \0\0\0", Maker::Sony, 12, From::Exif),
];

/// Makers whose notes can begin with the directory.
const BARE: [(&str, Maker); 3] = [
    ("canon", Maker::Canon),
    ("nikon", Maker::Nikon),
    ("sony", Maker::Sony),
];

/// The maker's own notes in a photo's EXIF.
pub(super) struct Notes<'a> {
    space: Space<'a>,
    at: usize,
    length: usize,
    /// The maker's name in lower case.
    make: String,
}

impl<'a> Notes<'a> {
    /// Finds them where cameras write them, else where Adobe's converter copied them.
    pub(super) fn find(exif: &'a ExifBlocks) -> Option<Self> {
        let found = exif.maker_notes();
        let (space, at, length) = found.or_else(|| copied_by_adobe(exif.bytes(ADOBE)?))?;
        let make = exif.text(Tag::Make).unwrap_or_default().to_lowercase();
        Some(Self {
            space,
            at,
            length,
            make,
        })
    }

    /// The bytes from their start to the end of what is around them.
    pub(super) fn onwards(&self) -> Option<&'a [u8]> {
        self.space.bytes.get(self.at..)
    }

    /// Their directory.
    pub(super) fn directory(&self) -> Option<(Maker, Directory<'a>)> {
        let (space, at) = (self.space, self.at);
        let notes = self.onwards()?.get(..self.length)?;
        let start = STARTS.iter().find(|(mark, ..)| notes.starts_with(mark));
        let Some(&(_, maker, directory, from)) = start else {
            let of_make = |(name, _): &&(&str, Maker)| self.make.starts_with(name);
            let (_, maker) = BARE.iter().find(of_make)?;
            if let (Maker::Canon, Some(space)) = (maker, at_canons_place(notes)) {
                return Some((*maker, space.directory(space.first)?));
            }
            return Some((*maker, space.directory(space.first.checked_add(at)?)?));
        };
        let directory = match from {
            From::Exif => space.directory(space.first.checked_add(at)?.checked_add(directory)?)?,
            From::Notes => {
                let order = notes.get(directory - 4..directory - 2);
                let little_endian = order != Some(b"MM");
                in_notes(notes, little_endian).directory(directory)?
            }
            From::Header(header) => {
                let notes = notes.get(header..)?;
                let little_endian = notes.starts_with(b"II");
                let place = number(notes, little_endian, 4, 4)?;
                in_notes(notes, little_endian).directory(place.try_into().ok()?)?
            }
        };
        Some((maker, directory))
    }
}

/// Canon's notes end with a TIFF header that tells their byte order and where they were first, which
/// their places still count from if a program has moved them.
fn at_canons_place(notes: &[u8]) -> Option<Space<'_>> {
    let header = notes.last_chunk::<8>()?;
    let little_endian = match header {
        [b'I', b'I', 42, 0, ..] => true,
        [b'M', b'M', 0, 42, ..] => false,
        _ => return None,
    };
    let first = number(header, little_endian, 4, 4)?.try_into().ok()?;
    Some(Space {
        bytes: notes,
        first,
        little_endian,
    })
}

fn in_notes(bytes: &[u8], little_endian: bool) -> Space<'_> {
    Space {
        bytes,
        first: 0,
        little_endian,
    }
}

/// What Adobe's converter to DNG keeps of other formats.
const ADOBE: Tag = Tag(exif::Context::Tiff, 0xc634);
/// More than the converter writes.
const MOST_PARTS: usize = 32;

/// Finds the notes among Adobe's copies. Their places still count from where they were.
fn copied_by_adobe(private: &[u8]) -> Option<(Space<'_>, usize, usize)> {
    let mut parts = private.strip_prefix(b"Adobe\0")?;
    for _ in 0..MOST_PARTS {
        let length = number(parts, false, 4, 4)?.try_into().ok()?;
        let part = parts.get(8..)?.get(..length)?;
        if let Some(notes) = parts.strip_prefix(b"MakN").and(part.get(6..)) {
            let space = Space {
                bytes: notes,
                first: number(part, false, 2, 4)?.try_into().ok()?,
                little_endian: part.starts_with(b"II"),
            };
            return Some((space, 0, notes.len()));
        }
        // Parts begin at even places.
        parts = parts.get(8 + length.next_multiple_of(2)..)?;
    }
    None
}
