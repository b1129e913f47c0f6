use std::io::Cursor;

use proptest::prelude::*;

use super::lens;
use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::test_directories::{Entry, directory, fractions, photo, shorts};

fn lens_of(photo: &[u8]) -> Option<String> {
    lens(&ExifBlocks::read(&mut Cursor::new(photo)))
}

/// A maker, the bytes before the directory, whether places count from the EXIF, the directory's
/// entries, and the lens.
type Case = (&'static str, &'static [u8], bool, Vec<Entry>, &'static str);

fn cases() -> Vec<Case> {
    let mut settings = [0; 40];
    settings[23..26].copy_from_slice(&[5500, 1800, 100]);
    let zoom = fractions(&[(18, 1), (70, 1), (35, 10), (45, 10)]);
    let fujifilm = [(28, 1), (70, 1), (28, 10), (4, 1)];
    let fujifilm = [0x1404, 0x1405, 0x1406, 0x1407]
        .into_iter()
        .zip(fujifilm)
        .map(|(tag, number)| (tag, 5, fractions(&[number])));
    let sigma = fractions(&[(18, 1), (200, 1)]);
    let sony = vec![0x02, 0x00, 0x24, 0x00, 0x50, 0x28, 0x28, 0];
    let name = |tag, name: &str| vec![(tag, 2, [name.as_bytes(), b"\0"].concat())];
    vec![
        (
            "Canon",
            b"",
            true,
            name(0x95, "EF50mm f/1.8"),
            "EF50mm f/1.8",
        ),
        (
            "Canon",
            b"",
            true,
            vec![(1, 3, shorts(&settings))],
            "18-55 mm",
        ),
        (
            "NIKON CORPORATION",
            b"Nikon\0\x02\x10\0\0",
            false,
            vec![(0x83, 1, vec![6]), (0x84, 5, zoom.clone())],
            "18-70 mm f/3.5-4.5 G",
        ),
        (
            "NIKON",
            b"",
            true,
            vec![(0x84, 5, zoom)],
            "18-70 mm f/3.5-4.5",
        ),
        (
            "Panasonic",
            b"Panasonic\0\0\0",
            true,
            name(0x51, "LUMIX G VARIO 14-42/F3.5-5.6"),
            "LUMIX G VARIO 14-42/F3.5-5.6",
        ),
        (
            "FUJIFILM",
            b"FUJIFILM\x0c\0\0\0",
            false,
            fujifilm.collect(),
            "28-70 mm f/2.8-4",
        ),
        (
            "SIGMA",
            b"SIGMA\0\0\0\x01\0",
            true,
            vec![(0x27, 2, b"90\0".to_vec()), (0x2a, 5, sigma)],
            "18-200 mm",
        ),
        (
            "SONY",
            b"SONY DSC \0\0\0",
            true,
            vec![(0xb02a, 7, sony.clone())],
            "24-50 mm f/2.8",
        ),
        ("SONY", b"", true, vec![(0xb02a, 7, sony)], "24-50 mm f/2.8"),
    ]
}

/// The photo of a case.
fn made((make, mark, from_exif, entries, _): &Case) -> Vec<u8> {
    photo(make, &[], &|place| {
        if mark.starts_with(b"Nikon") {
            let tiff = [b"II*\0\x08\0\0\0", &directory(8, entries)[..]];
            return [mark, &tiff.concat()[..]].concat();
        }
        let from = if *from_exif { place } else { 0 };
        [mark, &directory(from + mark.len(), entries)[..]].concat()
    })
}

/// The photo of an Olympus camera, whose lens is in a directory within.
fn olympus(mark: &[u8], from_exif: bool) -> Vec<u8> {
    photo("OLYMPUS CORPORATION", &[], &|place| {
        let at = if from_exif { place } else { 0 } + mark.len();
        let inner_at = at + 2 + 12 + 4;
        let name = b"OLYMPUS M.14-42mm F3.5-5.6\0".to_vec();
        let inner = directory(inner_at, &[(0x0203, 2, name)]);
        let entry = (0x2010, 4, (inner_at as u32).to_le_bytes().to_vec());
        [mark, &directory(at, &[entry]), &inner].concat()
    })
}

#[test]
fn the_lens_is_named_as_the_maker_notes_it() {
    for case in cases() {
        let (make, mark, _, _, expected) = case;
        let what = format!("{make} {}", mark.escape_ascii());
        assert_eq!(lens_of(&made(&case)).as_deref(), Some(expected), "{what}");
    }
    let marks = [
        (&b"OLYMPUS\0II\x03\0"[..], false),
        (b"OM SYSTEM\0\0\0II\x04\0", false),
        (b"OLYMP\0\x01\0", true),
    ];
    for (mark, from_exif) in marks {
        let expected = Some("OLYMPUS M.14-42mm F3.5-5.6");
        assert_eq!(lens_of(&olympus(mark, from_exif)).as_deref(), expected);
    }
}

#[test]
fn the_name_in_exif_comes_first_and_its_numbers_last() {
    let numbers = (
        0xa432,
        5,
        fractions(&[(50, 1), (50, 1), (18, 10), (18, 10)]),
    );
    let canon = |more: &[Entry], name: &'static [u8]| {
        let notes = move |place| directory(place, &[(0x95, 2, name.to_vec())]);
        lens_of(&photo("Canon", more, &notes))
    };
    let of_notes = canon(std::slice::from_ref(&numbers), b"EF50mm f/1.8\0");
    assert_eq!(of_notes.as_deref(), Some("EF50mm f/1.8"));
    let of_numbers = canon(&[numbers], b"NO-LENS\0");
    assert_eq!(of_numbers.as_deref(), Some("50 mm f/1.8"));
    let name = (0xa434, 2, b"Planar\0".to_vec());
    let of_exif = canon(&[name], b"EF50mm f/1.8\0");
    assert_eq!(of_exif.as_deref(), Some("Planar"));
}

