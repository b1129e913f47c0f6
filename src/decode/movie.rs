//! What a video's container says of when, where and with what it was taken (ISO/IEC 14496-12, and
//! Apple's QuickTime File Format).

mod notes;

use std::io::{self, Read, Seek, SeekFrom};

use crate::core::about::About;
use crate::core::capture::{CaptureTime, NotedTimes};
use notes::{Notes, part};

/// The description of a long video takes some megabytes.
const MOST_MOVIE_BYTES: u64 = 64 << 20;
/// A video's parts at the top. Fragments of a recording are many.
const MOST_PARTS: usize = 10_000;
/// Seconds from 1904-01-01, from which containers count, to 1970-01-01.
const EPOCH_S: i64 = 2_082_844_800;
/// A date without a time.
const DAY: &str = "2024-05-06";

/// Reads no more of the file than the description of its content.
pub(super) fn read(reader: &mut (impl Read + Seek)) -> (About, NotedTimes) {
    let movie = description(reader).ok().flatten().unwrap_or_default();
    let notes = Notes::of(&movie);
    let text = |name| notes.get(name);
    let about = About {
        camera: About::camera_of(text("make"), text("model")),
        place_degrees: notes.place_degrees(),
        ..About::default()
    };
    // A year alone is when a film was published.
    let day = |text: &String| text.len() >= DAY.len();
    let times = NotedTimes {
        taken: text("creationdate")
            .filter(day)
            .and_then(|text| CaptureTime::parse(&text)),
        // When the file was begun; converters write when they converted it.
        digitized: part(&movie, b"mvhd").and_then(created),
    };
    (about, times)
}

/// Finds the box `moov`, which may come after all the pictures.
fn description(reader: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let mut at = 0_u64;
    for _ in 0..MOST_PARTS {
        reader.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        reader.read_exact(&mut head)?;
        let [a, b, c, d, name @ ..] = head;
        let (length, head_bytes) = match u32::from_be_bytes([a, b, c, d]) {
            1 => {
                let mut long = [0; 8];
                reader.read_exact(&mut long)?;
                (u64::from_be_bytes(long), 16)
            }
            // To the end of the file.
            0 => (u64::MAX, 8),
            length => (u64::from(length), 8),
        };
        if length < head_bytes {
            return Ok(None);
        }
        if &name == b"moov" {
            let mut movie = Vec::new();
            let most = (length - head_bytes).min(MOST_MOVIE_BYTES);
            reader.take(most).read_to_end(&mut movie)?;
            return Ok(Some(movie));
        }
        let Some(next) = at.checked_add(length) else {
            return Ok(None);
        };
        at = next;
    }
    Ok(None)
}

