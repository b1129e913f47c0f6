//! What Sigma's raw files (X3F) say of a photo: a list of properties, as texts of UTF-16.

use crate::core::about::About;
use crate::core::capture::{CaptureTime, NotedTimes};
use crate::decode::lens::zoom;
use crate::decode::numbers::number;

/// The first bytes of a file.
pub(super) const MARK: &[u8] = b"FOVb";
/// The first bytes of the list.
const PROPERTIES: &[u8] = b"SECp";
const HEADER_BYTES: usize = 24;
/// More than any camera writes, of properties and of characters.
const MOST: usize = 1000;
const LONGEST_TEXT: usize = 80;
/// No sensor has a longer side.
const MOST_SIDE: u32 = 100_000;

/// Reads a file whose camera wrote properties. Later cameras write EXIF into the file's JPEG instead.
pub(super) fn read(file: &[u8]) -> Option<(About, NotedTimes)> {
    let list = file.get(memchr::memmem::rfind(file, PROPERTIES)?..)?;
    let properties = Properties::of(list)?;
    let number = |name| {
        let value: f64 = properties.get(name)?.parse().ok()?;
        Some(value).filter(|v| v.is_finite() && *v > 0.0)
    };
    let about = About {
        captured: None,
        camera: About::camera_of(properties.get("CAMMANUF"), properties.get("CAMMODEL")),
        lens: lens(&properties),
        exposure_s: number("SHUTTER"),
        aperture: number("APERTURE"),
        focal_length_mm: number("FLENGTH"),
        iso: number("ISO").map(|iso| iso as u32),
        place_degrees: None,
        raw_size: size(file),
    };
    // Seconds since 1970 by the camera's clock.
    let taken = number("TIME").map(|seconds| CaptureTime {
        wall_ms: (seconds * 1000.0) as i64,
        offset_min: None,
    });
    let times = NotedTimes {
        taken,
        digitized: None,
    };
    Some((about, times))
}

/// The size of the sensor's picture, in the header of all but the newest files.
pub(super) fn size(file: &[u8]) -> Option<(u32, u32)> {
    let number = |at, length| u32::try_from(number(file, true, at, length)?).ok();
    let is_known = number(6, 2)? < 4;
    let (width, height) = (number(28, 4)?, number(32, 4)?);
    let is_sound =
        is_known && (8..=MOST_SIDE).contains(&width) && (8..=MOST_SIDE).contains(&height);
    is_sound.then_some((width, height))
}

/// The lens by its name or its focal lengths, `15 to 30`. Most cameras write a model's number for the name.
fn lens(properties: &Properties<'_>) -> Option<String> {
    let name = properties.get("LENSMODEL");
    name.filter(|lens| lens.contains(' ')).or_else(|| {
        let lengths = properties.get("LENSFRANGE")?;
        let (shortest, longest) = lengths.split_once(" to ").unwrap_or((&lengths, &lengths));
        zoom(shortest.trim().parse().ok()?, longest.trim().parse().ok()?)
    })
}

struct Properties<'a> {
    /// For each, the positions of its name and its value, counted in characters.
    places: &'a [[u8; 8]],
    texts: &'a [[u8; 2]],
}

impl<'a> Properties<'a> {
    fn of(list: &'a [u8]) -> Option<Self> {
        let count = list.get(8..)?.first_chunk::<4>()?;
        let count = (u32::from_le_bytes(*count) as usize).min(MOST);
        let (places, texts) = list.get(HEADER_BYTES..)?.split_at_checked(count * 8)?;
        Some(Self {
            places: places.as_chunks().0,
            texts: texts.as_chunks().0,
        })
    }

    fn get(&self, name: &str) -> Option<String> {
        self.places.iter().find_map(|place| {
            let [a, b, c, d, e, f, g, h] = *place;
            let is_it = self.text(u32::from_le_bytes([a, b, c, d])) == name;
            let value = is_it.then(|| self.text(u32::from_le_bytes([e, f, g, h])))?;
            (!value.is_empty()).then_some(value)
        })
    }

    fn text(&self, start: u32) -> String {
        let texts = self.texts.get(start as usize..).unwrap_or_default();
        let units = texts.iter().map(|&unit| u16::from_le_bytes(unit));
        let units = units.take(LONGEST_TEXT).take_while(|&unit| unit != 0);
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{fffd}'))
            .collect();
        text.trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_say_what_exif_says_elsewhere() {
        let properties = [
            ("CAMMANUF", "SIGMA"),
            ("CAMMODEL", "SIGMA SD14"),
            ("TIME", "1189348529"),
            ("SHUTTER", "0.004"),
            ("APERTURE", "8.0"),
            ("FLENGTH", "50"),
            ("ISO", "100"),
            // The number of a model.
            ("LENSMODEL", "145"),
            ("LENSFRANGE", "15 to 30"),
        ];
        let (mut places, mut texts, mut at) = (Vec::new(), Vec::new(), 0_u32);
        for (name, value) in properties {
            for text in [name, value] {
                places.extend(at.to_le_bytes());
                texts.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
                at += text.len() as u32 + 1;
            }
        }
        let count = (properties.len() as u32).to_le_bytes();
        let file = [
            b"FOVb....SECp\0\0\x02\0",
            &count[..],
            &[0; 12],
            &places,
            &texts,
        ]
        .concat();
        let (about, times) = read(&file).unwrap();
        assert_eq!(about.camera.as_deref(), Some("SIGMA SD14"));
        assert_eq!(about.lens.as_deref(), Some("15-30 mm"));
        let exposure = about.exposure();
        assert_eq!(exposure.as_deref(), Some("1/250 s · f/8 · 50 mm · ISO 100"));
        assert_eq!(times.taken.unwrap().to_string(), "2007-09-09T14:35:29");
        for cut in 0..file.len() {
            read(&file[..cut]);
        }
    }
}
