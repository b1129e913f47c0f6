//! Mojibake: detects and undoes UTF-8 that was read as a single-byte encoding, with the results of
//! ftfy 6.3.1's `fix_encoding`. The heuristic's tables are in resources/clip/mojibake.json.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::{Regex, bytes};
use serde::Deserialize;

use crate::clip::tokenizer::fixed_regex::fixed_regex;

const TABLES: &str = include_str!("../../../resources/clip/mojibake.json");
/// Limits the time for a hostile text: each round undoes one layer of mojibake.
const MAX_ROUNDS: usize = 100;
/// The byte for a replacement character, i.e. for a lost byte.
const LOST: u8 = 0x1A;

#[derive(Deserialize)]
struct Tables {
    badness: String,
    clues: HashMap<String, String>,
    charmaps: Vec<CharmapTable>,
    ligatures: HashMap<char, String>,
}

#[derive(Deserialize)]
struct CharmapTable {
    name: String,
    high_half: String,
}

struct Heuristic {
    badness: Regex,
    first_of: [HashSet<char>; 3],
    continuation: HashSet<char>,
    continuation_strict: HashSet<char>,
    charmaps: Vec<Charmap>,
    windows_1252: Vec<char>,
    ligatures: HashMap<char, String>,
}

static HEURISTIC: LazyLock<Heuristic> = LazyLock::new(Heuristic::embedded);

impl Heuristic {
    #[expect(clippy::expect_used, reason = "the tests read the embedded tables")]
    fn embedded() -> Self {
        let tables: Tables = serde_json::from_str(TABLES).expect("the embedded tables are JSON");
        let clue = |name: &str| -> HashSet<char> {
            tables
                .clues
                .get(name)
                .map(|c| c.chars().collect())
                .unwrap_or_default()
        };
        let charmaps: Vec<Charmap> = tables.charmaps.iter().map(Charmap::new).collect();
        Self {
            badness: fixed_regex(&tables.badness),
            first_of: [
                clue("utf8_first_of_2"),
                clue("utf8_first_of_3"),
                clue("utf8_first_of_4"),
            ],
            continuation: clue("utf8_continuation"),
            continuation_strict: clue("utf8_continuation_strict"),
            windows_1252: tables
                .charmaps
                .iter()
                .find(|t| t.name == "sloppy-windows-1252")
                .map(|t| t.high_half.chars().collect())
                .unwrap_or_default(),
            charmaps,
            ligatures: tables.ligatures,
        }
    }
}

/// The letters of a ligature of Latin letters.
pub(super) fn ligature(c: char) -> Option<&'static str> {
    HEURISTIC.ligatures.get(&c).map(String::as_str)
}

/// Turns a C1 control character into the Windows character with its number, like web browsers.
pub(super) fn fix_c1_control(c: char) -> char {
    match c {
        '\u{80}'..='\u{9f}' => windows_1252(c).unwrap_or(c),
        _ => c,
    }
}

/// The Windows-1252 character with the number of a character of U+0080 to U+00FF.
fn windows_1252(c: char) -> Option<char> {
    let at = (c as usize).checked_sub(0x80)?;
    HEURISTIC.windows_1252.get(at).copied()
}

/// Undoes mojibake until nothing looks like it any more.
pub(super) fn fix_encoding(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        match fix_one_layer(&text) {
            Some(fixed) if fixed != text => text = fixed,
            _ => break,
        }
    }
    text
}

fn is_bad(text: &str) -> bool {
    HEURISTIC.badness.is_match(text)
}

fn fix_one_layer(text: &str) -> Option<String> {
    if text.is_ascii() || !is_bad(text) {
        return None;
    }
    for charmap in &HEURISTIC.charmaps {
        if let Some(decoded) = charmap.encode(text).and_then(|b| charmap.undo(b)) {
            return Some(decoded);
        }
    }
    let fixed = fix_stretches(text);
    if fixed != text {
        return Some(fixed);
    }
    // Latin-1 that was meant to be Windows-1252, if all its bytes are assigned there.
    let as_windows = |c: char| match c {
        _ if c.is_ascii() => Some(c),
        _ => windows_1252(c).filter(|w| !('\u{80}'..='\u{9f}').contains(w)),
    };
    if let Some(windows) = text.chars().map(as_windows).collect::<Option<String>>()
        && windows != text
    {
        return Some(windows);
    }
    Some(text.chars().map(fix_c1_control).collect())
}

