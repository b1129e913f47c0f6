//! Changes to a text, and how to undo them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A range of a text, and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    /// In the text before.
    pub(crate) range: Range<usize>,
    /// The replacement.
    pub(crate) text: String,
}

impl Splice {
    /// Inserts text.
    pub(crate) fn insert(at: usize, text: String) -> Self {
        Self {
            range: at..at,
            text,
        }
    }

    /// Removes text.
    pub(crate) fn remove(range: Range<usize>) -> Self {
        Self {
            range,
            text: String::new(),
        }
    }
}

/// Undoes one change: replaces `length` bytes at `at` in the new text with the old ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    /// In the new text.
    at: usize,
    /// The number of bytes written.
    length: usize,
    /// The old text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    before: String,
}

/// Returns the new text and how to undo the splices. Splices at one place apply in the given order.
///
/// `None` if they overlap or lie outside the text, which is a bug of ours and never written.
pub(crate) fn apply(text: &str, mut splices: Vec<Splice>) -> Option<(String, Vec<Undo>)> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut out = String::with_capacity(text.len() + 1024);
    let mut undo = Vec::with_capacity(splices.len());
    let mut from = 0;
    for splice in &splices {
        out.push_str(text.get(from..splice.range.start)?);
        undo.push(Undo {
            at: out.len(),
            length: splice.text.len(),
            before: text.get(splice.range.clone())?.to_owned(),
        });
        out.push_str(&splice.text);
        from = splice.range.end;
    }
    out.push_str(text.get(from..)?);
    Some((out, undo))
}

/// Restores the old text; `None` if `text` is not the result of these changes.
pub(crate) fn revert(text: &str, undo: &[Undo]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for change in undo {
        out.push_str(text.get(from..change.at)?);
        out.push_str(&change.before);
        from = change.at.checked_add(change.length)?;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_taken_back_exactly() {
        let text = "a é c";
        let splices = vec![
            Splice::remove(4..6),
            Splice::insert(0, "x".into()),
            Splice::insert(0, "y".into()),
            Splice {
                range: 2..4,
                text: "zz".into(),
            },
        ];
        let (after, undo) = apply(text, splices).unwrap();
        assert_eq!(after, "xya zz");
        assert_eq!(revert(&after, &undo).unwrap(), text);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(apply("abc", vec![Splice::remove(0..2), Splice::remove(1..3)]).is_none());
        assert!(apply("é", vec![Splice::remove(1..2)]).is_none());
        let (_, undo) = apply("abc", vec![Splice::insert(3, "d".into())]).unwrap();
        assert!(revert("ab", &undo).is_none());
    }
}
