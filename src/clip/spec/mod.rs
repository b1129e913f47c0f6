//! A model's architecture, and how it is read off the checkpoint's tensor shapes.

pub mod activation;
pub mod efficientnet;
mod names;

use std::collections::BTreeSet;

use crate::clip::checkpoint::layout::Index;
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;

/// No CLIP takes pictures larger than this, in pixels: a checkpoint that claims to is not asked
/// to allocate them.
const MAX_IMAGE_SIZE: usize = 4096;

/// Both Transformers' default, in the original and its descendants.
const LAYER_NORM_EPS: f64 = 1e-5;

/// The context of every CLIP tokenizer, used where the tower has no positions of its own.
const CONTEXT_LENGTH: usize = 77;

/// Everything about a model but its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipConfig {
    /// Length of the embeddings.
    pub embed_dim: usize,
    /// Width and height of the input pictures, in pixels.
    pub image_size: usize,
    /// The image encoder.
    pub vision: VisionConfig,
    /// The text encoder.
    pub text: TextConfig,
}

/// The image encoder's architecture.
#[derive(Clone, Debug, PartialEq)]
pub enum VisionConfig {
    /// Vision Transformer.
    Vit(VitConfig),
    /// ModifiedResNet.
    ResNet(ResNetConfig),
}

/// The text encoder's architecture.
#[derive(Clone, Debug, PartialEq)]
pub enum TextConfig {
    /// Causal Transformer.
    Transformer(TextTransformerConfig),
    /// Bag of words.
    Cbow(CbowConfig),
}

/// A stack of residual attention blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerConfig {
    /// Channels of the residual stream.
    pub width: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads; they divide the width.
    pub heads: usize,
    /// Channels of the perceptron's hidden layer.
    pub mlp_width: usize,
    /// The perceptron's non-linearity.
    pub activation: Activation,
    /// Added to the variance in every layer norm.
    pub layer_norm_eps: f64,
}

/// A Vision Transformer.
#[derive(Clone, Debug, PartialEq)]
pub struct VitConfig {
    /// Width and height of a patch, in pixels.
    pub patch_size: usize,
    /// Patches along each side.
    pub grid: usize,
    /// The blocks.
    pub transformer: TransformerConfig,
}

/// A ModifiedResNet.
#[derive(Clone, Debug, PartialEq)]
pub struct ResNetConfig {
    /// Blocks in each of the four stages.
    pub layers: [usize; 4],
    /// Channels of the stem; the last stage has 32 times as many.
    pub width: usize,
    /// Positions along each side of the last feature map.
    pub grid: usize,
    /// Heads of the attention pool.
    pub heads: usize,
}

/// A causal text Transformer.
#[derive(Clone, Debug, PartialEq)]
pub struct TextTransformerConfig {
    /// Number of token ids.
    pub vocabulary: usize,
    /// The most tokens a text can have, start and end included.
    pub context_length: usize,
    /// How the end of a text is found.
    pub end_of_text: EndOfText,
    /// The blocks.
    pub transformer: TransformerConfig,
}

/// A bag-of-words encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct CbowConfig {
    /// Number of token ids.
    pub vocabulary: usize,
    /// Length of a token's vector.
    pub width: usize,
    /// Whether the projection has a bias.
    pub bias: bool,
}

/// Where a text's feature is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfText {
    /// At the highest id: the end-of-text token has the last one in CLIP's vocabulary.
    Highest,
    /// At the first occurrence of this id.
    Id(u32),
}

impl EndOfText {
    /// The position in `ids`; 0 where there is none, as in the reference implementations.
    pub fn position(self, ids: &[u32]) -> usize {
        match self {
            Self::Highest => ids
                .iter()
                .enumerate()
                // The first of equals, as argmax has it.
                .max_by_key(|(i, id)| (**id, std::cmp::Reverse(*i)))
                .map_or(0, |(i, _)| i),
            Self::Id(end) => ids.iter().position(|id| *id == end).unwrap_or(0),
        }
    }
}

