//! The training of a text encoder towards the places of its texts.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, VarMap};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use taglens::clip::loss::{Temperature, contrastive_loss};
use taglens::clip::spec::TextSpec;
use taglens::clip::tokenizer::Tokenizer;
use taglens::clip::tower::TextTower;

use crate::corpus::{Corpus, Item};
use crate::initialise::initialise;
use crate::lexicon::row_cosines;
use crate::token_table::TokenTable;

/// Batches are cut from a sorted pool of this many, so that texts of like length are together.
const POOL: usize = 16;
const WARM_UP: f64 = 0.04;
/// The weight of the cosine distance beside the contrastive loss: the first says where a text
/// goes, the second keeps neighbours apart.
const COSINE_WEIGHT: f64 = 10.0;
/// How much faster the tokens' rows move than the rest: each is seen rarely.
const TOKEN_RATE: f64 = 2.0;

/// How long and how fast.
pub struct Schedule {
    /// Steps of the optimiser.
    pub steps: usize,
    /// Texts in a step.
    pub batch: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// For the first weights and the samples.
    pub seed: u64,
}

/// What came out.
pub struct Outcome {
    /// The encoder's tensors.
    pub tensors: HashMap<String, Tensor>,
    /// The logits' scale that was learned with them.
    pub logit_scale: f32,
    /// Lines for the README.
    pub report: Vec<String>,
}

/// Trains the encoder that `config` describes. `token_places` `[vocabulary, dim]` starts every
/// token off where its word lies.
pub fn train(
    name: &str,
    config: &TextSpec,
    corpus: &Corpus,
    token_places: &Tensor,
    schedule: &Schedule,
) -> Result<Outcome> {
    let dim = token_places.dim(1)?;
    let variables = VarMap::new();
    let vs = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    TextTower::new(config, dim, vs)?;
    initialise(&variables, config, token_places, schedule.seed)?;
    let mut variables = take(&variables)?;
    let table_name = match config {
        TextSpec::Transformer(_) => "token_embedding.weight",
        TextSpec::Cbow(_) => "cbow.token_embedding.weight",
    };
    let table = variables.remove(table_name).context("no token table")?;
    let mut table = TokenTable::new(&table)?;
    let temperature = Temperature::new(&Device::Cpu)?;
    let mut all: Vec<Var> = variables.values().cloned().collect();
    all.push(temperature.variable().clone());
    let mut optimiser = AdamW::new(
        all,
        ParamsAdamW {
            lr: 0.0,
            beta2: 0.98,
            weight_decay: 1e-3,
            ..ParamsAdamW::default()
        },
    )?;
    let tower = |config: &TextSpec, table: &Tensor| {
        let named = variables.iter().map(|(name, v)| (name, v.as_tensor()));
        let mut tensors: HashMap<String, Tensor> =
            named.map(|(name, t)| (name.clone(), t.clone())).collect();
        tensors.insert(table_name.into(), table.clone());
        let vs = VarBuilder::from_tensors(tensors.clone(), DType::F32, &Device::Cpu);
        TextTower::new(config, dim, vs).map(|tower| (tower, tensors))
    };

    let mut samples = corpus.samples(schedule.seed);
    let mut pool: Vec<Vec<(Vec<u32>, Vec<f32>)>> = Vec::new();
    let mut rng = StdRng::seed_from_u64(schedule.seed + 1);
    let started = Instant::now();
    let (mut mean_contrastive, mut mean_cosine) = (0f32, 0f32);
    for step in 0..schedule.steps {
        if pool.is_empty() {
            pool = draw(&mut samples, schedule.batch);
        }
        let batch = pool.swap_remove(rng.random_range(0..pool.len()));
        let (ids, places): (Vec<Vec<u32>>, Vec<Vec<f32>>) = batch.into_iter().unzip();
        let places = Tensor::from_vec(places.concat(), (ids.len(), dim), &Device::Cpu)?;
        let rows = table.rows(&ids)?;
        let small = with_vocabulary(config, rows.variable.dim(0)?);
        let features = tower(&small, &rows.variable)?.0.forward(&rows.ids)?;
        let contrastive = contrastive_loss(&places, &features, &temperature.logit_scale()?)?;
        let cosine = row_cosines(&features, &places)?.mean_all()?;
        let distance = (1.0 - &cosine)?;
        let loss = (&contrastive + (distance * COSINE_WEIGHT)?)?;
        let learning_rate = rate(step, schedule);
        let gradients = loss.backward()?;
        optimiser.set_learning_rate(learning_rate);
        optimiser.step(&gradients)?;
        let of_rows = gradients.get(&rows.variable).context("no gradient")?;
        table.update(&rows, of_rows, learning_rate * TOKEN_RATE)?;
        temperature.clamp()?;
        let keep = if step < 50 { 0.8 } else { 0.98 };
        mean_contrastive =
            keep * mean_contrastive + (1.0 - keep) * contrastive.to_scalar::<f32>()?;
        mean_cosine = keep * mean_cosine + (1.0 - keep) * cosine.to_scalar::<f32>()?;
        if (step + 1) % 100 == 0 {
            eprintln!(
                "{name}: step {} of {}, contrastive loss {mean_contrastive:.3}, cosine {mean_cosine:.4}, {:.0} s",
                step + 1,
                schedule.steps,
                started.elapsed().as_secs_f32(),
            );
        }
    }
    let (tower, tensors) = tower(config, &table.tensor()?)?;
    let report = vec![
        format!("contrastive loss {mean_contrastive:.3}, cosine to the target {mean_cosine:.4}"),
        format!(
            "cosine on the classes' and authors' words {:.4}",
            measure(&tower, corpus.core())?
        ),
        format!(
            "cosine on held-out words {:.4}",
            measure(&tower, &corpus.held_out)?
        ),
    ];
    for line in &report {
        eprintln!("{name}: {line}");
    }
    Ok(Outcome {
        tensors,
        logit_scale: temperature.logit_scale()?.to_scalar()?,
        report,
    })
}

