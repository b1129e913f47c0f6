//! Scores several labels on many photos at once.
//!
//! The cost of a single label is reading the photos and widening them to 32 bits. A hundred labels
//! share that work, and their products become one matrix product. An edited label takes its parents
//! along, and a parent needs all the labels below it.

use crate::tagging::scoring::label_model::{Assessment, LabelModel};
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::reference::Views;

/// Labels to score together.
pub(crate) struct LabelBatch<'a> {
    /// Each label with its number of vectors.
    labels: Vec<(&'a LabelModel, usize)>,
    /// `[products, dimension]`, label by label.
    vectors: Vec<f32>,
}

impl<'a> LabelBatch<'a> {
    /// The labels must come from one model.
    pub(crate) fn new(labels: impl IntoIterator<Item = &'a LabelModel>) -> Self {
        let labels = labels.into_iter().map(|l| (l, l.vectors().count()));
        let labels: Vec<(&LabelModel, usize)> = labels.collect();
        let vectors = labels.iter().flat_map(|(l, _)| l.vectors()).flatten();
        Self {
            vectors: vectors.copied().collect(),
            labels,
        }
    }

    /// Passes the assessments of some photos at a time to `take`, as `(first row, [photos,
    /// labels])`, from several threads and in no particular order, like [`Matrix::for_each_block`],
    /// so memory stays bounded. They equal those of [`LabelModel::assess_all`] up to rounding.
    ///
    /// [`Matrix::for_each_block`]: crate::tagging::Matrix::for_each_block
    ///
    /// # Errors
    /// If the photos have another dimension.
    pub(crate) fn for_each_block(
        &self,
        views: &Views,
        take: impl Fn(usize, &[Assessment]) + Sync,
    ) -> Result<(), ShapeError> {
        let products: usize = self.labels.iter().map(|(_, count)| count).sum();
        let matrix = views.matrix()?;
        if products == 0 || views.is_empty() {
            return Ok(());
        }
        if self.vectors.len() != products * matrix.dimension() {
            return Err(ShapeError::Rows {
                values: self.vectors.len(),
                dimension: matrix.dimension(),
            });
        }
        matrix.for_each_block(&self.vectors, |first, block| {
            let photos = block.len() / products;
            let mut assessed = Vec::with_capacity(photos * self.labels.len());
            for (row, mut rest) in (first..).zip(block.chunks_exact(products)) {
                let background = views.backgrounds().get(row).copied().unwrap_or(0.0);
                let cohort = views.cohort(row);
                for (label, count) in &self.labels {
                    let (own, others) = rest.split_at(*count);
                    rest = others;
                    assessed.push(label.assess_products(own, background, cohort.as_ref()));
                }
            }
            take(first, &assessed);
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use half::f16;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::core::embedding::Embedding;
    use crate::tagging::learning::learned::Learned;
    use crate::tagging::{Matrix, Preparation, Reference, Rule};

    #[test]
    fn many_labels_at_once_are_assessed_as_one_by_one() {
        let mut rng = StdRng::seed_from_u64(12);
        let mut random = || {
            let values = (0..24).map(|_| rng.random_range(-1.0..1.0)).collect();
            Embedding::normalised(values).unwrap()
        };
        let sharpened = Preparation::Sharpened {
            scale: 20.0,
            weight: 0.5,
        };
        let anchors: Vec<Embedding> = (0..30).map(|_| random()).collect();
        let cohort: Vec<Embedding> = (0..50).map(|_| random()).collect();
        let reference = Reference::new(&anchors, sharpened).with_cohort(&cohort);
        let rows: Vec<f16> = (0..700)
            .flat_map(|_| random().values().to_vec())
            .map(f16::from_f32)
            .collect();
        let views = reference
            .prepare_all(Matrix::new(&rows, 24).unwrap())
            .unwrap();
        let negatives = [random(), random()];
        let mut labels: Vec<LabelModel> = (0..7)
            .map(|i| LabelModel::new(&random(), &negatives[..i % 3], Rule::STARTER))
            .collect();
        for label in labels.iter_mut().step_by(2) {
            let learned = Learned {
                change: random().values().iter().map(|v| 3.0 * v).collect(),
                shift: 0.7,
                decisions: 9,
                held_out_loss: (0.6, 0.4),
            };
            *label = label.clone().with_learned(&learned);
        }
        assert!(labels.iter().any(|l| l.learned().is_some()));
        for count in [1, 3, 7] {
            let batch = LabelBatch::new(&labels[..count]);
            let seen = Mutex::new(vec![None; 700 * count]);
            let take = |first: usize, assessed: &[Assessment]| {
                let mut seen = seen.lock().unwrap();
                for (place, a) in seen[first * count..].iter_mut().zip(assessed) {
                    assert_eq!(place.replace(*a), None);
                }
            };
            batch.for_each_block(&views, take).unwrap();
            let seen = seen.into_inner().unwrap();
            for (i, label) in labels[..count].iter().enumerate() {
                let alone = label.assess_all(&views).unwrap();
                for (together, alone) in seen.chunks(count).zip(&alone) {
                    let together = together[i].unwrap();
                    assert!((together.score - alone.score).abs() < 1e-3);
                    assert!((together.confidence - alone.confidence).abs() < 1e-3);
                }
            }
        }
        let none = LabelBatch::new([]);
        none.for_each_block(&views, |_, _| panic!()).unwrap();
        let rows = [f16::ONE; 6];
        let plain = Reference::new(&[], Preparation::Plain);
        let other = plain.prepare_all(Matrix::new(&rows, 3).unwrap()).unwrap();
        let batch = LabelBatch::new(&labels);
        assert!(batch.for_each_block(&other, |_, _| ()).is_err());
    }
}
