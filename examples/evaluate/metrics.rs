//! Figures of merit.

/// Labels with fewer photos are left out of the mean, unless no label has as many: an average
/// precision over one photo is mostly luck.
const MIN_POSITIVES: usize = 3;

/// Mean of the precision at every positive, the highest score first; `None` without positives.
pub fn average_precision(scores: &[f32], truth: &[bool]) -> Option<f32> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut hits, mut total) = (0, 0.0);
    for (rank, &i) in order.iter().enumerate() {
        if truth[i] {
            hits += 1;
            total += hits as f32 / (rank + 1) as f32;
        }
    }
    (hits > 0).then(|| total / hits as f32)
}

pub fn column<T: Copy>(rows: &[Vec<T>], label: usize) -> Vec<T> {
    rows.iter().map(|row| row[label]).collect()
}

/// Labels that the mean average precision is taken over.
pub fn counted(truth: &[Vec<bool>]) -> Vec<usize> {
    let positives = |label| column(truth, label).iter().filter(|t| **t).count();
    let labels = 0..truth.first().map_or(0, Vec::len);
    let enough: Vec<usize> = labels
        .clone()
        .filter(|&l| positives(l) >= MIN_POSITIVES)
        .collect();
    match enough.is_empty() {
        true => labels.filter(|&l| positives(l) > 0).collect(),
        false => enough,
    }
}

pub fn mean_average_precision(scores: &[Vec<f32>], truth: &[Vec<bool>]) -> f32 {
    let labels = counted(truth);
    let each = labels
        .iter()
        .filter_map(|&l| average_precision(&column(scores, l), &column(truth, l)));
    each.sum::<f32>() / labels.len() as f32
}

/// How many of the `k` highest labels of a photo are right, of those that can be.
pub fn precision_at(k: usize, scores: &[Vec<f32>], truth: &[Vec<bool>]) -> f32 {
    let (mut right, mut possible) = (0, 0);
    for (scores, truth) in scores.iter().zip(truth) {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        right += order.iter().take(k).filter(|&&i| truth[i]).count();
        possible += truth.iter().filter(|t| **t).count().min(k);
    }
    right as f32 / possible.max(1) as f32
}

/// Over all pairs of photo and label.
pub fn precision_recall(given: &[Vec<bool>], truth: &[Vec<bool>]) -> (f32, f32) {
    let pairs = || given.iter().flatten().zip(truth.iter().flatten());
    let both = pairs().filter(|(g, t)| **g && **t).count() as f32;
    let given = pairs().filter(|(g, _)| **g).count().max(1) as f32;
    let right = pairs().filter(|(_, t)| **t).count().max(1) as f32;
    (both / given, both / right)
}

/// Mean over the labels that have a photo.
pub fn macro_f1(given: &[Vec<bool>], truth: &[Vec<bool>]) -> f32 {
    let (mut sum, mut labels) = (0.0, 0);
    for label in 0..truth.first().map_or(0, Vec::len) {
        let (given, truth) = (column(given, label), column(truth, label));
        let right = truth.iter().filter(|t| **t).count();
        if right > 0 {
            let both = given.iter().zip(&truth).filter(|(g, t)| **g && **t).count();
            let all = given.iter().filter(|g| **g).count() + right;
            sum += 2.0 * both as f32 / all as f32;
            labels += 1;
        }
    }
    sum / labels.max(1) as f32
}

/// The best macro F1 that one threshold for all labels reaches, with the threshold: an oracle,
/// tuned on what it is measured on.
pub fn best_fixed_threshold(scores: &[Vec<f32>], truth: &[Vec<bool>]) -> (f32, f32) {
    best_common_threshold(&[(scores, truth)])
}

/// Scores and truth of one folder, `[photos][labels]` both.
pub type Scored<'a> = (&'a [Vec<f32>], &'a [Vec<bool>]);

/// The best mean, over several sets of scores with their truths, of the macro F1 that one threshold
/// for all labels of all sets reaches, with the threshold.
pub fn best_common_threshold(sets: &[Scored<'_>]) -> (f32, f32) {
    let mut candidates = Vec::new();
    for (scores, _) in sets {
        let mut all: Vec<f32> = scores.concat();
        all.sort_by(f32::total_cmp);
        let last = all.len().saturating_sub(1);
        // More of them among the high scores, where thresholds belong.
        candidates.extend((1..400).filter_map(|i| all.get(last - last * i * i / 160_000)));
    }
    let mean = |threshold: f32| {
        let each = sets
            .iter()
            .map(|(scores, truth)| macro_f1(&at_least(scores, threshold), truth));
        each.sum::<f32>() / sets.len() as f32
    };
    candidates
        .into_iter()
        .map(|t| (mean(t), t))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, 0.0))
}

pub fn at_least(scores: &[Vec<f32>], threshold: f32) -> Vec<Vec<bool>> {
    let row = |row: &Vec<f32>| row.iter().map(|s| *s >= threshold).collect();
    scores.iter().map(row).collect()
}

/// Expected calibration error in ten bins, over pairs of at least this confidence.
pub fn calibration_error(confidences: &[Vec<f32>], truth: &[Vec<bool>], from: f32) -> f32 {
    let mut bins = [(0usize, 0f64, 0usize); 10];
    for (c, t) in confidences.iter().flatten().zip(truth.iter().flatten()) {
        if *c >= from {
            let bin = &mut bins[((c * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1, bin.1 + f64::from(*c), bin.2 + usize::from(*t));
        }
    }
    let all: usize = bins.iter().map(|b| b.0).sum();
    let gaps: f64 = bins.iter().map(|b| (b.1 - b.2 as f64).abs()).sum();
    (gaps / all.max(1) as f64) as f32
}
