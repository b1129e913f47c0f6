//! One file in many forms: with other metadata it has the same picture hash, with another picture,
//! profile or orientation another.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

use super::*;
use crate::decode::test_boxes::boxed;

/// What a file has.
#[derive(Clone)]
struct Made {
    /// Seeds the picture.
    picture: u8,
    orientation: u8,
    profile: Vec<u8>,
    /// A text in each kind of metadata of the format.
    notes: String,
}

impl Made {
    fn plain() -> Self {
        Self {
            picture: 1,
            orientation: 1,
            profile: Vec::new(),
            notes: String::new(),
        }
    }

    fn picture(&self, format: ImageFormat) -> Vec<u8> {
        let seed = self.picture;
        let picture = RgbImage::from_fn(16, 16, |x, y| {
            image::Rgb([x as u8 * seed, y as u8 * 7, seed])
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn xmp(&self) -> Vec<u8> {
        format!("<x:xmpmeta xmp:Rating='{}'/>", self.notes).into_bytes()
    }

    /// EXIF with a description, if there are notes, before the orientation.
    fn exif(&self) -> Vec<u8> {
        let mut block = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        block.extend(b"\x01\x0e\0\x02\0\0");
        block.extend((self.notes.len() as u16 + 1).to_be_bytes());
        block.extend(38_u32.to_be_bytes());
        block.extend([1, 18, 0, 3, 0, 0, 0, 1, 0, self.orientation, 0, 0]);
        block.extend(0_u32.to_be_bytes());
        block.extend(self.notes.as_bytes());
        block.extend([0; 8]);
        block
    }

    fn has_exif(&self) -> bool {
        !self.notes.is_empty() || self.orientation != 1
    }
}

fn segment(marker: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = content.len() as u16 + 2;
    [&[0xFF, marker], &length.to_be_bytes()[..], &content].concat()
}

fn jpeg(made: &Made) -> Vec<u8> {
    let plain = made.picture(ImageFormat::Jpeg);
    let mut file = plain[..2].to_vec();
    if made.has_exif() {
        file.extend(segment(0xE1, &[b"Exif\0\0", &made.exif()]));
    }
    if !made.profile.is_empty() {
        file.extend(segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", &made.profile]));
    }
    if !made.notes.is_empty() {
        let xmp = made.xmp();
        file.extend(segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", &xmp]));
        file.extend(segment(0xED, &[b"Photoshop 3.0\0", made.notes.as_bytes()]));
        file.extend(segment(0xFE, &[made.notes.as_bytes()]));
    }
    file.extend(&plain[2..]);
    // A second picture, or a maker's appendix.
    file.extend(made.notes.as_bytes());
    file
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length, &kind[..], content, &[0; 4]].concat()
}

fn png(made: &Made) -> Vec<u8> {
    let plain = made.picture(ImageFormat::Png);
    // Signature and header.
    let (head, rest) = plain.split_at(33);
    let (rest, end) = rest.split_at(rest.len() - 12);
    let mut file = head.to_vec();
    if !made.profile.is_empty() {
        file.extend(chunk(b"iCCP", &made.profile));
    }
    if !made.notes.is_empty() {
        let text = [b"XML:com.adobe.xmp\0\0\0\0\0".to_vec(), made.xmp()].concat();
        file.extend(chunk(b"iTXt", &text));
        file.extend(chunk(b"tIME", &[0; 7]));
    }
    file.extend(rest);
    if made.has_exif() {
        file.extend(chunk(b"eXIf", &made.exif()));
    }
    file.extend(end);
    file
}

fn webp(made: &Made) -> Vec<u8> {
    let plain = made.picture(ImageFormat::WebP);
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        let padding = &[0][..content.len() % 2];
        [kind, &length[..], content, padding].concat()
    };
    if !made.has_exif() && made.profile.is_empty() {
        return plain;
    }
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    file.extend(chunk(b"VP8X", &[0x2C, 0, 0, 0, 15, 0, 0, 15, 0, 0]));
    if !made.profile.is_empty() {
        file.extend(chunk(b"ICCP", &made.profile));
    }
    file.extend(&plain[12..]);
    file.extend(chunk(b"EXIF", &made.exif()));
    file.extend(chunk(b"XMP ", &made.xmp()));
    file
}

/// A TIFF with a second directory, and its parts in another order if there are notes.
fn tiff(made: &Made) -> Vec<u8> {
    let strip: Vec<u8> = (0..48).map(|n| n * made.picture).collect();
    let preview = [made.picture; 20];
    let mut tags: Vec<(u16, Vec<u8>)> = vec![
        (256, vec![4, 0]),
        (257, vec![4, 0]),
        (259, vec![1, 0]),
        (262, vec![2, 0]),
        (277, vec![3, 0]),
    ];
    if made.orientation != 1 {
        tags.push((274, vec![made.orientation, 0]));
    }
    if !made.notes.is_empty() {
        tags.push((700, made.xmp()));
        tags.push((270, made.notes.clone().into_bytes()));
    }
    if !made.profile.is_empty() {
        tags.push((34_675, made.profile.clone()));
    }
    let mut file = b"II*\0\0\0\0\0".to_vec();
    if !made.notes.is_empty() {
        file.extend(made.xmp());
    }
    let put = |file: &mut Vec<u8>, bytes: &[u8]| {
        let at = file.len() as u32;
        file.extend(bytes);
        at
    };
    let (strip_at, preview_at) = (put(&mut file, &strip), put(&mut file, &preview));
    let directory = |file: &mut Vec<u8>, data: (u32, usize), tags: &[(u16, Vec<u8>)], next| {
        let mut entries: Vec<(u16, u16, u32, u32)> =
            vec![(273, 4, 1, data.0), (279, 4, 1, data.1 as u32)];
        for (tag, value) in tags {
            // Short numbers, and bytes elsewhere.
            entries.push(match value.len() {
                2 => (*tag, 3, 1, u32::from(value[0])),
                length => (*tag, 7, length as u32, put(file, value)),
            });
        }
        entries.sort_unstable();
        let at = file.len() as u32;
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            file.extend(tag.to_le_bytes());
            file.extend(kind.to_le_bytes());
            file.extend(count.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        file.extend(u32::to_le_bytes(next));
        at
    };
    let second = directory(&mut file, (preview_at, preview.len()), &[], 0);
    let first = directory(&mut file, (strip_at, strip.len()), &tags, second);
    file[4..8].copy_from_slice(&first.to_le_bytes());
    file
}

/// An AVIF with one picture in two pieces, and with notes an EXIF item before it.
fn avif(made: &Made) -> Vec<u8> {
    let (first, second) = ([made.picture; 9], [made.picture; 5]);
    let notes = made.notes.as_bytes();
    let info = |id: u8, kind: &[u8; 4]| boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind, &[0]]);
    let (infos, count) = match notes.is_empty() {
        true => (info(1, b"av01"), 1),
        false => ([info(2, b"Exif"), info(1, b"av01")].concat(), 2),
    };
    let mut properties = boxed(b"ispe", &[&[0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8]]);
    properties.extend(boxed(b"irot", &[&[made.orientation]]));
    properties.extend(boxed(b"colr", &[b"prof", &made.profile]));
    let file = |data_at: u32| {
        let extent =
            |at: u32, length: usize| [at.to_be_bytes(), (length as u32).to_be_bytes()].concat();
        let metadata_at = data_at + (first.len() + second.len()) as u32;
        let mut places = [0, 1, 0, 0, 0, 2].to_vec();
        places.extend(extent(data_at + 5, first.len()));
        places.extend(extent(data_at, second.len()));
        if !notes.is_empty() {
            places.extend([0, 2, 0, 0, 0, 1]);
            places.extend(extent(metadata_at, notes.len()));
        }
        let ftyp = boxed(b"ftyp", &[b"avif\0\0\0\0mif1"]);
        let meta = boxed(
            b"meta",
            &[
                &[0; 4],
                &boxed(b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
                &boxed(b"iinf", &[&[0, 0, 0, 0, 0, count], &infos]),
                &boxed(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, count], &places]),
                &boxed(
                    b"iprp",
                    &[
                        &boxed(b"ipco", &[&properties]),
                        &boxed(b"ipma", &[&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 3, 1, 2, 3]]),
                    ],
                ),
            ],
        );
        let data = boxed(b"mdat", &[&second, &first, notes]);
        (ftyp.len() + meta.len() + 8, [ftyp, meta, data].concat())
    };
    let (data_at, _) = file(0);
    file(data_at as u32).1
}

