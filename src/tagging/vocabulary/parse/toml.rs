//! The full format: TOML, one `[[label]]` table each.

use std::ops::Range;

use toml_edit::{Document, Item, Table};

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name;
use crate::tagging::vocabulary::name::quoted;
use crate::tagging::vocabulary::parse::draft::{Draft, Found, MAX_TEXTS, Parent, too_many};

/// The keys of a `[[label]]`.
pub(super) const KEYS: [&str; 9] = [
    "name",
    "parent",
    "synonyms",
    "model_names",
    "prompts",
    "negatives",
    "threshold",
    "prior",
    "export",
];

/// Reads the labels of a TOML text. A syntax error is the only problem reported, because what
/// follows it would be guesswork.
///
/// A label may have the name of another under a different parent, but then must not be a parent
/// itself, because `parent` gives only a name.
pub(super) fn read(text: &str) -> Found {
    let mut reader = Reader {
        lines: Lines::of(text),
        found: Found::default(),
    };
    match Document::parse(text) {
        Ok(document) => reader.document(document.as_table()),
        Err(error) => {
            let message = error.message().split_whitespace().collect::<Vec<_>>();
            let line = reader.lines.line(error.span());
            let message = format!("this is not TOML: {}", message.join(" "));
            reader.found.problems.push(Problem::at(line, message));
        }
    }
    reader.found
}

struct Reader {
    lines: Lines,
    found: Found,
}

impl Reader {
    fn document(&mut self, document: &Table) {
        for (key, item) in document.iter() {
            let line = self.lines.of_key(document, key);
            match item.as_array_of_tables() {
                Some(labels) if key == "label" => labels.iter().for_each(|table| self.label(table)),
                _ if key == "label" => self.problem(line, "write “[[label]]” for each label"),
                _ if key == "threshold" => self.found.threshold = self.threshold(item, line),
                _ if key == "prior" => self.found.prior = self.prior(item, line),
                _ => {
                    let message = format!(
                        "unknown key {}; a vocabulary has “[[label]]” tables, and “threshold” and “prior” for all of them",
                        quoted(key)
                    );
                    self.problem(line, &message);
                }
            }
        }
    }

    fn label(&mut self, table: &Table) {
        let start = self.lines.line(table.span());
        let mut draft = Draft::new(String::new(), start);
        let mut named = false;
        for (key, item) in table.iter() {
            let line = self.lines.of_key(table, key);
            match key {
                "name" => {
                    named = true;
                    if let Some(raw) = self.string(key, item, line) {
                        draft.name = self.found.name(raw, line);
                        draft.line = line;
                    }
                }
                "parent" => {
                    if let Some(raw) = self.string(key, item, line) {
                        draft.parent = Parent::Named(name::clean(raw), line);
                    }
                }
                "synonyms" => {
                    for (raw, line) in self.strings(key, item, line) {
                        let synonym = self.found.name(raw, line);
                        draft.synonyms.push((synonym, line));
                    }
                }
                "model_names" => draft.model_names = self.prompts(key, item, line),
                "prompts" => draft.prompts = self.prompts(key, item, line),
                "negatives" => draft.negatives = self.prompts(key, item, line),
                "threshold" => draft.threshold = self.threshold(item, line),
                "prior" => draft.prior = self.prior(item, line),
                "export" => match item.as_bool() {
                    Some(export) => draft.export = export,
                    None => self.problem(line, "“export” must be true or false"),
                },
                _ => {
                    let message = format!(
                        "unknown key {}; a label has {}",
                        quoted(key),
                        KEYS.join(", ")
                    );
                    self.problem(line, &message);
                }
            }
        }
        if !named {
            self.problem(start, "the label has no “name”");
        }
        self.found.drafts.push(draft);
    }

