//! Learns a label from the user's decisions.
//!
//! This is logistic regression with the text's score as prior: it adds a linear function of the
//! photo to the label's log-odds, as far as the decisions require and a Gaussian prior allows.
//! While learning, the text counts only half: users decide on photos that the text finds likely,
//! rightly or wrongly, and if it were certain there would be nothing left to learn.
//!
//! The optimum is in the span of the decided photos and the text's vector, so the problem has as
//! many unknowns as decisions, not as dimensions. It is solved as a [Gaussian
//! process](crate::tagging::learning::gaussian_process) with the text's score as mean.

use crate::tagging::learning::gaussian_process::{
    Example, HeldOut, PRECISION, Problem, SHIFT_VARIANCE, held_out,
};
use crate::tagging::learning::learned::Learned;
use crate::tagging::scoring::label_model::LabelModel;
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::reference::Views;

/// The user's decision on a label and a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The photo's row.
    pub row: usize,
    /// Whether the label is right.
    pub accepted: bool,
}

/// Fewer decisions than this change nothing: one says more about its photo than about the label.
pub(crate) const ACTIVE_FROM: usize = 3;

/// The most decisions of each kind to learn from, the latest: this keeps a label under 50 ms.
const MOST_OF_A_KIND: usize = 64;
/// The margin, in standard errors of the mean, by which learning must predict held-out decisions
/// worse before it is dropped. A handful of difficult decisions says little, and without a margin a
/// third of useful learning is dropped. Beyond [`MANY`] decisions the margin shrinks as their
/// number grows.
const MARGIN: f64 = 1.5;
/// The number of decisions that show with some certainty whether learning helps.
const MANY: f64 = 10.0;