fn jxl(made: &Made) -> Vec<u8> {
    let mut file = b"\0\0\0\x0cJXL \r\n\x87\n".to_vec();
    file.extend(boxed(b"ftyp", &[b"jxl \0\0\0\0jxl "]));
    if !made.notes.is_empty() {
        file.extend(boxed(b"xml ", &[&made.xmp()]));
    }
    file.extend(boxed(
        b"jxlc",
        &[&[made.picture, made.orientation], &made.profile],
    ));
    if !made.notes.is_empty() {
        file.extend(boxed(b"Exif", &[&made.exif()]));
    }
    file
}

fn cr3(made: &Made) -> Vec<u8> {
    let first = boxed(b"CMT1", &[&made.exif()]);
    let moov = boxed(b"moov", &[&boxed(b"uuid", &[&[7; 16], &first])]);
    [
        boxed(b"ftyp", &[b"crx \0\0\0\x01crx isom"]),
        moov,
        boxed(b"uuid", &[&[9; 16], &made.xmp()]),
        boxed(b"mdat", &[&[made.picture; 30], &made.profile]),
    ]
    .concat()
}

fn raf(made: &Made) -> Vec<u8> {
    let picture = jpeg(made);
    let mut file = b"FUJIFILMCCD-RAW ".to_vec();
    file.resize(84, 0);
    let sensor = [made.picture; 40];
    let mut at = 108_u32;
    for length in [picture.len(), 4, sensor.len()] {
        file.extend(at.to_be_bytes());
        file.extend((length as u32).to_be_bytes());
        at += length as u32;
    }
    file.extend(&picture);
    file.extend(b"head");
    file.extend(sensor);
    file
}

