//! Infers the architecture from the names and shapes of a checkpoint's tensors.

use crate::clip::checkpoint::infer_fastvit::infer_fastvit;
use crate::clip::checkpoint::layout::Index;
use crate::clip::checkpoint::shapes::{dims, numbered, rank};
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{
    CbowSpec, EndOfText, ImageSpec, Pooling, Projection, ResNetSpec, Spec, TextAttention, TextSpec,
    TextTransformerSpec, TokensSpec, TransformerSpec, VitSpec,
};
use crate::core::encoder::{Filter, Preprocessing};

/// No CLIP takes larger pictures, in pixels. A checkpoint that claims to is refused before anything
/// of that size is allocated.
const MAX_IMAGE_SIZE: usize = 4096;

/// The default of both Transformers, in the original and its descendants.
const LAYER_NORM_EPS: f64 = 1e-5;

/// SigLIP's, in all its implementations, and timm's where nothing else is said.
const SIGLIP_LAYER_NORM_EPS: f64 = 1e-6;

/// The heads of the pooling of every PE-Core, whatever its width (timm, `models/eva.py`).
const PE_POOL_HEADS: usize = 8;

/// MobileCLIP's pictures, which its convolutions would take in any size.
const FAST_VIT_IMAGE_SIZE: usize = 256;

/// The stages of the towers up to S2. Those with more were trained with CLIP's mean and deviation
/// (open_clip 3.2.0, `pretrained.py`).
const SMALL_FAST_VIT_STAGES: usize = 4;

/// The vocabulary of Gemma's tokenizer.
pub(crate) const GEMMA_VOCABULARY: usize = 256_000;

/// Infers the architecture from the tensor names and shapes, like the original's `build_model`
/// (<https://github.com/openai/CLIP>, `clip/model.py`).
///
/// Values that shapes do not determine get their usual values, which the caller can change before
/// the towers are built: heads are 64 wide (but a Vision Transformer has no more than 16, which
/// makes them 80 wide in H/14, 88 in g/14, 104 in bigG/14), the layer norms' epsilon is 1e-5. The
/// caller supplies `activation`.
pub(crate) fn infer(index: &Index, activation: Activation) -> Result<Spec, ModelError> {
    let is_siglip = index.shape("text_projection_bias").is_some();
    let embed_dim = match index.shape("cbow.projection.weight") {
        Some([dim, _]) => *dim,
        Some(found) => return Err(rank("cbow.projection.weight", found, 2)),
        None => dims::<2>(index, "text_projection")?[1],
    };
    let (image, image_size) = if index.shape("visual.layer1.0.conv1.weight").is_some() {
        let c = infer_resnet(index)?;
        let size = c.grid.checked_mul(32);
        (ImageSpec::ResNet(c), size)
    } else if index.names_from("visual.stages.").next().is_some() {
        let c = infer_fastvit(index)?;
        (ImageSpec::FastVit(c), Some(FAST_VIT_IMAGE_SIZE))
    } else {
        let c = infer_vit(index, activation)?;
        let width = c.transformer.width;
        if c.projection == Projection::None && width != embed_dim {
            let reason =
                format!("its width {width} is not that of the texts' embeddings, {embed_dim}");
            return Err(ModelError::tensor(
                index.name_in_file("visual.conv1.weight"),
                reason,
            ));
        }
        let size = c.grid.checked_mul(c.patch_size);
        (ImageSpec::Vit(c), size)
    };
    let image_size = image_size
        .filter(|size| *size <= MAX_IMAGE_SIZE)
        .ok_or_else(|| {
            let reason = format!("it needs pictures of over {MAX_IMAGE_SIZE} pixels");
            ModelError::tensor("visual positional_embedding", reason)
        })?;
    let mut text = infer_text(index, activation)?;
    if let (true, TextSpec::Transformer(text)) = (sees_all_of_a_text(&image), &mut text) {
        text.attention = TextAttention::Full {
            padding: 0,
            end: Some(EndOfText::Highest),
        };
    }
    let size = image_size as u32;
    Ok(Spec {
        embed_dim,
        preprocessing: match &image {
            ImageSpec::FastVit(net) if net.stages.len() > SMALL_FAST_VIT_STAGES => Preprocessing {
                filter: Filter::Bilinear,
                ..Preprocessing::clip(size)
            },
            ImageSpec::FastVit(_) => Preprocessing::mobile_clip(size),
            ImageSpec::Vit(vit) if !vit.stem.is_empty() => Preprocessing::mobile_clip(size),
            ImageSpec::Vit(vit) if is_siglip || vit.rotary => Preprocessing::siglip(size),
            _ => Preprocessing::clip(size),
        },
        image,
        text,
        tokens: TokensSpec::Clip,
    })
}

