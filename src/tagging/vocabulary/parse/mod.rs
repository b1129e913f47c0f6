//! From text in any of the three forms to a vocabulary.
//!
//! The forms' readers collect [`Draft`]s and problems; `link` then finds the parents and
//! whatever is wrong among the labels, the same way for all forms.

pub(crate) mod encoding;
mod lightroom;
mod link;
mod plain;
mod toml;

pub(crate) use encoding::decode;

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::name;

/// Far more than a vocabulary needs; a fault on each is still affordable to report.
const MAX_LINES: usize = 500_000;

/// Synonyms, prompts or negatives of one label: each is a text to be encoded.
const MAX_TEXTS: usize = 200;

/// What is said of the text that is one too many.
fn too_many(what: &str) -> String {
    format!("a label has more than {MAX_TEXTS} {what} here; leave out the rarer ones")
}

/// A label as its file has it, before its neighbours are known.
struct Draft {
    name: String,
    line: usize,
    parent: Parent,
    /// Each with its line.
    synonyms: Vec<(String, usize)>,
    prompts: Vec<String>,
    negatives: Vec<String>,
    threshold: Option<f32>,
    prior: Option<f32>,
    export: bool,
}

/// What a form says of the label above.
enum Parent {
    None,
    /// The index of an earlier draft.
    Draft(usize),
    /// A name, and the line that gives it.
    Named(String, usize),
}

impl Draft {
    fn new(name: String, line: usize) -> Self {
        Self {
            name,
            line,
            parent: Parent::None,
            synonyms: Vec::new(),
            prompts: Vec::new(),
            negatives: Vec::new(),
            threshold: None,
            prior: None,
            export: true,
        }
    }
}

/// What a form's reader has found.
#[derive(Default)]
struct Found {
    drafts: Vec<Draft>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    /// Whether a synonym that is another label's name is left out with a warning. Lightroom
    /// allows it, and an export of a grown collection must not fail for it; in a file written
    /// for Taglens it is a mistake.
    lenient: bool,
    /// For all labels without one of their own.
    threshold: Option<f32>,
    /// For all labels without one of their own.
    prior: Option<f32>,
}

impl Found {
    /// The cleaned name; what is wrong with it goes to the problems.
    fn name(&mut self, raw: &str, line: usize) -> String {
        let name = name::clean(raw);
        if let Some(fault) = name::fault(&name) {
            self.problems.push(Problem::at(line, fault));
        }
        name
    }
}

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

/// The form that a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Lightroom,
    Toml,
}

impl Form {
    /// What a person calls a file of this form.
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

/// `name = …` and the like: TOML, even where its `[[label]]` is forgotten or misspelt.
fn sets_a_key(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(key, _)| toml::KEYS.contains(&key.trim_end()) || key.trim_end() == "label")
}

/// Whether a trimmed line is a remark rather than a label.
fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

/// The lines, counted from 1, ended as on Unix, Windows or the Macs of old.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    text.split(end)
        .enumerate()
        .map(|(i, line)| (i + 1, line.strip_suffix('\r').unwrap_or(line)))
}

/// A warning where a label stands further in than the one before it by spaces: only tabs make
/// levels.
fn indented_with_spaces(text: &str) -> Option<Problem> {
    let indent = |line: &str| line.bytes().take_while(|&b| b == b' ').count();
    let mut before = None;
    let is_label = |line: &str| !line.trim().is_empty() && !is_comment(line.trim());
    for (number, line) in lines(text).filter(|(_, line)| is_label(line)) {
        if before.is_some_and(|before| indent(line) > before) {
            let message = format!(
                "{} is indented with spaces, which do not make a level; indent with tabs",
                name::quoted(line.trim())
            );
            return Some(Problem::at(number, message));
        }
        before = Some(indent(line));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
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

        /// Text of the forms' own characters gets further in than any other.
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
            // Names that differ in their spaces alone would be duplicates.
            prop_assume!(cleaned.len() == names.len());
            let text = names.iter().map(String::as_str).collect::<Vec<_>>().join("\r\n");
            let vocabulary = parse(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let back: BTreeSet<String> =
                vocabulary.labels().iter().map(|l| l.name.clone()).collect();
            prop_assert_eq!(back, cleaned);
        }
    }

    /// Whatever comes of it, a vocabulary keeps its promises and an error has its lines.
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
