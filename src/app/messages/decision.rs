//! Decisions on their way to the library, and what they were before.

use crate::core::ids::PhotoId;
use crate::store::{Decision, Origin, Verdict};

/// A decision, or with `None` taking one back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decide {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// What is decided.
    pub(crate) decision: Option<Decision>,
}

impl Decide {
    /// A person's decision of now.
    pub(crate) fn now(photo: PhotoId, label: &str, accepted: Option<bool>) -> Self {
        let decision = accepted.map(|accepted| {
            let verdict = match accepted {
                true => Verdict::Accepted,
                false => Verdict::Rejected,
            };
            Decision::now(verdict, Origin::Person)
        });
        Self {
            photo,
            label: label.to_owned(),
            decision,
        }
    }
}

/// One decision that was made: photo, label's name, and the decision before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decided {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// What was decided before.
    pub(crate) before: Option<Decision>,
}
