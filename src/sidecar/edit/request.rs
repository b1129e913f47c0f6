//! What is asked of an edit.

use crate::sidecar::edit::record::Record;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::property::Properties;

/// What a sidecar should have.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The keywords that Taglens is to have in the sidecar. Those that the person put there
    /// themselves may be among them; they stay the person's.
    pub wanted: &'a [Keyword],
    /// How sure Taglens is of each wanted keyword, 0 to 1, for [`Properties::confidence`]; may be
    /// shorter than `wanted`.
    pub confidences: &'a [f32],
    /// What Taglens wrote before, as the last plan's record has it.
    pub previously: Option<&'a Record>,
    /// Where keywords go.
    pub properties: &'a Properties,
    /// What else is to be known.
    pub terms: Terms<'a>,
}

/// What else an edit has to keep to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// What is noted of each wanted keyword in a property of ours, for [`Properties::state`], and
    /// then of others; may be shorter than `wanted`.
    pub state: &'a [String],
    /// Names that go into `dc:subject` beside those of the wanted keywords.
    pub synonyms: &'a [String],
    /// Keywords of the person's that are not carried into properties of ours, nor from inside a
    /// photo into a new sidecar.
    pub refused: &'a [Keyword],
    /// Keywords to take out although the person put them there.
    pub taken_out: &'a [Keyword],
}