    fn string<'a>(&mut self, key: &str, item: &'a Item, line: usize) -> Option<&'a str> {
        let string = item.as_str();
        if string.is_none() {
            self.problem(
                line,
                &format!("“{key}” must be a text in quotation marks, {key} = \"…\""),
            );
        }
        string
    }

    /// The strings of an array, each with its line.
    fn strings<'a>(&mut self, key: &str, item: &'a Item, line: usize) -> Vec<(&'a str, usize)> {
        let mut strings = Vec::new();
        let wrong = format!("“{key}” must be a list of texts, {key} = [\"…\", \"…\"]");
        let Some(array) = item.as_array() else {
            self.problem(line, &wrong);
            return strings;
        };
        for (count, value) in array.iter().enumerate() {
            let line = self.lines.line(value.span());
            if count == MAX_TEXTS {
                self.problem(line, &too_many(key));
                break;
            }
            match value.as_str() {
                Some(string) => strings.push((string, line)),
                None => self.problem(line, &wrong),
            }
        }
        strings
    }

    fn prompts(&mut self, key: &str, item: &Item, line: usize) -> Vec<String> {
        let mut prompts = Vec::new();
        for (raw, line) in self.strings(key, item, line) {
            let prompt = name::clean(raw);
            if let Some(fault) = name::prompt_fault(&prompt) {
                self.problem(line, &format!("in “{key}”: {fault}"));
            }
            prompts.push(prompt);
        }
        prompts
    }

    fn threshold(&mut self, item: &Item, line: usize) -> Option<f32> {
        let wrong = "“threshold” must be a confidence, a number from 0 to 1";
        self.probability(item, line, wrong)
    }

    fn prior(&mut self, item: &Item, line: usize) -> Option<f32> {
        let wrong = "“prior” must be a share of all photos, a number from 0 to 1";
        self.probability(item, line, wrong)
    }

    fn probability(&mut self, item: &Item, line: usize, wrong: &str) -> Option<f32> {
        let number = item
            .as_float()
            .or_else(|| item.as_integer().map(|n| n as f64));
        match number {
            Some(n) if (0.0..=1.0).contains(&n) => Some(n as f32),
            _ => {
                self.problem(line, wrong);
                None
            }
        }
    }

    fn problem(&mut self, line: usize, message: &str) {
        self.found.problems.push(Problem::at(line, message));
    }
}

/// The starts of a text's lines, to convert the parser's offsets into lines.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(after).collect(),
        }
    }

    /// The line, from 1, on which a span in bytes begins; the first if there is no span.
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start);
        self.starts.partition_point(|&s| s <= start).max(1)
    }

    fn of_key(&self, table: &Table, key: &str) -> usize {
        self.line(table.key(key).and_then(|key| key.span()))
    }
}

#[cfg(test)]
mod tests {
    use crate::tagging::Vocabulary;

    #[test]
    fn reads_every_key() {
        let v = Vocabulary::parse(
            "# mine\n[[label]]\nname = \"animal\"\nexport = false\n\n[[label]]\nname = 'mouse'\nparent = \"Animal\"\nsynonyms = [\n  'house  mouse',\n  'Mus',\n]\nmodel_names = ['mouse']\nprompts = ['a mouse, a small animal']\nnegatives = ['a computer mouse']\nthreshold = 0.25\n[[label]]\nname = 'cat'\nthreshold = 1\n",
        )
        .unwrap();
        let [animal, mouse, cat] = v.labels() else {
            panic!("{v:?}");
        };
        assert!(!animal.export && mouse.export);
        assert_eq!((animal.line, mouse.line), (3, 7));
        assert_eq!(mouse.parent.as_deref(), Some("animal"));
        assert_eq!(mouse.synonyms, ["house mouse", "Mus"]);
        assert_eq!(mouse.model_names, ["mouse"]);
        assert_eq!(mouse.prompts, ["a mouse, a small animal"]);
        assert_eq!(mouse.negatives, ["a computer mouse"]);
        assert_eq!(
            (mouse.threshold, cat.threshold, animal.threshold),
            (Some(0.25), Some(1.0), None)
        );
    }