/// Whether the text tower beside this image tower has no causal mask, in MobileCLIP's configurations
/// (open_clip 3.2.0): beside all but the base size. MobileCLIP 2's large Vision Transformer is the only
/// known one whose class token's projection has a bias, besides the base size.
fn sees_all_of_a_text(image: &ImageSpec) -> bool {
    match image {
        ImageSpec::FastVit(_) => true,
        ImageSpec::Vit(vit) => {
            let biased = vit.projection == Projection::Biased;
            biased && vit.pooling == Pooling::Class && vit.stem.is_empty()
        }
        ImageSpec::ResNet(_) | ImageSpec::EfficientNetLite(_) => false,
    }
}

fn infer_vit(index: &Index, activation: Activation) -> Result<VitSpec, ModelError> {
    let (stem, last) = infer_stem(index)?;
    let conv = last.as_deref().unwrap_or("visual.conv1.weight");
    let [width, channels, kernel, kernel_width] = dims(index, conv)?;
    let expected = if stem.is_empty() { 3 } else { channels };
    if channels != expected || kernel != kernel_width {
        return Err(ModelError::Shape {
            tensor: conv.to_owned(),
            expected: vec![width, expected, kernel, kernel],
            found: vec![width, channels, kernel, kernel_width],
        });
    }
    let patch_size = match stem.as_slice() {
        [] => kernel,
        sizes => sizes.iter().fold(1usize, |size, k| size.saturating_mul(*k)),
    };
    let positions = "visual.positional_embedding";
    let has = |name: &str| index.shape(name).is_some();
    let class_token = has("visual.class_embedding");
    // Of the known towers, only that with a stem has a class token without a position.
    let class_position = class_token && stem.is_empty();
    let tokens = dims::<2>(index, positions)?[0].saturating_add(usize::from(!class_position));
    let grid = grid(positions, tokens)?;
    let heads = (width / 64).min(16);
    let mut transformer = infer_transformer(index, "visual.", (width, heads, conv), activation)?;
    // Of the known towers that pool by attention, only PE-Core's have a norm before the blocks.
    let rotary = has("visual.pool.probe") && has("visual.ln_pre.weight");
    let pooling = match (has("visual.pool.probe"), class_token) {
        (true, _) => Pooling::Map {
            heads: if rotary { PE_POOL_HEADS } else { heads },
            mlp_width: dims::<2>(index, "visual.pool.mlp.c_fc.weight")?[0],
        },
        (false, true) => Pooling::Class,
        (false, false) => {
            return Err(ModelError::Missing {
                tensor: index.name_in_file("visual.class_embedding"),
            });
        }
    };
    if has("text_projection_bias") || !stem.is_empty() {
        transformer.layer_norm_eps = SIGLIP_LAYER_NORM_EPS;
    }
    Ok(VitSpec {
        patch_size,
        grid,
        class_token,
        class_position,
        patch_bias: has("visual.conv1.bias"),
        // Every tower with a class token has both, but that with a stem.
        pre_norm: has("visual.ln_pre.weight") || (pooling == Pooling::Class && stem.is_empty()),
        rotary,
        projection: match has("visual.proj") || pooling == Pooling::Class {
            true if has("visual.proj_bias") => Projection::Biased,
            true => Projection::Plain,
            false => Projection::None,
        },
        transformer,
        pooling,
        stem,
    })
}

