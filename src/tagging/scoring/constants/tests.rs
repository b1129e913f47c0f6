use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

const PRIOR: f64 = 0.05;

fn normal(rng: &mut StdRng) -> f64 {
    let (a, b) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Pairs of 20 labels with the truth.
fn pairs(photos: usize, mut one: impl FnMut(bool, &mut StdRng) -> (f64, f64)) -> Vec<(Pair, bool)> {
    let mut rng = StdRng::seed_from_u64(3);
    let each = (0..photos * 20).map(|_| {
        let right = rng.random_bool(PRIOR);
        let (deviations, verdict) = one(right, &mut rng);
        let pair = Pair {
            deviations,
            prior: log_odds(PRIOR),
            verdict,
        };
        (pair, right)
    });
    each.collect()
}

/// The model's right pairs are 3 deviations above the others, the measured one's 1.6; both err
/// independently.
fn better(photos: usize) -> Vec<(Pair, bool)> {
    pairs(photos, |right, rng| {
        let of = |shift: f64, rng: &mut StdRng| match right {
            true => shift + normal(rng),
            false => normal(rng),
        };
        let (own, measured) = (of(3.0, rng), of(1.6, rng));
        let likelihood = 1.6 * measured - 1.6 * 1.6 / 2.0;
        (own, sigmoid(likelihood + log_odds(PRIOR)))
    })
}

/// Both models see the same, right pairs 2 deviations above the others, and a tenth of the pairs is
/// three times as far off. The measured model knows that.
fn as_often_wrong(photos: usize) -> Vec<(Pair, bool)> {
    let density = |x: f64| 0.9 * (-x * x / 2.0).exp() + 0.1 / 3.0 * (-x * x / 18.0).exp();
    pairs(photos, |right, rng| {
        let wide = if rng.random_bool(0.1) { 3.0 } else { 1.0 };
        let own = f64::from(u8::from(right)) * 2.0 + wide * normal(rng);
        let likelihood = (density(own - 2.0) / density(own)).ln();
        (own, sigmoid(likelihood + log_odds(PRIOR)))
    })
}

fn fitted(pairs: Vec<(Pair, bool)>, photos: usize) -> Option<Standing> {
    let pairs = pairs.into_iter().map(|(pair, _)| pair).collect();
    fit(&Rule::clip(100.0), pairs, photos)
}

/// What the confidences of these constants cost on the truth, in nats a pair.
fn cost(pairs: &[(Pair, bool)], constants: Standing) -> f64 {
    let each = pairs.iter().map(|(pair, right)| {
        let alone = f64::from(constants.slope) * pair.deviations + f64::from(constants.bias);
        let confidence = sigmoid(alone + pair.prior);
        match right {
            true => -confidence.ln(),
            false => -(1.0 - confidence).ln(),
        }
    });
    each.sum::<f64>() / pairs.len() as f64
}

#[test]
fn a_better_model_does_not_learn_the_measured_ones_doubts() {
    // Its best constants are slope 3 and bias −4.5. A fit to the verdicts as they are has a slope
    // below 1.
    let found = fitted(better(500), 500).unwrap();
    assert!((2.2..3.5).contains(&found.slope), "{found:?}");
    assert!((-5.5..-3.3).contains(&found.bias), "{found:?}");
}

#[test]
fn a_model_that_is_often_wrong_becomes_as_careful_as_it_must_be() {
    let own = Rule::clip(100.0).alone;
    let found = fitted(as_often_wrong(500), 500).unwrap();
    assert!(found.slope < own.slope - 0.5, "{found:?}");
    let test = as_often_wrong(1000);
    let (before, now) = (cost(&test, own), cost(&test, found));
    assert!(now < 0.8 * before, "{before} and {now}");
}

#[test]
fn few_photos_change_little_and_none_change_nothing() {
    let own = Rule::clip(100.0).alone;
    let change = |photos| (fitted(as_often_wrong(photos), photos).unwrap().slope - own.slope).abs();
    assert!(change(4) < change(400) / 2.0);
    assert_eq!(fitted(Vec::new(), 0), None);
    // Verdicts that are the same everywhere say nothing.
    for verdict in [0.0, 0.5, 1.0] {
        let same = pairs(100, |_, rng| (normal(rng), verdict));
        assert_eq!(fitted(same, 100), None, "{verdict}");
    }
}

#[test]
fn the_fit_is_the_same_whatever_order_the_pairs_come_in() {
    let forwards = fitted(better(100), 100).unwrap();
    let mut turned = better(100);
    turned.reverse();
    let backwards = fitted(turned, 100).unwrap();
    assert!((forwards.slope - backwards.slope).abs() < 1e-3);
    assert!((forwards.bias - backwards.bias).abs() < 1e-3);
}
