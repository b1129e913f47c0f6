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
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::indexer::labels;
use taglens::tagging::Vocabulary;

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
    let mut similarities = Vec::new();
    let mut ranks = Vec::new();
    let mut targets = Vec::new();
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
            let similarity = (model.score(&view) - rule.bias) / rule.slope;
            similarities.push(similarity);
            ranks.push(view.crowd.map_or(0.0, |c| c.log_rank(similarity)));
            targets.push(own.contains(&label));
        }
    }
    let alone: Vec<[f64; 3]> = rows(&similarities, &vec![0.0; ranks.len()]);
    let [slope, _, bias] = fit(&alone, &targets);
    let among: Vec<[f64; 3]> = rows(&similarities, &ranks);
    let standing = fit(&among, &targets);
    println!("{} pairs, now {:?}", targets.len(), labels::rule(engine));
    println!("fitted: slope {slope:.2}, bias {bias:.2}");
    let [slope, rank, bias] = standing;
    println!("fitted, standing: slope {slope:.2}, rank {rank:.2}, bias {bias:.2}");
    println!("\n| confidence from | precision | recall | F1 |\n|---|---|---|---|");
    for step in 1..=18 {
        let threshold = f64::from(step) / 20.0;
        let given: Vec<bool> = among
            .iter()
            .map(|row| probability(row, &standing) >= threshold)
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

/// Similarity, rank and the constant 1.
fn rows(similarities: &[f32], ranks: &[f32]) -> Vec<[f64; 3]> {
    let pairs = similarities.iter().zip(ranks);
    pairs
        .map(|(s, r)| [f64::from(*s), f64::from(*r), 1.0])
        .collect()
}

fn probability(row: &[f64; 3], weights: &[f64; 3]) -> f64 {
    let log_odds: f64 = row.iter().zip(weights).map(|(x, w)| x * w).sum();
    1.0 / (1.0 + (-log_odds).exp())
}

/// Logistic regression by Newton's method, with a ridge that keeps a variable that is always 0 out.
fn fit(rows: &[[f64; 3]], targets: &[bool]) -> [f64; 3] {
    let mut weights = [0.0; 3];
    for _ in 0..40 {
        let mut gradient = [0.0; 3];
        let mut hessian = [[0.0; 3]; 3];
        for (row, target) in rows.iter().zip(targets) {
            let p = probability(row, &weights);
            let error = f64::from(u8::from(*target)) - p;
            for i in 0..3 {
                gradient[i] += error * row[i];
                for j in 0..3 {
                    hessian[i][j] += p * (1.0 - p) * row[i] * row[j];
                }
            }
        }
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] += 1e-6;
        }
        let step = solve(hessian, gradient);
        for (w, s) in weights.iter_mut().zip(step) {
            *w += s;
        }
    }
    weights
}

/// Gaussian elimination, for a positive definite matrix.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> [f64; 3] {
    for i in 0..3 {
        let pivot = a[i];
        for r in i + 1..3 {
            let factor = a[r][i] / pivot[i];
            for (value, above) in a[r].iter_mut().zip(pivot) {
                *value -= factor * above;
            }
            b[r] -= factor * b[i];
        }
    }
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|c| a[i][c] * b[c]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    b
}
