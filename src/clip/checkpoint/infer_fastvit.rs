//! Infers a FastViT from the names and shapes of its tensors.

use crate::clip::checkpoint::layout::Index;
use crate::clip::checkpoint::shapes::{dims, numbered};
use crate::clip::error::ModelError;
use crate::clip::spec::fastvit::{FastVitSpec, FastVitStage, HEAD_DEPTH, Halving, Mixer};

/// Infers the tower.
///
/// # Errors
/// If a tensor that has a size is missing, or has another number of dimensions.
pub(super) fn infer_fastvit(index: &Index) -> Result<FastVitSpec, ModelError> {
    let stages = numbered(index, "visual.stages.");
    let [squeezed, features, _, _] = dims(index, "visual.final_conv.se.fc1.weight")?;
    Ok(FastVitSpec {
        stages: (0..stages)
            .map(|i| stage(index, &format!("visual.stages.{i}.")))
            .collect::<Result<_, _>>()?,
        features,
        squeezed,
    })
}

fn stage(index: &Index, prefix: &str) -> Result<FastVitStage, ModelError> {
    let has = |name: &str| {
        index
            .names_from(&format!("{prefix}{name}"))
            .next()
            .is_some()
    };
    let fc1 = format!("{prefix}blocks.0.mlp.fc1.weight");
    let [hidden, width, _, _] = dims(index, &fc1)?;
    let mixer = match (
        has("blocks.0.token_mixer.qkv."),
        has("blocks.0.norm.running_"),
    ) {
        (false, _) => Mixer::Convolution,
        (true, true) => Mixer::BatchNormAttention,
        (true, false) => Mixer::LayerNormAttention,
    };
    if mixer != Mixer::Convolution && !width.is_multiple_of(HEAD_DEPTH) {
        let reason = format!("its width {width} does not divide into heads of {HEAD_DEPTH}");
        return Err(ModelError::tensor(index.name_in_file(&fc1), reason));
    }
    let halving = match has("downsample.") {
        true => {
            let se = format!("{prefix}downsample.proj.0.se.fc1.weight");
            Some(Halving {
                kernel: kernel(
                    index,
                    &format!("{prefix}downsample.proj.0."),
                    "large_conv.conv",
                )?,
                squeezed: match index.shape(&se) {
                    Some(_) => Some(dims::<4>(index, &se)?[0]),
                    None => None,
                },
            })
        }
        false => None,
    };
    Ok(FastVitStage {
        width,
        hidden,
        blocks: numbered(index, &format!("{prefix}blocks.")),
        mixer,
        halving,
        positions: match has("pos_emb.") {
            true => Some(kernel(index, &format!("{prefix}pos_emb."), "pos_enc")?),
            false => None,
        },
    })
}

/// The kernel of the convolution below `prefix`: folded, or in its largest branch.
fn kernel(index: &Index, prefix: &str, largest: &str) -> Result<usize, ModelError> {
    let folded = format!("{prefix}reparam_conv.weight");
    let name = match index.shape(&folded) {
        Some(_) => folded,
        None => format!("{prefix}{largest}.weight"),
    };
    let [_, _, kernel, _] = dims::<4>(index, &name)?;
    if kernel.is_multiple_of(2) {
        let reason = format!("its kernel of {kernel}×{kernel} has no middle");
        return Err(ModelError::tensor(index.name_in_file(&name), reason));
    }
    Ok(kernel)
}
