//! Text repair with the results of ftfy 6.3.1's `fix_text` (its documentation:
//! <https://ftfy.readthedocs.io>): mojibake, ligatures, full-width letters, curly quotes, line
//! breaks, terminal escapes, control characters, NFC.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::clip::tokenizer::fixed_regex::fixed_regex;
use crate::clip::tokenizer::{entities, mojibake};

/// The longest part of a line to repair at once, in characters.
const MAX_SEGMENT: usize = 1_000_000;
/// A repair can reveal the next one. This is far more than any real text needs and limits the time
/// for a hostile one.
const MAX_ROUNDS: usize = 1_000;

/// Repairs each line separately.
pub(super) fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut unescape = true;
    for segment in text.split_inclusive('\n').flat_map(segments) {
        // A literal "<" means that the text is HTML from here on: references stay for later.
        unescape &= !segment.contains('<');
        out.push_str(&repair_segment(segment, unescape));
    }
    out
}

fn segments(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let end = rest
            .char_indices()
            .nth(MAX_SEGMENT)
            .map_or(rest.len(), |(at, _)| at);
        let (head, tail) = rest.split_at(end);
        rest = tail;
        (!head.is_empty()).then_some(head)
    })
}

fn repair_segment(segment: &str, unescape: bool) -> String {
    let mut text = segment.to_owned();
    for _ in 0..MAX_ROUNDS {
        let round = one_round(&text, unescape);
        if round == text {
            break;
        }
        text = round;
    }
    text
}

fn one_round(text: &str, unescape: bool) -> String {
    let text = if unescape && text.contains('&') {
        entities::unescape_closed(text)
    } else {
        Cow::Borrowed(text)
    };
    let text = mojibake::fix_encoding(&text);
    let mut replaced = String::with_capacity(text.len());
    for c in text.chars() {
        replace_character(mojibake::fix_c1_control(c), &mut replaced);
    }
    let lines = replaced
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let mut kept = TERMINAL_ESCAPE.replace_all(&lines, "").into_owned();
    kept.retain(|c| !is_unwanted_control(c));
    if kept.is_ascii() {
        kept
    } else {
        kept.nfc().collect()
    }
}

/// Replaces ligatures of Latin letters, full-width and half-width forms and curly quotes.
fn replace_character(c: char, out: &mut String) {
    match c {
        _ if c.is_ascii() => out.push(c),
        '\u{3000}' => out.push(' '),
        // The forms' compatibility decompositions; characters without one are unchanged.
        '\u{ff01}'..='\u{ffef}' => out.extend(std::iter::once(c).nfkc().map(uncurl)),
        _ => match mojibake::ligature(c) {
            Some(letters) => out.extend(letters.chars().map(uncurl)),
            None => out.push(uncurl(c)),
        },
    }
}

fn uncurl(c: char) -> char {
    match c {
        '\u{2bc}' | '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        _ => c,
    }
}

static TERMINAL_ESCAPE: LazyLock<Regex> = LazyLock::new(|| fixed_regex(r"\x1b\[(?:\d|;)*[a-zA-Z]"));

/// Control characters without a visible effect (<https://www.unicode.org/reports/tr20/>).
fn is_unwanted_control(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{b}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffc}'
    )
}

#[cfg(test)]
mod tests {
    use crate::clip::tokenizer::repair::repair;

    #[test]
    fn texts_are_repaired_as_ftfy_repairs_them() {
        let cases = [
            ("plain", "plain"),
            (
                "Broken text&hellip; it&#x2019;s ﬂubberiﬁc!",
                "Broken text… it's flubberific!",
            ),
            ("<b>&hellip;", "<b>&hellip;"),
            ("&hellip;\n<\n&hellip;", "…\n<\n&hellip;"),
            ("ＬＯＵＤ　ＮＯＩＳＥＳ", "LOUD NOISES"),
            ("Ｕﾀｰﾝ ŉ", "Uターン 'n"),
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"),
            ("\u{1b}[36;44mblue\u{1b}[0m\u{feff}\u{7}", "blue"),
            ("cafe\u{301}", "café"),
            ("&amp;amp;amp;lt;", "<"),
        ];
        for (given, expected) in cases {
            assert_eq!(repair(given), expected, "{given:?}");
        }
    }
}
