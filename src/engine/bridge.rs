//! Models of `clip` in the terms of `compute`, so that neither need know the other.

use std::sync::Arc;

use crate::clip::ClipParts;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::efficientnet;
use crate::clip::spec::{EndOfText, TextConfig, TransformerConfig, VisionConfig};
use crate::clip::starter;
use crate::clip::starter::StarterParts;
use crate::clip::tokenizer::Tokenizer;
use crate::engine::gpu::plan;
use crate::engine::gpu::plan::{ImageSpec, ModelSpec, TextSpec, TransformerSpec};
use crate::engine::gpu::plan::{Tokenise, Weights};
use crate::engine::text_encoding::VOCABULARY;

/// What describes the model of a checkpoint.
pub(crate) fn describe_clip(parts: &ClipParts) -> ModelSpec {
    let config = &parts.config;
    ModelSpec {
        dimension: config.embed_dim,
        preprocessing: parts.preprocessing.clone(),
        image: match &config.vision {
            VisionConfig::Vit(c) => ImageSpec::Vit {
                patch: c.patch_size,
                grid: c.grid,
                transformer: transformer(&c.transformer),
            },
            VisionConfig::ResNet(c) => ImageSpec::ResNet {
                layers: c.layers,
                width: c.width,
                grid: c.grid,
                heads: c.heads,
            },
        },
        text: text(&config.text),
    }
}

/// What describes the starter.
pub(crate) fn describe_starter(parts: &StarterParts) -> ModelSpec {
    let blocks = starter::IMAGE_CONFIG.blocks().into_iter();
    ModelSpec {
        dimension: starter::DIMENSION,
        preprocessing: parts.preprocessing.clone(),
        image: ImageSpec::Lite {
            stem: efficientnet::STEM_CHANNELS,
            blocks: blocks
                .map(|block| plan::LiteBlock {
                    kernel: block.kernel,
                    step: block.stride,
                    input: block.input,
                    expanded: block.expanded,
                    output: block.output,
                })
                .collect(),
            features: efficientnet::FEATURES,
        },
        text: text(&parts.text),
    }
}

fn transformer(config: &TransformerConfig) -> TransformerSpec {
    TransformerSpec {
        width: config.width,
        layers: config.layers,
        heads: config.heads,
        hidden: config.mlp_width,
        activation: match config.activation {
            Activation::Gelu => plan::Activation::Gelu,
            Activation::QuickGelu => plan::Activation::QuickGelu,
        },
        epsilon: config.layer_norm_eps as f32,
    }
}

fn text(config: &TextConfig) -> TextSpec {
    match config {
        TextConfig::Transformer(c) => TextSpec::Transformer {
            vocabulary: c.vocabulary,
            context: c.context_length,
            end: match c.end_of_text {
                EndOfText::Highest => None,
                EndOfText::Id(id) => Some(id),
            },
            transformer: transformer(&c.transformer),
        },
        TextConfig::Cbow(c) => TextSpec::Cbow {
            vocabulary: c.vocabulary,
            width: c.width,
            bias: c.bias,
        },
    }
}

impl Weights for ClipParts {
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        self.tensor(name, shape).map_err(|error| error.to_string())
    }
}

impl Weights for StarterParts {
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        self.tensor(name, shape).map_err(|error| error.to_string())
    }
}

/// CLIP's tokenizer, for models that have it.
struct ClipTokens {
    vocabulary: usize,
    context: usize,
}

impl Tokenise for ClipTokens {
    fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        if self.vocabulary != VOCABULARY {
            let found = self.vocabulary;
            return Err(format!(
                "the model has a vocabulary of {found}, not CLIP's of {VOCABULARY}"
            ));
        }
        Ok(Tokenizer::clip().encode(text, self.context))
    }
}

/// The tokenizer in front of a text encoder.
pub(crate) fn tokeniser(text: &TextConfig) -> Arc<dyn Tokenise> {
    Arc::new(ClipTokens {
        vocabulary: text.vocabulary(),
        context: text.context_length(),
    })
}

#[cfg(test)]
#[path = "bridge_tests.rs"]
mod tests;
