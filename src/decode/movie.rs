//! What a video's container says of when, where and with what it was taken (ISO/IEC 14496-12, and
//! Apple's QuickTime File Format).

use std::io::{self, Read, Seek, SeekFrom};

use heifer::heifer_isobmff::BoxIter;

use crate::core::about::About;
use crate::core::capture::{CaptureTime, NotedTimes};

/// The description of a long video takes some megabytes.
const MOST_MOVIE_BYTES: u64 = 64 << 20;
/// A video's parts at the top. Fragments of a recording are many.
const MOST_PARTS: usize = 10_000;
/// Seconds from 1904-01-01, from which containers count, to 1970-01-01.
const EPOCH_S: i64 = 2_082_844_800;
/// The most characters of a text; no camera's name is longer.
const LONGEST_TEXT: usize = 80;

/// Reads no more of the file than the description of its content.
pub(super) fn read(reader: &mut (impl Read + Seek)) -> (About, NotedTimes) {
    let movie = description(reader).ok().flatten().unwrap_or_default();
    let notes = Notes::of(&movie);
    let text = |name| notes.get(name);
    let about = About {
        camera: About::camera_of(text("make"), text("model")),
        place_degrees: text("location.ISO6709").and_then(|text| place(&text)),
        ..About::default()
    };
    let times = NotedTimes {
        taken: text("creationdate").and_then(|text| CaptureTime::parse(&text)),
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

fn parts(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let boxes = BoxIter::new(bytes).map_while(Result::ok);
    boxes.map(|part| (part.header.box_type.0, part.content))
}

fn part<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    parts(bytes).find(|part| part.0 == *name).map(|part| part.1)
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

/// Texts by name.
struct Notes(Vec<(String, String)>);

/// The names of older notes, which begin with ©.
const OLDER: [(&[u8; 4], &str); 4] = [
    (b"\xa9day", "creationdate"),
    (b"\xa9mak", "make"),
    (b"\xa9mod", "model"),
    (b"\xa9xyz", "location.ISO6709"),
];

impl Notes {
    fn of(movie: &[u8]) -> Self {
        let mut notes = Vec::new();
        if let Some(meta) = part(movie, b"meta") {
            keyed(meta, &mut notes);
        }
        let user = part(movie, b"udta").unwrap_or_default();
        let items = part(user, b"meta").and_then(|meta| part(boxes_of(meta), b"ilst"));
        for (name, content) in parts(user).chain(parts(items.unwrap_or_default())) {
            let known = OLDER.iter().find(|older| *older.0 == name);
            let value = match content.get(4..8) {
                Some(b"data") => data(content),
                // A length and a language come before the text.
                _ => content.get(4..).map(text),
            };
            if let (Some((_, name)), Some(value)) = (known, value) {
                notes.push(((*name).to_owned(), value));
            }
        }
        Self(notes)
    }

    fn get(&self, name: &str) -> Option<String> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        found
            .find(|(_, value)| !value.is_empty())
            .map(|(_, value)| value.clone())
    }
}

/// The boxes in `meta`, which has four bytes before them except in QuickTime.
fn boxes_of(meta: &[u8]) -> &[u8] {
    match meta.get(4..8) {
        Some(b"hdlr") => meta,
        _ => meta.get(4..).unwrap_or_default(),
    }
}

/// Apple's notes: a list of names, and items that are numbered by it from 1.
fn keyed(meta: &[u8], notes: &mut Vec<(String, String)>) {
    let meta = boxes_of(meta);
    let (Some(keys), Some(items)) = (part(meta, b"keys"), part(meta, b"ilst")) else {
        return;
    };
    let keys: Vec<String> = parts(keys.get(8..).unwrap_or_default())
        .map(|(_, name)| String::from_utf8_lossy(name).into_owned())
        .collect();
    for (number, content) in parts(items) {
        let number = u32::from_be_bytes(number) as usize;
        let key = number.checked_sub(1).and_then(|index| keys.get(index));
        let name = key.and_then(|key| key.strip_prefix("com.apple.quicktime."));
        if let (Some(name), Some(value)) = (name, data(content)) {
            notes.push((name.to_owned(), value));
        }
    }
}

/// The text of the box `data`, after its type and its language.
fn data(content: &[u8]) -> Option<String> {
    part(content, b"data")?.get(8..).map(text)
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let visible = text.chars().filter(|c| !c.is_control());
    visible
        .take(LONGEST_TEXT)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// `+48.8577+002.295+035.000/`: latitude and longitude in degrees (ISO 6709).
fn place(text: &str) -> Option<(f64, f64)> {
    let second = text.get(1..)?.find(['+', '-'])? + 1;
    let (latitude, rest) = text.split_at_checked(second)?;
    let end = rest
        .get(1..)?
        .find(['+', '-', '/'])
        .map_or(rest.len(), |at| at + 1);
    let number = |text: &str, most: f64| {
        // Without a point after two or three digits, these are not degrees.
        let whole = text.trim_start_matches(['+', '-']).split('.').next()?;
        let value: f64 = text.parse().ok()?;
        (whole.len() <= 3 && value.abs() <= most).then_some(value)
    };
    Some((number(latitude, 90.0)?, number(rest.get(..end)?, 180.0)?))
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
    fn places_are_degrees() {
        for (text, expected) in [
            ("+48.8577+002.295+035.000/", Some((48.8577, 2.295))),
            ("-90+180/", Some((-90.0, 180.0))),
            ("+4851.5-00217.7/", None),
            ("+91+000/", None),
            ("", None),
            ("+", None),
            ("nowhere", None),
            ("é+é", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }
}
