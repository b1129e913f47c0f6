//! Names: their form, comparison and validity.

pub(crate) use crate::core::text::clean;

/// A longer line is a sentence, or the file is not a vocabulary.
const MAX_NAME_CHARS: usize = 200;
/// Prompts are sentences; CLIP reads about 300 characters of one.
const MAX_PROMPT_CHARS: usize = 1000;
/// The part of a name that a message repeats.
const QUOTED_CHARS: usize = 60;

/// The key shared by all spellings of a name: without case, composition and spacing.
pub(crate) fn key(name: &str) -> String {
    // Lower case may be decomposed (İ), so it must be composed again.
    clean(&name.to_lowercase())
}

/// Why a cleaned name of a label or a synonym is refused; `None` if it is valid.
pub(crate) fn fault(name: &str) -> Option<String> {
    if let Some(fault) = text_fault(name, "name", MAX_NAME_CHARS) {
        return Some(fault);
    }
    // A slash is a normal character, as in AC/DC: sidecars have a way to write it.
    name.contains('|').then(|| {
        format!(
            "the name {} has a “|”, which separates the levels of a hierarchy in sidecars; write it without",
            quoted(name)
        )
    })
}

/// Why a cleaned prompt is refused; `None` if it is valid.
pub(crate) fn prompt_fault(prompt: &str) -> Option<String> {
    text_fault(prompt, "text", MAX_PROMPT_CHARS)
}

fn text_fault(text: &str, what: &str, max_chars: usize) -> Option<String> {
    let chars = text.chars().count();
    if chars > max_chars {
        return Some(format!(
            "the {what} {} has {chars} characters, more than the {max_chars} allowed",
            quoted(text)
        ));
    }
    if let Some(c) = text.chars().find(|&c| c.is_control() || turns_writing(c)) {
        return Some(format!(
            "the {what} {} has the control character U+{:04X}; take it out",
            quoted(text),
            u32::from(c)
        ));
    }
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Some(format!("the {what} is empty"));
    }
    None
}

/// Formats a name for a message: complete if short, without characters that would spoil the line.
pub(crate) fn quoted(name: &str) -> String {
    let mut out = String::from("“");
    for c in name.chars().take(QUOTED_CHARS) {
        if c.is_control() || turns_writing(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if name.chars().nth(QUOTED_CHARS).is_some() {
        out.push('…');
    }
    out.push('”');
    out
}

/// Marks that reverse the writing direction, and so change what a reader sees.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Invisible characters, valid only beside others: joiners, direction marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (a, b) in [
            ("Dog", "dog"),
            ("hot  dog", " Hot\u{A0}dog "),
            ("cafe\u{301}", "CAFÉ"),
            ("I\u{307}zmir", "İzmir"),
        ] {
            assert_eq!(key(a), key(b), "{a} {b}");
        }
        assert_ne!(key("dog"), key("dogs"));
    }

    #[test]
    fn refuses_what_is_no_name() {
        for (name, word) in [
            ("", "empty"),
            ("\u{200B}", "empty"),
            ("a|b", "“|”"),
            ("a\u{7}b", "U+0007"),
            ("a\u{202E}b", "U+202E"),
            (&"x".repeat(201), "201 characters"),
        ] {
            let fault = fault(name).unwrap_or_default();
            assert!(fault.contains(word), "{name:?}: {fault}");
        }
        for name in ["dog", "Paris, Texas", "日本", "👩‍🌾", &"é".repeat(200)] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn quotes_stay_short_and_plain() {
        assert_eq!(quoted("a\u{1b}[2J"), "“a\\u{1b}[2J”");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 63);
    }
}
