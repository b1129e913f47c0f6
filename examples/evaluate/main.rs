//! Measures tagging on labelled photographs: every scoring method, the default thresholds, the
//! calibration, and what decisions teach.
//!
//! ```text
//! cargo run --release --example evaluate -- FOLDER... [--model NAME] [--svg FILE] [--labels]
//! cargo run --release --example evaluate -- FOLDER... --calibrate
//! cargo run --release --example evaluate -- --simulate
//! cargo run --release --example evaluate -- --speed 100000
//! ```
//!
//! A folder is one of three kinds: `labels.csv` (file,labels with | between them) beside
//! `vocabulary.txt`; a subfolder a label; or files called ANYTHING_label_name.EXTENSION.

mod builtin;
mod calibrate;
mod data;
mod learning;
mod methods;
mod metrics;
mod picture;
mod simulate;
mod speed;
mod stand_in;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use taglens::engine::DeviceChoice;
use taglens::engine::{Engine, EngineOptions};
use taglens::indexer::labels;
use taglens::model_store::ModelStore;
use taglens::tagging::{Band, Judge, Verdict, Vocabulary};

use data::Dataset;
use methods::Scores;

/// The name of the built-in model.
const STARTER: &str = "starter";

/// Labels added to see that the others' tags stay: as issue 4 asks.
const ADDED: usize = 300;

/// Libraries that the decisions are measured in.
const LIBRARY_SIZES: [usize; 3] = [20, 100, 1000];

