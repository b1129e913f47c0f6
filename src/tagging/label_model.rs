//! One label, ready to score photos.

use rayon::prelude::*;

use super::learn::Learned;
use super::matrix::{ShapeError, dot};
use super::reference::{View, Views};
use super::rule::{Band, Rule};
use crate::embedding::Embedding;

/// Rows that one thread corrects at a time.
const CHUNK: usize = 4096;

/// What a model knows of one label. It depends on no other label, so that adding one changes
/// nothing here.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelModel {
    /// The text's vector, or what was learned from it; unit length only in the first case.
    vector: Vec<f32>,
    /// `[negatives, dimension]`.
    negatives: Vec<f32>,
    /// What decisions have added to the log-odds.
    shift: f32,
    rule: Rule,
    threshold: Option<f32>,
}

impl LabelModel {
    /// `vector` is the mean of the label's texts, `negatives` are vectors of what is easily taken
    /// for it; those of another dimension are left out.
    pub fn new(vector: &Embedding, negatives: &[Embedding], rule: Rule) -> Self {
        let fitting = negatives
            .iter()
            .filter(|n| n.dimension() == vector.dimension());
        Self {
            vector: vector.values().to_vec(),
            negatives: fitting.flat_map(|n| n.values().iter().copied()).collect(),
            shift: 0.0,
            rule,
            threshold: None,
        }
    }

    /// With the confidence from which the label is given; `None` for the general one.
    pub fn with_threshold(mut self, threshold: Option<f32>) -> Self {
        self.threshold = threshold;
        self
    }

    /// With what a person's decisions have taught.
    pub fn with_learned(mut self, learned: &Learned) -> Self {
        if learned.vector.len() == self.vector.len() {
            self.vector.clone_from(&learned.vector);
            self.shift = learned.shift;
        }
        self
    }

    /// The score of a photo: the log-odds that the label is right. What photos are ranked by for
    /// a label, and labels on a photo.
    pub fn score(&self, view: &View) -> f32 {
        self.score_row(view.embedding.values(), view.background)
    }

    /// [`LabelModel::score`] of a row of [`Views`].
    pub(super) fn score_row(&self, photo: &[f32], background: f32) -> f32 {
        let own = similarity(&self.vector, photo);
        let rivals = self.negatives.chunks_exact(self.vector.len().max(1));
        let rival = rivals.map(|n| similarity(n, photo)).fold(own, f32::max);
        self.log_odds(own, rival, background)
    }

    /// The score of every photo, on all threads of rayon: 100,000 photos of 512 dimensions take
    /// some ten milliseconds. `out` has one place a photo.
    ///
    /// # Errors
    /// Where the photos come from a model of another dimension, or `out` has another length.
    pub fn score_all(&self, views: &Views, out: &mut [f32]) -> Result<(), ShapeError> {
        let matrix = views.matrix()?;
        matrix.scores(&self.vector, out)?;
        let backgrounds = views.backgrounds();
        if self.negatives.is_empty() {
            out.par_chunks_mut(CHUNK)
                .zip(backgrounds.par_chunks(CHUNK))
                .for_each(|(out, backgrounds)| {
                    for (out, background) in out.iter_mut().zip(backgrounds) {
                        *out = self.log_odds(*out, *out, *background);
                    }
                });
            return Ok(());
        }
        let count = self.negatives.len() / matrix.dimension();
        let mut rivals = vec![0.0; out.len() * count];
        matrix.scores(&self.negatives, &mut rivals)?;
        let rivals = rivals.par_chunks(count);
        out.par_iter_mut()
            .zip(rivals)
            .zip(backgrounds)
            .for_each(|((out, rivals), background)| {
                let rival = rivals.iter().copied().fold(*out, f32::max);
                *out = self.log_odds(*out, rival, *background);
            });
        Ok(())
    }

