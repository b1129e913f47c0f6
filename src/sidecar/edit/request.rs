//! The input of an edit.

use crate::sidecar::edit::record::Record;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::property::Properties;

/// The keywords that a sidecar should have, and how to write them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The keywords that Taglens wants in the sidecar. Those that the user added may be among them;
    /// they stay the user's.
    pub wanted: &'a [Keyword],
    /// How sure Taglens is of each wanted keyword, 0 to 1, for [`Properties::confidence`]; may be
    /// shorter than `wanted`.
    pub confidences: &'a [f32],
    /// What Taglens wrote before, from the last plan's record.
    pub previously: Option<&'a Record>,
    /// Where keywords go.
    pub properties: &'a Properties,
    /// Further conditions.
    pub terms: Terms<'a>,
}

/// Further conditions of an edit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// The note on each wanted keyword in a property of ours, for [`Properties::state`], then notes
    /// on others; may be shorter than `wanted`.
    pub state: &'a [String],
    /// Names that go into `dc:subject` beside those of the wanted keywords.
    pub synonyms: &'a [String],
    /// The user's keywords that are not copied into properties of ours, nor from a photo into a new
    /// sidecar.
    pub refused: &'a [Keyword],
    /// Keywords to remove even if the user added them.
    pub taken_out: &'a [Keyword],
}
