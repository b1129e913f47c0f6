//! Facts about a photo for photographers (Exif 2.32).

use std::io::Cursor;

use exif::{Exif, In, Rational, Reader, Tag, Value};

use crate::core::panics::contained;

/// Longer text is not a camera's name.
const LONGEST_TEXT: usize = 80;

/// The camera's facts; each is missing if the file lacks it or it makes no sense.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct About {
    /// The time of the photo, by the camera's clock: `2024-05-06 17:08:09`.
    pub(crate) taken: Option<String>,
    /// Maker and model.
    pub(crate) camera: Option<String>,
    /// The lens.
    pub(crate) lens: Option<String>,
    /// The exposure time, in seconds.
    pub(crate) exposure_s: Option<f64>,
    /// The aperture's f-number.
    pub(crate) aperture: Option<f64>,
    /// In millimetres.
    pub(crate) focal_length_mm: Option<f64>,
    /// The sensitivity.
    pub(crate) iso: Option<u32>,
    /// Latitude and longitude in degrees, north and east positive.
    pub(crate) place_degrees: Option<(f64, f64)>,
}

impl About {
    /// Reads the facts in a photo file. Without valid facts, all are missing.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        // The parser is third-party code, like the decoders.
        let read = || {
            let exif = Reader::new().read_from_container(&mut Cursor::new(bytes));
            exif.map_or_else(|_| Self::default(), |exif| Self::of_exif(&exif))
        };
        contained(read).unwrap_or_default()
    }

    fn of_exif(exif: &Exif) -> Self {
        let number = |tag| rational(exif, tag).filter(|n| n.is_finite() && *n > 0.0);
        let iso = exif.get_field(Tag::PhotographicSensitivity, In::PRIMARY);
        Self {
            taken: text(exif, Tag::DateTimeOriginal).and_then(|t| date(&t)),
            camera: camera(text(exif, Tag::Make), text(exif, Tag::Model)),
            lens: text(exif, Tag::LensModel),
            exposure_s: number(Tag::ExposureTime),
            aperture: number(Tag::FNumber),
            focal_length_mm: number(Tag::FocalLength),
            iso: iso.and_then(|f| f.value.get_uint(0)).filter(|n| *n > 0),
            place_degrees: place(exif),
        }
    }

    /// The exposure as photographers write it: `1/250 s · f/2.8 · 50 mm · ISO 200`.
    pub(crate) fn exposure(&self) -> Option<String> {
        let time = |s: f64| match s {
            s if s < 0.3 => format!("1/{:.0} s", 1.0 / s),
            s => format!("{} s", trimmed(s)),
        };
        let parts = [
            self.exposure_s.map(time),
            self.aperture.map(|n| format!("f/{}", trimmed(n))),
            self.focal_length_mm.map(|mm| format!("{} mm", trimmed(mm))),
            self.iso.map(|iso| format!("ISO {iso}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// The location: `48.8584° N, 2.2945° E`.
    pub(crate) fn place(&self) -> Option<String> {
        let (latitude, longitude) = self.place_degrees?;
        let part = |value: f64, positive: char, negative: char| {
            let side = if value < 0.0 { negative } else { positive };
            format!("{:.4}° {side}", value.abs())
        };
        let (latitude, longitude) = (part(latitude, 'N', 'S'), part(longitude, 'E', 'W'));
        Some(format!("{latitude}, {longitude}"))
    }
}

/// With one decimal, unless it is 0.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let field = exif.get_field(tag, In::PRIMARY)?;
    let Value::Ascii(parts) = &field.value else {
        return None;
    };
    let text = String::from_utf8_lossy(parts.first()?).into_owned();
    let visible = |c: &char| !c.is_control();
    let text: String = text.chars().filter(visible).take(LONGEST_TEXT).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn rational(exif: &Exif, tag: Tag) -> Option<f64> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(values) => values.first().map(Rational::to_f64),
        _ => None,
    }
}

/// Reformats `2024:05:06 17:08:09`; cameras without a clock write zeros or blanks.
fn date(exif: &str) -> Option<String> {
    let parsed = exif::DateTime::from_ascii(exif.as_bytes()).ok()?;
    let sensible = (1..=12).contains(&parsed.month) && (1..=31).contains(&parsed.day);
    sensible.then(|| {
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            parsed.year, parsed.month, parsed.day, parsed.hour, parsed.minute, parsed.second
        )
    })
}

