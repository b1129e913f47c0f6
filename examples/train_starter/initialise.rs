//! The first weights of a text encoder: seeded, which candle's own on the CPU are not, and such
//! that every text starts near the mean of the places of its words.

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use candle_nn::VarMap;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use taglens::clip::spec::TextSpec;

/// About the size that tokens have in trained models.
const TOKEN_RMS: f64 = 0.05;
/// The part of noise in what starts as a known value, so that nothing starts at exactly zero: a
/// text of tokens without a place needs a direction too, and equal heads would stay equal.
const NOISE: f64 = 0.1;

/// Sets the variables of the encoder that `config` describes. `token_places` `[vocabulary, dim]`
/// has a row for every token that is a word.
///
/// The bag of words' projection and the Transformer's first layer start straight through: its
/// values are the tokens themselves, attended to evenly. What is left is drawn by the original's
/// rules (open_clip's `init_parameters`).
pub fn initialise(
    variables: &VarMap,
    config: &TextSpec,
    token_places: &Tensor,
    seed: u64,
) -> Result<()> {
    let (width, layers) = match config {
        TextSpec::Transformer(c) => (c.transformer.width, c.transformer.layers),
        TextSpec::Cbow(c) => (c.width, 1),
    };
    let data = variables.data().lock();
    let data = data.map_err(|_| anyhow::anyhow!("a variable was poisoned"))?;
    let mut names: Vec<&String> = data.keys().collect();
    names.sort();
    let mut rng = StdRng::seed_from_u64(seed);
    let attention = (width as f64).powf(-0.5);
    let residual = attention * (2.0 * layers as f64).powf(-0.5);
    for name in names {
        let variable = data.get(name).context("a variable vanished")?;
        let shape = variable.dims();
        let first = name.contains("resblocks.0.attn");
        let (known, spread) = match name.as_str() {
            n if n.ends_with("token_embedding.weight") => {
                (Some(scaled(token_places, width)?), TOKEN_RMS * NOISE)
            }
            "cbow.projection.weight" | "text_projection" => {
                (Some(straight(shape, 0)?), attention * NOISE)
            }
            n if first && n.ends_with("in_proj_weight") => {
                (Some(straight(shape, 2 * width)?), attention * NOISE)
            }
            n if first && n.ends_with("out_proj.weight") => {
                (Some(straight(shape, 0)?), residual * NOISE)
            }
            n if n.contains("out_proj.weight") || n.contains("c_proj.weight") => (None, residual),
            n if n.contains("c_fc.weight") => (None, (2.0 * width as f64).powf(-0.5)),
            n if n.ends_with("positional_embedding") => (None, 0.01),
            _ if shape.len() == 2 => (None, attention),
            _ => continue, // norms and biases start at one and zero
        };
        let noise = normals(&mut rng, shape.iter().product(), spread);
        let noise = Tensor::from_vec(noise, shape, &Device::Cpu)?;
        let value = match known {
            Some(known) => (known + noise)?,
            None => noise,
        };
        variable.set(&value)?;
    }
    Ok(())
}

/// The first `width` axes of the tokens' places, at the size of tokens.
fn scaled(places: &Tensor, width: usize) -> Result<Tensor> {
    let part = places.narrow(1, 0, width)?;
    let rms = part.sqr()?.mean_all()?.sqrt()?.to_scalar::<f32>()?;
    Ok((part * (TOKEN_RMS / f64::from(rms)))?.contiguous()?)
}

/// Ones on the diagonal that begins at row `first`, else zeros.
fn straight(shape: &[usize], first: usize) -> Result<Tensor> {
    let (rows, columns) = (shape[0], shape[1]);
    let mut values = vec![0f32; rows * columns];
    for i in 0..columns.min(rows - first) {
        values[(first + i) * columns + i] = 1.0;
    }
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
}

/// `count` normal numbers of that standard deviation.
fn normals(rng: &mut StdRng, count: usize, spread: f64) -> Vec<f32> {
    (0..count).map(|_| (normal(rng) * spread) as f32).collect()
}

/// A standard normal number (Box and Muller, 1958).
fn normal(rng: &mut StdRng) -> f64 {
    let radius: f64 = (-2.0 * rng.random_range(f64::MIN_POSITIVE..1.0).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random_range(0.0..1.0)).cos()
}