/// The time of a movie's header, which is UTC. Many writers leave it 0.
fn created(header: &[u8]) -> Option<CaptureTime> {
    let seconds = match header.split_first_chunk::<4>()? {
        ([0, ..], rest) => i64::from(u32::from_be_bytes(*rest.first_chunk()?)),
        (_, rest) => i64::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?,
    };
    let unix_s = seconds.checked_sub(EPOCH_S)?;
    // No such file was written before QuickTime.
    let plausible = unix_s > 0;
    plausible.then_some(CaptureTime {
        wall_ms: unix_s.checked_mul(1000)?,
        offset_min: Some(0),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::decode::test_boxes::boxed;

    fn movie(notes: &[(&str, &str)], more: &[u8]) -> Vec<u8> {
        let keys = notes.iter().map(|(key, _)| {
            let name = format!("com.apple.quicktime.{key}");
            boxed(b"mdta", &[name.as_bytes()])
        });
        let items = notes.iter().zip(1_u32..).map(|((_, value), number)| {
            let data = boxed(b"data", &[&[0; 8], value.as_bytes()]);
            boxed(&number.to_be_bytes(), &[&data])
        });
        let (keys, items) = (
            keys.collect::<Vec<_>>().concat(),
            items.collect::<Vec<_>>().concat(),
        );
        let meta = boxed(
            b"meta",
            &[
                &boxed(b"hdlr", &[&[0; 24]]),
                &boxed(b"keys", &[&[0; 8], &keys]),
                &boxed(b"ilst", &[&items]),
            ],
        );
        // 2024-05-06 15:08:09 UTC.
        let seconds = u32::try_from(1_715_008_089 + EPOCH_S)
            .unwrap()
            .to_be_bytes();
        let header = boxed(b"mvhd", &[&[0; 4], &seconds, &[0; 92]]);
        let file = [
            boxed(b"ftyp", &[b"qt  \0\0\0\0"]),
            boxed(b"mdat", &[&[7; 300]]),
            boxed(b"moov", &[&header, &meta, more]),
        ];
        file.concat()
    }

    #[test]
    fn apples_notes_come_before_the_header() {
        let file = movie(
            &[
                ("make", "Apple"),
                ("model", "iPhone 15"),
                ("creationdate", "2024-05-06T17:08:09+0200"),
                ("location.ISO6709", "+33.8583+151.2000+012.5/"),
            ],
            &[],
        );
        let (about, times) = read(&mut Cursor::new(&file));
        assert_eq!(about.camera.as_deref(), Some("Apple iPhone 15"));
        assert_eq!(about.place_degrees, Some((33.8583, 151.2)));
        let taken = times.taken.unwrap().to_string();
        assert_eq!(taken, "2024-05-06T17:08:09+02:00");
        let begun = times.digitized.unwrap().to_string();
        assert_eq!(begun, "2024-05-06T15:08:09Z");
        for cut in 0..file.len() {
            read(&mut Cursor::new(&file[..cut]));
        }
    }

    #[test]
    fn older_notes_are_read_too() {
        let day = boxed(b"\xa9day", &[b"\0\x13\0\0", b"2020-11-20T15:04:02+01:00"]);
        let model = boxed(b"data", &[&[0; 8], b"Pixel"]);
        let items = boxed(b"ilst", &[&boxed(b"\xa9mod", &[&model])]);
        let user = boxed(b"udta", &[&day, &boxed(b"meta", &[&[0; 4], &items])]);
        let (about, times) = read(&mut Cursor::new(movie(&[], &user)));
        assert_eq!(about.camera.as_deref(), Some("Pixel"));
        assert_eq!(
            times.taken.unwrap().to_string(),
            "2020-11-20T15:04:02+01:00"
        );
    }

    #[test]
    fn phones_notes_are_read_too() {
        let place = [
            &b"\0\0\0\0\x55\xc4home\0\0"[..],
            &i32::to_be_bytes(-6 << 16 | 0x8000),
            &i32::to_be_bytes(52 << 16 | 0x4000),
            &[0; 4],
            b"earth\0\0",
        ];
        let date = boxed(b"date", &[b"2020-11-20T15:04:02+0100"]);
        let user = boxed(b"udta", &[&boxed(b"loci", &place), &date]);
        let file = movie(&[], &user);
        let (about, times) = read(&mut Cursor::new(&file));
        assert_eq!(about.place_degrees, Some((52.25, -5.5)));
        let taken = times.taken.unwrap().to_string();
        assert_eq!(taken, "2020-11-20T15:04:02+01:00");
        for cut in 0..file.len() {
            read(&mut Cursor::new(&file[..cut]));
        }
    }

    #[test]
    fn a_place_in_wide_characters_or_beyond_the_earth() {
        let read_place = |name: &[u8], latitude: i32| {
            let numbers = [0, latitude << 16].map(i32::to_be_bytes).concat();
            let place = boxed(b"loci", &[&[0; 6], name, &[0], &numbers, &[0; 6]]);
            let file = movie(&[], &boxed(b"udta", &[&place]));
            read(&mut Cursor::new(file)).0.place_degrees
        };
        assert_eq!(read_place(b"\0", -90), Some((-90.0, 0.0)));
        assert_eq!(read_place(b"\xfe\xff\0h\x01\0\0\0", 7), Some((7.0, 0.0)));
        assert_eq!(read_place(b"\0", 91), None);
    }

    #[test]
    fn a_year_is_no_time() {
        let file = movie(&[("creationdate", "2010")], &[]);
        assert_eq!(read(&mut Cursor::new(file)).1.taken, None);
        let file = movie(&[("creationdate", "2010-02-03")], &[]);
        assert!(read(&mut Cursor::new(file)).1.taken.is_some());
    }
}