/// A single-byte encoding that UTF-8 is mistaken for.
struct Charmap {
    bytes: HashMap<char, u8>,
    /// Windows encodings, for which software replaces unreadable bytes.
    loses_bytes: bool,
    /// Without MacRoman, where an en dash and a space would be taken for half a character.
    loses_byte_a0: bool,
}

impl Charmap {
    fn new(table: &CharmapTable) -> Self {
        let loses_bytes = table.name.starts_with("sloppy");
        let mut bytes: HashMap<char, u8> = table.high_half.chars().zip(0x80..=0xFF).collect();
        bytes.extend((0..0x80).filter(|&b| b != LOST).map(|b| (char::from(b), b)));
        let lost = if loses_bytes {
            '\u{fffd}'
        } else {
            char::from(LOST)
        };
        bytes.insert(lost, LOST);
        Self {
            bytes,
            loses_bytes,
            loses_byte_a0: table.name != "macroman",
        }
    }

    /// The bytes that this encoding would have read as `text`.
    fn encode(&self, text: &str) -> Option<Vec<u8>> {
        text.chars().map(|c| self.bytes.get(&c).copied()).collect()
    }

    /// Reads the bytes as UTF-8, with lost bytes restored as far as possible.
    fn undo(&self, mut bytes: Vec<u8>) -> Option<String> {
        if self.loses_byte_a0 && SPACED_UTF8.is_match(&bytes) {
            bytes = restore_byte_a0(&bytes);
        }
        if self.loses_bytes && bytes.iter().any(|b| matches!(b, &LOST | b'?')) {
            bytes = LOSSY_UTF8
                .replace_all(&bytes, "\u{fffd}".as_bytes())
                .into_owned();
        }
        if bytes.iter().any(|b| matches!(b, 0xED | 0xC0)) {
            decode_variant(&bytes)
        } else {
            String::from_utf8(bytes).ok()
        }
    }
}

/// UTF-8 with a space in place of byte A0, a no-break space in Windows.
static SPACED_UTF8: LazyLock<bytes::Regex> = LazyLock::new(|| {
    fixed_bytes_regex(
        r"(?-u)[\xc2\xc3\xc5\xce\xd0\xd9] |[\xe2\xe3] [\x80-\x84\x86-\x9f\xa1-\xbf]|[\xe0-\xe3][\x80-\x84\x86-\x9f\xa1-\xbf] |\xf0 [\x80-\xbf][\x80-\xbf]|\xf0[\x80-\xbf] [\x80-\xbf]|\xf0[\x80-\xbf][\x80-\xbf] ",
    )
});

/// UTF-8, including encoded surrogates, with bytes lost (1A) or replaced by question marks.
static LOSSY_UTF8: LazyLock<bytes::Regex> = LazyLock::new(|| {
    fixed_bytes_regex(
        r"(?-u)[\xc2-\xdf]\x1a|[\xc2-\xc3]\?|\xed[\xa0-\xaf][\x1a?]\xed[\xb0-\xbf][\x1a?\x80-\xbf]|\xed[\xa0-\xaf][\x1a?\x80-\xbf]\xed[\xb0-\xbf][\x1a?]|[\xe0-\xef][\x1a?][\x1a\x80-\xbf]|[\xe0-\xef][\x1a\x80-\xbf][\x1a?]|[\xf0-\xf4][\x1a?][\x1a\x80-\xbf][\x1a\x80-\xbf]|[\xf0-\xf4][\x1a\x80-\xbf][\x1a?][\x1a\x80-\xbf]|[\xf0-\xf4][\x1a\x80-\xbf][\x1a\x80-\xbf][\x1a?]|\x1a",
    )
});

#[expect(clippy::expect_used, reason = "the tests compile every such pattern")]
fn fixed_bytes_regex(pattern: &str) -> bytes::Regex {
    bytes::Regex::new(pattern).expect("a pattern of the program is valid")
}

/// Restores byte A0 where a space replaced it inside a character.
fn restore_byte_a0(given: &[u8]) -> Vec<u8> {
    // "Ã la" is "à la": the lost space was one of two. Not at the start of Portuguese words that
    // begin with à.
    const A_GRAVE: &[u8] = b"\xc3 ";
    let mut words = Vec::with_capacity(given.len() + 8);
    let mut rest = given;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(A_GRAVE) {
            let begins = |words: &[&[u8]]| words.iter().any(|w| tail.starts_with(w));
            if !begins(&[b" ", b"quele", b"quela", b"quilo", b"s "]) {
                words.extend_from_slice(b"\xc3\xa0 ");
                rest = tail;
                continue;
            }
        }
        words.push(byte);
        rest = after;
    }
    SPACED_UTF8
        .replace_all(&words, |found: &bytes::Captures<'_>| {
            let whole = found.get(0).map_or(&[][..], |m| m.as_bytes());
            whole
                .iter()
                .map(|&b| if b == b' ' { 0xA0 } else { b })
                .collect::<Vec<u8>>()
        })
        .into_owned()
}

