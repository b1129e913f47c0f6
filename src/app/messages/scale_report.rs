//! The last adjustment of tags to what is usual in the library.

use crate::store::NamedChange;
use crate::words::{phrase, tr};

/// What the last adjustment to the library did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScaleReport {
    /// How many photos show what is usual.
    pub(crate) photos: usize,
    /// Whether the user has undone it.
    pub undone: bool,
    /// The changed labels, those with the most changes first.
    pub labels: Vec<NamedChange>,
}

impl ScaleReport {
    /// The adjustment in a sentence.
    pub(crate) fn describe(&self) -> String {
        let added: usize = self.labels.iter().map(|l| l.gained).sum();
        let removed: usize = self.labels.iter().map(|l| l.lost).sum();
        let photos = phrase!("photos", count = self.photos);
        match self.undone {
            false => tr!(
                "scale-done",
                photos = photos,
                added = added,
                removed = removed
            ),
            true => tr!(
                "scale-undone",
                photos = photos,
                added = added,
                removed = removed
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_is_told_with_its_numbers() {
        let change = |name: &str, gained, lost| NamedChange {
            name: name.into(),
            gained,
            lost,
        };
        let mut report = ScaleReport {
            photos: 1024,
            undone: false,
            labels: vec![change("cat", 1300, 1), change("sky", 0, 2)],
        };
        assert_eq!(
            report.describe(),
            "Tags follow what is usual among the 1,024 photos of this library: 1,300 added, 3 removed."
        );
        let changes: Vec<String> = report.labels.iter().map(NamedChange::to_string).collect();
        assert_eq!(changes, ["cat +1,300 −1", "sky −2"]);
        report.undone = true;
        assert!(report.describe().ends_with("3 removed. This is undone."));
    }
}