/// Many models begin with their maker's name.
fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    match (make, model) {
        (Some(make), Some(model)) => {
            let first = make.split(' ').next().unwrap_or_default().to_lowercase();
            match model.to_lowercase().starts_with(&first) {
                true => Some(model),
                false => Some(format!("{make} {model}")),
            }
        }
        (make, model) => model.or(make),
    }
}

fn place(exif: &Exif) -> Option<(f64, f64)> {
    let side = |value, reference, negative: &str, most: f64| {
        let Value::Rational(parts) = &exif.get_field(value, In::PRIMARY)?.value else {
            return None;
        };
        let [degrees, minutes, seconds] = parts.get(..3)? else {
            return None;
        };
        let degrees = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
        let negative = text(exif, reference)? == negative;
        let degrees = if negative { -degrees } else { degrees };
        (degrees.abs() <= most).then_some(degrees)
    };
    let latitude = side(Tag::GPSLatitude, Tag::GPSLatitudeRef, "S", 90.0)?;
    let longitude = side(Tag::GPSLongitude, Tag::GPSLongitudeRef, "W", 180.0)?;
    Some((latitude, longitude))
}

#[cfg(test)]
mod tests {
    use exif::Field;
    use exif::experimental::Writer;
    use proptest::prelude::*;

    use super::*;

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

    /// Exif alone, which is a TIFF file.
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
        let about = About::of(&blob(&sample()));
        assert_eq!(about.camera.as_deref(), Some("NIKON D750"));
        assert_eq!(about.lens.as_deref(), Some("50.0 mm f/1.8"));
        assert_eq!(about.taken.as_deref(), Some("2024-05-06 17:08:09"));
        let exposure = about.exposure();
        assert_eq!(
            exposure.as_deref(),
            Some("1/250 s · f/2.8 · 50 mm · ISO 200")
        );
        assert_eq!(about.place().as_deref(), Some("33.8583° S, 151.2000° E"));
    }

    #[test]
    fn nonsense_is_left_out() {
        let fields = [
            field(Tag::DateTimeOriginal, ascii("0000:00:00 00:00:00")),
            field(Tag::ExposureTime, ratio(&[(1, 0)])),
            field(Tag::FNumber, ratio(&[(0, 0)])),
            field(Tag::FocalLength, ascii("fifty")),
            field(Tag::Make, ascii(" \u{1}")),
            field(Tag::GPSLatitude, ratio(&[(999, 1), (0, 1), (0, 1)])),
            field(Tag::GPSLatitudeRef, ascii("N")),
        ];
        assert_eq!(About::of(&blob(&fields)), About::default());
        assert_eq!(About::of(b"no photo at all"), About::default());
        assert_eq!(About::default().exposure(), None);
    }

    #[test]
    fn long_exposures_are_whole_seconds() {
        let about = About {
            exposure_s: Some(2.5),
            ..About::default()
        };
        assert_eq!(about.exposure().as_deref(), Some("2.5 s"));
    }

    proptest! {
        /// Any content is at worst not understood.
        #[test]
        fn damage_does_no_harm(at in 0usize..400, with in any::<u8>(), cut in 0usize..400) {
            let mut bytes = blob(&sample());
            let at = at % bytes.len();
            bytes[at] = with;
            bytes.truncate(bytes.len() - cut % bytes.len());
            let about = About::of(&bytes);
            prop_assert!(about.camera.is_none_or(|c| c.chars().count() <= 2 * LONGEST_TEXT + 1));
        }
    }
}
