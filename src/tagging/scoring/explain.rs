//! Why a photo has a label or lacks it, and what is odd about a vocabulary.

use rayon::prelude::*;

use crate::core::embedding::Embedding;
use crate::core::ids::PhotoId;
use crate::tagging::scoring::factors::Factors;
use crate::tagging::scoring::label_model::{Assessment, LabelModel};
use crate::tagging::scoring::matrix::dot;
use crate::tagging::scoring::reference::View;
use crate::tagging::scoring::rule::Band;

/// Pairs of labels that are reported as near-duplicates, at most: a hostile vocabulary could have
/// a billion.
const MOST_PAIRS: usize = 1000;

/// How a label came to be given to a photo, or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explanation {
    /// Cosine similarity of photo and label, as the model has it.
    pub(crate) similarity: f32,
    /// What photos are ranked by for the label.
    pub(crate) score: f32,
    /// The probability that it is right, 0 to 1.
    pub(crate) confidence: f32,
    /// The confidence from which it is given.
    pub(crate) threshold: f32,
    /// What became of it, its children apart.
    pub(crate) band: Band,
    /// What the confidence is made of.
    pub(crate) factors: Factors,
    /// The prompt that the photo is most like, as its index and similarity.
    pub(crate) best_prompt: Option<(usize, f32)>,
    /// The negative text that the photo is most like, as its index and similarity.
    pub(crate) best_negative: Option<(usize, f32)>,
    /// Photos accepted for the label that are most like this one, with their similarity, the most
    /// similar first.
    pub(crate) neighbours: Vec<(PhotoId, f32)>,
}

/// Explains what `model` says about a photo. `view` is `photo` made ready; `prompts` are the
/// vectors of the label's texts, one each; `accepted` are photos that a person accepted for the
/// label, of which the `most` nearest are named.
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

/// 0 where a vector has no length, or the two are of different models.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return 0.0;
    }
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { dot(a, b) / norms } else { 0.0 }
}

/// Pairs of labels whose vectors have a cosine of `at_least`, the nearest first, each with the
/// smaller index before the greater: labels that a model can hardly tell apart, of which one may
/// be a synonym of the other. At most 1,000.
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
