//! Labels as a file has them, before they are linked.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name;

/// Synonyms, prompts or negatives of one label: each is a text to be encoded.
pub(super) const MAX_TEXTS: usize = 200;

/// What is said of the text that is one too many.
pub(super) fn too_many(what: &str) -> String {
    format!("a label has more than {MAX_TEXTS} {what} here; leave out the rarer ones")
}

/// A label as its file has it, before its neighbours are known.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) parent: Parent,
    /// Each with its line.
    pub(super) synonyms: Vec<(String, usize)>,
    pub(super) prompts: Vec<String>,
    pub(super) negatives: Vec<String>,
    pub(super) threshold: Option<f32>,
    pub(super) prior: Option<f32>,
    pub(super) export: bool,
}

impl Draft {
    pub(super) fn new(name: String, line: usize) -> Self {
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

/// What a form says of the label above.
pub(super) enum Parent {
    None,
    /// The index of an earlier draft.
    Draft(usize),
    /// A name, and the line that gives it.
    Named(String, usize),
}

/// What a form's reader has found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    /// Whether a synonym that is another label's name is left out with a warning. Lightroom
    /// allows it, and an export of a grown collection must not fail for it; in a file written
    /// for Taglens it is a mistake.
    pub(super) lenient: bool,
    /// For all labels without one of their own.
    pub(super) threshold: Option<f32>,
    /// For all labels without one of their own.
    pub(super) prior: Option<f32>,
}

impl Found {
    /// The cleaned name; what is wrong with it goes to the problems.
    pub(super) fn name(&mut self, raw: &str, line: usize) -> String {
        let name = name::clean(raw);
        if let Some(fault) = name::fault(&name) {
            self.problems.push(Problem::at(line, fault));
        }
        name
    }
}
