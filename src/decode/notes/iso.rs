//! The sensitivity in makers' notes, where older cameras alone have it.

use super::{Directory, Maker, Notes};
use crate::decode::exif_blocks::ExifBlocks;

/// The ISO number by the maker's notes in a photo.
pub(in crate::decode) fn iso(exif: &ExifBlocks) -> Option<u32> {
    let (maker, directory) = Notes::find(exif)?.directory()?;
    let iso = match maker {
        // After a number that says little.
        Maker::Nikon => *directory.numbers(0x0002)?.get(1)?,
        Maker::Canon => canon(&directory)?,
        _ => return None,
    };
    Some(iso.round() as u32).filter(|iso| *iso > 0)
}

/// The setting, or what the camera chose if it was to choose.
fn canon(notes: &Directory) -> Option<f64> {
    const EXACT: u16 = 0x4000;
    let settings = notes.numbers(0x0001).unwrap_or_default();
    let setting = settings.get(16).map_or(0, |number| *number as u16);
    match setting {
        0x7fff => {}
        16..=20 => return Some(f64::from(25_u16 << (setting - 15))),
        _ if setting & EXACT != 0 => return Some(f64::from(setting & !EXACT)),
        _ => {}
    }
    // In steps of 1/32 of a doubling: how much the camera raised what it began with.
    let shot = notes.numbers(0x0004)?;
    let [raised, first] = [1, 2].map(|i| shot.get(i).map_or(0, |number| *number as u16 as i16));
    let doublings = (f64::from(raised) + f64::from(first)) / 32.0;
    let iso = 100.0 / 32.0 * doublings.exp2();
    (first != 0 && (1.0..1e7).contains(&iso)).then_some(iso)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::decode::test_directories::{Entry, directory, photo, shorts};

    fn iso_of(make: &str, entries: &[Entry]) -> Option<u32> {
        let photo = photo(make, &[], &|place| directory(place, entries));
        for cut in 0..photo.len() {
            iso(&ExifBlocks::read(&mut Cursor::new(&photo[..cut])));
        }
        iso(&ExifBlocks::read(&mut Cursor::new(photo)))
    }

    #[test]
    fn nikon_notes_it_after_another_number() {
        let of = |numbers: &[u16]| iso_of("NIKON", &[(0x0002, 3, shorts(numbers))]);
        assert_eq!(of(&[0, 200]), Some(200));
        assert_eq!(of(&[0, 0]), None);
        assert_eq!(of(&[200]), None);
        assert_eq!(iso_of("NIKON", &[]), None);
    }

    #[test]
    fn canon_notes_a_setting_or_what_the_camera_chose() {
        let of = |setting: u16, shot: [u16; 2]| {
            let mut settings = [0; 40];
            settings[16] = setting;
            let shot = [6, shot[0], shot[1]];
            let entries = [(0x0001, 3, shorts(&settings)), (0x0004, 3, shorts(&shot))];
            iso_of("Canon", &entries)
        };
        for (code, iso) in [(16, 50), (17, 100), (18, 200), (19, 400), (20, 800)] {
            assert_eq!(of(code, [0, 160]), Some(iso));
        }
        assert_eq!(of(0x4000 | 1600, [0, 160]), Some(1600));
        // Automatic, or not there: 32 is a doubling, of which ISO 50 has four and ISO 100 five.
        for setting in [0, 14, 15, 0x7fff] {
            assert_eq!(of(setting, [0, 160]), Some(100));
            assert_eq!(of(setting, [0, 128]), Some(50));
            assert_eq!(of(setting, [32, 160]), Some(200));
            assert_eq!(of(setting, [-32_i16 as u16, 160]), Some(50));
            assert_eq!(of(setting, [32, 0]), None);
            assert_eq!(of(setting, [0x7fff, 0x7fff]), None);
        }
        assert_eq!(iso_of("Canon", &[]), None);
        assert_eq!(iso_of("Canon", &[(0x0001, 3, shorts(&[2, 1]))]), None);
    }
}
