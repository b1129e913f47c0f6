//! Cleans a text like the reference, before it is split into words.

use crate::clip::tokenizer::{entities, repair};

/// Repairs the text, replaces HTML references twice (on the web they are often escaped twice),
/// collapses whitespace and converts to lower case.
pub(super) fn clean(text: &str) -> String {
    let text = repair::repair(text);
    let once = entities::unescape(&text);
    let text = entities::unescape(&once);
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.to_lowercase()
}

/// Whitespace as in Python's `str.split`, which includes the separators U+001C to U+001F.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use crate::clip::tokenizer::clean::clean;

    #[test]
    fn texts_are_cleaned_as_the_reference_cleans_them() {
        let cases = [
            ("  Two\u{3000}\u{a0}Words\r\n", "two words"),
            ("R&amp;amp;B", "r&b"),
            ("&lt;b&gt; fish &AMP chips", "<b> fish & chips"),
            ("schÃ¶n", "schön"),
            ("\u{201c}curly\u{201d} it\u{2019}s", "\"curly\" it's"),
            ("ＦＵＬＬ ﬁsh", "full fish"),
            ("ΟΔΥΣΣΕΥΣ İ", "οδυσσευς i\u{307}"),
            ("a\u{1c}b", "ab"),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(clean(given), expected, "{given:?}");
        }
    }
}
