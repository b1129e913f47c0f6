//! Parses text in any of the three formats into a vocabulary.
//!
//! The formats' readers collect [`Draft`]s and problems; `link` then finds the parents and all
//! problems between labels, the same way for all formats.

mod draft;
pub(crate) mod encoding;
mod lightroom;
mod lines;
mod link;
mod plain;
mod toml;

pub(crate) use encoding::decode;
use lines::{is_comment, lines};

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;

/// Far more than a vocabulary needs; reporting a fault on each is still affordable.
const MAX_LINES: usize = 500_000;

pub(crate) fn parse_bytes(bytes: &[u8]) -> Result<Vocabulary, VocabularyError> {
    match decode(bytes) {
        Ok(text) => parse(&text),
        Err(problem) => Err(VocabularyError::new(vec![problem])),
    }
}

pub(crate) fn parse(text: &str) -> Result<Vocabulary, VocabularyError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if lines(text).nth(MAX_LINES).is_some() {
        return Err(VocabularyError::new(vec![Problem::at(
            MAX_LINES + 1,
            format!("the text goes on past {MAX_LINES} lines; a vocabulary has one for each label"),
        )]));
    }
    link::link(match Form::of(text) {
        Form::Toml => toml::read(text),
        Form::Lightroom => lightroom::read(text),
        Form::Plain => plain::read(text),
    })
}

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Lightroom,
    Toml,
}

impl Form {
    /// The name of the format for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "list of labels",
            Self::Lightroom => "Lightroom keyword list",
            Self::Toml => "vocabulary in the full form",
        }
    }

    pub(crate) fn of(text: &str) -> Self {
        let mut form = Self::Plain;
        for (_, line) in lines(text) {
            let trimmed = line.trim();
            if trimmed.starts_with("[[") || sets_a_key(trimmed) {
                return Self::Toml;
            }
            let enclosed = matches!(
                (trimmed.chars().next(), trimmed.chars().next_back()),
                (Some('{'), Some('}')) | (Some('['), Some(']'))
            );
            let indented = line.starts_with('\t') && !is_comment(trimmed);
            if enclosed || indented && !trimmed.is_empty() {
                form = Self::Lightroom;
            }
        }
        form
    }
}

