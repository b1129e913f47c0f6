//! What decisions teach: mean average precision on the photos that were not decided.

use anyhow::Result;
use half::f16;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use taglens::core::embedding::Embedding;
use taglens::tagging::learn;
use taglens::tagging::{Decision, Judge, Matrix, Views};

use crate::data::Dataset;
use crate::metrics;

/// Decisions a label.
const COUNTS: [usize; 5] = [0, 1, 3, 5, 10];
/// Photos that a person is likely to reject come from the highest wrong ones.
const LIKELY: usize = 20;

/// Of a number of decisions a label: the mean average precision without learning and with it on
/// the same undecided photos, and the deviation of the gain over draws.
pub struct Point {
    pub decisions: usize,
    pub without: f32,
    pub with: f32,
    pub deviation: f32,
}

/// The photos as a library has them.
pub fn views(set: &Dataset, judge: &Judge) -> Result<Views> {
    some(set, judge, set.photos.len())
}

/// Some of the photos as a library has them: every so many-th, since folders are in order.
pub fn some(set: &Dataset, judge: &Judge, count: usize) -> Result<Views> {
    let chosen = spread_out(set.photos.len(), count);
    prepared(chosen.map(|i| &set.photos[i]), judge)
}

/// `count` of so many photos.
pub fn spread_out(photos: usize, count: usize) -> impl Iterator<Item = usize> + Clone {
    (0..photos)
        .step_by((photos / count.max(1)).max(1))
        .take(count)
}

/// The photos of all sets as one library has them.
pub fn together(sets: &[Dataset], judge: &Judge) -> Result<Views> {
    prepared(sets.iter().flat_map(|set| &set.photos), judge)
}

/// Photos as a library has them.
pub fn prepared<'a>(photos: impl Iterator<Item = &'a Embedding>, judge: &Judge) -> Result<Views> {
    let rows: Vec<f16> = photos
        .flat_map(|p| p.values().iter().map(|v| f16::from_f32(*v)))
        .collect();
    let dimension = judge.labels().first().map_or(1, |l| l.vector().len());
    let matrix = Matrix::new(&rows, dimension)?;
    Ok(judge.reference().prepare_all(matrix)?)
}

/// Prints the curve. Half of a label's decisions, rounded up, accept photos that show it, drawn at
/// random, of which at least one stays undecided; the others reject photos drawn from the 20
/// highest that do not show it, as a person who looks through what was found would come by them.
pub fn curve(set: &Dataset, judge: &Judge, draws: usize) -> Result<Vec<Point>> {
    let views = views(set, judge)?;
    let labels: Vec<usize> = metrics::counted(&set.truth)
        .into_iter()
        .filter(|&l| {
            metrics::column(&set.truth, l)
                .iter()
                .filter(|t| **t)
                .count()
                > 1
        })
        .collect();
    let mut points = Vec::new();
    if labels.is_empty() {
        println!("\nLearning: no label has two photos, so that one would stay undecided.");
        return Ok(points);
    }
    println!("\nLearning: mAP on undecided photos, {draws} draws\n");
    println!("| decisions a label | without | with | gain | deviation of the gain |");
    println!("|---|---|---|---|---|");
    for decisions in COUNTS {
        let each: Vec<(f32, f32)> = (0..draws)
            .into_par_iter()
            .map(|draw| one_draw(set, judge, &views, &labels, decisions, draw as u64))
            .collect::<Result<_>>()?;
        let count = each.len() as f32;
        let without = each.iter().map(|e| e.0).sum::<f32>() / count;
        let with = each.iter().map(|e| e.1).sum::<f32>() / count;
        let gains = each.iter().map(|e| (e.1 - e.0 - (with - without)).powi(2));
        let point = Point {
            decisions,
            without,
            with,
            deviation: (gains.sum::<f32>() / count).sqrt(),
        };
        println!(
            "| {decisions} | {without:.4} | {with:.4} | {:+.1} % | {:.4} |",
            100.0 * (with / without - 1.0),
            point.deviation
        );
        points.push(point);
    }
    Ok(points)
}

fn one_draw(
    set: &Dataset,
    judge: &Judge,
    views: &Views,
    labels: &[usize],
    count: usize,
    seed: u64,
) -> Result<(f32, f32)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut without, mut with, mut counted) = (0.0, 0.0, 0);
    for &label in labels {
        let prior = &judge.labels()[label];
        let truth = metrics::column(&set.truth, label);
        let mut scores = vec![0.0; views.len()];
        prior.score_all(views, &mut scores)?;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let (mut right, wrong): (Vec<usize>, Vec<usize>) = order.iter().partition(|&&i| truth[i]);
        let mut wrong: Vec<usize> = wrong.into_iter().take(LIKELY).collect();
        right.shuffle(&mut rng);
        wrong.shuffle(&mut rng);
        let accepts = count.div_ceil(2).min(right.len().saturating_sub(1));
        let accepted = right.iter().take(accepts).map(|&row| (row, true));
        let rejected = wrong.iter().take(count - accepts).map(|&row| (row, false));
        let mut decisions: Vec<Decision> = accepted
            .chain(rejected)
            .map(|(row, accepted)| Decision { row, accepted })
            .collect();
        decisions.shuffle(&mut rng);
        let open: Vec<usize> = (0..scores.len())
            .filter(|i| decisions.iter().all(|d| d.row != *i))
            .collect();
        let pick = |scores: &[f32]| open.iter().map(|&i| scores[i]).collect::<Vec<f32>>();
        let truth: Vec<bool> = open.iter().map(|&i| truth[i]).collect();
        let Some(before) = metrics::average_precision(&pick(&scores), &truth) else {
            continue;
        };
        if let Some(learned) = learn(prior, &decisions, views)? {
            prior
                .clone()
                .with_learned(&learned)
                .score_all(views, &mut scores)?;
        }
        without += before;
        with += metrics::average_precision(&pick(&scores), &truth).unwrap_or(0.0);
        counted += 1;
    }
    Ok((without / counted as f32, with / counted as f32))
}
