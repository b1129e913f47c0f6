//! transformers' configuration files.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::clip::checkpoint::config_file::facts::{
    ConfigFile, Pictures, Tower, normalisation, read,
};
use crate::clip::error::ModelError;
use crate::clip::spec::EndOfText;
use crate::clip::spec::activation::Activation;
use crate::core::encoder::{Filter, Fit};

/// Model types that are not supported, and their names.
const FOREIGN: &[(&str, &str)] = &[
    ("siglip2", "SigLIP 2 NaFlex"),
    ("chinese_clip", "Chinese CLIP"),
    ("altclip", "AltCLIP"),
    ("align", "ALIGN"),
    ("metaclip_2", "MetaCLIP 2"),
    ("blip", "BLIP"),
    ("blip-2", "BLIP-2"),
    ("clipseg", "CLIPSeg"),
    ("clap", "CLAP, which hears"),
    ("owlvit", "OWL-ViT"),
    ("jina_clip", "Jina CLIP"),
    ("vision-text-dual-encoder", "a dual encoder of other models"),
];

/// The relevant part of `config.json`. The `…_dict` twins are older spellings, which take precedence
/// if present.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    model_type: Option<String>,
    vision_config: Option<TowerFields>,
    vision_config_dict: Option<TowerFields>,
    text_config: Option<TowerFields>,
    text_config_dict: Option<TowerFields>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct TowerFields {
    hidden_act: Option<String>,
    num_attention_heads: Option<usize>,
    layer_norm_eps: Option<f64>,
    eos_token_id: Option<u32>,
    image_size: Option<usize>,
}

impl TowerFields {
    fn merged(tower: Option<Self>, twin: Option<Self>) -> Self {
        let (tower, twin) = (tower.unwrap_or_default(), twin.unwrap_or_default());
        Self {
            hidden_act: twin.hidden_act.or(tower.hidden_act),
            num_attention_heads: twin.num_attention_heads.or(tower.num_attention_heads),
            layer_norm_eps: twin.layer_norm_eps.or(tower.layer_norm_eps),
            eos_token_id: twin.eos_token_id.or(tower.eos_token_id),
            image_size: twin.image_size.or(tower.image_size),
        }
    }
}

/// transformers' `preprocessor_config.json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Preprocessor {
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
    size: Option<Size>,
    crop_size: Option<Size>,
    resample: Option<u32>,
    do_center_crop: Option<bool>,
    do_resize: Option<bool>,
    do_normalize: Option<bool>,
}