/// Learns from `decisions`, in the order of time, what `prior` (the label as its texts describe it)
/// lacks.
///
/// Returns `None` for fewer than [`ACTIVE_FROM`] decisions, and if held-out decisions are predicted
/// clearly worse with learning than without, because it then does more harm than good. Decisions on
/// rows that do not exist are ignored; of several on a photo the last counts.
///
/// # Errors
/// If the photos have another dimension than the label.
pub fn learn(
    prior: &LabelModel,
    decisions: &[Decision],
    views: &Views,
) -> Result<Option<Learned>, ShapeError> {
    // Without photos there is no dimension to compare.
    if views.is_empty() {
        return Ok(None);
    }
    let matrix = views.matrix()?;
    if matrix.dimension() != prior.vector().len() {
        return Err(ShapeError::Rows {
            values: prior.vector().len(),
            dimension: matrix.dimension(),
        });
    }
    let mut examples: Vec<Example> = Vec::new();
    let mut kinds = [0; 2];
    let mut seen = std::collections::HashSet::new();
    for decision in decisions.iter().rev() {
        let background = views.backgrounds().get(decision.row);
        let (Some(photo), Some(&background)) = (matrix.row(decision.row), background) else {
            continue;
        };
        let kind = &mut kinds[usize::from(decision.accepted)];
        if *kind < MOST_OF_A_KIND && seen.insert(decision.row) {
            *kind += 1;
            examples.push(Example {
                score: f64::from(prior.score_row(&photo, background)),
                photo,
                accepted: decision.accepted,
            });
        }
    }
    // One score that is not a number would spoil all others.
    examples.retain(|e| e.score.is_finite());
    if examples.len() < ACTIVE_FROM {
        return Ok(None);
    }
    let problem = Problem::new(&examples, prior.slope());
    let all: Vec<usize> = (0..examples.len()).collect();
    let HeldOut {
        without,
        with,
        error,
    } = held_out(&problem, &all);
    let margin = MARGIN * (MANY / examples.len() as f64).min(1.0);
    if with > without + margin * error {
        return Ok(None);
    }
    let Some(pulls) = problem.solve(&all) else {
        return Ok(None);
    };
    // The linear function that makes `pulls` the residuals: (slope² / precision) Σ pull · x.
    let mut change = vec![0.0; prior.vector().len()];
    let step = f64::from(prior.slope()).powi(2) / PRECISION;
    for (example, pull) in examples.iter().zip(&pulls) {
        let factor = (step * pull) as f32;
        for (v, x) in change.iter_mut().zip(&example.photo) {
            *v += factor * x;
        }
    }
    let shift = (SHIFT_VARIANCE * pulls.iter().sum::<f64>()) as f32;
    if !shift.is_finite() || change.iter().any(|v| !v.is_finite()) {
        return Ok(None);
    }
    Ok(Some(Learned {
        change,
        shift,
        decisions: examples.len(),
        held_out_loss: (without as f32, with as f32),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::embedding::Embedding;
    use crate::tagging::learning::gaussian_process::{TRUST, probability};
    use crate::tagging::{Matrix, Preparation, Reference, Rule};
    use half::f16;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    const DIMENSION: usize = 32;

    fn noise(rng: &mut StdRng) -> Vec<f32> {
        (0..DIMENSION)
            .map(|_| rng.random_range(-1.0..1.0))
            .collect()
    }

    fn unit(values: Vec<f32>) -> Embedding {
        Embedding::normalised(values).unwrap()
    }

    /// Photos of a thing in the first half, of others in the second; the text is slightly off.
    fn library(count: usize) -> (LabelModel, Views) {
        let mut rng = StdRng::seed_from_u64(1);
        let thing = noise(&mut rng);
        let mut rows = Vec::new();
        for i in 0..count {
            let mut photo = noise(&mut rng);
            if i < count / 2 {
                photo.iter_mut().zip(&thing).for_each(|(p, t)| *p += t);
            }
            rows.extend(unit(photo).values().iter().map(|v| f16::from_f32(*v)));
        }
        let mut text = noise(&mut rng);
        text.iter_mut().zip(&thing).for_each(|(x, t)| *x += 0.3 * t);
        let plain = Reference::new(&[], Preparation::Plain);
        let views = plain.prepare_all(Matrix::new(&rows, DIMENSION).unwrap());
        (
            LabelModel::new(&unit(text), &[], Rule::STARTER),
            views.unwrap(),
        )
    }

    fn decide(rows: impl IntoIterator<Item = usize>, count: usize) -> Vec<Decision> {
        rows.into_iter()
            .map(|row| Decision {
                row,
                accepted: row < count / 2,
            })
            .collect()
    }

    /// The share of pairs in which a photo of the thing scores above one of something else.
    fn order(model: &LabelModel, views: &Views) -> f32 {
        let mut scores = vec![0.0; views.len()];
        model.score_all(views, &mut scores).unwrap();
        let (right, wrong) = scores.split_at(scores.len() / 2);
        let above: usize = right
            .iter()
            .map(|r| wrong.iter().filter(|w| r > w).count())
            .sum();
        above as f32 / (right.len() * wrong.len()) as f32
    }

    #[test]
    fn decisions_teach_what_the_text_does_not_say() {
        let (prior, views) = library(400);
        let before = order(&prior, &views);
        let mut last = before;
        for some in [10, 40] {
            let rows = (0..some).chain(200..200 + some);
            let learned = learn(&prior, &decide(rows, 400), &views).unwrap().unwrap();
            assert_eq!(learned.decisions, 2 * some);
            assert!(learned.held_out_loss.1 <= learned.held_out_loss.0);
            let after = order(&prior.clone().with_learned(&learned), &views);
            assert!(1.0 - after < 0.8 * (1.0 - last), "{some}: {last} {after}");
            last = after;
        }
    }

    #[test]
    fn too_few_decisions_teach_nothing() {
        let (prior, views) = library(40);
        for rows in [
            vec![],
            vec![3],
            vec![3, 30],
            vec![3, 3, 3, 30],
            vec![3, 99, 99_999],
        ] {
            assert_eq!(learn(&prior, &decide(rows, 40), &views), Ok(None));
        }
    }

    #[test]
    fn decisions_without_a_pattern_are_not_followed() {
        let (prior, views) = library(60);
        // Unrelated photos, half of them accepted at random.
        let mut rng = StdRng::seed_from_u64(5);
        let mut followed = 0;
        for _ in 0..20 {
            let decisions: Vec<Decision> = (30..60)
                .map(|row| Decision {
                    row,
                    accepted: rng.random_range(0..2) == 1,
                })
                .collect();
            let mut shuffled = decisions.clone();
            shuffled.rotate_left(7);
            if let Some(learned) = learn(&prior, &shuffled, &views).unwrap() {
                followed += 1;
                assert!(learned.held_out_loss.1 <= learned.held_out_loss.0 + 0.2);
            }
        }
        assert!(followed < 20, "{followed}");
    }

    #[test]
    fn the_last_word_on_a_photo_counts_and_order_beside_it_does_not_matter() {
        let (prior, views) = library(60);
        let mut decisions = decide((0..6).chain(30..36), 60);
        let straight = learn(&prior, &decisions, &views).unwrap().unwrap();
        decisions.insert(
            0,
            Decision {
                row: 2,
                accepted: false,
            },
        );
        let corrected = learn(&prior, &decisions, &views).unwrap().unwrap();
        assert_eq!(straight, corrected);
    }

    #[test]
    fn the_solution_is_where_the_slope_vanishes() {
        let (prior, views) = library(40);
        let prior = prior.clone().with_library(&prior.spread(&views).unwrap());
        let decisions = decide((0..8).chain(20..28), 40);
        let learned = learn(&prior, &decisions, &views).unwrap().unwrap();
        let model = prior.clone().with_learned(&learned);
        let score = |model: &LabelModel| {
            let mut scores = vec![0.0; 40];
            model.score_all(&views, &mut scores).unwrap();
            scores
        };
        let (text, scores) = (score(&prior), score(&model));
        let matrix = views.matrix().unwrap();
        // Gradient of the loss plus the prior's, in every dimension and for the shift.
        let mut gradient = vec![0f64; DIMENSION];
        let mut shift = f64::from(learned.shift) / SHIFT_VARIANCE;
        let scale = f64::from(prior.slope()).powi(2);
        for (g, change) in gradient.iter_mut().zip(&learned.change) {
            *g = PRECISION / scale * f64::from(*change);
        }
        for d in &decisions {
            let (text, score) = (f64::from(text[d.row]), f64::from(scores[d.row]));
            let believed = TRUST * text + (score - text);
            let error = probability(believed) - f64::from(u8::from(d.accepted));
            shift += error;
            for (g, x) in gradient.iter_mut().zip(matrix.row(d.row).unwrap()) {
                *g += error * f64::from(x);
            }
        }
        assert!(shift.abs() < 1e-3, "{shift}");
        assert!(gradient.iter().all(|g| g.abs() < 1e-3), "{gradient:?}");
    }

    #[test]
    fn a_label_of_another_model_is_refused() {
        let (_, views) = library(10);
        let other = LabelModel::new(&unit(vec![1.0; 5]), &[], Rule::STARTER);
        assert!(learn(&other, &decide(0..5, 10), &views).is_err());
    }
}
