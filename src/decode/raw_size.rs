//! The size of a raw file's own picture, of which only a smaller one, the preview, is decoded.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use exif::{Context, Tag};

use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::notes::Directory;
use crate::decode::numbers::{number, u16_at, u32_at};
use crate::decode::x3f;

type Size = (u32, u32);

/// No sensor has shorter or longer sides.
const SIDES: std::ops::RangeInclusive<f64> = 8.0..=100_000.0;

/// Where raw files of a kind say their size.
pub(super) enum SizePlace {
    /// In what was read: Fujifilm's list, Sigma's header.
    Own(Size),
    /// In EXIF, as the camera's own JPEG would have it.
    Exif,
    /// In EXIF's first directory, as the sensor's borders: Panasonic.
    Borders,
    /// In the directory of the sensor's data, if there is one: TIFF, DNG and most others.
    Directory,
}

impl SizePlace {
    /// Where a file of this kind says it, if it can be a raw file. Leaves the reader at the start.
    pub(super) fn of(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<Self>> {
        let start = reader.fill_buf()?;
        let has = |at: usize, mark: &[u8]| start.get(at..).is_some_and(|s| s.starts_with(mark));
        Ok(match start {
            [b'I', b'I', b'U', 0, ..] => Some(Self::Borders),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => {
                // Canon and Phase One have no directory of the sensor's data that says its size.
                let marks: [&[u8]; 3] = [b"CR", b"IIII", b"MMMM"];
                match marks.iter().any(|mark| has(8, mark)) {
                    true => Some(Self::Exif),
                    false => Some(Self::Directory),
                }
            }
            [b'I', b'I', b'R', ..] | [b'M', b'M', b'O', ..] => Some(Self::Exif),
            _ if has(4, b"ftypcrx ") || has(0, b"\0MRM") => Some(Self::Exif),
            _ if has(0, x3f::MARK) => x3f::size(start).map(Self::Own),
            _ if has(0, b"FUJIFILMCCD") => fujifilm(reader)?.map(Self::Own),
            _ => None,
        })
    }

    /// The upright size.
    pub(super) fn read(&self, exif: &ExifBlocks) -> Option<Size> {
        let (width, height) = match self {
            Self::Own(size) => same_shape(*size, of_exif(exif))?,
            Self::Exif => of_exif(exif)?,
            Self::Borders => {
                let side = |first, last| Some(border(exif, last)? - border(exif, first)?);
                size(side(5, 7)?, side(4, 6)?)?
            }
            Self::Directory => of_directories(&exif.first_directory()?, of_exif(exif))?,
        };
        let turned = exif
            .field(Tag::Orientation)
            .and_then(|f| f.value.get_uint(0));
        Some(match turned {
            Some(5..=8) => (height, width),
            _ => (width, height),
        })
    }
}

fn size(width: f64, height: f64) -> Option<Size> {
    let sound = SIDES.contains(&width) && SIDES.contains(&height);
    sound.then_some((width.round() as u32, height.round() as u32))
}

fn of_exif(exif: &ExifBlocks) -> Option<Size> {
    let side = |tag| Some(f64::from(exif.field(tag)?.value.get_uint(0)?));
    size(side(Tag::PixelXDimension)?, side(Tag::PixelYDimension)?)
}

fn border(exif: &ExifBlocks, number: u16) -> Option<f64> {
    let field = exif.field(Tag(Context::Tiff, number))?;
    field.value.get_uint(0).map(f64::from)
}

/// Some sensors have half the lines, or stand on a corner. Their shape is not the picture's.
fn same_shape(own: Size, camera: Option<Size>) -> Option<Size> {
    let ratio = |(width, height): Size| f64::from(width) / f64::from(height);
    let apart = camera.map_or(1.0, |camera| ratio(own) / ratio(camera));
    (0.75..1.34).contains(&apart).then_some(own)
}

const SUB_DIRECTORIES: usize = 0x014a;
const PHOTOMETRIC: usize = 0x0106;
/// A mosaic of colours, or its colours complete.
const OF_SENSORS: [f64; 2] = [32_803.0, 34_892.0];
const WIDTH: usize = 0x0100;
const HEIGHT: usize = 0x0101;
const DEFAULT_CROP: usize = 0xc620;

/// DNG names the part that is shown. Others have the sensor's size, and most of them the camera's in EXIF,
/// which leaves out the borders; a much smaller one is a preview's.
fn of_directories(first: &Directory, camera: Option<Size>) -> Option<Size> {
    let of_sensor = |directory: &Directory| {
        let kind = directory.first_number(PHOTOMETRIC)?;
        if !OF_SENSORS.contains(&kind) {
            return None;
        }
        if let Some([width, height]) = directory.numbers(DEFAULT_CROP).as_deref() {
            return size(*width, *height);
        }
        let sensor = size(
            directory.first_number(WIDTH)?,
            directory.first_number(HEIGHT)?,
        )?;
        let most_of = |part: u32, whole: u32| part <= whole && part >= whole / 4 * 3;
        let is_it = |camera: &Size| most_of(camera.0, sensor.0) && most_of(camera.1, sensor.1);
        Some(camera.filter(is_it).unwrap_or(sensor))
    };
    let others = first.listed(SUB_DIRECTORIES);
    let sizes = of_sensor(first)
        .into_iter()
        .chain(others.filter_map(|d| of_sensor(&d)));
    sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

/// More than a camera's list has, of bytes and of entries.
const LIST_BYTES: u64 = 1 << 16;
const LIST_ENTRIES: usize = 1000;
/// The size of what is shown, its height first.
const CROPPED: u16 = 0x0111;

/// Fujifilm's raw files have a list, whose place is in their header: tag, length and value of each entry.
fn fujifilm(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<Size>> {
    let Some(place) = u32_at(reader.fill_buf()?, 92) else {
        return Ok(None);
    };
    let mut list = Vec::new();
    reader.seek(SeekFrom::Start(place.into()))?;
    reader.by_ref().take(LIST_BYTES).read_to_end(&mut list)?;
    reader.rewind()?;
    Ok(cropped(&list))
}

fn cropped(list: &[u8]) -> Option<Size> {
    let count = (u32_at(list, 0)? as usize).min(LIST_ENTRIES);
    let mut at = 4;
    for _ in 0..count {
        let (tag, length) = (u16_at(list, at)?, u16_at(list, at + 2)?);
        if tag == CROPPED {
            let side = |at| number(list, false, at, 2).map(|side| side as f64);
            return size(side(at + 6)?, side(at + 4)?);
        }
        at += 4 + usize::from(length);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::decode::about::read_about;
    use crate::decode::test_directories::{Entry, directory, fractions, longs, shorts};

    /// A TIFF file whose first directory leads to EXIF and to others.
    fn tiff(mark: &[u8], mut first: Vec<Entry>, exif: &[Entry], others: &[&[Entry]]) -> Vec<u8> {
        first.extend([
            (0x8769, 4, longs(&[0])),
            (0x014a, 4, longs(&vec![0; others.len()])),
        ]);
        first.retain(|(_, _, value)| !value.is_empty());
        first.sort();
        let mut at = mark.len() + directory(mark.len(), &first).len();
        let mut parts = Vec::new();
        for (entries, tag) in [(exif, 0x8769)]
            .into_iter()
            .chain(others.iter().map(|o| (*o, 0x014a)))
        {
            let part = directory(at, entries);
            let places = &mut first.iter_mut().find(|entry| entry.0 == tag).unwrap().2;
            let slot = places.chunks_mut(4).find(|slot| **slot == [0; 4]).unwrap();
            slot.copy_from_slice(&longs(&[at as u32]));
            at += part.len();
            parts.extend(part);
        }
        [mark, &directory(mark.len(), &first), &parts].concat()
    }

    const PLAIN: &[u8] = b"II*\0\x08\0\0\0";

    fn sides(tags: [u16; 2], width: u32, height: u32) -> [Entry; 2] {
        [
            (tags[0], 4, longs(&[width])),
            (tags[1], 4, longs(&[height])),
        ]
    }

    fn camera(width: u32, height: u32) -> [Entry; 2] {
        sides([0xa002, 0xa003], width, height)
    }

    fn sensor(photometric: u16, width: u32, height: u32) -> Vec<Entry> {
        let mut entries = sides([0x100, 0x101], width, height).to_vec();
        entries.push((0x106, 3, shorts(&[photometric])));
        entries
    }

    fn size_of(file: &[u8]) -> Option<Size> {
        for cut in 0..file.len() {
            read_about(&file[..cut]);
        }
        read_about(file).0.raw_size
    }

    #[test]
    fn the_sensors_directory_has_it_or_the_camera_in_exif() {
        let preview = sensor(6, 9000, 9000);
        let raw = sensor(32_803, 6048, 4024);
        let of = |exif: &[Entry]| size_of(&tiff(PLAIN, preview.clone(), exif, &[&preview, &raw]));
        assert_eq!(of(&[]), Some((6048, 4024)));
        assert_eq!(of(&camera(6000, 4000)), Some((6000, 4000)));
        // A preview's, and one that no sensor of this size takes.
        assert_eq!(of(&camera(1616, 1080)), Some((6048, 4024)));
        assert_eq!(of(&camera(9000, 6000)), Some((6048, 4024)));
        let mut crop = raw;
        crop.push((0xc620, 5, fractions(&[(6016, 1), (4012, 1)])));
        let dng = |exif: &[Entry]| size_of(&tiff(PLAIN, preview.clone(), exif, &[&crop]));
        assert_eq!(dng(&camera(6000, 4000)), Some((6016, 4012)));
        // Such a directory can be the first.
        let linear = sensor(34_892, 6000, 4000);
        assert_eq!(size_of(&tiff(PLAIN, linear, &[], &[])), Some((6000, 4000)));
    }

    #[test]
    fn other_tiff_files_have_the_size_that_is_decoded() {
        let plain = sensor(2, 6000, 4000);
        assert_eq!(size_of(&tiff(PLAIN, plain, &camera(6000, 4000), &[])), None);
        let tiny = sensor(32_803, 0, u32::MAX);
        assert_eq!(size_of(&tiff(PLAIN, tiny, &[], &[])), None);
    }

    #[test]
    fn a_turned_photo_has_its_sides_exchanged() {
        let mut first = sensor(34_892, 6000, 4000);
        first.push((0x112, 3, shorts(&[6])));
        assert_eq!(size_of(&tiff(PLAIN, first, &[], &[])), Some((4000, 6000)));
    }

    #[test]
    fn canon_and_olympus_say_it_in_exif() {
        let phase_one = b"II*\0\x14\0\0\0IIIICwaR....";
        for mark in [
            &b"II*\0\x10\0\0\0CR\x02\0...."[..],
            phase_one,
            b"IIRO\x08\0\0\0",
        ] {
            let first = sensor(6, 1536, 1024);
            let file = tiff(mark, first, &camera(3456, 2304), &[]);
            assert_eq!(size_of(&file), Some((3456, 2304)));
        }
    }

    #[test]
    fn panasonic_says_the_sensors_borders() {
        let borders = [(4, 6), (5, 8), (6, 2742), (7, 3656)];
        let borders = borders.map(|(tag, place)| (tag, 3, shorts(&[place])));
        let file = tiff(b"IIU\0\x08\0\0\0", borders.to_vec(), &[], &[]);
        assert_eq!(size_of(&file), Some((3648, 2736)));
    }

    /// Fujifilm's raw file with a list of its own behind a JPEG of so many pixels.
    fn raf(height: u16, width: u16, camera_size: (u32, u32)) -> Vec<u8> {
        let jpeg = tiff(
            PLAIN,
            Vec::new(),
            &camera(camera_size.0, camera_size.1),
            &[],
        );
        let mut file = b"FUJIFILMCCD-RAW ".to_vec();
        file.resize(92, 0);
        let list_at = 108 + 6 + jpeg.len() as u32;
        file.extend(list_at.to_be_bytes());
        file.resize(108, 0);
        file.extend(b"Exif\0\0");
        file.extend(jpeg);
        let entries = [0_u16, 2, 0x100, 4, 9, 9, 0x111, 4, height, width];
        file.extend(entries.into_iter().flat_map(u16::to_be_bytes));
        file
    }

    #[test]
    fn fujifilm_has_a_list_of_its_own() {
        assert_eq!(size_of(&raf(3264, 4896, (1920, 1280))), Some((4896, 3264)));
        // Half of the lines.
        assert_eq!(size_of(&raf(1424, 4256, (1440, 960))), None);
        let mut endless = raf(3264, 4896, (1920, 1280));
        let list = endless.len() - 20;
        endless[list..list + 4].fill(0xff);
        endless[list + 4..list + 6].fill(0);
        assert!(SizePlace::of(&mut Cursor::new(endless)).is_ok());
    }
}