/// Newer versions of transformers put it into `processor_config.json`.
#[derive(Deserialize)]
struct Processor {
    image_processor: Option<Preprocessor>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Size {
    Side(usize),
    Shortest { shortest_edge: usize },
    Sides { height: usize, width: usize },
}

/// Reads the files in `folder`, if there are any.
pub(super) fn find(folder: &Path) -> Result<Option<ConfigFile>, ModelError> {
    let path = folder.join("config.json");
    let mut config = ConfigFile {
        path: path.clone(),
        ..ConfigFile::default()
    };
    let exists = path.is_file();
    if exists {
        model(&mut config, read(&path)?)?;
    }
    let Some((path, preprocessor)) = preprocessor(folder)? else {
        return Ok(exists.then_some(config));
    };
    let model = std::mem::replace(&mut config.path, path);
    let size = config.pictures.size;
    config.pictures = pictures(&config, &preprocessor)?;
    config.pictures.size = config.pictures.size.or(size);
    if exists {
        config.path = model;
    }
    Ok(Some(config))
}

fn model(config: &mut ConfigFile, file: Config) -> Result<(), ModelError> {
    let kind = file.model_type.as_deref().unwrap_or("clip");
    let is_siglip = match kind {
        "clip" => false,
        "siglip" => true,
        kind => {
            let known = FOREIGN.iter().find(|(theirs, _)| *theirs == kind);
            return Err(match known {
                Some((_, kind)) => ModelError::Unsupported {
                    path: config.path.clone(),
                    kind,
                },
                None => config.error(format!(
                    "it describes a model of type `{kind}`, not `clip` or `siglip`"
                )),
            });
        }
    };
    let vision = TowerFields::merged(file.vision_config, file.vision_config_dict);
    let text = TowerFields::merged(file.text_config, file.text_config_dict);
    // transformers reads 2, which is wrong but in many files, as "find the highest id".
    config.end_of_text = text.eos_token_id.map(|id| match id {
        2 => EndOfText::Highest,
        id => EndOfText::Id(id),
    });
    config.pictures.size = vision.image_size;
    config.vision = tower(config, vision, is_siglip)?;
    config.text = tower(config, text, is_siglip)?;
    Ok(())
}

fn tower(config: &ConfigFile, tower: TowerFields, is_siglip: bool) -> Result<Tower, ModelError> {
    let activation = match (tower.hidden_act.as_deref(), is_siglip) {
        (None, false) | (Some("quick_gelu"), _) => Activation::QuickGelu,
        (None, true) | (Some("gelu_pytorch_tanh" | "gelu_new" | "gelu_fast"), _) => {
            Activation::GeluTanh
        }
        (Some("gelu"), _) => Activation::Gelu,
        (Some(other), _) => {
            return Err(config.error(format!("the activation `{other}` is not supported")));
        }
    };
    Ok(Tower {
        heads: tower.num_attention_heads,
        head_width: None,
        activation: Some(activation),
        layer_norm_eps: tower.layer_norm_eps,
    })
}

fn preprocessor(folder: &Path) -> Result<Option<(PathBuf, Preprocessor)>, ModelError> {
    let path = folder.join("preprocessor_config.json");
    if path.is_file() {
        let file = read(&path)?;
        return Ok(Some((path, file)));
    }
    let path = folder.join("processor_config.json");
    if path.is_file() {
        let file: Processor = read(&path)?;
        return Ok(file.image_processor.map(|file| (path, file)));
    }
    Ok(None)
}

fn pictures(config: &ConfigFile, file: &Preprocessor) -> Result<Pictures, ModelError> {
    let wrong = |reason: String| Err(config.error(reason));
    for (name, value) in [
        ("do_resize", file.do_resize),
        ("do_normalize", file.do_normalize),
    ] {
        if value == Some(false) {
            return wrong(format!("`{name}` is false, which is not supported"));
        }
    }
    let filter = match file.resample {
        None => None,
        Some(1) => Some(Filter::Lanczos),
        Some(2) => Some(Filter::Bilinear),
        Some(3) => Some(Filter::Bicubic),
        Some(other) => {
            return wrong(format!("the resampling filter {other} is not supported"));
        }
    };
    let crop = match (file.do_center_crop, file.crop_size) {
        (Some(false), _) | (None, None) => None,
        (_, crop) => crop.or(file.size),
    };
    let (fit, square) = match (file.size, crop) {
        (None, _) => (None, crop),
        (Some(Size::Sides { .. }), None) => (Some(Fit::Squash), file.size),
        (Some(_), Some(_)) => (Some(Fit::CentreCrop), crop),
        (Some(Size::Side(_) | Size::Shortest { .. }), None) => (Some(Fit::CentreCrop), file.size),
    };
    let square = square.map(sides);
    let resized = file.size.map(sides);
    if let (Some((height, width)), Some(resized)) = (square, resized)
        && (height != width || resized != (height, width))
    {
        return wrong(format!(
            "pictures scaled to {}×{} and cut to {width}×{height} are not supported",
            resized.1, resized.0
        ));
    }
    Ok(Pictures {
        normalisation: normalisation(config, file.image_mean, file.image_std)?,
        fit,
        filter,
        size: square.map(|(height, _)| height),
    })
}

/// Height and width.
fn sides(size: Size) -> (usize, usize) {
    match size {
        Size::Side(side)
        | Size::Shortest {
            shortest_edge: side,
        } => (side, side),
        Size::Sides { height, width } => (height, width),
    }
}
