//! The notes in a video's container: Apple's, QuickTime's older ones, and those of phones (3GPP).

use heifer::heifer_isobmff::BoxIter;

/// The most characters of a text; no camera's name is longer.
const LONGEST_TEXT: usize = 80;

/// Texts by name, and a place that is no text.
pub(super) struct Notes {
    texts: Vec<(String, String)>,
    place_degrees: Option<(f64, f64)>,
}

/// A phone's note of the date, which has no length and language before its text.
const DATE: &[u8; 4] = b"date";
/// Other names of notes. Those that begin with © are QuickTime's older ones.
const NAMES: [(&[u8; 4], &str); 5] = [
    (DATE, "creationdate"),
    (b"\xa9day", "creationdate"),
    (b"\xa9mak", "make"),
    (b"\xa9mod", "model"),
    (b"\xa9xyz", "location.ISO6709"),
];

impl Notes {
    pub(super) fn of(movie: &[u8]) -> Self {
        let mut notes = Vec::new();
        if let Some(meta) = part(movie, b"meta") {
            keyed(meta, &mut notes);
        }
        let user = part(movie, b"udta").unwrap_or_default();
        let items = part(user, b"meta").and_then(|meta| part(boxes_of(meta), b"ilst"));
        for (name, content) in parts(user).chain(parts(items.unwrap_or_default())) {
            let known = NAMES.iter().find(|known| *known.0 == name);
            let value = match content.get(4..8) {
                Some(b"data") => data(content),
                _ if name == *DATE => Some(text(content)),
                // A length and a language come before the text.
                _ => content.get(4..).map(text),
            };
            if let (Some((_, name)), Some(value)) = (known, value) {
                notes.push(((*name).to_owned(), value));
            }
        }
        Self {
            texts: notes,
            place_degrees: part(user, b"loci").and_then(mobile_place),
        }
    }

    /// Latitude and longitude in degrees.
    pub(super) fn place_degrees(&self) -> Option<(f64, f64)> {
        let text = self.get("location.ISO6709");
        text.and_then(|text| place(&text)).or(self.place_degrees)
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut found = self.texts.iter().filter(|(key, _)| key == name);
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

/// The place in 3GPP's location (TS 26.244), which has a name before it, and numbers of 16 bits before and
/// after the point.
fn mobile_place(content: &[u8]) -> Option<(f64, f64)> {
    // After the version and the language.
    let name = content.get(6..)?;
    let after = match name {
        [0xfe, 0xff, ..] => 2 * name.as_chunks().0.iter().position(|c| *c == [0, 0])? + 2,
        _ => memchr::memchr(0, name)? + 1,
    };
    // The place's role is one byte.
    let (longitude, rest) = name.get(after + 1..)?.split_first_chunk()?;
    let degrees = |bytes| f64::from(i32::from_be_bytes(bytes)) / 65_536.0;
    let (latitude, longitude) = (degrees(*rest.first_chunk()?), degrees(*longitude));
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let boxes = BoxIter::new(bytes).map_while(Result::ok);
    boxes.map(|part| (part.header.box_type.0, part.content))
}

/// The content of the first box with a name.
pub(super) fn part<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    parts(bytes).find(|part| part.0 == *name).map(|part| part.1)
}

#[cfg(test)]
mod tests {
    use super::*;

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