/// The kernels of the convolutions that make patches, and the name of the last one; none if there is
/// but one, which is `conv1`.
fn infer_stem(index: &Index) -> Result<(Vec<usize>, Option<String>), ModelError> {
    let name = |i: usize| format!("visual.patch_stem.{i}.conv.weight");
    let count = numbered(index, "visual.patch_stem.");
    let kernels = (0..count).map(|i| Ok(dims::<4>(index, &name(i))?[2]));
    let kernels = kernels.collect::<Result<Vec<_>, ModelError>>()?;
    Ok((kernels, count.checked_sub(1).map(name)))
}

fn infer_resnet(index: &Index) -> Result<ResNetSpec, ModelError> {
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
    Ok(ResNetSpec {
        layers,
        width,
        grid,
        // The last stage's width over 64, as everywhere in CLIP.
        heads: width.saturating_mul(32) / 64,
    })
}

fn infer_text(index: &Index, activation: Activation) -> Result<TextSpec, ModelError> {
    if index.shape("cbow.token_embedding.weight").is_some() {
        let [vocabulary, width] = dims(index, "cbow.token_embedding.weight")?;
        let bias = index.shape("cbow.projection.bias").is_some();
        return Ok(TextSpec::Cbow(CbowSpec {
            vocabulary,
            width,
            bias,
        }));
    }
    let [context_length, _] = dims(index, "positional_embedding")?;
    let [vocabulary, width] = dims(index, "token_embedding.weight")?;
    // Of the known text towers, only SigLIP's have a bias there.
    let is_siglip = index.shape("text_projection_bias").is_some();
    let heads = match is_siglip {
        // A tiny one has its number in its configuration.
        true => (width / 64).clamp(1, 16),
        false => width / 64,
    };
    let tower = (width, heads, "token_embedding.weight");
    let mut transformer = infer_transformer(index, "", tower, activation)?;
    if is_siglip {
        transformer.layer_norm_eps = SIGLIP_LAYER_NORM_EPS;
    }
    Ok(TextSpec::Transformer(TextTransformerSpec {
        vocabulary,
        context_length,
        attention: match is_siglip {
            true => TextAttention::Full {
                padding: padding(vocabulary),
                end: None,
            },
            false => TextAttention::Causal(EndOfText::Highest),
        },
        projection_bias: is_siglip,
        transformer,
    }))
}

fn infer_transformer(
    index: &Index,
    prefix: &str,
    (width, heads, source): (usize, usize, &str),
    activation: Activation,
) -> Result<TransformerSpec, ModelError> {
    let blocks = format!("{prefix}transformer.resblocks.");
    let layers = numbered(index, &blocks);
    let first = format!("{blocks}0.mlp.c_fc.weight");
    let [mlp_width, _] = dims(index, &first)?;
    if heads == 0 || width % heads != 0 {
        let reason = format!("its width {width} does not divide into attention heads");
        return Err(ModelError::tensor(source, reason));
    }
    Ok(TransformerSpec {
        width,
        layers,
        heads,
        mlp_width,
        activation,
        layer_norm_eps: LAYER_NORM_EPS,
    })
}

/// The id of padding in the tokenizers of SigLIP 2 (Gemma's, of 256,000 tokens) and SigLIP.
fn padding(vocabulary: usize) -> u32 {
    match vocabulary {
        GEMMA_VOCABULARY => 0,
        _ => 1,
    }
}

/// The side of the square of `tokens - 1` positions (the first is that of the class or mean token).
fn grid(tensor: &str, tokens: usize) -> Result<usize, ModelError> {
    let side = tokens.saturating_sub(1).isqrt();
    if side == 0 || side * side + 1 != tokens {
        let reason = format!("{tokens} positions are not one more than a square");
        return Err(ModelError::tensor(tensor, reason));
    }
    Ok(side)
}

#[cfg(test)]
#[path = "infer_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "infer_fastvit_tests.rs"]
mod fastvit_tests;
