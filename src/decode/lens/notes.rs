//! Makers' notes: where their directories begin, what places in them count from, and where in them the
//! lens is. Pentax and Samsung write only the number of a model.

use exif::Tag;

use super::directory::{Directory, Space};
use super::numbers::LensNumbers;
use super::phase_one;
use crate::core::about::names_a_lens;
use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::numbers::number;

#[derive(Clone, Copy)]
enum Maker {
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

/// The lens by the maker's notes in a photo.
pub(super) fn lens(exif: &ExifBlocks) -> Option<String> {
    let make = exif.text(Tag::Make).unwrap_or_default().to_lowercase();
    let in_exif = || {
        let notes = exif.maker_notes()?;
        let space = Space {
            bytes: notes.around,
            first: 0,
            little_endian: notes.little_endian,
        };
        Some((space, notes.at, notes.length))
    };
    let (space, at, length) = in_exif().or_else(|| copied_by_adobe(exif.bytes(ADOBE)?))?;
    if let Some(name) = space.bytes.get(at..).and_then(phase_one::lens) {
        return Some(name).filter(|name| names_a_lens(name));
    }
    let (maker, directory) = opened(space, at, length, &make)?;
    of_maker(maker, &directory)
}

/// The directory of notes at `at` in a space.
fn opened<'a>(
    space: Space<'a>,
    at: usize,
    length: usize,
    make: &str,
) -> Option<(Maker, Directory<'a>)> {
    let notes = space.bytes.get(at..at.checked_add(length)?)?;
    let start = STARTS.iter().find(|(mark, ..)| notes.starts_with(mark));
    let Some(&(_, maker, directory, from)) = start else {
        let (_, maker) = BARE.iter().find(|(name, _)| make.starts_with(name))?;
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

fn of_maker(maker: Maker, notes: &Directory) -> Option<String> {
    let name = |directory: &Directory, tag| directory.text(tag).filter(|name| names_a_lens(name));
    match maker {
        Maker::Canon => name(notes, 0x0095).or_else(|| canon(&notes.numbers(0x0001)?)?.described()),
        Maker::Fujifilm => {
            let tags = [0x1404, 0x1405, 0x1406, 0x1407];
            let numbers = tags.map(|tag| Some(*notes.numbers(tag)?.first()?));
            LensNumbers::of_rationals(&numbers.map(Option::unwrap_or_default))?.described()
        }
        Maker::Nikon => {
            let numbers = LensNumbers::of_rationals(&notes.numbers(0x0084)?)?.described()?;
            let kind = notes.bytes(0x0083).and_then(|kind| kind.first().copied());
            Some(numbers + nikon_kind(kind.unwrap_or_default()))
        }
        Maker::Olympus => name(&notes.inner(0x2010)?, 0x0203),
        Maker::Panasonic => name(notes, 0x0051),
        Maker::Sigma => {
            let mut numbers = notes.numbers(0x002a).unwrap_or_default();
            numbers.extend(notes.numbers(0x002b).unwrap_or_default());
            let numbers = LensNumbers::of_rationals(&numbers).and_then(LensNumbers::described);
            // Without a space it is the number of a model.
            let spaced = |name: &String| name.contains(' ');
            name(notes, 0x0027).filter(spaced).or(numbers)
        }
        Maker::Sony => sony(notes.bytes(0xb02a)?)?.described(),
    }
}

/// Canon's camera settings have the longest and shortest focal length in units that follow them.
fn canon(settings: &[f64]) -> Option<LensNumbers> {
    let [longest, shortest, units] = settings.get(23..)?.first_chunk()?;
    Some(LensNumbers {
        shortest_mm: shortest / units.max(1.0),
        longest_mm: longest / units.max(1.0),
        apertures: [0.0; 2],
    })
}

/// The letter that Nikon puts behind the numbers.
fn nikon_kind(bits: u8) -> &'static str {
    let kinds = [(0x40, " E"), (0x04, " G"), (0x02, " D")];
    let kind = kinds.iter().find(|(bit, _)| bits & bit != 0);
    kind.map_or("", |(_, letter)| letter)
}

/// Sony's numbers are decimal digits, two a byte, between two bytes of features.
fn sony(bytes: &[u8]) -> Option<LensNumbers> {
    let [_, a, b, c, d, wide, tele, _] = *bytes.first_chunk()?;
    let two = |byte: u8| f64::from(byte >> 4) * 10.0 + f64::from(byte & 15);
    Some(LensNumbers {
        shortest_mm: two(a) * 100.0 + two(b),
        longest_mm: two(c) * 100.0 + two(d),
        apertures: [two(wide) / 10.0, two(tele) / 10.0],
    })
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
