//! Where in makers' notes the lens is. Pentax and Samsung write only the number of a model.

use super::numbers::LensNumbers;
use super::phase_one;
use crate::core::about::names_a_lens;
use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::notes::{Directory, Maker, Notes};

/// The lens by the maker's notes in a photo.
pub(super) fn lens(exif: &ExifBlocks) -> Option<String> {
    let notes = Notes::find(exif)?;
    if let Some(name) = notes.onwards().and_then(phase_one::lens) {
        return Some(name).filter(|name| names_a_lens(name));
    }
    let (maker, directory) = notes.directory()?;
    of_maker(maker, &directory)
}

fn of_maker(maker: Maker, notes: &Directory) -> Option<String> {
    let name = |directory: &Directory, tag| directory.text(tag).filter(|name| names_a_lens(name));
    match maker {
        Maker::Canon => name(notes, 0x0095).or_else(|| canon(&notes.numbers(0x0001)?)?.described()),
        Maker::Fujifilm => {
            let tags = [0x1404, 0x1405, 0x1406, 0x1407];
            let numbers = tags.map(|tag| notes.first_number(tag));
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
