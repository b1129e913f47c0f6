//! Reads when, where and with what a photo was taken: from its EXIF (Exif 2.32), else from a video's
//! container or a maker's own list.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use exif::Tag;

use crate::core::about::About;
use crate::core::capture::{CaptureTime, NotedTimes};
use crate::core::panics::contained;
use crate::decode::budget::PICTURES;
use crate::decode::exif_blocks::ExifBlocks;
use crate::decode::file::read_file;
use crate::decode::lens::lens;
use crate::decode::limits::Limits;
use crate::decode::raw_size::SizePlace;
use crate::decode::{format, movie, notes, x3f};

/// Where raw files of Panasonic (RW2) have the sensitivity.
const PANASONICS_ISO: Tag = Tag(exif::Context::Tiff, 0x0017);

/// Reads the facts in a photo's bytes, except the capture time, and the times in its EXIF. Missing and
/// damaged facts stay empty.
pub(crate) fn read_about(photo: &[u8]) -> (About, NotedTimes) {
    if photo.starts_with(x3f::MARK)
        && let Ok(Some(read)) = contained(|| x3f::read(photo))
    {
        return read;
    }
    // The parser copies TIFF files, and raw files in that format, whole.
    let copied = is_tiff(photo).then_some(photo.len() as u64);
    let _share = copied.map(|bytes| PICTURES.take(bytes, Limits::default().max_bytes));
    read_from(&mut Cursor::new(photo))
}

/// As [`read_about`], but reads no more of the file than needed.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn read_about_file(path: &Path, limits: &Limits) -> io::Result<(About, NotedTimes)> {
    // Opening a pipe would wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Ok(Default::default());
    }
    let mut reader = BufReader::new(File::open(path)?);
    let start = reader.fill_buf()?;
    if is_tiff(start) || start.starts_with(x3f::MARK) {
        let bytes = read_file(path, limits).map_err(io::Error::other)?;
        return Ok(read_about(&bytes));
    }
    Ok(read_from(&mut reader))
}

fn is_tiff(start: &[u8]) -> bool {
    start.starts_with(b"II*\0") || start.starts_with(b"MM\0*")
}

fn read_from(reader: &mut (impl BufRead + Seek)) -> (About, NotedTimes) {
    // The parsers are libraries that may panic, as the decoders are.
    let read = || {
        if reader.fill_buf().is_ok_and(format::is_video) {
            return movie::read(reader);
        }
        let size = SizePlace::of(reader).ok().flatten();
        let exif = ExifBlocks::read(reader);
        let raw_size = size.and_then(|size| size.read(&exif));
        let about = about(&exif);
        (About { raw_size, ..about }, times(&exif))
    };
    contained(read).unwrap_or_default()
}

fn about(exif: &ExifBlocks) -> About {
    let number = |tag| rational(exif, tag).filter(|n| n.is_finite() && *n > 0.0);
    About {
        captured: None,
        camera: About::camera_of(exif.text(Tag::Make), exif.text(Tag::Model)),
        lens: lens(exif),
        exposure_s: number(Tag::ExposureTime),
        aperture: number(Tag::FNumber),
        focal_length_mm: number(Tag::FocalLength),
        iso: iso(exif).or_else(|| notes::iso(exif)),
        place_degrees: place(exif),
        raw_size: None,
    }
}

/// Where the first is at its greatest, one of the others says how much more it is.
fn iso(exif: &ExifBlocks) -> Option<u32> {
    let number = |tag| exif.field(tag)?.value.get_uint(0).filter(|n| *n > 0);
    let first = number(Tag::PhotographicSensitivity).or_else(|| number(PANASONICS_ISO));
    if first != Some(u16::MAX.into()) {
        return first;
    }
    let others = [
        Tag::RecommendedExposureIndex,
        Tag::StandardOutputSensitivity,
        Tag::ISOSpeed,
    ];
    others.into_iter().find_map(number).max(first)
}

fn times(exif: &ExifBlocks) -> NotedTimes {
    let time = |date, subseconds, offset| {
        let (subseconds, offset) = (exif.text(subseconds), exif.text(offset));
        let date = exif.text(date)?;
        CaptureTime::of_exif(&date, subseconds.as_deref(), offset.as_deref())
    };
    NotedTimes {
        taken: time(
            Tag::DateTimeOriginal,
            Tag::SubSecTimeOriginal,
            Tag::OffsetTimeOriginal,
        ),
        digitized: time(
            Tag::DateTimeDigitized,
            Tag::SubSecTimeDigitized,
            Tag::OffsetTimeDigitized,
        ),
    }
}

fn rational(exif: &ExifBlocks, tag: Tag) -> Option<f64> {
    exif.rationals(tag)?.first().copied()
}

