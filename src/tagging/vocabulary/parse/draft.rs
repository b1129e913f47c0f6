//! Labels as read from a file, before they are linked.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name;

/// The most synonyms, prompts or negatives of a label: each is a text to encode.
pub(super) const MAX_TEXTS: usize = 200;

/// The message for one text too many.
pub(super) fn too_many(what: &str) -> String {
    format!("a label has more than {MAX_TEXTS} {what} here; leave out the rarer ones")
}

/// A label as in its file, before the others are known.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) parent: Parent,
    /// Each with its line.
    pub(super) synonyms: Vec<(String, usize)>,
    pub(super) model_names: Vec<String>,
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
            model_names: Vec::new(),
            prompts: Vec::new(),
            negatives: Vec::new(),
            threshold: None,
            prior: None,
            export: true,
        }
    }
}

/// The parent as the format gives it.
pub(super) enum Parent {
    None,
    /// The index of an earlier draft.
    Draft(usize),
    /// A name, and its line.
    Named(String, usize),
}

/// The findings of a format's reader.
#[derive(Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    /// Whether a synonym that is another label's name is dropped with a warning. Lightroom allows
    /// it, and an export of a grown collection must not fail for it; in a file written for Taglens
    /// it is a mistake.
    pub(super) lenient: bool,
    /// For all labels without their own.
    pub(super) threshold: Option<f32>,
    /// For all labels without their own.
    pub(super) prior: Option<f32>,
}

impl Found {
    /// Cleans a name and records its problems.
    pub(super) fn name(&mut self, raw: &str, line: usize) -> String {
        let name = name::clean(raw);
        if let Some(fault) = name::fault(&name) {
            self.problems.push(Problem::at(line, fault));
        }
        name
    }
}
