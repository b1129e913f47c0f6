//! Decisions on their way to the library, and the previous ones.

use crate::core::ids::PhotoId;
use crate::store::{Decision, Origin, Verdict};

/// Sets a decision, or with `None` withdraws it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decide {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// The decision.
    pub(crate) decision: Option<Decision>,
}

impl Decide {
    /// The user's decision, made now.
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

/// A decision that was made: photo, label's name, and the previous decision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decided {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// The previous decision.
    pub(crate) before: Option<Decision>,
}
