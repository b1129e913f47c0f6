//! The last adjustment of tags to what is usual in the library.

use crate::store::{NamedChange, ScaleConstants};
use crate::words::{decimal, phrase, tr};

/// What the last adjustment to the library did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScaleReport {
    /// How many photos show what is usual.
    pub(crate) photos: usize,
    /// The model's constants, if they were fitted to the starter's verdicts on these photos.
    pub(crate) constants: Option<ScaleConstants>,
    /// Whether the user has undone it.
    pub undone: bool,
    /// The changed labels, those with the most changes first.
    pub labels: Vec<NamedChange>,
}

impl ScaleReport {
    /// The adjustment in a sentence, and how the model was calibrated in another.
    pub(crate) fn describe(&self) -> String {
        let adjusted = self.adjusted();
        let Some(constants) = self.constants else {
            return adjusted;
        };
        let number = |thousandths: i32| decimal(f64::from(thousandths) / 1000.0, 2);
        tr!(
            "scale-calibrated",
            adjusted = adjusted,
            slope = number(constants.slope),
            bias = number(constants.bias)
        )
    }

    fn adjusted(&self) -> String {
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
            constants: None,
            undone: false,
            labels: vec![change("cat", 1300, 1), change("sky", 0, 2)],
        };
        assert_eq!(
            report.describe(),
            "Tags follow what is usual among the 1,024 photos of this library: 1,300 added, 3 removed."
        );
        let changes: Vec<String> = report.labels.iter().map(NamedChange::to_string).collect();
        assert_eq!(changes, ["cat +1,300 −1", "sky −2"]);
        report.constants = Some(ScaleConstants {
            slope: 1620,
            bias: -2130,
        });
        assert!(report.describe().ends_with(
            "3 removed. Confidences follow the built-in model’s verdicts on these photos (slope 1.62, bias -2.13)."
        ));
        report.constants = None;
        report.undone = true;
        assert!(report.describe().ends_with("3 removed. This is undone."));
    }
}
