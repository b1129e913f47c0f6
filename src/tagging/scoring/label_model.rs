//! One label, ready to score photos.

use rayon::prelude::*;

use crate::core::embedding::Embedding;
use crate::tagging::learning::learned::Learned;
use crate::tagging::scoring::cohort::Cohort;
use crate::tagging::scoring::factors::{Factors, normal_share_below};
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::product::dot;
use crate::tagging::scoring::reference::{View, Views};
use crate::tagging::scoring::rule::{Band, Rule, Standing};
use crate::tagging::scoring::usual::{Spread, Usual};
use crate::tagging::vocabulary::prior::DEFAULT_PRIOR;

/// Rows that one thread corrects at a time.
const CHUNK: usize = 4096;

/// No label is entirely impossible, and none certain.
const LEAST_PRIOR: f32 = 1e-6;

/// The assessment of a label on a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// The score that ranks labels and photos: log-odds from the similarity.
    pub(crate) score: f32,
    /// The probability that the label is right, 0 to 1.
    pub confidence: f32,
}

/// The model of one label. It depends on no other label, so adding one changes nothing here.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelModel {
    /// The texts' vector, of unit length.
    vector: Vec<f32>,
    /// `[negatives, dimension]`.
    negatives: Vec<f32>,
    /// How often the label is right.
    prior: f32,
    /// Whether it has a prior of 0: see [`LabelModel::with_prior`].
    vague: bool,
    /// The distribution of its similarities on all photos, and on those without it.
    all: Usual,
    without: Usual,
    /// The number of the library's photos behind that.
    scale_photos: usize,
    /// The addition to the log-odds learned from decisions, a linear function of the photo.
    learned: Option<Learned>,
    rule: Rule,
    threshold: Option<f32>,
}

impl LabelModel {
    /// `vector` is the mean of the label's texts, `negatives` are vectors of things easily mistaken
    /// for it; those of another dimension are dropped.
    pub fn new(vector: &Embedding, negatives: &[Embedding], rule: Rule) -> Self {
        let fitting = negatives
            .iter()
            .filter(|n| n.dimension() == vector.dimension());
        Self {
            vector: vector.values().to_vec(),
            negatives: fitting.flat_map(|n| n.values().iter().copied()).collect(),
            prior: DEFAULT_PRIOR,
            vague: false,
            all: rule.usual,
            without: rule.usual.without(DEFAULT_PRIOR),
            scale_photos: 0,
            learned: None,
            rule,
            threshold: None,
        }
    }

    /// Sets the share of all photos, 0 to 1, that probably have the label; the default is
    /// [`DEFAULT_PRIOR`]. With 0 the label is too vague to be looked for, such as “weather”: it
    /// ranks photos, but is given only with a label below it, until decisions have taught it.
    pub fn with_prior(mut self, prior: f32) -> Self {
        self.vague = prior <= 0.0;
        self.prior = prior.clamp(LEAST_PRIOR, 1.0 - LEAST_PRIOR);
        self.without = self.all.without(self.prior);
        self
    }

    /// Sets the confidence from which the label is applied; `None` for the general one.
    pub(crate) fn with_threshold(mut self, threshold: Option<f32>) -> Self {
        self.threshold = threshold;
        self
    }

    /// Scales the label to a library: a label that resembles most of its photos, or that few photos
    /// stand out for, is judged by that, more so in a larger library.
    ///
    /// Measure the library again when it has grown much, not for every photo, because confidences
    /// change with it. Call this before [`learn()`](crate::tagging::learning::learn::learn), which
    /// learns on the same scale.
    pub fn with_library(mut self, spread: &Spread) -> Self {
        self.all = self.rule.usual.in_library(spread);
        self.scale_photos = spread.photos;
        self.without = self.all.without(self.prior);
        self
    }

    /// Replaces what the model's rule takes for usual. Call this before
    /// [`LabelModel::with_library`].
    pub(crate) fn with_usual(mut self, usual: Usual) -> Self {
        self.rule.usual = usual;
        self.all = usual;
        self.without = self.all.without(self.prior);
        self
    }

    /// Replaces the model's constants by those fitted to the library
    /// ([`constants()`](crate::tagging::scoring::constants::constants)).
    pub fn with_constants(mut self, constants: Standing) -> Self {
        self.rule.alone = constants;
        self
    }

