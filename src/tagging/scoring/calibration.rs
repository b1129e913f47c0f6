//! What is usual for the texts of a model that nobody measured on photographs, taken from the
//! library.
//!
//! How far similarities lie apart differs between models by a factor of two, and a label's own
//! similarities tell it only in a library of a hundred photos. The general texts that photos are
//! compared with tell it from sixteen, all together. They belong to the model, so no label depends
//! on the others.

use crate::tagging::scoring::label_model::LabelModel;
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::reference::{Reference, Views};
use crate::tagging::scoring::rule::Standing;
use crate::tagging::scoring::usual::{Spread, Usual};

impl Reference {
    /// What is usual for a text of the model, over the photos of a library; `None` without general
    /// texts or photos. The starter has none: its constants are measured on photographs.
    ///
    /// # Errors
    /// If the photos have another dimension.
    pub(crate) fn usual(&self, views: &Views) -> Result<Option<Usual>, ShapeError> {
        let texts = self.general_texts();
        if texts.is_empty() || views.len() < 2 {
            return Ok(None);
        }
        let matrix = views.matrix()?;
        let mut similarities = vec![0.0; views.len()];
        let (mut means, mut variances, mut count) = (0.0, 0.0, 0.0);
        for text in texts.chunks_exact(matrix.dimension()) {
            matrix.scores(text, &mut similarities)?;
            for (similarity, background) in similarities.iter_mut().zip(views.backgrounds()) {
                *similarity -= background;
            }
            let all = Spread::of(&similarities).all;
            means += all.mean;
            variances += all.deviation.powi(2);
            count += 1.0;
        }
        let photos = views.len() as f32;
        let usual = Usual {
            mean: means / count,
            // The mean is theirs, too, so that few photos lie too close to it.
            deviation: (variances / count * photos / (photos - 1.0)).sqrt(),
        };
        Ok(Some(usual).filter(|u| u.mean.is_finite() && u.deviation.is_normal()))
    }
}

/// Scales labels to a library ([`LabelModel::with_library`]), after the model itself, of which
/// `usual` and `constants` were measured in the library.
///
/// # Errors
/// If the photos have another dimension.
pub(crate) fn to_library(
    label: &LabelModel,
    usual: Option<Usual>,
    constants: Option<Standing>,
    views: &Views,
) -> Result<LabelModel, ShapeError> {
    let spread = label.spread(views)?;
    let mut label = label.clone();
    if let Some(usual) = usual {
        label = label.with_usual(usual);
    }
    if let Some(constants) = constants {
        label = label.with_constants(constants);
    }
    Ok(label.with_library(&spread))
}

#[cfg(test)]
mod tests {
    use half::f16;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::core::embedding::Embedding;
    use crate::tagging::{Matrix, Preparation, Rule};

    const DIMENSION: usize = 64;

    fn random(rng: &mut StdRng) -> Embedding {
        let values = (0..DIMENSION).map(|_| rng.random_range(-1.0..1.0));
        Embedding::normalised(values.collect()).unwrap()
    }

    fn library(reference: &Reference, photos: usize, rng: &mut StdRng) -> Views {
        let rows: Vec<f16> = (0..photos)
            .flat_map(|_| random(rng).values().to_vec())
            .map(f16::from_f32)
            .collect();
        let matrix = Matrix::new(&rows, DIMENSION).unwrap();
        reference.prepare_all(matrix).unwrap()
    }

    #[test]
    fn sixteen_photos_tell_how_far_a_models_similarities_lie_apart() {
        let mut rng = StdRng::seed_from_u64(9);
        let texts: Vec<Embedding> = (0..35).map(|_| random(&mut rng)).collect();
        let reference = Reference::new(&texts, Preparation::Centred);
        // Cosines of vectors at random have a deviation of one by the root of the dimension.
        let expected = 1.0 / (DIMENSION as f32).sqrt();
        for photos in [16, 400] {
            let views = library(&reference, photos, &mut rng);
            let usual = reference.usual(&views).unwrap().unwrap();
            assert!(usual.mean.abs() < 0.01, "{usual:?}");
            assert!((usual.deviation / expected - 1.0).abs() < 0.1, "{usual:?}");
        }
        // Labels of a model five times as wide as assumed are judged by that in a small library: of
        // 800 pairs without any label, few are given.
        let views = library(&reference, 16, &mut rng);
        let usual = reference.usual(&views).unwrap();
        let rule = Rule::clip(100.0);
        let labels: Vec<LabelModel> = (0..50)
            .map(|_| LabelModel::new(&random(&mut rng), &[], rule))
            .collect();
        let given = |usual: Option<Usual>| -> usize {
            let of = |label| to_library(label, usual, None, &views).unwrap();
            let assessed = labels.iter().map(|l| of(l).assess_all(&views).unwrap());
            assessed.flatten().filter(|a| a.confidence > 0.33).count()
        };
        let (assumed, measured) = (given(None), given(usual));
        assert!(measured * 3 < assumed, "{measured} and {assumed}");
        assert!(measured < 24, "{measured} of 800");
    }

    #[test]
    fn measured_models_and_empty_libraries_keep_their_constants() {
        let mut rng = StdRng::seed_from_u64(10);
        let texts: Vec<Embedding> = (0..5).map(|_| random(&mut rng)).collect();
        let sharpened = Preparation::Sharpened {
            scale: 20.0,
            weight: 0.5,
        };
        let starter = Reference::new(&texts, sharpened);
        let views = library(&starter, 20, &mut rng);
        assert_eq!(starter.usual(&views).unwrap(), None);
        let centred = Reference::new(&texts, Preparation::Centred);
        for photos in [0, 1] {
            let views = library(&centred, photos, &mut rng);
            assert_eq!(centred.usual(&views).unwrap(), None);
        }
    }
}