#[derive(Parser)]
struct Options {
    /// Folders of labelled photographs.
    #[arg(required_unless_present_any = ["speed", "simulate"])]
    folders: Vec<PathBuf>,
    /// The model: a path, or the starter.
    #[arg(long, default_value = STARTER)]
    model: String,
    /// Draws the results.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Precision and recall of every label.
    #[arg(long)]
    labels: bool,
    /// Draws of decisions for the learning curve.
    #[arg(long, default_value_t = 20)]
    draws: usize,
    /// Fits the constants of `Rule` on mixtures of the photographs of all folders instead.
    #[arg(long)]
    calibrate: bool,
    /// Decides for simulated models of known statistics instead.
    #[arg(long)]
    simulate: bool,
    /// Times the parts on so many random embeddings instead.
    #[arg(long, value_name = "PHOTOS")]
    speed: Option<usize>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.simulate {
        return simulate::run();
    }
    let engine = Engine::open(
        &EngineOptions {
            model: options.model.clone(),
            quick_gelu: None,
            device: DeviceChoice::Cpu,
            fast: false,
            templates: Vec::new(),
        },
        &ModelStore::new(std::env::temp_dir().join("taglens-evaluate")),
    )?;
    if let Some(photos) = options.speed {
        return speed::run(photos, &engine);
    }
    let sets = options
        .folders
        .iter()
        .map(|folder| Dataset::load(folder, &engine))
        .collect::<Result<Vec<_>>>()?;
    if options.calibrate {
        return calibrate::run(&sets, &engine);
    }
    let judges = sets
        .iter()
        .map(|set| {
            let vocabulary = Vocabulary::parse(&set.labels.join("\n"))?;
            anyhow::Ok(labels::judge(&engine, &vocabulary)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let raw: Vec<Scores> = sets
        .iter()
        .zip(&judges)
        .map(|(set, judge)| methods::raw(set, judge))
        .collect();
    let mut pictures = Vec::new();
    for (at, (set, judge)) in sets.iter().zip(&judges).enumerate() {
        println!(
            "\n## {}: {} photos, {} labels, {:.2} a photo\n",
            set.name,
            set.photos.len(),
            set.labels.len(),
            set.truth.iter().flatten().filter(|t| **t).count() as f32 / set.photos.len() as f32
        );
        let rows = methods::table(set, judge, &engine)?;
        let given = default_figures(set, judge, &engine, options.labels)?;
        fixed_threshold(&sets, &raw, at, metrics::macro_f1(&given, &set.truth));
        for size in LIBRARY_SIZES {
            let photos = size.min(set.photos.len());
            println!("\nIn a library where {photos} of these photos tell what is usual:");
            let views = learning::some(set, judge, photos)?;
            bands(set, &judge.clone().with_library(&views)?);
            if photos < size {
                break;
            }
        }
        if sets.len() > 1 {
            // Most of a person's photos are not of the kind that is looked at.
            let views = learning::together(&sets, judge)?;
            println!(
                "\nIn a library of the {} photos of all folders:",
                views.len()
            );
            bands(set, &judge.clone().with_library(&views)?);
        }
        builtin::run(set, &engine)?;
        if options.model == STARTER {
            stand_in::run(set, judge, &engine)?;
        }
        let curve = learning::curve(set, judge, options.draws)?;
        pictures.push((set.name.clone(), rows, curve));
    }
    if let Some(path) = &options.svg {
        std::fs::write(path, picture::svg(&pictures))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What a cosine threshold for all labels reaches on the photos of set `at`: tuned on the other
/// sets, as the default's constants are, and tuned on these photos themselves, which nobody can.
fn fixed_threshold(sets: &[Dataset], raw: &[Scores], at: usize, default: f32) {
    let pairs = sets.iter().zip(raw).enumerate();
    let others: Vec<metrics::Scored<'_>> = pairs
        .filter(|(other, _)| *other != at)
        .map(|(_, (set, raw))| (raw.as_slice(), set.truth.as_slice()))
        .collect();
    let print = |threshold: f32, tuned: &str| {
        let f1 = metrics::macro_f1(&metrics::at_least(&raw[at], threshold), &sets[at].truth);
        println!(
            "- raw cosine from {threshold:.3}, tuned on {tuned}: macro F1 {f1:.3}; the default's is {:.2} times that",
            default / f1
        );
    };
    if !others.is_empty() {
        print(
            metrics::best_common_threshold(&others).1,
            "the other folders",
        );
    }
    let (_, own) = metrics::best_fixed_threshold(&raw[at], &sets[at].truth);
    print(own, "these photos themselves");
}

/// The default method as a person meets it: bands, calibration, labels added. Hands on which labels
/// are given.
fn default_figures(
    set: &Dataset,
    judge: &Judge,
    engine: &Engine,
    by_label: bool,
) -> Result<Vec<Vec<bool>>> {
    println!("\nDefault method at its default thresholds:");
    let (verdicts, given) = bands(set, judge);

    let more = Vocabulary::builtin().labels().iter();
    let more = more
        .map(|l| l.name.clone())
        .filter(|name| !set.labels.contains(name))
        .take(ADDED);
    let all: Vec<String> = set.labels.iter().cloned().chain(more).collect();
    let larger = labels::judge(engine, &Vocabulary::parse(&all.join("\n"))?)?;
    let differences: usize = set
        .photos
        .iter()
        .zip(&verdicts)
        .map(|(photo, before)| {
            let after = larger.judge(photo);
            before.iter().zip(&after).filter(|(a, b)| a != b).count()
        })
        .sum();
    println!(
        "- {} labels added: {differences} verdicts on the first {} differ",
        all.len() - set.labels.len(),
        set.labels.len()
    );
    if by_label {
        println!(
            "\n| label | photos | AP | given | precision | recall |\n|---|---|---|---|---|---|"
        );
        for (i, label) in set.labels.iter().enumerate() {
            let column = |m: &[Vec<bool>]| m.iter().map(|r| vec![r[i]]).collect::<Vec<_>>();
            let (given, truth) = (column(&given), column(&set.truth));
            let (precision, recall) = metrics::precision_recall(&given, &truth);
            let scores: Vec<f32> = verdicts.iter().map(|v| v[i].score).collect();
            let truth: Vec<bool> = truth.concat();
            println!(
                "| {label} | {} | {:.2} | {} | {precision:.2} | {recall:.2} |",
                truth.iter().filter(|t| **t).count(),
                metrics::average_precision(&scores, &truth).unwrap_or(f32::NAN),
                given.concat().iter().filter(|g| **g).count(),
            );
        }
    }
    Ok(given)
}

/// Prints what the bands are worth; hands on the verdicts, and which labels are given.
fn bands(set: &Dataset, judge: &Judge) -> (Vec<Vec<Verdict>>, Vec<Vec<bool>>) {
    let verdicts: Vec<_> = set.photos.iter().map(|photo| judge.judge(photo)).collect();
    let confidences: Vec<Vec<f32>> = verdicts
        .iter()
        .map(|v| v.iter().map(|v| v.confidence).collect())
        .collect();
    let given: Vec<Vec<bool>> = verdicts
        .iter()
        .map(|v| v.iter().map(|v| v.band == Band::Accepted).collect())
        .collect();
    let suggested: Vec<Vec<bool>> = verdicts
        .iter()
        .map(|v| v.iter().map(|v| v.band == Band::Suggested).collect())
        .collect();
    let count = |which: &[Vec<bool>]| {
        which.iter().flatten().filter(|g| **g).count() as f32 / set.photos.len() as f32
    };
    for (name, which) in [("accepted", &given), ("suggested", &suggested)] {
        let (precision, recall) = metrics::precision_recall(which, &set.truth);
        println!(
            "- {name}: {:.2} a photo, precision {precision:.3}, recall {recall:.3}, macro F1 {:.3}",
            count(which),
            metrics::macro_f1(which, &set.truth),
        );
    }
    println!(
        "- expected calibration error over all pairs {:.4}, over pairs of confidence ≥ 0.1 {:.3}",
        metrics::calibration_error(&confidences, &set.truth, 0.0),
        metrics::calibration_error(&confidences, &set.truth, 0.1),
    );
    (verdicts, given)
}
