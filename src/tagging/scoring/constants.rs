//! The constants of a model that nobody measured on photographs, fitted to the verdicts of one that
//! was measured, on the same photos. No labelled photo is needed.
//!
//! The measured model's confidences are calibrated, but it doubts many labels that are right. If
//! the other model is better, a fit to these confidences makes it doubt them, too. So the fit first
//! estimates how high they are where a label is certainly right, and where it is certainly wrong,
//! and brings them to a scale of 0 to 1 between the two.

use crate::tagging::scoring::label_model::LabelModel;
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::reference::Views;
use crate::tagging::scoring::rule::{Rule, Standing};

/// How many pairs with a variance of one the model's own constants weigh as much as: a library of
/// some twenty photos moves them half of the way.
const SLOPE_WEIGHT: f64 = 25.0;
const BIAS_WEIGHT: f64 = 10.0;
/// One pair for so many photos is taken for certainly right, the model's surest ones.
const PHOTOS_PER_SURE_PAIR: usize = 4;
/// The fewest of those.
const FEWEST_SURE_PAIRS: usize = 8;
/// How much of the way from what independent models would show to certainty the measured model's
/// agreement must be to show that both err on the same photos: all of it from the second value on,
/// none up to the first.
const SHARED_ERRORS: (f64, f64) = (1.0 / 6.0, 0.5);
/// The model finds at most so many times as many right pairs as the measured model expects.
const MOST_MORE: f64 = 4.0 / 3.0;
/// Newton's method ends after so many steps, or when one is smaller than [`SMALLEST_STEP`].
const STEPS: usize = 40;
const SMALLEST_STEP: f64 = 1e-5;

/// A label on a photo.
struct Pair {
    deviations: f64,
    /// Log-odds.
    prior: f64,
    /// The measured model's confidence.
    verdict: f64,
}

/// Fits slope and bias of the labels' rule. `verdicts` has a measured model's calibrated confidences
/// for each label, one per photo of `views`, to which the labels are scaled. `None` if they say
/// nothing: without photos, with verdicts for others, or if the measured model finds nothing.
///
/// # Errors
/// If the photos have another dimension.
pub fn constants(
    labels: &[LabelModel],
    views: &Views,
    verdicts: &[Vec<f32>],
) -> Result<Option<Standing>, ShapeError> {
    let Some(rule) = labels.first().map(LabelModel::rule) else {
        return Ok(None);
    };
    let mut pairs = Vec::with_capacity(labels.len() * views.len());
    for (label, verdicts) in labels.iter().zip(verdicts) {
        let Some(prior) = label.prior().map(f64::from) else {
            continue;
        };
        let deviations = label.deviations(views)?;
        pairs.extend(deviations.iter().zip(verdicts).map(|(d, v)| Pair {
            deviations: f64::from(*d),
            prior: (prior / (1.0 - prior)).ln(),
            verdict: f64::from(*v),
        }));
    }
    pairs.retain(|p| p.deviations.is_finite() && p.verdict.is_finite());
    Ok(fit(&rule, pairs, views.len()))
}

fn fit(rule: &Rule, mut pairs: Vec<Pair>, photos: usize) -> Option<Standing> {
    let (wrong, right) = usual_verdicts(rule, &mut pairs, photos)?;
    for pair in &mut pairs {
        pair.verdict = (pair.verdict - wrong) / (right - wrong);
    }
    let start = [f64::from(rule.alone.slope), f64::from(rule.alone.bias)];
    let mut at = start;
    let mut loss = loss_of(&pairs, start, at);
    for _ in 0..STEPS {
        let step = newton(&pairs, start, at);
        // A whole step may go too far.
        let mut share = 1.0;
        let next = loop {
            let next = [at[0] + share * step[0], at[1] + share * step[1]];
            if loss_of(&pairs, start, next) <= loss {
                break next;
            }
            share /= 2.0;
            if share < SMALLEST_STEP {
                break at;
            }
        };
        let moved = (next[0] - at[0]).abs() + (next[1] - at[1]).abs();
        at = next;
        loss = loss_of(&pairs, start, at);
        if moved < SMALLEST_STEP {
            break;
        }
    }
    let fits = at[0].is_finite() && at[1].is_finite() && at[0] > 0.0;
    fits.then_some(Standing::alone(at[0] as f32, at[1] as f32))
}

