//! The configuration file beside a checkpoint.
//!
//! Shapes determine nearly everything, and take precedence. The file supplies only the rest: head
//! counts, the non-linearity, the layer norms' epsilon, the end-of-text id, and the pictures'
//! normalisation.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::clip::checkpoint::layout::Layout;
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{
    EndOfText, ImageSpec, Normalisation, ResNetSpec, Spec, TextSpec, TransformerSpec,
};
use crate::core::encoder::Fit;

/// The names of OpenCLIP's file.
const OPEN_CLIP_NAMES: [&str; 2] = ["open_clip_config.json", "open_clip_model_config.json"];

/// A larger file is not a configuration.
const MAX_BYTES: u64 = 1 << 20;

/// The facts that a configuration file adds to the shapes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    vision: Tower,
    text: Tower,
    end_of_text: Option<EndOfText>,
    normalisation: Option<Normalisation>,
    fit: Option<Fit>,
}

#[derive(Clone, Debug, Default)]
struct Tower {
    heads: Option<usize>,
    head_width: Option<usize>,
    activation: Option<Activation>,
    layer_norm_eps: Option<f64>,
}

impl ConfigFile {
    /// Reads the file for `layout` from `folder`, if there is one.
    pub(crate) fn find(folder: &Path, layout: Layout) -> Result<Option<Self>, ModelError> {
        match layout {
            Layout::HuggingFace => hugging_face(folder),
            Layout::OpenAi => OPEN_CLIP_NAMES
                .iter()
                .map(|name| folder.join(name))
                .find(|path| path.is_file())
                .map(|path| open_clip(&path))
                .transpose(),
        }
    }

    /// Overrides the values that shapes could only suggest.
    pub(crate) fn apply(&self, config: &mut Spec) -> Result<(), ModelError> {
        match &mut config.image {
            ImageSpec::Vit(c) => self.apply_tower(&self.vision, &mut c.transformer)?,
            ImageSpec::ResNet(c) => self.apply_pool(c)?,
            ImageSpec::EfficientNetLite(_) => {}
        }
        if let TextSpec::Transformer(c) = &mut config.text {
            self.apply_tower(&self.text, &mut c.transformer)?;
            c.end_of_text = self.end_of_text.unwrap_or(c.end_of_text);
        }
        let preprocessing = &mut config.preprocessing;
        if let Some(Normalisation { mean, std }) = self.normalisation {
            (preprocessing.mean, preprocessing.std) = (mean, std);
        }
        preprocessing.fit = self.fit.unwrap_or(preprocessing.fit);
        Ok(())
    }

    fn apply_tower(&self, tower: &Tower, c: &mut TransformerSpec) -> Result<(), ModelError> {
        if let Some(heads) = self.heads(tower, c.width)? {
            c.heads = heads;
        }
        c.activation = tower.activation.unwrap_or(c.activation);
        if let Some(eps) = tower.layer_norm_eps {
            if !(eps > 0.0 && eps < 1.0) {
                return Err(self.error(format!("a layer norm epsilon of {eps} makes no sense")));
            }
            c.layer_norm_eps = eps;
        }
        Ok(())
    }

    fn apply_pool(&self, c: &mut ResNetSpec) -> Result<(), ModelError> {
        if let Some(heads) = self.heads(&self.vision, c.width.saturating_mul(32))? {
            c.heads = heads;
        }
        Ok(())
    }

    fn heads(&self, tower: &Tower, width: usize) -> Result<Option<usize>, ModelError> {
        let heads = match (tower.heads, tower.head_width) {
            (Some(heads), _) => heads,
            (None, Some(head_width)) => width.checked_div(head_width).unwrap_or(0),
            (None, None) => return Ok(None),
        };
        if heads == 0 || !width.is_multiple_of(heads) {
            let reason = format!("a width of {width} does not divide into {heads} heads");
            return Err(self.error(reason));
        }
        Ok(Some(heads))
    }

    fn error(&self, reason: String) -> ModelError {
        let path = self.path.clone();
        ModelError::Config { path, reason }
    }
}

