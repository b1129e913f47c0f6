//! The reference vectors that photos are compared with besides the labels: a fixed set that belongs
//! to the model, so nothing depends on the other labels or on the number of photos.
//!
//! A photo is prepared once ([`Reference::prepare`]); every label, whenever it is added or changed,
//! is then one dot product away ([`crate::tagging::LabelModel::score_all`]).

use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use crate::core::embedding::Embedding;
use crate::tagging::scoring::cohort::{Cohort, KNOTS};
use crate::tagging::scoring::matrix::{Matrix, ShapeError};
use crate::tagging::scoring::product::{dot, product};

/// Photos that one thread prepares at a time.
const BLOCK_ROWS: usize = 64;

/// How to use the reference vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Preparation {
    /// Leave the photo unchanged.
    Plain,
    /// Move the photo towards the most similar reference vectors: `x + weight · u`, normalised,
    /// where `u` is the unit vector along the mean of the reference vectors weighted by
    /// `softmax(scale · cosine)`. With a classifier's class vectors this adds the classifier's
    /// result (a convex combination of semantic embeddings: Norouzi et al. 2013, arXiv 1312.5650),
    /// which a linear score of the features alone does not have.
    Sharpened {
        /// The factor of the cosines before the softmax.
        scale: f32,
        /// The distance to move; the photo itself has length 1.
        weight: f32,
    },
    /// Subtract the photo's mean similarity to the reference vectors from its similarities. With
    /// general texts as reference, the result does not depend on the photo's distance to texts in
    /// general, which with CLIP differs much between photos (the modality gap: Liang et al. 2022,
    /// arXiv 2203.02053). A text that is in the reference is one of many there, so no label
    /// competes with itself.
    Centred,
}

/// The reference vectors of a model.
#[derive(Clone, Debug)]
pub struct Reference {
    vectors: Vec<f32>,
    dimension: usize,
    preparation: Preparation,
    /// The mean of `vectors`. A photo's mean similarity to them is its similarity to this.
    mean: Vec<f32>,
    /// `[cohort, dimension]`: see [`Reference::with_cohort`].
    cohort: Vec<f32>,
}

/// A photo that is ready to be scored.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Of unit length.
    pub(crate) embedding: Embedding,
    /// The amount to subtract from every similarity.
    pub(crate) background: f32,
    /// The cohort's similarities to the photo, if there is a cohort.
    pub cohort: Option<Cohort>,
}

/// Many photos that are ready to be scored; rows as in the matrix that they come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Views {
    vectors: Vec<f16>,
    backgrounds: Vec<f32>,
    /// One per photo, or none at all.
    cohorts: Vec<[f16; KNOTS]>,
    dimension: usize,
}

impl Views {
    /// The number of photos.
    pub fn len(&self) -> usize {
        self.backgrounds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.backgrounds.is_empty()
    }

    /// The memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.vectors) + size_of_val(&*self.backgrounds) + size_of_val(&*self.cohorts)
    }

    /// The prepared embeddings, `[len, dimension]`.
    ///
    /// # Errors
    /// Never for views from [`Reference::prepare_all`].
    pub fn matrix(&self) -> Result<Matrix<'_>, ShapeError> {
        Matrix::new(&self.vectors, self.dimension.max(1))
    }

    /// The amounts to subtract from each photo's similarities.
    pub(crate) fn backgrounds(&self) -> &[f32] {
        &self.backgrounds
    }

    /// The cohort's similarities to the `row`th photo; `None` without a cohort, and past the end.
    pub fn cohort(&self, row: usize) -> Option<Cohort> {
        let knots = self.cohorts.get(row)?;
        Some(Cohort::from_knots(knots.map(f16::to_f32)))
    }
}

impl Reference {
    /// `vectors` come from the model that embeds the photos. Without any, photos stay unchanged.
    pub fn new(vectors: &[Embedding], preparation: Preparation) -> Self {
        let dimension = vectors.first().map_or(0, Embedding::dimension);
        let vectors = vectors.iter().filter(|v| v.dimension() == dimension);
        let vectors: Vec<f32> = vectors.flat_map(|v| v.values().iter().copied()).collect();
        Self {
            mean: mean(&vectors, dimension),
            vectors,
            dimension,
            preparation: match dimension {
                0 => Preparation::Plain,
                _ => preparation,
            },
            cohort: Vec::new(),
        }
    }

    /// Adds a cohort: vectors of several hundred general labels, among which every label is ranked
    /// on a photo ([`crate::tagging::scoring::rule::Standing`]). Those of another dimension are
    /// dropped; without reference vectors there is no cohort either.
    pub(crate) fn with_cohort(mut self, labels: &[Embedding]) -> Self {
        let fitting = labels.iter().filter(|l| l.dimension() == self.dimension);
        self.cohort = fitting.flat_map(|l| l.values().iter().copied()).collect();
        self
    }

    /// The general texts of a model that nobody measured; none for others.
    pub(super) fn general_texts(&self) -> &[f32] {
        match self.preparation {
            Preparation::Centred => &self.vectors,
            Preparation::Plain | Preparation::Sharpened { .. } => &[],
        }
    }

