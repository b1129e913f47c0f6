//! Which labels the side bar lists, as a tree that folds.

use std::collections::HashSet;

use crate::app::LabelInfo;

/// A row of the tree of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeRow {
    /// The label's place in the catalogue.
    pub(crate) label: usize,
    /// Whether there are rows below it, shown or folded.
    pub(crate) folds: bool,
}

/// Returns the rows of the tree: labels on photos, and the labels above them. Those below a closed
/// label are left out.
pub(crate) fn tree_rows(labels: &[LabelInfo], closed: &HashSet<String>) -> Vec<TreeRow> {
    let mut folds = vec![false; labels.len()];
    // Whether a label of each depth is to be shown, seen from the end: those below a label follow it.
    let mut shown_at: Vec<bool> = Vec::new();
    for (label, folds) in labels.iter().zip(&mut folds).rev() {
        let depth = label.tree.depth;
        shown_at.resize(depth + 2, false);
        *folds = shown_at.pop() == Some(true);
        if let Some(shown) = shown_at.last_mut() {
            *shown |= *folds || label.is_on_photos();
        }
    }
    let mut rows = Vec::new();
    // Anything deeper is folded.
    let mut folded = usize::MAX;
    for (i, (label, folds)) in labels.iter().zip(folds).enumerate() {
        if label.tree.depth > folded {
            continue;
        }
        let is_closed = folds && closed.contains(&label.name);
        folded = if is_closed {
            label.tree.depth
        } else {
            usize::MAX
        };
        if folds || label.is_on_photos() {
            rows.push(TreeRow { label: i, folds });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels by name, depth and photos, parents before their children.
    fn labels(rows: &[(&str, usize, usize)]) -> Vec<LabelInfo> {
        let label = |(name, depth, accepted): &(&str, usize, usize)| {
            let mut label = LabelInfo::new(name);
            label.tree.depth = *depth;
            label.accepted = *accepted;
            label
        };
        rows.iter().map(label).collect()
    }

    #[test]
    fn labels_above_those_on_photos_are_listed_and_only_they_fold() {
        let labels = labels(&[
            ("animal", 0, 0),
            ("dog", 1, 2),
            ("puppy", 2, 0),
            ("insect", 1, 0),
            ("bee", 2, 1),
            ("vehicle", 0, 3),
            ("car", 1, 0),
            ("tool", 0, 0),
        ]);
        let names = |closed: &[&str]| -> Vec<String> {
            let closed = closed.iter().map(|name| (*name).to_owned()).collect();
            let rows = tree_rows(&labels, &closed);
            let named = |row: &TreeRow| {
                let name = &labels[row.label].name;
                if row.folds {
                    format!("{name} >")
                } else {
                    name.clone()
                }
            };
            rows.iter().map(named).collect()
        };
        let all = ["animal >", "dog", "insect >", "bee", "vehicle"];
        assert_eq!(names(&[]), all);
        assert_eq!(
            names(&["insect"]),
            ["animal >", "dog", "insect >", "vehicle"]
        );
        assert_eq!(names(&["animal", "vehicle"]), ["animal >", "vehicle"]);
    }
}
