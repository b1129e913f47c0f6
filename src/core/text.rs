//! The normalisation of names: cleaning, and comparison without spelling.

use unicode_normalization::UnicodeNormalization;

/// Unicode NFC, trimmed, with single spaces. Programs wrap lines inside values and write either
/// composition.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        match word.is_ascii() {
            true => out.push_str(word),
            false => out.extend(word.nfc()),
        }
    }
    out
}

/// Cleaned, without case, in Unicode NFC.
///
/// This is Unicode's full case folding except for the Turkish dotless i, which stays: converting to
/// upper case and back turns `ß` into `ss` and unifies both small sigmas.
pub(crate) fn folded(text: &str) -> String {
    let mut cleaned = clean(text);
    // Most names are in ASCII, and all names of a photo are compared with all others.
    if cleaned.is_ascii() {
        cleaned.make_ascii_lowercase();
        return cleaned;
    }
    let mut out = String::with_capacity(cleaned.len());
    for c in cleaned.chars() {
        match c {
            'ı' => out.push(c),
            _ => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out.nfc().collect()
}