/// The measured model's mean confidence where a label is certainly wrong, and where it is certainly
/// right; `None` if they cannot be told from each other.
///
/// Wrong are pairs below what is usual. Of calibrated confidences, the mean over right pairs is the
/// mean of their squares by their mean. That is what the other model's surest pairs show if the
/// models err independently. If the same photos are hard for both, the confidences are higher on
/// its surest pairs, and their mean there is taken. Neither may be so low that many more pairs would
/// be right than the confidences add up to: a model's surest pairs can be its gross errors.
fn usual_verdicts(rule: &Rule, pairs: &mut [Pair], photos: usize) -> Option<(f64, f64)> {
    let mean = |pairs: &[Pair]| {
        let sum: f64 = pairs.iter().map(|p| p.verdict).sum();
        sum / pairs.len().max(1) as f64
    };
    let expected = mean(pairs);
    if expected <= 0.0 {
        return None;
    }
    let squares = pairs.iter().map(|p| p.verdict.powi(2)).sum::<f64>() / pairs.len().max(1) as f64;
    let independent = squares / expected;
    let (slope, bias) = (f64::from(rule.alone.slope), f64::from(rule.alone.bias));
    let sure = (photos / PHOTOS_PER_SURE_PAIR).max(FEWEST_SURE_PAIRS);
    if pairs.len() <= sure {
        return None;
    }
    let log_odds = |p: &Pair| slope * p.deviations + bias + p.prior;
    pairs.select_nth_unstable_by(sure, |a, b| log_odds(b).total_cmp(&log_odds(a)));
    let surest = mean(pairs.get(..sure)?);
    let agreement = ((surest - independent) / (1.0 - independent)).max(0.0);
    let (from, to) = SHARED_ERRORS;
    let shared = ((agreement - from) / (to - from)).clamp(0.0, 1.0);
    let right = independent + shared * (surest - independent);
    let below: (f64, f64) = pairs
        .iter()
        .filter(|p| p.deviations < 0.0)
        .fold((0.0, 0.0), |sum, p| (sum.0 + p.verdict, sum.1 + 1.0));
    let wrong = below.0 / below.1;
    let least = wrong + (1.0 - wrong / expected) / MOST_MORE;
    let right = right.max(least).min(1.0);
    (right - wrong > f64::from(f32::EPSILON)).then_some((wrong, right))
}

/// The cross entropy, and how far the constants are from the model's own.
fn loss_of(pairs: &[Pair], start: [f64; 2], at: [f64; 2]) -> f64 {
    let own = SLOPE_WEIGHT * (at[0] - start[0]).powi(2) + BIAS_WEIGHT * (at[1] - start[1]).powi(2);
    let each = pairs.iter().map(|p| {
        let log_odds = at[0] * p.deviations + at[1] + p.prior;
        log_odds.max(0.0) + (-log_odds.abs()).exp().ln_1p() - p.verdict * log_odds
    });
    each.sum::<f64>() + own / 2.0
}

/// The step of Newton's method.
fn newton(pairs: &[Pair], start: [f64; 2], at: [f64; 2]) -> [f64; 2] {
    let mut g = [
        SLOPE_WEIGHT * (start[0] - at[0]),
        BIAS_WEIGHT * (start[1] - at[1]),
    ];
    let mut h = [SLOPE_WEIGHT, 0.0, BIAS_WEIGHT];
    for pair in pairs {
        let x = pair.deviations;
        let p = 1.0 / (1.0 + (-(at[0] * x + at[1] + pair.prior)).exp());
        let (error, weight) = (pair.verdict - p, p * (1.0 - p));
        g = [g[0] + error * x, g[1] + error];
        h = [h[0] + weight * x * x, h[1] + weight * x, h[2] + weight];
    }
    let determinant = h[0] * h[2] - h[1] * h[1];
    [
        (h[2] * g[0] - h[1] * g[1]) / determinant,
        (h[0] * g[1] - h[1] * g[0]) / determinant,
    ]
}

#[cfg(test)]
mod tests;
