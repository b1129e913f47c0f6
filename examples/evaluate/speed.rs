//! How long the parts take on a library of random embeddings.

use std::time::Instant;

use anyhow::Result;
use half::f16;
use rayon::prelude::*;
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::indexer::labels;
use taglens::tagging::learn;
use taglens::tagging::{Decision, Matrix, Vocabulary};

/// Photos nearest to a query.
const NEAREST: usize = 100;
/// Decisions that a label is learned from, half of each kind.
const DECISIONS: usize = 128;
/// Runs of which the median counts.
const RUNS: usize = 7;

pub fn run(photos: usize, engine: &Engine) -> Result<()> {
    let judge = labels::judge(engine, Vocabulary::builtin())?;
    let dimension = judge.labels()[0].vector().len();
    let rows: Vec<f16> = (0..photos)
        .into_par_iter()
        .flat_map_iter(|i| row(i as u64, dimension))
        .collect();
    let matrix = Matrix::new(&rows, dimension)?;
    let start = Instant::now();
    let views = judge.reference().prepare_all(matrix)?;
    println!("{photos} photos made ready: {:.0} ms", ms(start));
    let label = &judge.labels()[0];
    let mut scores = vec![0.0; photos];
    median("one label on all photos", || {
        Ok(label.score_all(&views, &mut scores)?)
    })?;
    median("the nearest to a query", || {
        matrix.nearest(label.vector(), NEAREST)?;
        Ok(())
    })?;
    let all: Vec<f32> = judge
        .labels()
        .iter()
        .flat_map(|l| l.vector().to_vec())
        .collect();
    let text = format!("{} labels on all photos, by blocks", judge.labels().len());
    median(&text, || {
        Ok(views.matrix()?.for_each_block(&all, |_, scores| {
            std::hint::black_box(scores);
        })?)
    })?;
    let decisions: Vec<Decision> = (0..DECISIONS.min(photos))
        .map(|row| Decision {
            row,
            accepted: row % 2 == 0,
        })
        .collect();
    median(&format!("learning from {DECISIONS} decisions"), || {
        std::hint::black_box(learn(label, &decisions, &views)?);
        Ok(())
    })
}

/// A unit vector of its own for every number (a linear congruential generator's values).
fn row(seed: u64, dimension: usize) -> Vec<f16> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let values = (0..dimension)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect();
    let unit = Embedding::normalised(values);
    unit.iter()
        .flat_map(|e| e.values())
        .map(|v| f16::from_f32(*v))
        .collect()
}

fn median(what: &str, mut run: impl FnMut() -> Result<()>) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        times.push(ms(start));
    }
    times.sort_by(f64::total_cmp);
    println!("{what}: {:.1} ms", times[RUNS / 2]);
    Ok(())
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
