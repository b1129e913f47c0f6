//! Explains why a photo has a label or lacks it, and finds near-duplicate labels.

use rayon::prelude::*;

use crate::core::embedding::Embedding;
use crate::core::ids::PhotoId;
use crate::tagging::scoring::factors::Factors;
use crate::tagging::scoring::label_model::{Assessment, LabelModel};
use crate::tagging::scoring::product::dot;
use crate::tagging::scoring::reference::View;
use crate::tagging::scoring::rule::Band;

/// The most near-duplicates to report: a hostile vocabulary could have a billion.
const MOST_PAIRS: usize = 1000;

/// Why a label was applied to a photo, or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explanation {
    /// The model's cosine similarity of photo and label.
    pub(crate) similarity: f32,
    /// The score that ranks photos for the label.
    pub(crate) score: f32,
    /// The probability that it is right, 0 to 1.
    pub(crate) confidence: f32,
    /// The confidence from which it is applied.
    pub(crate) threshold: f32,
    /// Its band, without its children.
    pub(crate) band: Band,
    /// The factors of the confidence.
    pub(crate) factors: Factors,
    /// The best matching prompt, as its index and similarity.
    pub(crate) best_prompt: Option<(usize, f32)>,
    /// The best matching negative text, as its index and similarity.
    pub(crate) best_negative: Option<(usize, f32)>,
    /// The most similar photos accepted for the label, with their similarity, the
    /// most similar first.
    pub(crate) neighbours: Vec<(PhotoId, f32)>,
}

/// Explains the assessment of `photo` by `model`. `view` is the prepared photo; `prompts` are the
/// vectors of the label's texts, one each; `accepted` are photos that the user accepted for the
/// label. The `most` nearest of them are returned.
pub(crate) fn explain<'a>(
    model: &LabelModel,
    photo: &Embedding,
    view: &View,
    prompts: &[Embedding],
    accepted: impl IntoIterator<Item = (PhotoId, &'a Embedding)>,
    most: usize,
) -> Explanation {
    let Assessment { score, confidence } = model.assess(view);
    let mut neighbours: Vec<(PhotoId, f32)> = accepted
        .into_iter()
        .map(|(at, other)| (at, cosine(photo.values(), other.values())))
        .collect();
    neighbours.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    neighbours.truncate(most);
    Explanation {
        similarity: cosine(photo.values(), model.vector()),
        score,
        confidence,
        threshold: model.threshold(),
        band: model.decide(confidence),
        factors: model.factors(view),
        best_prompt: nearest(photo, prompts.iter().map(Embedding::values)),
        best_negative: nearest(photo, model.negatives()),
        neighbours,
    }
}

fn nearest<'a>(photo: &Embedding, others: impl Iterator<Item = &'a [f32]>) -> Option<(usize, f32)> {
    others
        .map(|other| cosine(photo.values(), other))
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// Returns 0 if a vector has no length, or the two are from different models.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return 0.0;
    }
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { dot(a, b) / norms } else { 0.0 }
}

/// Returns pairs of labels with a cosine of `at_least`, the nearest first, each with the smaller
/// index first. The model can hardly distinguish them, and one may be a synonym of the other. At
/// most 1,000.
pub(crate) fn near_duplicates(vectors: &[Embedding], at_least: f32) -> Vec<(usize, usize, f32)> {
    let row = |i: usize| {
        let mut pairs: Vec<(usize, usize, f32)> = (i + 1..vectors.len())
            .map(|j| (i, j, cosine(vectors[i].values(), vectors[j].values())))
            .filter(|pair| pair.2 >= at_least)
            .collect();
        keep_nearest(&mut pairs);
        pairs
    };
    let both = |mut a: Vec<_>, mut b: Vec<_>| {
        a.append(&mut b);
        keep_nearest(&mut a);
        a
    };
    (0..vectors.len())
        .into_par_iter()
        .map(row)
        .reduce(Vec::new, both)
}

fn keep_nearest(pairs: &mut Vec<(usize, usize, f32)>) {
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    pairs.truncate(MOST_PAIRS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagging::{Preparation, Reference, Rule};

    fn unit(values: &[f32]) -> Embedding {
        Embedding::normalised(values.to_vec()).unwrap()
    }

    #[test]
    fn names_the_prompt_the_negative_and_the_neighbours() {
        let photo = unit(&[1.0, 0.2, 0.0]);
        let prompts = [unit(&[0.0, 1.0, 0.0]), unit(&[1.0, 0.0, 0.0])];
        let negatives = [unit(&[0.0, 0.0, 1.0]), unit(&[0.5, 1.0, 0.0])];
        let label = Embedding::mean(&prompts).unwrap();
        let model = LabelModel::new(&label, &negatives, Rule::STARTER).with_threshold(Some(0.9));
        let view = Reference::new(&[], Preparation::Plain).prepare(&photo);
        let others = [
            unit(&[0.0, 1.0, 1.0]),
            unit(&[1.0, 0.1, 0.0]),
            unit(&[1.0, 1.0, 0.0]),
        ];
        let accepted = [7, 8, 9].map(PhotoId::new).into_iter().zip(&others);
        let e = explain(&model, &photo, &view, &prompts, accepted, 2);
        assert_eq!(e.best_prompt.map(|p| p.0), Some(1));
        assert_eq!(e.best_negative.map(|n| n.0), Some(1));
        let near: Vec<i64> = e.neighbours.iter().map(|n| n.0.number()).collect();
        assert_eq!(near, [8, 9]);
        assert!((e.similarity - photo.similarity(&label)).abs() < 1e-6);
        assert_eq!(e.score, model.assess(&view).score);
        assert_eq!(
            (e.confidence, e.threshold),
            (Rule::confidence(e.score), 0.9)
        );
        assert_eq!(e.band, model.decide(e.confidence));
    }

    #[test]
    fn finds_labels_that_cannot_be_told_apart() {
        let vectors = [
            unit(&[1.0, 0.0]),
            unit(&[0.0, 1.0]),
            unit(&[1.0, 0.05]),
            unit(&[1.0, 0.2]),
        ];
        let pairs = near_duplicates(&vectors, 0.95);
        let indices: Vec<(usize, usize)> = pairs.iter().map(|p| (p.0, p.1)).collect();
        assert_eq!(indices, [(0, 2), (2, 3), (0, 3)]);
        assert!(near_duplicates(&vectors, 1.1).is_empty());
        let same = vec![unit(&[1.0, 0.0]); 100];
        assert_eq!(near_duplicates(&same, 0.9).len(), MOST_PAIRS);
    }
}
