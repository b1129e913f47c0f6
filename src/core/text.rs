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

/// With a capital at the start, as a sentence. Names of files, models and commands stay as they are.
pub(crate) fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if word.chars().all(char::is_alphabetic) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_get_a_capital() {
        let same = [
            "2 photos",
            "/a/b: gone",
            "cat.jpg is empty",
            "vit-b-32 is ready",
            "`x` y",
            "",
        ];
        for text in same {
            assert_eq!(sentence(text), text);
        }
        assert_eq!(sentence("the file is empty"), "The file is empty");
        assert_eq!(sentence("über 3 Dateien"), "Über 3 Dateien");
    }
}
