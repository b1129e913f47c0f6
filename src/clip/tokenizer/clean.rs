//! Cleans a text like the reference, before it is split into words.

use crate::clip::tokenizer::{entities, repair};

/// What happens to a text before it is tokenized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clean {
    /// Nothing.
    Nothing,
    /// Converted to lower case: SigLIP 2 in transformers.
    Lower,
    /// Converted to lower case, ASCII punctuation removed, whitespace collapsed: SigLIP in
    /// transformers (`SiglipTokenizer.canonicalize_text`).
    Canonical,
    /// Repaired, whitespace collapsed: open_clip's `whitespace`.
    Repaired,
    /// The same in lower case: open_clip's `lower`.
    RepairedLower,
    /// The same without ASCII punctuation, for which `_` becomes a space: open_clip's
    /// `canonicalize`.
    RepairedCanonical,
}

impl Clean {
    /// The text that is tokenized.
    pub(crate) fn apply(self, text: &str) -> String {
        match self {
            Self::Nothing => text.to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Canonical => collapsed(&without_punctuation(&text.to_lowercase())),
            Self::Repaired => collapsed(&repaired(text)),
            Self::RepairedLower => clean(text),
            Self::RepairedCanonical => {
                let text = collapsed(&repaired(text)).replace('_', " ");
                collapsed(&without_punctuation(&text).to_lowercase())
            }
        }
    }
}

/// Repairs the text, replaces HTML references twice (on the web they are often escaped twice),
/// collapses whitespace and converts to lower case.
pub(super) fn clean(text: &str) -> String {
    collapsed(&repaired(text)).to_lowercase()
}

fn repaired(text: &str) -> String {
    let text = repair::repair(text);
    let once = entities::unescape(&text);
    entities::unescape(&once).into_owned()
}

/// Python's `string.punctuation` is ASCII's.
fn without_punctuation(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_punctuation()).collect()
}

fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
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