/// Mean and deviation by which the pictures' channels (R, G, B, scaled to 0..=1) are normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    /// Subtracted first.
    pub mean: [f32; 3],
    /// Divided by.
    pub std: [f32; 3],
}

impl Normalisation {
    /// A half for everything: some of OpenCLIP's models, such as ViT-L/14 on LAION-2B, were
    /// trained with it.
    pub const INCEPTION: Self = Self {
        mean: [0.5; 3],
        std: [0.5; 3],
    };

    /// Whether it can be computed with.
    pub fn is_sound(&self) -> bool {
        self.mean.iter().all(|m| m.is_finite())
            && self.std.iter().all(|s| s.is_finite() && *s > 0.0)
    }
}

impl TextConfig {
    /// What kind of encoder it is.
    pub fn architecture(&self) -> &'static str {
        match self {
            Self::Transformer(_) => "Transformer",
            Self::Cbow(_) => "bag of words",
        }
    }

    /// The most tokens a text can have, start and end included.
    pub fn context_length(&self) -> usize {
        match self {
            Self::Transformer(c) => c.context_length,
            Self::Cbow(_) => CONTEXT_LENGTH,
        }
    }

    /// Number of token ids.
    pub fn vocabulary(&self) -> usize {
        match self {
            Self::Transformer(c) => c.vocabulary,
            Self::Cbow(c) => c.vocabulary,
        }
    }
}

impl ClipConfig {
    /// Sets the non-linearity of every Transformer.
    pub fn set_activation(&mut self, activation: Activation) {
        if let VisionConfig::Vit(c) = &mut self.vision {
            c.transformer.activation = activation;
        }
        if let TextConfig::Transformer(c) = &mut self.text {
            c.transformer.activation = activation;
        }
    }

    /// Reads the architecture off the tensor names and shapes, as `build_model` of the original
    /// does (<https://github.com/openai/CLIP>, `clip/model.py`).
    ///
    /// What shapes do not tell is set to the usual and can be changed by the caller before the
    /// towers are built: heads are 64 wide (but a Vision Transformer has no more than 16, which
    /// makes them 80 wide in H/14, 88 in g/14, 104 in bigG/14), the layer norms' epsilon is 1e-5,
    /// and `activation` is the caller's to know.
    pub fn infer(index: &Index, activation: Activation) -> Result<Self, ModelError> {
        let embed_dim = match index.shape("cbow.projection.weight") {
            Some([dim, _]) => *dim,
            Some(found) => return Err(rank("cbow.projection.weight", found, 2)),
            None => dims::<2>(index, "text_projection")?[1],
        };
        let (vision, image_size) = if index.shape("visual.layer1.0.conv1.weight").is_some() {
            let c = infer_resnet(index)?;
            let size = c.grid.checked_mul(32);
            (VisionConfig::ResNet(c), size)
        } else {
            let c = infer_vit(index, activation)?;
            let size = c.grid.checked_mul(c.patch_size);
            (VisionConfig::Vit(c), size)
        };
        let image_size = image_size
            .filter(|size| *size <= MAX_IMAGE_SIZE)
            .ok_or_else(|| {
                let reason = format!("it calls for pictures of over {MAX_IMAGE_SIZE} pixels");
                ModelError::tensor("visual positional_embedding", reason)
            })?;
        Ok(Self {
            embed_dim,
            image_size,
            vision,
            text: infer_text(index, activation)?,
        })
    }
}

fn infer_vit(index: &Index, activation: Activation) -> Result<VitConfig, ModelError> {
    let conv = "visual.conv1.weight";
    let [width, channels, patch_size, patch_width] = dims(index, conv)?;
    if channels != 3 || patch_size != patch_width {
        return Err(ModelError::Shape {
            tensor: conv.to_owned(),
            expected: vec![width, 3, patch_size, patch_size],
            found: vec![width, channels, patch_size, patch_width],
        });
    }
    let positions = "visual.positional_embedding";
    let grid = grid(positions, dims::<2>(index, positions)?[0])?;
    let heads = (width / 64).min(16);
    let transformer = infer_transformer(index, "visual.", (width, heads, conv), activation)?;
    Ok(VitConfig {
        patch_size,
        grid,
        transformer,
    })
}

