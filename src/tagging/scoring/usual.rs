//! The usual similarities of a label: in a library, and on photos without it.

/// The size of a library that says as much about a label as what is usual for labels in general. It
/// is about where the means of labels, which differ between labels by a seventh of a label's
/// deviation, are equally well known; of 0, 20, 40 and 80 as good as any at 20, 50, 100 and 400
/// photos.
const HALF_WAY_PHOTOS: f32 = 40.0;
/// How many deviations higher a label's similarity is on photos that show it, about. The best of 1,
/// 2 and 3 on the data that [`crate::tagging::Rule`] was fitted to.
const SHIFT_DEVIATIONS: f32 = 2.0;

/// The distribution of a label's similarities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Mean.
    pub mean: f32,
    /// Standard deviation.
    pub deviation: f32,
}

/// The distribution of a label's similarities in a library.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean and deviation over the photos.
    pub all: Usual,
    /// The number of photos.
    pub photos: usize,
}

impl Spread {
    /// Computes it from the similarities to all photos of the library.
    pub fn of(similarities: &[f32]) -> Self {
        let count = similarities.len().max(1) as f64;
        let mean = similarities.iter().map(|s| f64::from(*s)).sum::<f64>() / count;
        let squares = similarities.iter().map(|s| (f64::from(*s) - mean).powi(2));
        Self {
            all: Usual {
                mean: mean as f32,
                deviation: (squares.sum::<f64>() / count).sqrt() as f32,
            },
            photos: similarities.len(),
        }
    }
}

impl Usual {
    /// Combines what is usual for labels in general with a library's values for a label. Unchanged
    /// if the library has no valid values.
    pub(crate) fn in_library(self, spread: &Spread) -> Self {
        let photos = spread.photos as f32;
        let weight = photos / (photos + HALF_WAY_PHOTOS);
        let variance = (1.0 - weight) * self.deviation.powi(2);
        let library = Self {
            mean: self.mean + weight * (spread.all.mean - self.mean),
            deviation: (variance + weight * spread.all.deviation.powi(2)).sqrt(),
        };
        match library.mean.is_finite() && library.deviation.is_normal() {
            true => library,
            false => self,
        }
    }

    /// Returns the distribution on photos without the label, given that on all photos: those with
    /// it, a share of `prior`, are about [`SHIFT_DEVIATIONS`] higher, with the same deviation.
    /// Otherwise a label on half of the photos would count its own photos as usual.
    pub(crate) fn without(self, prior: f32) -> Self {
        let between = prior * (1.0 - prior) * SHIFT_DEVIATIONS.powi(2);
        let deviation = self.deviation / (1.0 + between).sqrt();
        Self {
            mean: self.mean - prior * SHIFT_DEVIATIONS * deviation,
            deviation,
        }
    }

    /// How many deviations a similarity is above the mean.
    pub(crate) fn deviations(&self, similarity: f32) -> f32 {
        (similarity - self.mean) / self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_label_is_not_taken_for_what_is_usual() {
        // Two kinds of photos, equally many: those with the label are 2 deviations higher.
        let wave = |i: i32| (i as f32).sin() / 0.5f32.sqrt();
        let with = (0..1000).map(|i| 0.5 + 0.1 * (wave(i) + 2.0));
        let both: Vec<f32> = (0..1000).map(|i| 0.5 + 0.1 * wave(i)).chain(with).collect();
        let without = Spread::of(&both).all.without(0.5);
        assert!((without.mean - 0.5).abs() < 0.01, "{without:?}");
        assert!((without.deviation - 0.1).abs() < 0.01, "{without:?}");
        let rare = Spread::of(&both).all.without(0.0);
        assert_eq!(rare, Spread::of(&both).all);
    }

    #[test]
    fn a_large_library_counts_for_more_than_a_small_one() {
        let general = Usual {
            mean: 0.0,
            deviation: 0.1,
        };
        let library = |photos| {
            let all = Usual {
                mean: 0.3,
                deviation: 0.2,
            };
            general.in_library(&Spread { all, photos })
        };
        assert_eq!(library(0), general);
        let half = library(40);
        assert!((half.mean - 0.15).abs() < 1e-6, "{half:?}");
        assert!((library(100_000).mean - 0.3).abs() < 1e-3);
        assert!((library(100_000).deviation - 0.2).abs() < 1e-3);
        let none = Spread {
            all: Usual {
                mean: f32::NAN,
                deviation: 0.0,
            },
            photos: 9,
        };
        assert_eq!(general.in_library(&none), general);
    }
}