    /// What a photo is less like the label than like the nearest negative counts against it once
    /// more.
    fn log_odds(&self, own: f32, rival: f32, background: f32) -> f32 {
        let similarity = own - (rival - own).max(0.0) - background;
        self.rule.score(similarity) + self.shift
    }

    /// The confidence, 0 to 1, that a score stands for.
    pub fn confidence(&self, score: f32) -> f32 {
        Rule::confidence(score)
    }

    /// What becomes of the label at this confidence.
    pub fn decide(&self, confidence: f32) -> Band {
        Rule::decide(confidence, self.threshold)
    }

    /// The confidence from which the label is given.
    pub fn threshold(&self) -> f32 {
        self.threshold.unwrap_or(Rule::ACCEPT)
    }

    /// The vector that photos are compared with.
    pub fn vector(&self) -> &[f32] {
        &self.vector
    }

    /// The vectors of what is easily taken for the label.
    pub fn negatives(&self) -> impl Iterator<Item = &[f32]> {
        self.negatives.chunks_exact(self.vector.len().max(1))
    }

    /// How similarities are read.
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

/// The dot product; 0 for vectors of different models.
fn similarity(a: &[f32], b: &[f32]) -> f32 {
    match a.len() == b.len() {
        true => dot(a, b),
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagging::{Matrix, Preparation, Reference};
    use half::f16;

    fn unit(values: &[f32]) -> Embedding {
        Embedding::normalised(values.to_vec()).unwrap()
    }

    #[test]
    fn one_photo_and_many_get_the_same_scores() {
        let photos: Vec<Embedding> = (0..9000)
            .map(|i| unit(&[(i as f32).cos(), (i as f32).sin(), 0.4]))
            .collect();
        let rows: Vec<f16> = photos
            .iter()
            .flat_map(|p| p.values().iter().map(|v| f16::from_f32(*v)))
            .collect();
        let texts = [unit(&[1.0, 0.2, 0.0]), unit(&[0.0, 0.3, 1.0])];
        let reference = Reference::new(&texts, Preparation::Background { scale: 10.0 });
        let views = reference
            .prepare_all(Matrix::new(&rows, 3).unwrap())
            .unwrap();
        let label = unit(&[0.7, 0.7, 0.1]);
        for negatives in [vec![], vec![unit(&[0.9, 0.0, 0.1]), unit(&[0.0, 1.0, 0.0])]] {
            let model = LabelModel::new(&label, &negatives, Rule::STARTER);
            let mut scores = vec![0.0; photos.len()];
            model.score_all(&views, &mut scores).unwrap();
            for (photo, score) in photos.iter().zip(&scores) {
                let one = model.score(&reference.prepare(photo));
                assert!((one - score).abs() < 0.05, "{one} {score}");
            }
            assert!(model.score_all(&views, &mut scores[1..]).is_err());
        }
    }

    #[test]
    fn a_photo_of_the_negative_scores_lower_for_it() {
        let (mouse, device) = (unit(&[1.0, 0.5]), unit(&[0.5, 1.0]));
        let plain = LabelModel::new(&mouse, &[], Rule::STARTER);
        let warned = LabelModel::new(&mouse, std::slice::from_ref(&device), Rule::STARTER);
        let view = |e: &Embedding| Reference::new(&[], Preparation::Plain).prepare(e);
        assert_eq!(warned.score(&view(&mouse)), plain.score(&view(&mouse)));
        assert!(warned.score(&view(&device)) < plain.score(&view(&device)) - 1.0);
    }

    #[test]
    fn thresholds_decide() {
        let model = LabelModel::new(&unit(&[1.0, 0.0]), &[], Rule::STARTER);
        assert_eq!(model.threshold(), Rule::ACCEPT);
        let strict = model.with_threshold(Some(0.9));
        assert_eq!(strict.decide(0.8), Band::Suggested);
        assert_eq!(strict.decide(0.9), Band::Accepted);
    }
}
