//! What the vocabulary that Taglens brings gives to the photos, for the words that the folder knows
//! too.

use anyhow::Result;
use taglens::engine::Engine;
use taglens::indexer::labels;
use taglens::tagging::{Band, Judge, Vocabulary};

use crate::data::Dataset;
use crate::learning;
use crate::metrics;

/// Prints how the words that the built-in vocabulary and the folder share are decided in a library of
/// these photos, by name or synonym, and people for themselves.
pub fn run(set: &Dataset, engine: &Engine) -> Result<()> {
    let vocabulary = Vocabulary::builtin();
    let judge = labels::judge(engine, vocabulary)?;
    let library = judge.clone().with_library(&learning::views(set, &judge)?)?;
    let shared = shared(set, vocabulary);
    let truth: Vec<Vec<bool>> = set
        .truth
        .iter()
        .map(|shown| {
            let any = |(_, names): &(usize, Vec<usize>)| names.iter().any(|n| shown[*n]);
            shared.iter().map(any).collect()
        })
        .collect();
    println!("\nThe built-in words, {} of them shared:", shared.len());
    println!(
        "\n| | given a photo | suggested a photo | precision | recall | suggestions right | people found | people precision |\n|---|---|---|---|---|---|---|---|"
    );
    for (name, judge) in [("without a library", &judge), ("in the library", &library)] {
        row(name, set, judge, &shared, &truth);
    }
    Ok(())
}

fn row(
    name: &str,
    set: &Dataset,
    judge: &Judge,
    shared: &[(usize, Vec<usize>)],
    truth: &[Vec<bool>],
) {
    let verdicts: Vec<_> = set.photos.iter().map(|photo| judge.judge(photo)).collect();
    let of = |band: Band| -> Vec<Vec<bool>> {
        let one = |v: &Vec<taglens::tagging::Verdict>| {
            shared.iter().map(|(i, _)| v[*i].band == band).collect()
        };
        verdicts.iter().map(one).collect()
    };
    let count = |band: Band| {
        let all = verdicts.iter().flatten().filter(|v| v.band == band);
        all.count() as f32 / set.photos.len() as f32
    };
    let given = of(Band::Accepted);
    let (precision, recall) = metrics::precision_recall(&given, truth);
    let (right, _) = metrics::precision_recall(&of(Band::Suggested), truth);
    let people = shared
        .iter()
        .position(|(i, _)| Vocabulary::builtin().labels()[*i].name == "people");
    let people = people.map(|at| {
        let column = |m: &[Vec<bool>]| m.iter().map(|r| vec![r[at]]).collect::<Vec<_>>();
        metrics::precision_recall(&column(&given), &column(truth))
    });
    let (people_precision, found) = people.unwrap_or((f32::NAN, f32::NAN));
    println!(
        "| {name} | {:.2} | {:.2} | {precision:.3} | {recall:.3} | {right:.3} | {found:.3} | {people_precision:.3} |",
        count(Band::Accepted),
        count(Band::Suggested),
    );
}

/// Of each built-in label that the folder has words for, its index and theirs.
fn shared(set: &Dataset, vocabulary: &Vocabulary) -> Vec<(usize, Vec<usize>)> {
    let labels = vocabulary.labels().iter().enumerate();
    labels
        .map(|(i, label)| {
            let means = |name: &String| {
                let name = name.replace('_', " ").to_lowercase();
                label.name == name || label.synonyms.contains(&name)
            };
            let names = set.labels.iter().enumerate();
            let names = names.filter(|(_, name)| means(name)).map(|(n, _)| n);
            (i, names.collect::<Vec<usize>>())
        })
        .filter(|(_, names)| !names.is_empty())
        .collect()
}