/// The relevant part of `open_clip_config.json`; the model may also be at the top level.
#[derive(Deserialize)]
struct OpenClip {
    model_cfg: Option<OpenClipModel>,
    preprocess_cfg: Option<OpenClipPreprocess>,
    #[serde(flatten)]
    top: OpenClipModel,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenClipModel {
    quick_gelu: bool,
    vision_cfg: OpenClipTower,
    text_cfg: OpenClipTower,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenClipTower {
    heads: Option<usize>,
    head_width: Option<usize>,
    norm_kwargs: NormArguments,
    act_kwargs: ActivationArguments,
    pool_type: Option<String>,
    eos_id: Option<u32>,
    no_causal_mask: bool,
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

#[derive(Deserialize)]
struct OpenClipPreprocess {
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
    resize_mode: Option<String>,
}

fn open_clip(path: &Path) -> Result<ConfigFile, ModelError> {
    let file: OpenClip = read(path)?;
    let model = file.model_cfg.unwrap_or(file.top);
    let mut config = ConfigFile {
        path: path.to_owned(),
        ..ConfigFile::default()
    };
    let activation = if model.quick_gelu {
        Activation::QuickGelu
    } else {
        Activation::Gelu
    };
    for tower in [&model.vision_cfg, &model.text_cfg] {
        if let Some(kind) = tower.act_kwargs.approximate.as_deref()
            && kind != "none"
        {
            return Err(config.error(format!(
                "the approximation `{kind}` of GELU is not computed"
            )));
        }
    }
    if model.text_cfg.no_causal_mask {
        return Err(config.error("a text tower without causal mask is not computed".to_owned()));
    }
    if let Some(pool @ ("avg" | "none")) = model.vision_cfg.pool_type.as_deref() {
        return Err(config.error(format!("the image pooling `{pool}` is not computed")));
    }
    let tower = |t: &OpenClipTower| Tower {
        heads: t.heads,
        head_width: t.head_width,
        activation: Some(activation),
        layer_norm_eps: t.norm_kwargs.eps,
    };
    config.vision = tower(&model.vision_cfg);
    config.text = tower(&model.text_cfg);
    let text = &model.text_cfg;
    config.end_of_text = match (text.pool_type.as_deref().unwrap_or("argmax"), text.eos_id) {
        ("argmax", _) => Some(EndOfText::Highest),
        ("eos", Some(id)) => Some(EndOfText::Id(id)),
        (pool, _) => return Err(config.error(format!("the text pooling `{pool}` is not computed"))),
    };
    if let Some(preprocess) = file.preprocess_cfg {
        config.normalisation = normalisation(&config, preprocess.mean, preprocess.std)?;
        config.fit = match preprocess.resize_mode.as_deref() {
            Some("squash") => Some(Fit::Squash),
            Some("shortest") => Some(Fit::CentreCrop),
            _ => None,
        };
    }
    Ok(config)
}

/// The relevant part of transformers' `config.json`. The `…_dict` twins are older spellings, which
/// take precedence if present.
#[derive(Default, Deserialize)]
#[serde(default)]
struct HuggingFace {
    model_type: Option<String>,
    vision_config: Option<HuggingFaceTower>,
    vision_config_dict: Option<HuggingFaceTower>,
    text_config: Option<HuggingFaceTower>,
    text_config_dict: Option<HuggingFaceTower>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct HuggingFaceTower {
    hidden_act: Option<String>,
    num_attention_heads: Option<usize>,
    layer_norm_eps: Option<f64>,
    eos_token_id: Option<u32>,
}

impl HuggingFaceTower {
    fn merged(tower: Option<Self>, twin: Option<Self>) -> Self {
        let (tower, twin) = (tower.unwrap_or_default(), twin.unwrap_or_default());
        Self {
            hidden_act: twin.hidden_act.or(tower.hidden_act),
            num_attention_heads: twin.num_attention_heads.or(tower.num_attention_heads),
            layer_norm_eps: twin.layer_norm_eps.or(tower.layer_norm_eps),
            eos_token_id: twin.eos_token_id.or(tower.eos_token_id),
        }
    }
}

/// transformers' `preprocessor_config.json`.
#[derive(Deserialize)]
struct HuggingFacePreprocess {
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
}

fn hugging_face(folder: &Path) -> Result<Option<ConfigFile>, ModelError> {
    let path = folder.join("config.json");
    let mut config = ConfigFile {
        path: path.clone(),
        ..ConfigFile::default()
    };
    let exists = path.is_file();
    if exists {
        let file: HuggingFace = read(&path)?;
        if let Some(kind) = file.model_type.filter(|kind| kind != "clip") {
            return Err(config.error(format!("it describes a model of type `{kind}`, not `clip`")));
        }
        let vision = HuggingFaceTower::merged(file.vision_config, file.vision_config_dict);
        let text = HuggingFaceTower::merged(file.text_config, file.text_config_dict);
        // transformers reads 2, which is wrong but in many files, as "find the highest id".
        config.end_of_text = text.eos_token_id.map(|id| match id {
            2 => EndOfText::Highest,
            id => EndOfText::Id(id),
        });
        config.vision = hugging_face_tower(&config, vision)?;
        config.text = hugging_face_tower(&config, text)?;
    }
    let path = folder.join("preprocessor_config.json");
    let preprocess = path.is_file();
    if preprocess {
        let file: HuggingFacePreprocess = read(&path)?;
        config.normalisation = normalisation(&config, file.image_mean, file.image_std)?;
    }
    Ok((exists || preprocess).then_some(config))
}

fn hugging_face_tower(config: &ConfigFile, tower: HuggingFaceTower) -> Result<Tower, ModelError> {
    let activation = match tower.hidden_act.as_deref() {
        None | Some("quick_gelu") => Activation::QuickGelu,
        Some("gelu") => Activation::Gelu,
        Some(other) => {
            return Err(config.error(format!("the activation `{other}` is not computed")));
        }
    };
    Ok(Tower {
        heads: tower.num_attention_heads,
        head_width: None,
        activation: Some(activation),
        layer_norm_eps: tower.layer_norm_eps,
    })
}

fn normalisation(
    config: &ConfigFile,
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
) -> Result<Option<Normalisation>, ModelError> {
    let (Some(mean), Some(std)) = (mean, std) else {
        return Ok(None);
    };
    let normalisation = Normalisation { mean, std };
    if normalisation.is_sound() {
        Ok(Some(normalisation))
    } else {
        Err(config.error(format!("mean {mean:?} and deviation {std:?} make no sense")))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    let error = |reason: String| ModelError::Config {
        path: path.to_owned(),
        reason,
    };
    let length = std::fs::metadata(path)
        .map_err(|e| ModelError::io(path, e))?
        .len();
    if length > MAX_BYTES {
        return Err(error("it is too large for a configuration".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|e| ModelError::io(path, e))?;
    serde_json::from_str(&text).map_err(|e| error(e.to_string()))
}

#[cfg(test)]
#[path = "config_file_tests.rs"]
mod tests;
