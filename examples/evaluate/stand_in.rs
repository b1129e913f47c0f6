//! The starter's embeddings, taken for those of a CLIP that nobody measured: what calibrating such a
//! model by the starter's verdicts is worth on photographs.
//!
//! The two models then err on the same photos. To have one that is better than the starter, photos are
//! moved towards the words that are right for them.

use anyhow::Result;
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::tagging::{Judge, LabelModel, Preparation, Reference, Rule, Vocabulary};

use crate::data::Dataset;
use crate::simulate::{calibrated, figures};
use crate::{LIBRARY_SIZES, learning};

/// What the models' similarities are multiplied by.
const SCALE: f32 = 100.0;
/// Every so many-th built-in label is a general text, as for CLIP models.
const BACKGROUND_STEP: usize = 12;
/// How far photos are moved towards each right word.
const BETTER: [f32; 3] = [0.0, 0.15, 0.3];

/// Prints the table.
pub fn run(set: &Dataset, starter: &Judge, engine: &Engine) -> Result<()> {
    println!("\nThe starter as a model that nobody measured:");
    println!(
        "\n| moved by | library | rule: macro F1 | error | calibrated: slope | bias | macro F1 | error |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let names = Vocabulary::builtin().labels().iter();
    let names: Vec<&str> = names.step_by(BACKGROUND_STEP).map(|l| &*l.name).collect();
    let background = engine.text.encode_texts(&names)?;
    let words: Vec<Embedding> = starter
        .labels()
        .iter()
        .filter_map(|l| Embedding::normalised(l.vector().to_vec()))
        .collect();
    let models = words
        .iter()
        .map(|w| LabelModel::new(w, &[], Rule::clip(SCALE)));
    let unknown = Judge::new(
        Reference::new(&background, Preparation::Centred),
        models.collect(),
        Vec::new(),
    );
    for better in BETTER {
        let photos = moved(set, &words, better);
        for size in LIBRARY_SIZES {
            let count = size.min(photos.len());
            let chosen = learning::spread_out(photos.len(), count);
            let theirs = learning::some(set, starter, count)?;
            let starter = starter.clone().with_library(&theirs)?;
            let views = learning::prepared(chosen.clone().map(|i| &photos[i]), &unknown)?;
            let unknown = unknown.clone().with_library(&views)?;
            let verdicts: Vec<Vec<f32>> = chosen
                .map(|i| {
                    starter
                        .judge(&set.photos[i])
                        .iter()
                        .map(|v| v.confidence)
                        .collect()
                })
                .collect();
            let fitted = calibrated(&unknown, &views, verdicts.iter())?;
            let (f1, error) = figures(&unknown, &photos, &set.truth);
            let (their_f1, their_error) = figures(&fitted, &photos, &set.truth);
            let constants = fitted.labels()[0].rule().alone;
            println!(
                "| {better} | {count} | {f1:.3} | {error:.3} | {:.2} | {:.2} | {their_f1:.3} | {their_error:.3} |",
                constants.slope, constants.bias,
            );
            if count < size {
                break;
            }
        }
    }
    Ok(())
}

/// The photos, moved towards the words that are right for them.
fn moved(set: &Dataset, words: &[Embedding], by: f32) -> Vec<Embedding> {
    let one = |(photo, truth): (&Embedding, &Vec<bool>)| {
        let mut values = photo.values().to_vec();
        for (word, _) in words.iter().zip(truth).filter(|(_, shown)| **shown) {
            for (v, w) in values.iter_mut().zip(word.values()) {
                *v += by * w;
            }
        }
        Embedding::normalised(values)
    };
    set.photos.iter().zip(&set.truth).filter_map(one).collect()
}
