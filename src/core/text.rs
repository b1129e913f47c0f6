//! The normalisation of names: cleaning, and comparison without spelling.

use unicode_normalization::UnicodeNormalization;

/// Unicode NFC, trimmed, with single spaces. Programs wrap lines inside values and write either
/// composition.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.nfc());
    }
    out
}

/// Cleaned, without case, in Unicode NFC.
///
/// This is Unicode's full case folding except for the Turkish dotless i, which stays: converting to
/// upper case and back turns `ß` into `ss` and unifies both small sigmas.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            'ı' => out.push(c),
            _ => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out.nfc().collect()
}