    /// How many deviations each photo's similarity is above what is usual on photos without the
    /// label.
    ///
    /// # Errors
    /// If the photos have another dimension.
    pub(crate) fn deviations(&self, views: &Views) -> Result<Vec<f32>, ShapeError> {
        let mut similarities = vec![0.0; views.len()];
        self.similarities(views, &mut similarities)?;
        for similarity in &mut similarities {
            *similarity = self.without.deviations(*similarity);
        }
        Ok(similarities)
    }

    /// Measures the label's similarities, as its texts describe it, in a library.
    ///
    /// # Errors
    /// If the photos have another dimension.
    pub fn spread(&self, views: &Views) -> Result<Spread, ShapeError> {
        let mut similarities = vec![0.0; views.len()];
        self.similarities(views, &mut similarities)?;
        Ok(Spread::of(&similarities))
    }

    /// How fast the log-odds grow with the similarity.
    pub(crate) fn slope(&self) -> f32 {
        self.rule.alone.slope / self.without.deviation
    }

    /// Adds what was learned from the user's decisions.
    pub fn with_learned(mut self, learned: &Learned) -> Self {
        if learned.change.len() == self.vector.len() {
            self.learned = Some(learned.clone());
        }
        self
    }

    /// What was learned from decisions, if it is used.
    pub(crate) fn learned(&self) -> Option<&Learned> {
        self.learned.as_ref()
    }

    /// Score and confidence of a photo.
    pub(crate) fn assess(&self, view: &View) -> Assessment {
        let photo = view.embedding.values();
        let similarity = self.similarity(photo, view.background);
        self.assessment(similarity, view.cohort.as_ref(), self.adjustment(photo))
    }

    /// The score of a row of [`Views`]: what photos are ranked by for a label, and labels on a photo.
    pub(crate) fn score_row(&self, photo: &[f32], background: f32) -> f32 {
        self.score_of(self.similarity(photo, background)) + self.adjustment(photo)
    }

    /// Scores every photo, on all threads of rayon: 100,000 photos of 512 dimensions take some ten
    /// milliseconds. `out` has one element per photo.
    ///
    /// # Errors
    /// If the photos have another dimension, or `out` has another length.
    pub fn score_all(&self, views: &Views, out: &mut [f32]) -> Result<(), ShapeError> {
        self.similarities(views, out)?;
        let adjustments = self.adjustments(views)?;
        out.par_iter_mut().enumerate().for_each(|(row, out)| {
            *out = self.score_of(*out) + adjustments.get(row).copied().unwrap_or(0.0);
        });
        Ok(())
    }

    /// Returns score and confidence of every photo; the scores are those of
    /// [`LabelModel::score_all`].
    ///
    /// # Errors
    /// As [`LabelModel::score_all`].
    pub fn assess_all(&self, views: &Views) -> Result<Vec<Assessment>, ShapeError> {
        let mut similarities = vec![0.0; views.len()];
        self.similarities(views, &mut similarities)?;
        let adjustments = self.adjustments(views)?;
        let one = |(row, similarity): (usize, &f32)| {
            let adjustment = adjustments.get(row).copied().unwrap_or(0.0);
            self.assessment(*similarity, views.cohort(row).as_ref(), adjustment)
        };
        Ok(similarities.par_iter().enumerate().map(one).collect())
    }

    /// The vectors whose products with a photo an assessment needs: the texts', the negatives', and
    /// what was learned from decisions.
    pub(crate) fn vectors(&self) -> impl Iterator<Item = &[f32]> {
        let learned = self.learned.as_ref().map(|l| l.change.as_slice());
        let own = std::iter::once(self.vector.as_slice());
        own.chain(self.negatives()).chain(learned)
    }

    /// Like [`LabelModel::assess`], from a photo's products with [`LabelModel::vectors`].
    pub(crate) fn assess_products(
        &self,
        products: &[f32],
        background: f32,
        cohort: Option<&Cohort>,
    ) -> Assessment {
        let (products, adjustment) = match (&self.learned, products.split_last()) {
            (Some(learned), Some((last, rest))) => (rest, last + learned.shift),
            _ => (products, 0.0),
        };
        let own = products.first().copied().unwrap_or(0.0);
        let rival = products.iter().copied().fold(own, f32::max);
        self.assessment(self.weigh(own, rival, background), cohort, adjustment)
    }

