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

/// The calibrated confidence at so many deviations, if right pairs are `shift` above the others.
fn calibrated(deviations: f64, shift: f64) -> f64 {
    let log_odds = shift * deviations - shift * shift / 2.0 + log_odds(PRIOR);
    1.0 / (1.0 + (-log_odds).exp())
}

/// Pairs of 20 labels whose right ones are `shift` deviations above the others, `measured` in the
/// measured model, with the share of its errors that both have in common.
fn pairs(photos: usize, shift: f64, measured: f64, shared: f64) -> Vec<Pair> {
    let mut rng = StdRng::seed_from_u64(3);
    let each = (0..photos * 20).map(|_| {
        let right = f64::from(u8::from(rng.random_bool(PRIOR)));
        let (own, other) = (normal(&mut rng), normal(&mut rng));
        let other = shared * own + (1.0 - shared * shared).sqrt() * other;
        Pair {
            deviations: shift * right + own,
            prior: log_odds(PRIOR),
            verdict: calibrated(measured * right + other, measured),
        }
    });
    each.collect()
}

#[test]
fn a_better_model_does_not_learn_the_measured_ones_doubts() {
    // The best constants of the model are slope 3 and bias −4.5; a fit to the verdicts as they are
    // has 0.8 and −0.7.
    let rule = Rule::clip(100.0);
    let fitted = fit(&rule, pairs(500, 3.0, 1.6, 0.0), 500).unwrap();
    assert!((2.5..3.5).contains(&fitted.slope), "{fitted:?}");
    assert!((-5.5..-3.4).contains(&fitted.bias), "{fitted:?}");
}

#[test]
fn a_worse_model_becomes_as_careful_as_it_must_be() {
    // It errs as the measured model does: its confidences should be the verdicts.
    let rule = Rule::clip(100.0);
    let fitted = fit(&rule, pairs(500, 1.6, 1.6, 1.0), 500).unwrap();
    assert!((1.4..2.2).contains(&fitted.slope), "{fitted:?}");
    assert!((-2.6..-1.0).contains(&fitted.bias), "{fitted:?}");
}

#[test]
fn few_photos_change_little_and_none_change_nothing() {
    let rule = Rule::clip(100.0);
    let change = |photos| {
        let fitted = fit(&rule, pairs(photos, 1.6, 1.6, 1.0), photos).unwrap();
        (fitted.slope - rule.alone.slope).abs()
    };
    assert!(change(4) < change(400) / 2.0);
    assert_eq!(fit(&rule, Vec::new(), 0), None);
    // Verdicts that are the same everywhere say nothing.
    let mut same = pairs(100, 1.6, 1.6, 1.0);
    same.iter_mut().for_each(|p| p.verdict = 0.0);
    assert_eq!(fit(&rule, same, 100), None);
}

#[test]
fn the_fit_is_the_same_whatever_order_the_pairs_come_in() {
    let rule = Rule::clip(100.0);
    let forwards = fit(&rule, pairs(100, 3.0, 1.6, 0.5), 100).unwrap();
    let mut turned = pairs(100, 3.0, 1.6, 0.5);
    turned.reverse();
    let backwards = fit(&rule, turned, 100).unwrap();
    assert!((forwards.slope - backwards.slope).abs() < 1e-3);
    assert!((forwards.bias - backwards.bias).abs() < 1e-3);
}
