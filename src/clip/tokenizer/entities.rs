//! HTML character references, with the results of Python's `html.unescape` and ftfy's
//! `unescape_html`.
//!
//! The rules are those of <https://html.spec.whatwg.org/#named-character-reference-state>, text
//! outside attributes; the names are in resources/clip/html_entities.tsv.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::clip::tokenizer::fixed_regex::fixed_regex;

const TABLE: &str = include_str!("../../../resources/clip/html_entities.tsv");

/// Characters by name (with its semicolon if it needs one).
static NAMED: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    TABLE
        .lines()
        .filter_map(|line| {
            let (name, codes) = line.split_once('\t')?;
            let characters = codes
                .split(' ')
                .filter_map(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?))
                .collect();
            Some((name, characters))
        })
        .collect()
});

/// Upper-case names that are undefined in HTML, for the capital of the lower-case name's character:
/// `&EACUTE;` in an upper-case text is É.
static SHOUTED: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let small = |name: &str| name.ends_with(';') && name == name.to_lowercase();
    NAMED
        .iter()
        .filter(|(name, _)| small(name))
        .map(|(name, characters)| (name.to_uppercase(), characters.to_uppercase()))
        .filter(|(name, _)| {
            let reference = format!("&{name}");
            unescape(&reference) == reference
        })
        .collect()
});

static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| fixed_regex(r"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\x0c <&#;]{1,32};?)"));

static CLOSED_REFERENCE: LazyLock<Regex> = LazyLock::new(|| fixed_regex("&#?[0-9A-Za-z]{1,24};"));

/// Replaces every reference, including those without a semicolon if HTML allows it.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    REFERENCE.replace_all(text, |found: &Captures<'_>| {
        let body = found.get(1).map_or("", |m| m.as_str());
        match body.strip_prefix('#') {
            Some(number) => numeric(number.trim_end_matches(';')),
            None => named(body),
        }
    })
}

/// Replaces the references that end in a semicolon, including upper-case ones.
pub(super) fn unescape_closed(text: &str) -> Cow<'_, str> {
    CLOSED_REFERENCE.replace_all(text, |found: &Captures<'_>| {
        let whole = found.get(0).map_or("", |m| m.as_str());
        let body = whole.trim_start_matches('&');
        if let Some(characters) = NAMED.get(body).or_else(|| SHOUTED.get(body)) {
            return characters.clone();
        }
        if body.starts_with('#') {
            let replaced = unescape(whole);
            // If a semicolon is left over, only a part of it was a reference.
            if !replaced.contains(';') {
                return replaced.into_owned();
            }
        }
        whole.to_owned()
    })
}

/// Replaces a named reference: the longest name at its start, then the rest.
fn named(body: &str) -> String {
    if let Some(characters) = NAMED.get(body) {
        return characters.clone();
    }
    let ends = body.char_indices().map(|(at, _)| at).skip(2);
    for end in ends.collect::<Vec<_>>().into_iter().rev() {
        let (name, rest) = body.split_at(end);
        if let Some(characters) = NAMED.get(name) {
            return format!("{characters}{rest}");
        }
    }
    format!("&{body}")
}

/// Replaces a numeric reference, given its digits (`x` before hexadecimal ones).
fn numeric(digits: &str) -> String {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    // Too large for the type, so too large for Unicode.
    let Ok(code) = code else {
        return '\u{fffd}'.to_string();
    };
    match code {
        0 => '\u{fffd}'.to_string(),
        0x0D => '\r'.to_string(),
        0x80..=0x9F => WINDOWS_1252
            .chars()
            .nth(code as usize - 0x80)
            .map_or_else(String::new, String::from),
        0x01..=0x08 | 0x0B | 0x0E..=0x1F | 0x7F | 0xFDD0..=0xFDEF => String::new(),
        _ if code <= 0x10_FFFF && code & 0xFFFE == 0xFFFE => String::new(),
        _ => char::from_u32(code).unwrap_or('\u{fffd}').to_string(),
    }
}

/// The meaning of the numbers 0x80 to 0x9F in HTML: the characters of Windows-1252.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_python_reads_them() {
        let cases = [
            ("&amp;", "&"),
            ("&ampersand", "&ersand"),
            ("&notit; &notin; &notx", "¬it; ∉ ¬x"),
            ("&NotEqualTilde;", "≂\u{338}"),
            ("&bogus; & &;", "&bogus; & &;"),
            ("&#65;&#x41;&#X41&#65", "AAAA"),
            (
                "&#0;&#xD800;&#x110000;&#99999999999;",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&#128;&#x9f;&#x81;", "€Ÿ\u{81}"),
            ("&#1;&#xFFFF;&#x1FFFE;&#xFDD0;", ""),
            ("&#13;", "\r"),
            ("&#;&#x;", "&#;&#x;"),
        ];
        for (given, expected) in cases {
            assert_eq!(unescape(given), expected, "{given:?}");
        }
    }

    #[test]
    fn closed_references_are_read_as_ftfy_reads_them() {
        let cases = [
            ("P&EACUTE;REZ &eacute;", "PÉREZ é"),
            ("BUNDESSTRA&SZLIG;E", "BUNDESSTRASSE"),
            ("&ntilde; &Ntilde; &NTILDE; &nTILDE;", "ñ Ñ Ñ &nTILDE;"),
            ("&amp &hellip;", "&amp …"),
            ("&#59; &#65;", "&#59; A"),
        ];
        for (given, expected) in cases {
            assert_eq!(unescape_closed(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(NAMED.len(), 2231);
        assert_eq!(WINDOWS_1252.chars().count(), 32);
    }
}
