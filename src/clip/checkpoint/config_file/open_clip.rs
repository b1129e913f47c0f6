//! OpenCLIP's configuration file.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::clip::checkpoint::config_file::facts::{
    ConfigFile, Pictures, Tower, normalisation, read,
};
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{EndOfText, TextAttention};
use crate::clip::tokenizer::clean::Clean;
use crate::core::encoder::{Filter, Fit};

/// Its names.
pub(super) const NAMES: [&str; 2] = ["open_clip_config.json", "open_clip_model_config.json"];

/// timm's SigLIP towers with `act_layer='gelu_tanh'` (timm 1.0.31, `vision_transformer.py`). The others
/// compute the exact GELU.
const TIMM_TANH: &[&str] = &[
    "vit_base_patch32_siglip_256",
    "vit_large_patch16_siglip_512",
    "vit_so400m_patch16_siglip_256",
    "vit_so400m_patch16_siglip_384",
    "vit_so400m_patch16_siglip_512",
    "vit_giantopt_patch16_siglip_256",
    "vit_giantopt_patch16_siglip_384",
];

/// The relevant part of `open_clip_config.json`; the model may also be at the top level.
#[derive(Deserialize)]
struct OpenClip {
    model_cfg: Option<Model>,
    preprocess_cfg: Option<Preprocess>,
    #[serde(flatten)]
    top: Model,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model {
    quick_gelu: bool,
    vision_cfg: TowerFields,
    text_cfg: TowerFields,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TowerFields {
    heads: Option<usize>,
    head_width: Option<usize>,
    norm_kwargs: NormArguments,
    act_kwargs: ActivationArguments,
    pool_type: Option<String>,
    eos_id: Option<u32>,
    pad_id: u32,
    no_causal_mask: bool,
    image_size: Option<Value>,
    timm_model_name: Option<String>,
    timm_pool: Option<String>,
    tokenizer_kwargs: TokenizerArguments,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NormArguments {
    eps: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActivationArguments {
    approximate: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenizerArguments {
    clean: Option<String>,
}

#[derive(Deserialize)]
struct Preprocess {
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
    resize_mode: Option<String>,
    interpolation: Option<String>,
}

/// Reads the file in `folder`, if there is one.
pub(super) fn find(folder: &Path) -> Result<Option<ConfigFile>, ModelError> {
    NAMES
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
        .map(|path| parse(&path))
        .transpose()
}

fn parse(path: &Path) -> Result<ConfigFile, ModelError> {
    let file: OpenClip = read(path)?;
    let model = file.model_cfg.unwrap_or(file.top);
    let mut config = ConfigFile {
        path: path.to_owned(),
        ..ConfigFile::default()
    };
    let (vision, text) = (&model.vision_cfg, &model.text_cfg);
    if let Some(pool @ ("avg" | "none")) = vision.pool_type.as_deref() {
        return Err(config.error(format!("the image pooling `{pool}` is not supported")));
    }
    let is_fast_vit = vision.timm_model_name.as_deref().is_some_and(is_fast_vit);
    if let Some(pool @ ("avg" | "avgmax" | "max")) = vision.timm_pool.as_deref()
        && !(is_fast_vit && pool == "avg")
    {
        return Err(config.error(format!("the image pooling `{pool}` is not supported")));
    }
    config.vision = tower(&config, &model, vision)?;
    config.text = tower(&config, &model, text)?;
    config.attention = Some(attention(&config, text)?);
    config.clean = match text.tokenizer_kwargs.clean.as_deref() {
        None => None,
        Some("canonicalize") => Some(Clean::RepairedCanonical),
        Some("lower") => Some(Clean::RepairedLower),
        Some("whitespace") => Some(Clean::Repaired),
        Some(other) => {
            return Err(config.error(format!("the cleaning `{other}` of texts is not supported")));
        }
    };
    if let Some(preprocess) = &file.preprocess_cfg {
        config.pictures = pictures(&config, preprocess)?;
    }
    if is_fast_vit {
        // Elsewhere the tensors have it.
        let size = vision.image_size.as_ref().and_then(Value::as_u64);
        config.pictures.size = size.map(|size| size as usize);
    }
    Ok(config)
}

/// Whether timm's model of this name is a FastViT, whose feature is a mean.
fn is_fast_vit(name: &str) -> bool {
    name.starts_with("fastvit_")
}

fn tower(config: &ConfigFile, model: &Model, fields: &TowerFields) -> Result<Tower, ModelError> {
    let activation = match (fields.act_kwargs.approximate.as_deref(), model.quick_gelu) {
        (Some("tanh"), _) => Activation::GeluTanh,
        (Some("none") | None, true) => Activation::QuickGelu,
        (Some("none") | None, false) => Activation::Gelu,
        (Some(kind), _) => {
            return Err(config.error(format!(
                "the approximation `{kind}` of GELU is not supported"
            )));
        }
    };
    // timm's towers have what their name says, whatever holds for OpenCLIP's own.
    let activation = match fields.timm_model_name.as_deref() {
        Some(name) if name.contains("quickgelu") => Activation::QuickGelu,
        Some(name) if TIMM_TANH.contains(&name) => Activation::GeluTanh,
        Some(_) => Activation::Gelu,
        None => activation,
    };
    Ok(Tower {
        heads: fields.heads,
        head_width: fields.head_width,
        activation: Some(activation),
        layer_norm_eps: fields.norm_kwargs.eps,
    })
}

fn attention(config: &ConfigFile, text: &TowerFields) -> Result<TextAttention, ModelError> {
    let end = match (text.pool_type.as_deref().unwrap_or("argmax"), text.eos_id) {
        ("argmax", _) => Some(EndOfText::Highest),
        ("eos", Some(id)) => Some(EndOfText::Id(id)),
        ("last", _) if text.no_causal_mask => None,
        (pool, _) => {
            return Err(config.error(format!("the text pooling `{pool}` is not supported")));
        }
    };
    let padding = text.pad_id;
    Ok(match (text.no_causal_mask, end) {
        (false, Some(end)) => TextAttention::Causal(end),
        (_, end) => TextAttention::Full { padding, end },
    })
}

fn pictures(config: &ConfigFile, preprocess: &Preprocess) -> Result<Pictures, ModelError> {
    Ok(Pictures {
        normalisation: normalisation(config, preprocess.mean, preprocess.std)?,
        fit: match preprocess.resize_mode.as_deref() {
            Some("squash") => Some(Fit::Squash),
            Some("shortest") => Some(Fit::CentreCrop),
            Some(other) => {
                return Err(config.error(format!("the resize mode `{other}` is not supported")));
            }
            None => None,
        },
        filter: match preprocess.interpolation.as_deref() {
            Some("bicubic") => Some(Filter::Bicubic),
            Some("bilinear") => Some(Filter::Bilinear),
            // In training a filter was drawn; at other times OpenCLIP takes this one.
            Some("random") => Some(Filter::Bicubic),
            Some(other) => {
                return Err(config.error(format!("the interpolation `{other}` is not supported")));
            }
            None => None,
        },
        size: None,
    })
}
