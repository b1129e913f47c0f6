//! A label's confidences on the photos of the library.

use crate::core::ids::PhotoId;

/// A label's confidences on the photos of the library, for its histogram and its threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelScores {
    /// The label's name, or the text being tried.
    pub(crate) label: String,
    /// Photos with their confidence, the highest first.
    pub(crate) confidences: Vec<(PhotoId, f32)>,
    /// The confidence from which it is applied now.
    pub(crate) threshold: f32,
}

impl LabelScores {
    /// How many photos reach `threshold`.
    pub fn count_from(&self, threshold: f32) -> usize {
        self.confidences.partition_point(|(_, c)| *c >= threshold)
    }

    /// How many photos fall into each of `bins` equal parts of 0 to 1.
    pub(crate) fn histogram(&self, bins: usize) -> Vec<usize> {
        let mut counts = vec![0; bins.max(1)];
        let last = counts.len() - 1;
        for (_, confidence) in &self.confidences {
            let bin = (confidence.clamp(0.0, 1.0) * bins as f32) as usize;
            if let Some(count) = counts.get_mut(bin.min(last)) {
                *count += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_bins_are_those_of_the_confidences() {
        let scores = LabelScores {
            label: "dog".into(),
            confidences: [(1, 1.0), (2, 0.7), (3, 0.7), (4, 0.1)]
                .map(|(photo, confidence)| (PhotoId::new(photo), confidence))
                .to_vec(),
            threshold: 0.7,
        };
        let counts = [0.0, 0.1, 0.7, 0.71, 1.0].map(|t| scores.count_from(t));
        assert_eq!(counts, [4, 4, 3, 1, 1]);
        assert_eq!(scores.histogram(4), [1, 0, 2, 1]);
        assert_eq!(scores.histogram(0), [4], "there is always a bin");
    }
}
