//! What a label has learned from decisions, for the user.

use crate::words::tr;

/// How a label's decisions have changed other photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Additional photos that it is applied to.
    pub(crate) given: isize,
    /// Additional photos that it is suggested for.
    pub(crate) suggested: isize,
}

impl Learned {
    /// Describes it in a sentence.
    pub(crate) fn describe(&self) -> String {
        let (given, suggested) = (self.given.unsigned_abs(), self.suggested.unsigned_abs());
        let given = match self.given {
            0 => None,
            1.. => Some(tr!("learned-more-tagged", count = given)),
            _ => Some(tr!("learned-fewer-tagged", count = given)),
        };
        let suggested = match self.suggested {
            0 => None,
            1.. => Some(tr!("learned-more-suggested", count = suggested)),
            _ => Some(tr!("learned-fewer-suggested", count = suggested)),
        };
        let parts: Vec<String> = given.into_iter().chain(suggested).collect();
        tr!("learned", changes = parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_photo_is_one_and_fewer_are_not_more() {
        let learned = |given, suggested| Learned { given, suggested }.describe();
        let said = "Learned from your decisions: 1 more photo tagged, 1,200 fewer photos with a suggestion.";
        assert_eq!(learned(1, -1200), said);
        assert_eq!(
            learned(0, 1),
            "Learned from your decisions: 1 more photo with a suggestion."
        );
    }
}
