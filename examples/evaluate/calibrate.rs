//! Fits the constants of `Rule`: logistic regression on photos that show several things.
//!
//! Photographs with one label each teach nothing about photos of several, on which each thing is
//! weaker. The encoder's features are means over the picture, so that the embedding of a collage
//! is about the weighted mean of its parts' embeddings; such mixtures are what is fitted to. Each
//! is judged by a vocabulary of 80 labels, its own and others at random, so that some 3 % of the
//! pairs are right, as with everyday photos and vocabularies.

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use taglens::embedding::Embedding;
use taglens::pipeline::{Engine, labels};
use taglens::tagging::{Rule, Vocabulary};

use crate::data::Dataset;

const MIXTURES: usize = 3000;
const LABELS: usize = 80;
const SEED: u64 = 7;

pub fn run(sets: &[Dataset], engine: &Engine) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut names: Vec<String> = sets.iter().flat_map(|s| s.labels.clone()).collect();
    names.sort();
    names.dedup();
    let judge = labels::judge(engine, &Vocabulary::parse(&names.join("\n"))?)?;
    // Of each set the photos with the label that they show.
    let shown = |set: &Dataset, i: usize| {
        let label = set.truth[i].iter().position(|t| *t)?;
        names.iter().position(|n| *n == set.labels[label])
    };
    let sets: Vec<Vec<(&Embedding, usize)>> = sets
        .iter()
        .map(|set| {
            let photos = set.photos.iter().enumerate();
            photos
                .filter_map(|(i, p)| Some((p, shown(set, i)?)))
                .collect()
        })
        .collect();
    let (mut similarities, mut targets) = (Vec::new(), Vec::new());
    for _ in 0..MIXTURES {
        let parts = rng.random_range(1..=4);
        let mut sum = vec![0.0; sets[0][0].0.dimension()];
        let mut own = Vec::new();
        for _ in 0..parts {
            let set = &sets[rng.random_range(0..sets.len())];
            let (photo, label) = set[rng.random_range(0..set.len())];
            // Exponential weights, normalised, are uniform over all ways to share the picture.
            let weight = -(1.0 - rng.random::<f32>()).ln();
            for (s, v) in sum.iter_mut().zip(photo.values()) {
                *s += weight * v;
            }
            own.push(label);
        }
        let Some(photo) = Embedding::normalised(sum) else {
            continue;
        };
        let mut vocabulary = own.clone();
        vocabulary.sort_unstable();
        vocabulary.dedup();
        while vocabulary.len() < LABELS.min(names.len()) {
            let other = rng.random_range(0..names.len());
            if !vocabulary.contains(&other) {
                vocabulary.push(other);
            }
        }
        let view = judge.reference().prepare(&photo);
        for label in vocabulary {
            let model = &judge.labels()[label];
            let rule = model.rule();
            similarities.push((model.score(&view) - rule.bias) / rule.slope);
            targets.push(own.contains(&label));
        }
    }
    let fitted = fit(&similarities, &targets);
    println!(
        "{} pairs, now {:?}, fitted {fitted:?}",
        targets.len(),
        labels::rule(engine)
    );
    println!("\n| confidence from | precision | recall | F1 |\n|---|---|---|---|");
    for step in 1..=18 {
        let threshold = step as f32 / 20.0;
        let given: Vec<bool> = similarities
            .iter()
            .map(|s| Rule::confidence(fitted.score(*s)) >= threshold)
            .collect();
        let both = given
            .iter()
            .zip(&targets)
            .filter(|(g, t)| **g && **t)
            .count() as f32;
        let precision = both / given.iter().filter(|g| **g).count().max(1) as f32;
        let recall = both / targets.iter().filter(|t| **t).count().max(1) as f32;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
        println!("| {threshold:.2} | {precision:.3} | {recall:.3} | {f1:.3} |");
    }
    Ok(())
}

/// Logistic regression of one variable by Newton's method.
fn fit(values: &[f32], targets: &[bool]) -> Rule {
    let (mut slope, mut bias) = (1.0f64, 0.0f64);
    for _ in 0..40 {
        let (mut g, mut h) = ([0.0; 2], [1e-6, 0.0, 1e-6]);
        for (value, target) in values.iter().zip(targets) {
            let x = f64::from(*value);
            let p = 1.0 / (1.0 + (-(slope * x + bias)).exp());
            let error = p - f64::from(u8::from(*target));
            g = [g[0] + error * x, g[1] + error];
            let w = p * (1.0 - p);
            h = [h[0] + w * x * x, h[1] + w * x, h[2] + w];
        }
        let det = h[0] * h[2] - h[1] * h[1];
        slope -= (h[2] * g[0] - h[1] * g[1]) / det;
        bias -= (h[0] * g[1] - h[1] * g[0]) / det;
    }
    Rule {
        slope: slope as f32,
        bias: bias as f32,
        typical: None,
    }
}
