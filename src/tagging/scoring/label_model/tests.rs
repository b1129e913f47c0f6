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
    let cohort = [unit(&[0.1, 0.9, 0.4]), unit(&[0.8, 0.6, 0.0])];
    let reference = Reference::new(&texts, Preparation::Centred).with_cohort(&cohort);
    let views = reference
        .prepare_all(Matrix::new(&rows, 3).unwrap())
        .unwrap();
    let label = unit(&[0.7, 0.7, 0.1]);
    for negatives in [vec![], vec![unit(&[0.9, 0.0, 0.1]), unit(&[0.0, 1.0, 0.0])]] {
        let model = LabelModel::new(&label, &negatives, Rule::STARTER);
        let mut scores = vec![0.0; photos.len()];
        model.score_all(&views, &mut scores).unwrap();
        for (photo, score) in photos.iter().zip(&scores) {
            let one = model.assess(&reference.prepare(photo)).score;
            assert!((one - score).abs() < 0.05, "{one} {score}");
        }
        assert!(model.score_all(&views, &mut scores[1..]).is_err());
        let all = model.assess_all(&views).unwrap();
        for (photo, all) in photos.iter().zip(all) {
            let one = model.assess(&reference.prepare(photo));
            assert!((one.score - all.score).abs() < 0.05, "{one:?} {all:?}");
            assert!((one.confidence - all.confidence).abs() < 0.02);
        }
    }
}

#[test]
fn a_photo_of_the_negative_scores_lower_for_it() {
    let (mouse, device) = (unit(&[1.0, 0.5]), unit(&[0.5, 1.0]));
    let plain = LabelModel::new(&mouse, &[], Rule::STARTER);
    let warned = LabelModel::new(&mouse, std::slice::from_ref(&device), Rule::STARTER);
    let score = |model: &LabelModel, e: &Embedding| {
        let view = Reference::new(&[], Preparation::Plain).prepare(e);
        model.assess(&view).score
    };
    assert_eq!(score(&warned, &mouse), score(&plain, &mouse));
    assert!(score(&warned, &device) < score(&plain, &device) - 1.0);
}

#[test]
fn a_library_brings_labels_to_one_scale() {
    // All photos are similar to the label, some more than others.
    let photos: Vec<Embedding> = (0..400)
        .map(|i| unit(&[1.0, 0.5 * (i as f32).sin()]))
        .collect();
    let rows: Vec<f16> = photos
        .iter()
        .flat_map(|p| p.values().iter().map(|v| f16::from_f32(*v)))
        .collect();
    let plain = Reference::new(&[], Preparation::Plain);
    let views = plain.prepare_all(Matrix::new(&rows, 2).unwrap()).unwrap();
    let model = LabelModel::new(&unit(&[1.0, 0.2]), &[], Rule::STARTER);
    let spread = model.spread(&views).unwrap();
    let cosines: Vec<f32> = photos
        .iter()
        .map(|p| p.similarity(&unit(&[1.0, 0.2])))
        .collect();
    let mean = cosines.iter().sum::<f32>() / 400.0;
    assert!((spread.all.mean - mean).abs() < 1e-3);
    assert_eq!(spread.photos, 400);
    let known = model.clone().with_library(&spread);
    let average = |model: &LabelModel| {
        let mut scores = vec![0.0; 400];
        model.score_all(&views, &mut scores).unwrap();
        scores.iter().sum::<f32>() / 400.0
    };
    // A label that every photo resembles says little about any.
    assert!(average(&known) < average(&model) - 3.0);
    // A measured scale does not affect the next measurement.
    assert_eq!(known.spread(&views).unwrap(), spread);
    let none = Spread {
        photos: 0,
        ..spread
    };
    assert_eq!(model.clone().with_library(&none), model);
    // Identical photos have no deviation, and do no harm.
    let same = Spread {
        all: Usual {
            mean: 0.5,
            deviation: 0.0,
        },
        photos: usize::MAX,
    };
    let scores = model.clone().with_library(&same);
    assert!(average(&scores).is_finite());
}

#[test]
fn thresholds_decide() {
    let model = LabelModel::new(&unit(&[1.0, 0.0]), &[], Rule::STARTER);
    assert_eq!(model.threshold(), Rule::ACCEPT);
    let strict = model.with_threshold(Some(0.9));
    assert_eq!(strict.decide(0.8), Band::Suggested);
    assert_eq!(strict.decide(0.9), Band::Accepted);
}

#[test]
fn a_label_without_a_prior_is_given_only_with_one_below_it_or_once_taught() {
    let word = unit(&[1.0, 0.0]);
    let view = Reference::new(&[], Preparation::Plain).prepare(&word);
    for rule in [
        Rule::STARTER,
        Rule::clip(100.0),
        Rule::sigmoid(117.0, -13.0),
    ] {
        let likely = LabelModel::new(&word, &[], rule).with_prior(0.01);
        assert_eq!(
            likely.decide(likely.assess(&view).confidence),
            Band::Accepted
        );
        // No photo can resemble the word more.
        let vague = likely.clone().with_prior(0.0);
        assert_eq!(vague.assess(&view).confidence, 0.0);
        assert_eq!(vague.assess_products(&[1.0], 0.0, None).confidence, 0.0);
        let rows: Vec<f16> = [1.0, 0.0].map(f16::from_f32).to_vec();
        let reference = Reference::new(&[], Preparation::Plain);
        let views = reference
            .prepare_all(Matrix::new(&rows, 2).unwrap())
            .unwrap();
        let all = vague.assess_all(&views).unwrap();
        assert_eq!(all[0].confidence, 0.0);
        // It still ranks photos, and learns from decisions.
        assert!(vague.assess(&view).score.is_finite());
        let learned = Learned {
            change: vec![30.0, 0.0],
            shift: 0.0,
            decisions: 3,
            held_out_loss: (1.0, 0.5),
        };
        assert!(vague.with_learned(&learned).assess(&view).confidence > 0.99);
    }
}