fn infer_resnet(index: &Index) -> Result<ResNetConfig, ModelError> {
    let width = dims::<4>(index, "visual.layer1.0.conv1.weight")?[0];
    if width % 2 != 0 {
        return Err(ModelError::tensor(
            "visual.layer1.0.conv1.weight",
            format!("the stem's width {width} is odd"),
        ));
    }
    let positions = "visual.attnpool.positional_embedding";
    let grid = grid(positions, dims::<2>(index, positions)?[0])?;
    let mut layers = [0; 4];
    for (i, count) in layers.iter_mut().enumerate() {
        let prefix = format!("visual.layer{}.", i + 1);
        *count = numbered(index, &prefix);
        if *count == 0 {
            let tensor = format!("{prefix}0.conv1.weight");
            return Err(ModelError::Missing { tensor });
        }
    }
    Ok(ResNetConfig {
        layers,
        width,
        grid,
        // The last stage's width over 64, as everywhere in CLIP.
        heads: width.saturating_mul(32) / 64,
    })
}

fn infer_text(index: &Index, activation: Activation) -> Result<TextConfig, ModelError> {
    if index.shape("cbow.token_embedding.weight").is_some() {
        let [vocabulary, width] = dims(index, "cbow.token_embedding.weight")?;
        let bias = index.shape("cbow.projection.bias").is_some();
        return Ok(TextConfig::Cbow(CbowConfig {
            vocabulary,
            width,
            bias,
        }));
    }
    let [context_length, _] = dims(index, "positional_embedding")?;
    let [vocabulary, width] = dims(index, "token_embedding.weight")?;
    let tower = (width, width / 64, "token_embedding.weight");
    Ok(TextConfig::Transformer(TextTransformerConfig {
        vocabulary,
        context_length,
        end_of_text: EndOfText::Highest,
        transformer: infer_transformer(index, "", tower, activation)?,
    }))
}

fn infer_transformer(
    index: &Index,
    prefix: &str,
    (width, heads, source): (usize, usize, &str),
    activation: Activation,
) -> Result<TransformerConfig, ModelError> {
    let blocks = format!("{prefix}transformer.resblocks.");
    let layers = numbered(index, &blocks);
    let first = format!("{blocks}0.mlp.c_fc.weight");
    let [mlp_width, _] = dims(index, &first)?;
    if heads == 0 || width % heads != 0 {
        let reason = format!("its width {width} does not divide into attention heads");
        return Err(ModelError::tensor(source, reason));
    }
    Ok(TransformerConfig {
        width,
        layers,
        heads,
        mlp_width,
        activation,
        layer_norm_eps: LAYER_NORM_EPS,
    })
}

/// How many different numbers follow `prefix` in the tensor names.
fn numbered(index: &Index, prefix: &str) -> usize {
    index
        .names_from(prefix)
        .filter_map(|name| name.strip_prefix(prefix)?.split('.').next())
        .collect::<BTreeSet<_>>()
        .len()
}

/// The side of the square of `tokens - 1` positions (the first is the class or mean token's).
fn grid(tensor: &str, tokens: usize) -> Result<usize, ModelError> {
    let side = tokens.saturating_sub(1).isqrt();
    if side == 0 || side * side + 1 != tokens {
        let reason = format!("{tokens} positions are not one more than a square");
        return Err(ModelError::tensor(tensor, reason));
    }
    Ok(side)
}

fn dims<const N: usize>(index: &Index, tensor: &str) -> Result<[usize; N], ModelError> {
    let shape = index.shape(tensor).ok_or_else(|| ModelError::Missing {
        tensor: index.name_in_file(tensor),
    })?;
    shape
        .try_into()
        .map_err(|_| rank(&index.name_in_file(tensor), shape, N))
}

fn rank(tensor: &str, found: &[usize], expected: usize) -> ModelError {
    let reason = format!("it has shape {found:?} where {expected} dimensions are expected");
    ModelError::tensor(tensor, reason)
}

#[cfg(test)]
mod tests;
