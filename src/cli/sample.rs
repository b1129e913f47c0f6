//! What `taglens` alone does until its window exists: it shows its help and that it works.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::CommandFactory;

use crate::cli::Outcome;
use crate::cli::options::{Common, Options};
use crate::cli::setup;
use crate::decode::{self, Limits};
use crate::pipeline::labels;
use crate::tagging::Vocabulary;

/// Photographs that come with the program; `resources/NOTICE.md` says whose they are.
const SAMPLES: [(&str, &[u8]); 3] = [
    ("cat.jpg", include_bytes!("../../assets/samples/cat.jpg")),
    (
        "rocket.jpg",
        include_bytes!("../../assets/samples/rocket.jpg"),
    ),
    (
        "coffee.jpg",
        include_bytes!("../../assets/samples/coffee.jpg"),
    ),
];
/// Labels shown for each.
const SHOWN: usize = 5;

/// Prints the help and tags the samples.
pub fn run(folders: &[PathBuf], common: &Common) -> Result<Outcome> {
    if let Some(folder) = folders.first() {
        let folder = setup::shown(folder);
        bail!("there is no window to open yet; `taglens tag {folder}` prints the folder's tags");
    }
    Options::command().print_help()?;
    let engine = setup::engine(common)?;
    let vocabulary = Vocabulary::builtin();
    let judge = labels::judge(&engine, vocabulary)?;
    println!("\nSamples, tagged by the model `{}`:", engine.name);
    for (name, bytes) in SAMPLES {
        let picture = decode::prepare_bytes(
            name.as_ref(),
            bytes,
            engine.image.preprocessing(),
            &Limits::default(),
        )?;
        for embedding in engine.image.encode_images(&[picture])? {
            let scores = judge.judge(&embedding);
            let mut labels: Vec<_> = vocabulary.labels().iter().zip(&scores).collect();
            labels.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
            let labels: Vec<String> = labels
                .iter()
                .take(SHOWN)
                .map(|(label, score)| format!("{} {:.0} %", label.id, score.confidence * 100.0))
                .collect();
            println!("  {name}: {}", labels.join(", "));
        }
    }
    Ok(Outcome::Done)
}
