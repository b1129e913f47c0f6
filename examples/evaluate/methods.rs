//! The scoring methods that were considered, side by side.

use anyhow::Result;
use taglens::clip::starter;
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::engine::Scoring;
use taglens::tagging::{Judge, Vocabulary};

use crate::data::Dataset;
use crate::learning;
use crate::metrics;

/// A method's name and its mean average precision, for the picture.
pub type Row = (String, f32);

/// `[photo][label]`.
pub type Scores = Vec<Vec<f32>>;

/// The softmax scale of the starter where CLIP has its own.
const STARTER_SCALE: f32 = 20.0;

/// Prints the table of all methods.
pub fn table(set: &Dataset, judge: &Judge, engine: &Engine) -> Result<Vec<Row>> {
    let labels = vectors(judge);
    // What stands in for photographs of everything: class anchors, or texts for CLIP models.
    let (bank, scale) = match engine.scoring {
        Scoring::Starter => (starter::anchors()?, STARTER_SCALE),
        Scoring::Clip { logit_scale } | Scoring::Sigmoid { logit_scale, .. } => {
            let texts: Vec<String> = Vocabulary::builtin()
                .labels()
                .iter()
                .map(|l| format!("a photo of a {}.", l.name))
                .collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            (engine.text.encode_texts(&texts)?, logit_scale)
        }
    };
    let raw = cosines(&set.photos, &labels);
    let against_bank = cosines(&bank, &labels);
    let backgrounds: Vec<f32> = cosines(&set.photos, &bank)
        .iter()
        .map(|row| log_sum_exp(row, scale))
        .collect();
    let bank_backgrounds: Vec<f32> = cosines(&bank, &bank)
        .iter()
        .map(|row| log_sum_exp(row, scale))
        .collect();
    let centred = cosines(&centre(&set.photos), &labels);
    let default: Scores = set
        .photos
        .iter()
        .map(|p| judge.judge(p).iter().map(|v| v.score).collect())
        .collect();
    let library = judge.clone().with_library(&learning::views(set, judge)?)?;
    let in_library: Scores = set
        .photos
        .iter()
        .map(|p| library.judge(p).iter().map(|v| v.score).collect())
        .collect();
    let confidence: Scores = set
        .photos
        .iter()
        .map(|p| judge.judge(p).iter().map(|v| v.confidence).collect())
        .collect();
    let softmax: Scores = raw.iter().map(|row| softmax(row, scale)).collect();
    let methods = [
        ("a raw cosine", raw.clone()),
        ("b softmax over the vocabulary", softmax),
        (
            "c cosine, standardised per label by the reference",
            standardise(&raw, &against_bank),
        ),
        (
            "c cosine, standardised per label by these photos",
            standardise(&raw, &raw),
        ),
        (
            "d c by the reference, minus the background",
            standardise(
                &minus(&raw, &backgrounds),
                &minus(&against_bank, &bank_backgrounds),
            ),
        ),
        ("e photos centred (modality gap, hubs)", centred.clone()),
        (
            "e centred, standardised by these photos",
            standardise(&centred, &centred),
        ),
        ("default", default),
        ("default, by confidence", confidence),
        ("default, in a library of these photos", in_library),
    ];
    println!("| method | mAP | AP over all pairs | P@1 | P@3 | best macro F1 of one threshold |");
    println!("|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for (name, scores) in methods {
        let map = metrics::mean_average_precision(&scores, &set.truth);
        let pairs = metrics::average_precision(&scores.concat(), &set.truth.concat());
        let (f1, threshold) = metrics::best_fixed_threshold(&scores, &set.truth);
        println!(
            "| {name} | {map:.4} | {:.4} | {:.4} | {:.4} | {f1:.4} (at {threshold:.3}) |",
            pairs.unwrap_or(0.0),
            metrics::precision_at(1, &scores, &set.truth),
            metrics::precision_at(3, &scores, &set.truth),
        );
        rows.push((name.to_owned(), map));
    }
    Ok(rows)
}

/// Every photo's cosine with every label's texts.
pub fn raw(set: &Dataset, judge: &Judge) -> Scores {
    cosines(&set.photos, &vectors(judge))
}

fn vectors(judge: &Judge) -> Vec<Embedding> {
    let labels = judge.labels().iter();
    labels
        .filter_map(|l| Embedding::normalised(l.vector().to_vec()))
        .collect()
}

fn cosines(photos: &[Embedding], labels: &[Embedding]) -> Scores {
    let row = |photo: &Embedding| labels.iter().map(|l| l.similarity(photo)).collect();
    photos.iter().map(row).collect()
}

fn log_sum_exp(row: &[f32], scale: f32) -> f32 {
    let sum: f32 = row.iter().map(|c| (scale * (c - 1.0)).exp()).sum();
    1.0 + sum.ln() / scale
}

fn softmax(row: &[f32], scale: f32) -> Vec<f32> {
    let sum: f32 = row.iter().map(|c| (scale * (c - 1.0)).exp()).sum();
    row.iter()
        .map(|c| (scale * (c - 1.0)).exp() / sum)
        .collect()
}

fn minus(scores: &Scores, backgrounds: &[f32]) -> Scores {
    let rows = scores.iter().zip(backgrounds);
    rows.map(|(row, b)| row.iter().map(|s| s - b).collect())
        .collect()
}

/// Each label's scores in deviations from its mean over the reference.
fn standardise(scores: &Scores, reference: &Scores) -> Scores {
    let count = reference.len() as f32;
    let labels = scores.first().map_or(0, Vec::len);
    let statistics: Vec<(f32, f32)> = (0..labels)
        .map(|l| {
            let column = metrics::column(reference, l);
            let mean = column.iter().sum::<f32>() / count;
            let variance = column.iter().map(|c| (c - mean).powi(2)).sum::<f32>() / count;
            (mean, variance.sqrt().max(1e-6))
        })
        .collect();
    let one = |(s, (mean, deviation)): (&f32, &(f32, f32))| (s - mean) / deviation;
    let row = |row: &Vec<f32>| row.iter().zip(&statistics).map(one).collect();
    scores.iter().map(row).collect()
}

/// The photos without what all of them have in common.
fn centre(photos: &[Embedding]) -> Vec<Embedding> {
    let mut mean = vec![0.0; photos.first().map_or(0, Embedding::dimension)];
    for photo in photos {
        for (m, v) in mean.iter_mut().zip(photo.values()) {
            *m += v / photos.len() as f32;
        }
    }
    let without = |p: &Embedding| p.values().iter().zip(&mean).map(|(v, m)| v - m).collect();
    photos
        .iter()
        .map(|p| Embedding::normalised(without(p)).unwrap_or_else(|| p.clone()))
        .collect()
}