#[test]
fn canons_notes_say_where_they_were_before_they_were_moved() {
    let moved = |_| {
        let notes = directory(7000, &[(0x95, 2, b"EF50mm f/1.8\0".to_vec())]);
        [&notes[..], b"II*\0", &7000_u32.to_le_bytes()].concat()
    };
    let photo = photo("Canon", &[], &moved);
    assert_eq!(lens_of(&photo).as_deref(), Some("EF50mm f/1.8"));
}

#[test]
fn without_a_lens_none_is_named() {
    let nothing = fractions(&[(0, 0); 4]);
    let entries: [Entry; 4] = [
        (0x84, 5, nothing.clone()),
        (0xa432, 5, nothing),
        (0xa434, 2, b"----\0".to_vec()),
        (0xb02a, 7, vec![0; 8]),
    ];
    for make in ["NIKON", "SONY", "Canon", "nobody"] {
        let photo = photo(make, &entries[1..3], &|place| directory(place, &entries));
        assert_eq!(lens_of(&photo), None, "{make}");
    }
}

#[test]
fn notes_copied_by_adobe_count_from_where_they_were() {
    let notes = directory(5000, &[(0x95, 2, b"EF-S18-55mm\0".to_vec())]);
    let mut part = b"II\0\0\x13\x88".to_vec();
    part.extend(notes);
    let length = (part.len() as u32).to_be_bytes();
    let other = b"Oth \0\0\0\x03...\0";
    let private = [b"Adobe\0", &other[..], b"MakN", &length, &part].concat();
    let make = (0x010f, 2, b"Canon\0".to_vec());
    let first = directory(8, &[make, (0xc634, 1, private)]);
    let dng = [&b"II*\0\x08\0\0\0"[..], &first].concat();
    assert_eq!(lens_of(&dng).as_deref(), Some("EF-S18-55mm"));
    for cut in 0..dng.len() {
        lens_of(&dng[..cut]);
    }
}

proptest! {
    /// Damage takes the lens away or changes it, and does nothing else.
    #[test]
    fn damage_does_no_harm(
        which in 0usize..12,
        at in prop::collection::vec((0usize..1000, any::<u8>()), 1..6),
        cut in 0usize..1000,
    ) {
        let mut photo = match which.checked_sub(9) {
            None => made(&cases()[which]),
            Some(0) => olympus(b"OLYMPUS\0II\x03\0", false),
            Some(_) => olympus(b"OLYMP\0\x01\0", true),
        };
        for (at, with) in at {
            let at = at % photo.len();
            photo[at] = with;
        }
        photo.truncate(photo.len() - (cut % photo.len()) / 4);
        let lens = lens_of(&photo);
        prop_assert!(lens.is_none_or(|lens| !lens.is_empty() && lens.chars().count() <= 80));
    }
}

#[test]
fn phase_one_names_the_lens_in_a_directory_of_its_own() {
    for little_endian in [true, false] {
        let number = |n: u32| match little_endian {
            true => n.to_le_bytes(),
            false => n.to_be_bytes(),
        };
        let name = b"Mamiya LS 80mm f/2.8 D\0\0";
        let notes = |_| {
            let entry = |tag, length, place| [tag, 1, length, place].map(number).concat();
            let mark: &[u8] = if little_endian {
                b"IIIICwaR"
            } else {
                b"MMMMRawT"
            };
            [
                mark,
                &number(36),
                name,
                &[2, 0].map(number).concat(),
                &entry(0x0105, 4, 100),
                &entry(0x0412, name.len() as u32, 12),
            ]
            .concat()
        };
        let photo = photo("Leaf", &[], &notes);
        assert_eq!(lens_of(&photo).as_deref(), Some("Mamiya LS 80mm f/2.8 D"));
        for cut in 0..photo.len() {
            lens_of(&photo[..cut]);
        }
    }
}