    /// Prepares a photo. One of another dimension than the reference stays unchanged.
    pub fn prepare(&self, photo: &Embedding) -> View {
        let plain = View {
            embedding: photo.clone(),
            background: 0.0,
            cohort: None,
        };
        if photo.dimension() != self.dimension {
            return plain;
        }
        let rows = self.vectors.chunks_exact(self.dimension);
        let view = match self.preparation {
            Preparation::Plain => plain,
            Preparation::Centred => View {
                background: dot(&self.mean, photo.values()),
                ..plain
            },
            Preparation::Sharpened { scale, weight } => {
                let mut cosines: Vec<f32> = rows.map(|row| dot(row, photo.values())).collect();
                softmax(&mut cosines, scale);
                let mut mean = vec![0.0; self.dimension];
                for (row, share) in self.vectors.chunks_exact(self.dimension).zip(&cosines) {
                    for (m, v) in mean.iter_mut().zip(row) {
                        *m += share * v;
                    }
                }
                let mut moved = photo.values().to_vec();
                move_towards(&mut moved, &mean, weight);
                match Embedding::normalised(moved) {
                    Some(embedding) => View { embedding, ..plain },
                    None => plain,
                }
            }
        };
        let cohort = self.cohort.chunks_exact(self.dimension);
        let mut similarities: Vec<f32> = cohort
            .map(|label| dot(label, view.embedding.values()) - view.background)
            .collect();
        View {
            cohort: Cohort::new(&mut similarities),
            ..view
        }
    }

    /// Like [`Reference::prepare`], for many photos on all threads of rayon: some ten microseconds
    /// each for a thousand reference vectors of 512 dimensions.
    ///
    /// # Errors
    /// If the photos have another dimension than the reference.
    pub fn prepare_all(&self, photos: Matrix<'_>) -> Result<Views, ShapeError> {
        let dimension = photos.dimension();
        let mut views = Views {
            vectors: photos.values().to_vec(),
            backgrounds: vec![0.0; photos.len()],
            cohorts: Vec::new(),
            dimension,
        };
        if self.preparation == Preparation::Plain && self.cohort.is_empty() {
            return Ok(views);
        }
        if dimension != self.dimension {
            return Err(ShapeError::Rows {
                values: self.vectors.len(),
                dimension,
            });
        }
        match self.preparation {
            Preparation::Plain => {}
            Preparation::Centred => photos.scores(&self.mean, &mut views.backgrounds)?,
            Preparation::Sharpened { scale, weight } => {
                self.sharpen_all(&mut views.vectors, scale, weight);
            }
        }
        self.add_crowds(&mut views);
        Ok(views)
    }

    /// Sharpens photos in place ([`Preparation::Sharpened`]).
    fn sharpen_all(&self, photos: &mut [f16], scale: f32, weight: f32) {
        let dimension = self.dimension;
        // The second product needs the reference vectors as columns.
        let count = self.vectors.len() / dimension;
        let mut columns = vec![0.0; self.vectors.len()];
        for (i, row) in self.vectors.chunks_exact(dimension).enumerate() {
            for (j, v) in row.iter().enumerate() {
                columns[j * count + i] = *v;
            }
        }
        photos
            .par_chunks_mut(BLOCK_ROWS * dimension)
            .for_each(|rows| {
                let mut wide = rows.to_f32_vec();
                let mut cosines = vec![0.0; rows.len() / dimension * count];
                product(&wide, &self.vectors, dimension, &mut cosines);
                for cosines in cosines.chunks_exact_mut(count) {
                    softmax(cosines, scale);
                }
                let mut means = vec![0.0; wide.len()];
                product(&cosines, &columns, count, &mut means);
                let means = means.chunks_exact(dimension);
                for (row, mean) in wide.chunks_exact_mut(dimension).zip(means) {
                    move_towards(row, mean, weight);
                    normalise(row);
                }
                rows.convert_from_f32_slice(&wide);
            });
    }

    /// Adds the cohort's similarities to each photo.
    fn add_crowds(&self, views: &mut Views) {
        let (dimension, count) = (self.dimension, self.cohort.len() / self.dimension.max(1));
        if count == 0 {
            return;
        }
        views.cohorts = vec![[f16::ZERO; KNOTS]; views.len()];
        let rows = views.vectors.par_chunks(BLOCK_ROWS * dimension);
        let backgrounds = views.backgrounds.par_chunks(BLOCK_ROWS);
        let cohorts = views.cohorts.par_chunks_mut(BLOCK_ROWS);
        rows.zip(backgrounds).zip(cohorts).for_each_init(
            || (Vec::new(), Vec::new()),
            |(wide, similarities), ((rows, backgrounds), cohorts)| {
                wide.resize(rows.len(), 0.0);
                rows.convert_to_f32_slice(wide);
                similarities.resize(cohorts.len() * count, 0.0);
                product(wide, &self.cohort, dimension, similarities);
                let similarities = similarities.chunks_exact_mut(count);
                for ((all, background), out) in similarities.zip(backgrounds).zip(cohorts) {
                    if let Some(cohort) = Cohort::new(all) {
                        *out = cohort.knots().map(|k| f16::from_f32(k - background));
                    }
                }
            },
        );
    }
}

/// Multiplies `values` by the softmax of `scale` times their values.
fn softmax(values: &mut [f32], scale: f32) {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for v in values.iter_mut() {
        *v = (scale * (*v - largest)).exp();
        sum += *v;
    }
    for v in values {
        *v /= sum;
    }
}

/// The mean of vectors.
fn mean(vectors: &[f32], dimension: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; dimension];
    let rows = vectors.chunks_exact(dimension.max(1));
    let count = rows.len() as f64;
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += f64::from(*value);
        }
    }
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

/// Adds `weight` times the unit vector along `mean`; nothing if that has no direction.
fn move_towards(row: &mut [f32], mean: &[f32], weight: f32) {
    let norm = dot(mean, mean).sqrt();
    if norm > 0.0 {
        for (r, m) in row.iter_mut().zip(mean) {
            *r += weight / norm * m;
        }
    }
}

fn normalise(row: &mut [f32]) {
    let norm = dot(row, row).sqrt();
    if norm > 0.0 {
        for r in row {
            *r /= norm;
        }
    }
}

#[cfg(test)]
mod tests;
