//! The rank of a label on a photo among a fixed cohort of labels.
//!
//! A similarity of 0.3 says little on a photo that resembles everything, and much on one that
//! resembles little. The number of several hundred everyday labels that fit the photo better
//! distinguishes the two. The cohort is built in and independent of the user's vocabulary, so
//! adding a label changes nothing for the others.
//!
//! Some hundred similarities per photo would take more memory than its embedding. A few of them, by
//! rank, are enough: the logarithm of the rank is interpolated between them, which also makes it a
//! continuous function of the similarity.

/// The ranks, counted from 0, of the similarities to keep.
const RANKS: [usize; KNOTS] = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
/// The number of similarities kept per photo.
pub(crate) const KNOTS: usize = 10;

/// The cohort's similarities to one photo at some ranks, in falling order; minus infinity at ranks
/// that a small cohort lacks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cohort([f32; KNOTS]);

impl Cohort {
    /// Takes the similarities of the whole cohort, and reorders them; `None` if there is no cohort.
    pub(crate) fn new(similarities: &mut [f32]) -> Option<Self> {
        if similarities.is_empty() {
            return None;
        }
        for similarity in similarities.iter_mut().filter(|s| s.is_nan()) {
            *similarity = f32::NEG_INFINITY;
        }
        similarities.sort_unstable_by(|a, b| b.total_cmp(a));
        let at = |rank: usize| similarities.get(rank).copied();
        Some(Self(
            RANKS.map(|rank| at(rank).unwrap_or(f32::NEG_INFINITY)),
        ))
    }

    /// The similarities kept.
    pub(crate) fn knots(&self) -> &[f32; KNOTS] {
        &self.0
    }

    /// Restores the output of [`Cohort::knots`].
    pub(crate) fn from_knots(knots: [f32; KNOTS]) -> Self {
        Self(knots)
    }

    /// Returns `ln(1 + n)`, where `n` members of the cohort, interpolated, are more similar to the
    /// photo. Past the last similarity, its rank.
    pub fn log_rank(&self, similarity: f32) -> f32 {
        let mut above: Option<(f32, f32)> = None;
        for (knot, rank) in self.0.iter().zip(RANKS) {
            if *knot == f32::NEG_INFINITY {
                break;
            }
            let log = (rank as f32).ln_1p();
            if similarity >= *knot {
                return match above {
                    // `knot <= similarity < before`, so the divisor is not 0.
                    Some((before, less)) => {
                        less + (log - less) * (before - similarity) / (before - knot)
                    }
                    None => log,
                };
            }
            above = Some((*knot, log));
        }
        above.map_or(0.0, |(_, log)| log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_cohort() {
        let mut similarities: Vec<f32> = (0..300).map(|i| 1.0 - i as f32 / 300.0).collect();
        similarities.reverse();
        let cohort = Cohort::new(&mut similarities).unwrap();
        // Above all; at each one kept; below all.
        assert_eq!(cohort.log_rank(2.0), 0.0);
        for (rank, knot) in RANKS.iter().zip(cohort.knots()) {
            assert_eq!(cohort.log_rank(*knot), (*rank as f32).ln_1p());
        }
        assert_eq!(cohort.log_rank(-1.0), 257f32.ln());
        // In between it falls, and approximates the true rank.
        let all: Vec<f32> = (0..=100)
            .map(|i| cohort.log_rank(i as f32 / 100.0))
            .collect();
        assert!(all.iter().rev().is_sorted());
        let true_rank = similarities.iter().filter(|s| **s > 0.9).count() as f32;
        assert!((cohort.log_rank(0.9) - true_rank.ln_1p()).abs() < 0.05);
    }

    #[test]
    fn small_and_odd_cohorts_do_no_harm() {
        assert_eq!(Cohort::new(&mut []), None);
        let two = Cohort::new(&mut [0.1, 0.5]).unwrap();
        assert_eq!(two.log_rank(0.7), 0.0);
        assert_eq!(two.log_rank(0.0), 2f32.ln());
        let equal = Cohort::new(&mut [0.5; 40]).unwrap();
        assert_eq!(equal.log_rank(0.5), 0.0);
        assert_eq!(equal.log_rank(0.4), 33f32.ln());
        let none = Cohort::new(&mut [f32::NAN, 0.2]).unwrap();
        assert!(none.log_rank(0.3).is_finite());
        assert!(equal.log_rank(f32::NAN).is_finite());
    }
}