/// `name = …` and the like: TOML, even if its `[[label]]` is missing or misspelt.
fn sets_a_key(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(key, _)| toml::KEYS.contains(&key.trim_end()) || key.trim_end() == "label")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagging::vocabulary::name;
    use crate::tagging::vocabulary::parse::draft::MAX_TEXTS;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_content_tells_the_form() {
        for (text, form) in [
            ("", Form::Plain),
            ("dog\ncat", Form::Plain),
            ("# [[label]]\ndog", Form::Plain),
            ("dog\n\t# a remark\n\t\n", Form::Plain),
            ("x = y", Form::Plain),
            ("animal\n\tdog", Form::Lightroom),
            ("dog\n{hound}", Form::Lightroom),
            ("[animal]", Form::Lightroom),
            ("[[label]]\nname = 'dog'", Form::Toml),
            ("[[labels]]", Form::Toml),
            ("[label]\nname='dog'", Form::Toml),
            ("label = []", Form::Toml),
        ] {
            assert_eq!(Form::of(text), form, "{text:?}");
        }
    }

    #[test]
    fn lines_end_in_three_ways() {
        for text in ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc"] {
            let all: Vec<_> = lines(text).collect();
            assert_eq!(all, [(1, "a"), (2, "b"), (3, "c")], "{text:?}");
        }
    }

    #[test]
    fn the_number_of_lines_has_a_limit() {
        let error = parse(&"|\n".repeat(MAX_LINES + 1)).unwrap_err();
        assert_eq!(error.problems.len(), 1);
        assert_eq!(error.problems[0].line, Some(MAX_LINES + 1));
    }

    #[test]
    fn the_number_of_texts_of_a_label_has_a_limit() {
        for key in ["synonyms", "prompts", "negatives"] {
            let texts =
                |count: usize| -> String { (0..count).map(|n| format!("'text {n}',\n")).collect() };
            let list = |count| format!("[[label]]\nname='a'\n{key}=[\n{}]", texts(count));
            assert!(parse(&list(MAX_TEXTS)).is_ok(), "{key}");
            let error = parse(&list(MAX_TEXTS + 900)).unwrap_err();
            assert_eq!(error.problems.len(), 1, "{key}");
            assert_eq!(error.problems[0].line, Some(4 + MAX_TEXTS), "{key}");
            assert!(error.to_string().contains(key), "{error}");
        }
        let keywords =
            |count: usize| -> String { (0..count).map(|n| format!("\t{{word {n}}}\n")).collect() };
        assert!(parse(&format!("a\n{}", keywords(MAX_TEXTS))).is_ok());
        let error = parse(&format!("a\n{}", keywords(MAX_TEXTS + 9))).unwrap_err();
        assert_eq!(error.problems.len(), 1);
        assert_eq!(error.problems[0].line, Some(2 + MAX_TEXTS));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_lines(text in "(?s).*") {
            check(&text)?;
        }

        /// Text with the formats' own characters reaches deeper than other text.
        #[test]
        fn texts_of_the_forms_characters_too(text in "[\t\n\r {}\\[\\]#|/ab=\"',._0-9]*") {
            check(&text)?;
        }

        #[test]
        fn toml_of_any_shape_too(
            body in proptest::collection::vec(
                (0..7_usize, "(a|b|name|parent|\"[a-c]\"|0\\.5|true|\\[\"a\"\\]|\\{a=1\\})"), 0..12
            )
        ) {
            let keys = ["name", "parent", "synonyms", "threshold", "export", "prompts", "x"];
            let mut text = String::new();
            for (i, (key, value)) in body.iter().enumerate() {
                if i % 3 == 0 {
                    text.push_str("[[label]]\n");
                }
                text.push_str(&format!("{} = {value}\n", keys[*key]));
            }
            check(&text)?;
        }

        #[test]
        fn any_bytes_too(bytes: Vec<u8>) {
            if let Err(error) = parse_bytes(&bytes) {
                prop_assert!(!error.problems.is_empty());
            }
        }

        #[test]
        fn distinct_plain_names_come_back(
            names in proptest::collection::btree_set("[a-zà-ü0-9][a-zà-ü0-9_(), -]{0,20}[a-z0-9]", 1..40)
        ) {
            let cleaned: BTreeSet<String> = names.iter().map(|n| name::clean(n)).collect();
            // Names that differ only in their spaces would be duplicates.
            prop_assume!(cleaned.len() == names.len());
            let text = names.iter().map(String::as_str).collect::<Vec<_>>().join("\r\n");
            let vocabulary = parse(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let back: BTreeSet<String> =
                vocabulary.labels().iter().map(|l| l.name.clone()).collect();
            prop_assert_eq!(back, cleaned);
        }
    }

    /// In any case, a vocabulary is valid and an error has its lines.
    fn check(text: &str) -> Result<(), TestCaseError> {
        let total = lines(text).count();
        match parse(text) {
            Ok(v) => {
                prop_assert!(!v.labels().is_empty());
                let ids: BTreeSet<&str> = v.labels().iter().map(|l| l.id.as_str()).collect();
                prop_assert_eq!(ids.len(), v.labels().len());
                for (i, label) in v.labels().iter().enumerate() {
                    prop_assert!((1..=total).contains(&label.line));
                    prop_assert!(!label.texts().is_empty());
                    prop_assert!(v.ancestors(i).count() < v.labels().len());
                    let above = v.parent(i).map(|p| v.labels()[p].name.as_str());
                    prop_assert_eq!(label.parent.as_deref(), above);
                }
            }
            Err(error) => {
                prop_assert!(!error.problems.is_empty());
                for p in &error.problems {
                    prop_assert!(
                        p.line.is_some_and(|l| (1..=total.max(1)).contains(&l)),
                        "{:?}",
                        p
                    );
                }
            }
        }
        Ok(())
    }
}