/// The variables by name, in an order that does not change from run to run.
fn take(variables: &VarMap) -> Result<BTreeMap<String, Var>> {
    let data = variables.data().lock();
    let data = data.map_err(|_| anyhow::anyhow!("a variable was poisoned"))?;
    Ok(data.iter().map(|(n, v)| (n.clone(), v.clone())).collect())
}

/// The same encoder over another number of tokens.
fn with_vocabulary(config: &TextSpec, tokens: usize) -> TextSpec {
    let mut config = config.clone();
    match &mut config {
        TextSpec::Transformer(c) => c.vocabulary = tokens,
        TextSpec::Cbow(c) => c.vocabulary = tokens,
    }
    config
}

/// Sorts a pool by length and cuts it into batches.
fn draw(samples: &mut impl Iterator<Item = Item>, batch: usize) -> Vec<Vec<(Vec<u32>, Vec<f32>)>> {
    let mut pool: Vec<(Vec<u32>, Vec<f32>)> = samples
        .take(POOL * batch)
        .map(|item| (ids(&item.text), item.place))
        .collect();
    pool.sort_by_key(|(ids, _)| ids.len());
    pool.chunks(batch).map(<[_]>::to_vec).collect()
}

fn ids(text: &str) -> Vec<u32> {
    Tokenizer::clip().encode(text, Tokenizer::CONTEXT_LENGTH)
}

/// Linear warm-up, then half a cosine down to a hundredth.
fn rate(step: usize, schedule: &Schedule) -> f64 {
    let progress = (step + 1) as f64 / schedule.steps as f64;
    let decay = 0.505 + 0.495 * (std::f64::consts::PI * progress).cos();
    schedule.learning_rate * decay * (progress / WARM_UP).min(1.0)
}

/// Mean cosine of the texts' features to their places.
fn measure(tower: &TextTower, items: &[Item]) -> Result<f32> {
    let mut sum = 0.0;
    for batch in items.chunks(256) {
        let ids: Vec<Vec<u32>> = batch.iter().map(|item| ids(&item.text)).collect();
        let places: Vec<f32> = batch.iter().flat_map(|item| item.place.clone()).collect();
        let places = Tensor::from_vec(places, (batch.len(), ()), &Device::Cpu)?;
        sum += row_cosines(&tower.forward(&ids)?, &places)?
            .sum_all()?
            .to_scalar::<f32>()?;
    }
    Ok(sum / items.len().max(1) as f32)
}