type Make = fn(&Made) -> Vec<u8>;

const FORMATS: [(&str, Make); 8] = [
    ("JPEG", jpeg),
    ("PNG", png),
    ("WebP", webp),
    ("TIFF", tiff),
    ("AVIF", avif),
    ("JPEG XL", jxl),
    ("CR3", cr3),
    ("RAF", raf),
];

#[test]
fn metadata_does_not_count_and_all_that_is_shown_does() {
    for (name, make) in FORMATS {
        let hash = |change: fn(&mut Made)| {
            let mut made = Made::plain();
            change(&mut made);
            let file = make(&made);
            let hash = picture_hash(&file).unwrap_or_else(|| panic!("{name} has no picture"));
            let found = identity(&file);
            assert_eq!(found.picture, hash, "{name}");
            (hash, found.file)
        };
        let (plain, file) = hash(|_| {});
        for notes in ["3", "a longer note, of an odd length"] {
            let noted = match notes {
                "3" => hash(|made| made.notes = "3".into()),
                _ => hash(|made| made.notes = "a longer note, of an odd length".into()),
            };
            assert_eq!(noted.0, plain, "{name} with {notes}");
            assert_ne!(noted.1, file, "{name} with {notes}");
        }
        let others = [
            hash(|made| made.picture = 2).0,
            hash(|made| made.orientation = 6).0,
            hash(|made| made.profile = vec![1, 2, 3, 4, 5]).0,
            hash(|made| made.profile = vec![1, 2, 3, 4, 6]).0,
        ];
        for (i, other) in others.iter().enumerate() {
            assert_ne!(*other, plain, "{name}, change {i}");
            assert!(!others[..i].contains(other), "{name}, change {i}");
        }
    }
}

#[test]
fn each_byte_of_the_picture_counts() {
    let made = Made::plain();
    for (name, make) in FORMATS {
        let file = make(&made);
        let expected = picture_hash(&file);
        let counts = |at: usize| {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            picture_hash(&changed) != expected
        };
        // The picture of each is a quarter of its file at least, the rest is structure.
        let counted = (0..file.len()).filter(|&at| counts(at)).count();
        assert!(
            4 * counted > file.len(),
            "{name}: {counted} of {}",
            file.len()
        );
    }
    // Of the scan, really every byte.
    let file = jpeg(&made);
    let scan = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let expected = picture_hash(&file);
    for at in scan..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert_ne!(
                picture_hash(&changed),
                expected,
                "byte {at} of {}",
                file.len()
            );
        }
    }
}

#[test]
fn cut_files_count_whole_or_with_all_that_is_left() {
    let made = Made {
        notes: "note".into(),
        ..Made::plain()
    };
    for (name, make) in FORMATS {
        let file = make(&made);
        let whole = picture_hash(&file);
        let mut hashes = Vec::new();
        for cut in 0..file.len() - 4 {
            let hash = identity(&file[..cut]).picture;
            if Some(hash) != whole {
                hashes.push(hash);
            }
        }
        // Two cuts of the same picture are two photos, unless they differ in metadata only.
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert!(
            count - hashes.len() < 8,
            "{name}: {} of {count}",
            hashes.len()
        );
    }
}

#[test]
fn a_jpegs_tables_between_scans_count_and_comments_there_do_not() {
    let file = jpeg(&Made::plain());
    let end = file.len() - 2;
    let with = |more: &[u8]| [&file[..end], more, &file[end..]].concat();
    let expected = picture_hash(&file);
    for marker in [0xE1, 0xFE] {
        let commented = with(&segment(marker, &[b"of no account"]));
        assert_eq!(picture_hash(&commented), expected);
    }
    assert_ne!(picture_hash(&with(&segment(0xDB, &[&[1; 65]]))), expected);
    assert_ne!(picture_hash(&with(&[0xFF, 0xDD, 0, 4, 0, 1])), expected);
}

#[test]
fn parts_that_overlap_end_the_work() {
    // Many strips that are all the whole file.
    let count = 60_000_u32;
    let mut file = b"II*\0\x08\0\0\0\x02\0".to_vec();
    for (tag, at) in [(273_u16, 0), (279, 4 * count)] {
        file.extend(tag.to_le_bytes());
        file.extend(4_u16.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend((38 + at).to_le_bytes());
    }
    file.extend([0; 4]);
    file.extend(vec![0; 4 * count as usize]);
    let length = (file.len() as u32 + 4 * count).to_le_bytes();
    for _ in 0..count {
        file.extend(length);
    }
    assert_eq!(picture_hash(&file), None);
    // Directories that lead to each other.
    let mut file = b"II*\0\x08\0\0\0\x01\0".to_vec();
    file.extend([0x00, 0x01, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    file.extend(8_u32.to_le_bytes());
    assert_eq!(picture_hash(&file), None);
}