fn place(exif: &ExifBlocks) -> Option<(f64, f64)> {
    let side = |value, reference, negative: &str, most: f64| {
        let [degrees, minutes, seconds] = *exif.rationals(value)?.first_chunk()?;
        let degrees = degrees + minutes / 60.0 + seconds / 3600.0;
        let negative = exif.text(reference)? == negative;
        let degrees = if negative { -degrees } else { degrees };
        (degrees.abs() <= most).then_some(degrees)
    };
    let latitude = side(Tag::GPSLatitude, Tag::GPSLatitudeRef, "S", 90.0)?;
    let longitude = side(Tag::GPSLongitude, Tag::GPSLongitudeRef, "W", 180.0)?;
    Some((latitude, longitude))
}

#[cfg(test)]
mod tests {
    use exif::experimental::Writer;
    use exif::{Field, In, Rational, Value};
    use proptest::prelude::*;

    use super::*;
    use crate::decode::plain_text::LONGEST_TEXT;

    fn field(tag: Tag, value: Value) -> Field {
        Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        }
    }

    fn ascii(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    fn ratio(values: &[(u32, u32)]) -> Value {
        let values = values.iter().map(|(num, denom)| Rational {
            num: *num,
            denom: *denom,
        });
        Value::Rational(values.collect())
    }

    /// EXIF alone, which is a TIFF file.
    fn blob(fields: &[Field]) -> Vec<u8> {
        let mut writer = Writer::new();
        for field in fields {
            writer.push_field(field);
        }
        let mut bytes = Cursor::new(Vec::new());
        writer.write(&mut bytes, false).unwrap();
        bytes.into_inner()
    }

    fn sample() -> Vec<Field> {
        vec![
            field(Tag::Make, ascii("NIKON CORPORATION")),
            field(Tag::Model, ascii("NIKON D750")),
            field(Tag::LensModel, ascii("50.0 mm f/1.8 ")),
            field(Tag::DateTimeOriginal, ascii("2024:05:06 17:08:09")),
            field(Tag::SubSecTimeOriginal, ascii("25")),
            field(Tag::OffsetTimeOriginal, ascii("+10:00")),
            field(Tag::DateTimeDigitized, ascii("2024:05:07 00:00:00")),
            field(Tag::ExposureTime, ratio(&[(1, 250)])),
            field(Tag::FNumber, ratio(&[(28, 10)])),
            field(Tag::FocalLength, ratio(&[(50, 1)])),
            field(Tag::PhotographicSensitivity, Value::Short(vec![200])),
            field(Tag::GPSLatitude, ratio(&[(33, 1), (51, 1), (3000, 100)])),
            field(Tag::GPSLatitudeRef, ascii("S")),
            field(Tag::GPSLongitude, ratio(&[(151, 1), (12, 1), (0, 1)])),
            field(Tag::GPSLongitudeRef, ascii("E")),
        ]
    }

    #[test]
    fn what_the_camera_noted_is_read() {
        let (about, times) = read_about(&blob(&sample()));
        assert_eq!(about.camera.as_deref(), Some("NIKON D750"));
        assert_eq!(about.lens.as_deref(), Some("50.0 mm f/1.8"));
        let exposure = about.exposure();
        assert_eq!(
            exposure.as_deref(),
            Some("1/250 s · f/2.8 · 50 mm · ISO 200")
        );
        assert_eq!(about.place().as_deref(), Some("33.8583° S, 151.2000° E"));
        let taken = times.taken.map(|time| time.to_string());
        assert_eq!(taken.as_deref(), Some("2024-05-06T17:08:09.250+10:00"));
        let digitized = times.digitized.map(|time| time.to_string());
        assert_eq!(digitized.as_deref(), Some("2024-05-07T00:00:00"));
    }

    #[test]
    fn a_file_says_what_its_bytes_say() {
        let folder = tempfile::tempdir().unwrap();
        let tiff = blob(&sample());
        let mut jpeg = b"\xff\xd8\xff\xe1".to_vec();
        jpeg.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
        jpeg.extend(b"Exif\0\0");
        jpeg.extend(&tiff);
        jpeg.extend(b"\xff\xd9");
        for bytes in [
            &tiff[..],
            &jpeg,
            &jpeg[..jpeg.len() - 40],
            b"",
            b"I",
            b"none",
        ] {
            let path = folder.path().join("photo");
            std::fs::write(&path, bytes).unwrap();
            let of_file = read_about_file(&path, &Limits::default());
            assert_eq!(of_file.unwrap_or_default(), read_about(bytes));
        }
        assert!(read_about(&jpeg).1.taken.is_some());
    }

    #[test]
    fn raw_files_and_jpeg_xl_say_what_other_photos_say() {
        let expected = read_about(&blob(&sample()));
        let in_tiff = |number| Tag(exif::Context::Tiff, number);
        let cr3 = |name: &[u8; 4], context| {
            let mut fields = sample();
            fields.retain(|field| field.tag.context() == context);
            fields
                .iter_mut()
                .for_each(|field| field.tag = in_tiff(field.tag.number()));
            let tiff = blob(&fields);
            let length = u32::try_from(tiff.len() + 8).unwrap().to_be_bytes();
            [&length[..], name, &tiff].concat()
        };
        let mut olympus = blob(&sample());
        olympus[2..4].copy_from_slice(b"OR");
        let canon = [
            b"\0\0\0\x18ftypcrx \0\0\0\x01".to_vec(),
            cr3(b"CMT1", exif::Context::Tiff),
            cr3(b"CMT2", exif::Context::Exif),
            cr3(b"CMT4", exif::Context::Gps),
        ];
        let tiff = blob(&sample());
        for raw in [
            olympus,
            canon.concat(),
            [b"FUJIFILMCCD-RAW \0\xff\xd8\xff\xe1..Exif\0\0", &tiff[..]].concat(),
            [b"\0MRM\0\0\0\0\0TTW....", &tiff[..]].concat(),
            [b"\0\0\0\x0cJXL ....\0\0\0\0Exif\0\0\0\0", &tiff[..]].concat(),
        ] {
            assert_eq!(read_about(&raw), expected);
            for cut in (0..raw.len()).step_by(7) {
                read_about(&raw[..cut]);
            }
        }
    }

    #[test]
    fn panasonics_raw_files_have_a_place_of_their_own_for_the_sensitivity() {
        let entry = b"\x17\0\x03\0\x01\0\0\0\x50\0\0\0";
        let raw = [&b"IIU\0\x08\0\0\0\x01\0"[..], entry, &[0; 4]].concat();
        assert_eq!(read_about(&raw).0.iso, Some(80));
    }

    #[test]
    fn a_sensitivity_too_great_for_its_field_is_in_another() {
        let sensitivity = |number| field(Tag::PhotographicSensitivity, Value::Short(vec![number]));
        let index = field(Tag::RecommendedExposureIndex, Value::Long(vec![102_400]));
        let iso = |fields: &[Field]| read_about(&blob(fields)).0.iso;
        assert_eq!(iso(&[sensitivity(u16::MAX), index.clone()]), Some(102_400));
        assert_eq!(iso(&[sensitivity(200), index]), Some(200));
        assert_eq!(iso(&[sensitivity(u16::MAX)]), Some(65_535));
    }

    #[test]
    fn a_place_in_signed_fractions_is_one() {
        let mut fields = sample();
        for field in &mut fields {
            if let (exif::Context::Gps, Value::Rational(parts)) =
                (field.tag.context(), &field.value)
            {
                let signed = parts.iter().map(|part| exif::SRational {
                    num: part.num as i32,
                    denom: part.denom as i32,
                });
                field.value = Value::SRational(signed.collect());
            }
        }
        let place = read_about(&blob(&fields)).0.place();
        assert_eq!(place.as_deref(), Some("33.8583° S, 151.2000° E"));
    }

    #[test]
    fn nonsense_is_left_out() {
        let fields = [
            field(Tag::DateTimeOriginal, ascii("0000:00:00 00:00:00")),
            field(Tag::DateTimeDigitized, ascii("    :  :     :  :  ")),
            field(Tag::ExposureTime, ratio(&[(1, 0)])),
            field(Tag::FNumber, ratio(&[(0, 0)])),
            field(Tag::FocalLength, ascii("fifty")),
            field(Tag::Make, ascii(" \u{1}")),
            field(Tag::GPSLatitude, ratio(&[(0, 0), (0, 0), (0, 0)])),
            field(Tag::GPSLatitudeRef, ascii("N")),
            field(Tag::GPSLongitude, ratio(&[(999, 1), (0, 1), (0, 1)])),
            field(Tag::GPSLongitudeRef, ascii("E")),
        ];
        let nothing = Default::default();
        assert_eq!(read_about(&blob(&fields)), nothing);
        assert_eq!(read_about(b"no photo at all"), nothing);
        assert_eq!(
            read_about(b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0"),
            nothing
        );
    }

    proptest! {
        /// Damaged EXIF gives fewer facts, and no others than plausible ones.
        #[test]
        fn damage_does_no_harm(at in 0usize..500, with in any::<u8>(), cut in 0usize..500) {
            let mut bytes = blob(&sample());
            let at = at % bytes.len();
            bytes[at] = with;
            bytes.truncate(bytes.len() - cut % bytes.len());
            let (about, _) = read_about(&bytes);
            prop_assert!(about.camera.is_none_or(|c| c.chars().count() <= 2 * LONGEST_TEXT + 1));
            prop_assert!(about.place_degrees.is_none_or(|(a, b)| a.abs() <= 90.0 && b.abs() <= 180.0));
        }
    }
}
