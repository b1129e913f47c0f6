//! The last adjustment of tags to what is usual in the library.

use crate::core::count;

/// What the last adjustment to the library did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScaleReport {
    /// How many photos show what is usual.
    pub(crate) photos: usize,
    /// Whether the user has undone it.
    pub undone: bool,
    /// The changed labels, those with the most changes first: the name, how many photos got it and
    /// how many lost it.
    pub labels: Vec<(String, usize, usize)>,
}

impl ScaleReport {
    /// The adjustment in a sentence.
    pub(crate) fn describe(&self) -> String {
        let gained = self.labels.iter().map(|l| l.1).sum();
        let lost = self.labels.iter().map(|l| l.2).sum();
        format!(
            "Tags {} what is usual among the {} of this library: {} added, {} removed{}.",
            if self.undone { "followed" } else { "follow" },
            count::photos(self.photos),
            count::number(gained),
            count::number(lost),
            if self.undone { ". This is undone" } else { "" },
        )
    }

    /// The changes of each label, such as `cat +3 −1`.
    pub(crate) fn changes(&self) -> impl Iterator<Item = String> {
        self.labels.iter().map(|(name, gained, lost)| {
            let part = |sign: &str, n: usize| match n {
                0 => String::new(),
                n => format!(" {sign}{}", count::number(n)),
            };
            format!("{name}{}{}", part("+", *gained), part("−", *lost))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_is_told_with_its_numbers() {
        let mut report = ScaleReport {
            photos: 1024,
            undone: false,
            labels: vec![("cat".into(), 1300, 1), ("sky".into(), 0, 2)],
        };
        assert_eq!(
            report.describe(),
            "Tags follow what is usual among the 1,024 photos of this library: 1,300 added, 3 removed."
        );
        let changes: Vec<String> = report.changes().collect();
        assert_eq!(changes, ["cat +1,300 −1", "sky −2"]);
        report.undone = true;
        assert!(report.describe().ends_with("3 removed. This is undone."));
    }
}