/// Decodes UTF-8 with surrogate pairs encoded one by one (CESU-8, six bytes) and U+0000 as C0 80
/// (Java's).
fn decode_variant(given: &[u8]) -> Option<String> {
    let mut out = String::new();
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = given.get(at..).filter(|r| !r.is_empty()) {
        if let Some((c, length)) = special_sequence(rest) {
            out.push_str(std::str::from_utf8(given.get(start..at)?).ok()?);
            out.push(c);
            at += length;
            start = at;
        } else {
            at += 1;
        }
    }
    out.push_str(std::str::from_utf8(given.get(start..)?).ok()?);
    Some(out)
}

fn special_sequence(rest: &[u8]) -> Option<(char, usize)> {
    // The reference's patterns end in `$`, which lets a final line break match the last byte: so
    // does this.
    match *rest {
        [0xC0, 0x80, ..] | [0xC0, b'\n'] => Some(('\0', 2)),
        [
            0xED,
            a @ 0xA0..=0xAF,
            b @ 0x80..=0xBF,
            0xED,
            c @ 0xB0..=0xBF,
            d @ 0x80..=0xBF,
            ..,
        ]
        | [
            0xED,
            a @ 0xA0..=0xAF,
            b @ 0x80..=0xBF,
            0xED,
            c @ 0xB0..=0xBF,
            d @ b'\n',
        ] => {
            let bits = |byte: u8, mask: u8| u32::from(byte & mask);
            let high = bits(a, 0x0F) << 16 | bits(b, 0x3F) << 10;
            let low = bits(c, 0x0F) << 6 | bits(d, 0x3F);
            char::from_u32(0x1_0000 + (high | low)).map(|c| (c, 6))
        }
        _ => None,
    }
}

/// Undoes mojibake in parts that look like UTF-8, if the text as a whole is not in one encoding.
fn fix_stretches(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        let before = at.checked_sub(1).and_then(|i| characters.get(i));
        let inside = before.is_some_and(|b| HEURISTIC.continuation_strict.contains(b));
        let length = if inside {
            0
        } else {
            stretch_length(characters.get(at..).unwrap_or(&[]))
        };
        if length == 0 {
            out.push(c);
            at += 1;
            continue;
        }
        let stretch: String = characters.iter().skip(at).take(length).collect();
        // Repeating this with the whole text would never end.
        if length < characters.len() && is_bad(&stretch) {
            out.push_str(&fix_encoding(&stretch));
        } else {
            out.push_str(&stretch);
        }
        at += length;
    }
    out
}

/// The number of characters from the start that look like UTF-8 sequences read byte by byte.
fn stretch_length(characters: &[char]) -> usize {
    let mut length = 0;
    loop {
        let rest = characters.get(length..).unwrap_or(&[]);
        let sequence = HEURISTIC
            .first_of
            .iter()
            .zip(1..)
            .find_map(|(firsts, continuations)| {
                let (first, following) = rest.split_first()?;
                let following = following.get(..continuations)?;
                (firsts.contains(first)
                    && following.iter().all(|c| HEURISTIC.continuation.contains(c)))
                .then_some(1 + continuations)
            });
        match sequence {
            Some(found) => length += found,
            None => return length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mojibake_is_undone_as_ftfy_undoes_it() {
        let cases = [
            ("sÃ³", "só"),
            ("âœ” No problems", "✔ No problems"),
            ("voilÃ le travail", "voilà le travail"),
            ("fine Ãquele", "fine Ãquele"),
            ("l\u{92}humanitÃ©", "l’humanité"),
            ("ðŸ˜‚ rÃ©sumÃ©", "😂 résumé"),
            ("schön", "schön"),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(fix_encoding(given), expected, "{given:?}");
        }
    }

    #[test]
    fn surrogates_encoded_as_utf8_are_paired() {
        assert_eq!(
            decode_variant(b"a\xed\xa0\xbd\xed\xb8\x8d").as_deref(),
            Some("a😍")
        );
        assert_eq!(decode_variant(b"\xc0\x80b").as_deref(), Some("\0b"));
        assert_eq!(decode_variant(b"\xed\xa0\xbd"), None);
        assert_eq!(decode_variant("한".as_bytes()).as_deref(), Some("한"));
        assert_eq!(decode_variant(b"\xc0"), None);
    }
}