    /// Computes the rule's input for every photo.
    fn similarities(&self, views: &Views, out: &mut [f32]) -> Result<(), ShapeError> {
        let matrix = views.matrix()?;
        matrix.scores(&self.vector, out)?;
        let backgrounds = views.backgrounds();
        if self.negatives.is_empty() {
            out.par_chunks_mut(CHUNK)
                .zip(backgrounds.par_chunks(CHUNK))
                .for_each(|(out, backgrounds)| {
                    for (out, background) in out.iter_mut().zip(backgrounds) {
                        *out = self.weigh(*out, *out, *background);
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
                *out = self.weigh(*out, rival, *background);
            });
        Ok(())
    }

    fn similarity(&self, photo: &[f32], background: f32) -> f32 {
        let own = similarity(&self.vector, photo);
        let rivals = self.negatives.chunks_exact(self.vector.len().max(1));
        let rival = rivals.map(|n| similarity(n, photo)).fold(own, f32::max);
        self.weigh(own, rival, background)
    }

    /// If a photo is more similar to the nearest negative than to the label, subtracts the
    /// difference once more.
    fn weigh(&self, own: f32, rival: f32, background: f32) -> f32 {
        own - (rival - own).max(0.0) - background
    }

    fn score_of(&self, similarity: f32) -> f32 {
        self.rule.alone(self.without.deviations(similarity)) + log_odds(self.prior)
    }

    /// The addition to a photo's log-odds learned from decisions.
    fn adjustment(&self, photo: &[f32]) -> f32 {
        let learned = self.learned.as_ref();
        learned.map_or(0.0, |l| similarity(&l.change, photo) + l.shift)
    }

    /// The additions to each photo's log-odds learned from decisions; empty if there are none.
    fn adjustments(&self, views: &Views) -> Result<Vec<f32>, ShapeError> {
        let Some(learned) = &self.learned else {
            return Ok(Vec::new());
        };
        let mut out = vec![0.0; views.len()];
        views.matrix()?.scores(&learned.change, &mut out)?;
        out.iter_mut().for_each(|v| *v += learned.shift);
        Ok(out)
    }

    fn assessment(&self, similarity: f32, cohort: Option<&Cohort>, adjustment: f32) -> Assessment {
        let deviations = self.without.deviations(similarity);
        let log_rank = cohort.map(|cohort| cohort.log_rank(similarity));
        let likelihood = self.rule.log_odds(deviations, log_rank);
        let confidence = match self.prior() {
            Some(prior) => Rule::confidence(likelihood + log_odds(prior) + adjustment),
            None => 0.0,
        };
        Assessment {
            score: self.score_of(similarity) + adjustment,
            confidence,
        }
    }

    /// The factors of a photo's confidence, except what was learned.
    pub(crate) fn factors(&self, view: &View) -> Factors {
        let similarity = self.similarity(view.embedding.values(), view.background);
        let log_rank = view.cohort.as_ref().map(|c| c.log_rank(similarity));
        Factors {
            share_below: normal_share_below(self.without.deviations(similarity)),
            scale_photos: self.scale_photos,
            better_words: log_rank.map(|log| log.exp_m1().round().max(0.0) as usize),
            prior: self.prior(),
        }
    }

    /// The band of the label at this confidence.
    pub(crate) fn decide(&self, confidence: f32) -> Band {
        Rule::decide(confidence, self.threshold)
    }

    /// The confidence from which the label is applied.
    pub(crate) fn threshold(&self) -> f32 {
        self.threshold.unwrap_or(Rule::ACCEPT)
    }

    /// The texts' vector.
    pub fn vector(&self) -> &[f32] {
        &self.vector
    }

    /// The vectors of things easily mistaken for the label.
    pub(crate) fn negatives(&self) -> impl Iterator<Item = &[f32]> {
        self.negatives.chunks_exact(self.vector.len().max(1))
    }

    /// The share of all photos that probably have the label; `None` if it is given only with a
    /// label below it.
    pub fn prior(&self) -> Option<f32> {
        (!self.vague || self.learned.is_some()).then_some(self.prior)
    }

    /// The rule for similarities.
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

fn log_odds(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}

/// The dot product; 0 for vectors of different models.
fn similarity(a: &[f32], b: &[f32]) -> f32 {
    match a.len() == b.len() {
        true => dot(a, b),
        false => 0.0,
    }
}

#[cfg(test)]
mod tests;
