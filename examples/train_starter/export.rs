//! Packs the trained weights: half precision, the token table in bytes.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use candle_core::{D, DType, Device, Tensor};
use taglens::clip::starter::ZERO;

use crate::fit::Outcome;

/// Writes the anchors, which scoring compares photos with, `[classes, dim]` in half precision.
pub fn write_anchors(path: &Path, anchors: &Tensor) -> Result<()> {
    let tensors = HashMap::from([("anchors".to_owned(), anchors.to_dtype(DType::F16)?)]);
    Ok(candle_core::safetensors::save(&tensors, path)?)
}

/// Writes texts with their places, as `taglens::clip::starter::known_texts` reads them.
pub fn write_places(path: &Path, texts: &[String], places: &[Vec<f32>]) -> Result<()> {
    let dimension = places.first().map_or(0, Vec::len);
    let mut bytes = Vec::with_capacity(texts.len() * dimension);
    for place in places {
        let largest = place.iter().fold(0f32, |most, v| most.max(v.abs()));
        let scale = f32::from(i8::MAX) / largest.max(f32::MIN_POSITIVE);
        // Casts of what is out of range saturate.
        bytes.extend(
            place
                .iter()
                .map(|v| ((v * scale).round() + f32::from(ZERO)) as u8),
        );
    }
    let lines = texts.join("\n").into_bytes();
    let texts_bytes = Tensor::from_vec(lines.clone(), lines.len(), &Device::Cpu)?;
    let places = Tensor::from_vec(bytes, (texts.len(), dimension), &Device::Cpu)?;
    let tensors = HashMap::from([
        ("texts".to_owned(), texts_bytes),
        ("places".to_owned(), places),
    ]);
    candle_core::safetensors::save(&tensors, path)?;
    eprintln!("{}: {} texts", path.display(), texts.len());
    Ok(())
}

/// Writes both sides into one safetensors file, as `taglens::clip::starter` reads it, and the
/// report beside it.
pub fn write(path: &Path, image: HashMap<String, Tensor>, outcome: Outcome) -> Result<()> {
    let mut tensors = HashMap::new();
    for (name, tensor) in image.into_iter().chain(outcome.tensors) {
        if name.ends_with("token_embedding.weight") {
            let largest = tensor.abs()?.max_keepdim(D::Minus1)?;
            let scale = (largest / f64::from(i8::MAX))?;
            let bytes = tensor.broadcast_div(&scale)?.round()?;
            let bytes = (bytes + f64::from(ZERO))?.to_dtype(DType::U8)?;
            tensors.insert(format!("{name}.q8"), bytes);
            tensors.insert(format!("{name}.scale"), scale);
        } else {
            tensors.insert(name, tensor.to_dtype(DType::F16)?);
        }
    }
    let logit_scale = Tensor::new(outcome.logit_scale.ln(), &Device::Cpu)?;
    tensors.insert("logit_scale".into(), logit_scale);
    candle_core::safetensors::save(&tensors, path)?;
    let report = outcome.report.join("\n") + "\n";
    std::fs::write(path.with_extension("log"), report)?;
    eprintln!(
        "{}: {} bytes",
        path.display(),
        std::fs::metadata(path)?.len()
    );
    Ok(())
}