    #[test]
    fn a_threshold_for_all_is_for_those_without_their_own() {
        let text =
            "threshold = 0.7\n[[label]]\nname = 'cat'\n[[label]]\nname = 'dog'\nthreshold = 0.4\n";
        let v = Vocabulary::parse(text).unwrap();
        let from: Vec<_> = v.labels().iter().map(|l| l.given_from()).collect();
        assert_eq!(from, [Some(0.7), Some(0.4)]);
        assert_eq!(v.labels()[0].threshold, None, "it has none of its own");
        let without = Vocabulary::parse("[[label]]\nname = 'cat'\n").unwrap();
        assert_eq!(without.labels()[0].given_from(), None);
        let wrong = Vocabulary::parse("threshold = 70\n[[label]]\nname = 'cat'\n");
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("a number from 0 to 1"), "{message}");
    }

    #[test]
    fn names_may_be_shared_below_different_parents() {
        let text = "[[label]]\nname='bird'\n[[label]]\nname='machine'\n[[label]]\nname='crane'\nparent='bird'\n[[label]]\nname='Crane'\nparent='machine'\n";
        let v = Vocabulary::parse(text).unwrap();
        assert_eq!(v.labels()[3].id, "machine|Crane");
        let error = Vocabulary::parse(&format!("{text}[[label]]\nname='x'\nparent='crane'\n"));
        let error = error.unwrap_err().to_string();
        assert_eq!(
            error,
            "line 13: the parent “crane” could be the label of line 6 or of line 9; a parent's name must be unique"
        );
    }

    #[test]
    fn faults_have_their_lines() {
        for (text, line, word) in [
            ("[[label]]\nname = dog", 2, "not TOML"),
            ("[[label]]\nname = 'a'\nname = 'b'", 3, "not TOML"),
            ("[[label]]\nname = 3", 2, "“name” must be a text"),
            ("[[label]]\nexport = true", 1, "no “name”"),
            ("[[label]]\nname='a'\n\ncolour='red'", 4, "“colour”"),
            ("[[labels]]\nname='a'", 1, "“labels”"),
            ("[label]\nname='a'", 1, "[[label]]"),
            ("[[label]]\nname='a'\nthreshold=1.5", 3, "from 0 to 1"),
            ("[[label]]\nname='a'\nthreshold=nan", 3, "from 0 to 1"),
            ("[[label]]\nname='a'\nthreshold='x'", 3, "from 0 to 1"),
            ("[[label]]\nname='a'\nexport='no'", 3, "true or false"),
            ("[[label]]\nname='a'\nsynonyms='b'", 3, "list"),
            ("[[label]]\nname='a'\nsynonyms=[\n'b',\n2]", 5, "list"),
            ("[[label]]\nname='a'\nsynonyms=[\n'b',\n'b|c']", 5, "“|”"),
            ("[[label]]\nname='a'\nprompts=['']", 3, "empty"),
            ("[[label]]\nname='a'\nmodel_names=['']", 3, "empty"),
            ("[[label]]\nname='a'\nsynonyms=['A']", 3, "own name"),
            ("[[label]]\nname='a'\nsynonyms=['b', 'B']", 3, "twice"),
            ("[[label]]\nname='a'\nparent='z'", 3, "“z” is not defined"),
            ("[[label]]\nname='a'\nparent='a'", 3, "cycle"),
        ] {
            let error = Vocabulary::parse(text).unwrap_err();
            assert_eq!(error.problems[0].line, Some(line), "{text:?}: {error}");
            assert!(error.to_string().contains(word), "{text:?}: {error}");
        }
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let text = "[[label]]\nname='a'\nx=1\n[[label]]\nname='A'\nthreshold=2\n";
        let error = Vocabulary::parse(text).unwrap_err();
        let lines: Vec<_> = error.problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [Some(3), Some(5), Some(6)]);
    }
}
