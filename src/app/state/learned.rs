//! What a label has learned from decisions, for the user.

use crate::core::count;

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
        let part = |n: isize, what: &str| match n {
            0 => None,
            n => {
                let more = if n > 0 { "more" } else { "fewer" };
                let n = n.unsigned_abs();
                let photos = if n == 1 { "photo" } else { "photos" };
                Some(format!("{} {more} {photos} {what}", count::number(n)))
            }
        };
        let parts = [
            part(self.given, "tagged"),
            part(self.suggested, "with a suggestion"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("Learned from your decisions: {}.", parts.join(", "))
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
