//! Infers a FastViT from the names and shapes of its tensors.

use crate::clip::checkpoint::infer::{dims, numbered};
use crate::clip::checkpoint::layout::Index;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clip::checkpoint::infer::infer;
    use crate::clip::spec::activation::Activation;
    use crate::clip::spec::{EndOfText, ImageSpec, TextAttention, TextSpec};
    use crate::core::encoder::Filter;

    /// Name, width of the stem, blocks by stage, hidden channels a channel, and the embeddings' length,
    /// which is the texts' width too (timm 1.0.31, `fastvit.py`; open_clip 3.2.0, `model_configs`).
    type Tower = (&'static str, usize, &'static [usize], usize, usize);

    const TOWERS: [Tower; 5] = [
        ("MCi0", 64, &[2, 6, 10, 2], 3, 512),
        ("MCi1", 64, &[4, 12, 20, 4], 3, 512),
        ("MCi2", 80, &[4, 12, 24, 4], 3, 512),
        ("MCi3", 96, &[2, 12, 24, 4, 2], 4, 768),
        ("MCi4", 128, &[2, 12, 24, 4, 4], 4, 768),
    ];

    /// The tensors that show the architecture, as OpenCLIP names them.
    fn shapes(&(_, stem, blocks, ratio, dim): &Tower) -> Vec<(String, Vec<usize>)> {
        let is_large = blocks.len() > 4;
        let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
        let mut add = |name: String, shape: &[usize]| shapes.push((name, shape.to_vec()));
        let mut width = stem;
        for (i, count) in blocks.iter().enumerate() {
            let stage = format!("visual.trunk.stages.{i}.");
            if i > 0 {
                width *= 2;
                let down = format!("{stage}downsample.proj.0.");
                add(format!("{down}large_conv.conv.weight"), &[width, 1, 7, 7]);
                if i > 1 && !is_large {
                    let se = format!("{down}se.fc1.weight");
                    add(se, &[width / 4, width, 1, 1]);
                }
            }
            if i > 2 {
                let positions = format!("{stage}pos_emb.pos_enc.weight");
                add(positions, &[width, 1, 7, 7]);
            }
            for block in 0..*count {
                let block = format!("{stage}blocks.{block}.");
                let fc1 = format!("{block}mlp.fc1.weight");
                add(fc1, &[ratio * width, width, 1, 1]);
                if i > 2 {
                    let qkv = format!("{block}token_mixer.qkv.weight");
                    add(qkv, &[3 * width, width]);
                    let norm = if is_large { "weight" } else { "running_mean" };
                    add(format!("{block}norm.{norm}"), &[width]);
                }
            }
        }
        let features = 2 * width;
        let se = "visual.trunk.final_conv.se.fc1.weight".to_owned();
        add(se, &[features / 16, features, 1, 1]);
        add("text.positional_embedding".to_owned(), &[77, dim]);
        add("text.token_embedding.weight".to_owned(), &[49408, dim]);
        add("text.text_projection".to_owned(), &[dim, dim]);
        for layer in 0..12 {
            let mlp = format!("text.transformer.resblocks.{layer}.mlp.c_fc.weight");
            add(mlp, &[4 * dim, dim]);
        }
        shapes
    }

    #[test]
    fn infers_every_published_tower() {
        for tower in &TOWERS {
            let &(name, stem, blocks, ratio, dim) = tower;
            let shapes = shapes(tower);
            let shapes = shapes.iter().map(|(n, s)| (n.as_str(), s.as_slice()));
            let index = Index::new(Path::new("x"), shapes).unwrap();
            let spec = infer(&index, Activation::Gelu).unwrap();
            assert_eq!(spec.architecture(), format!("MobileCLIP {name}"));
            let (ImageSpec::FastVit(net), TextSpec::Transformer(text)) = (&spec.image, &spec.text)
            else {
                panic!("{spec:?}");
            };
            let is_large = blocks.len() > 4;
            for (i, stage) in net.stages.iter().enumerate() {
                let expected = FastVitStage {
                    width: stem << i,
                    hidden: ratio * (stem << i),
                    blocks: blocks[i],
                    mixer: match (i > 2, is_large) {
                        (false, _) => Mixer::Convolution,
                        (true, true) => Mixer::LayerNormAttention,
                        (true, false) => Mixer::BatchNormAttention,
                    },
                    halving: (i > 0).then_some(Halving {
                        kernel: 7,
                        squeezed: (i > 1 && !is_large).then_some((stem << i) / 4),
                    }),
                    positions: (i > 2).then_some(7),
                };
                assert_eq!(*stage, expected, "{name} {i}");
            }
            assert_eq!(net.features, stem << blocks.len());
            assert_eq!(net.tokens(256), 64);
            let expected = TextAttention::Full {
                padding: 0,
                end: Some(EndOfText::Highest),
            };
            assert_eq!((text.attention, spec.embed_dim), (expected, dim));
            let prepared = &spec.preprocessing;
            assert_eq!((prepared.size, prepared.filter), (256, Filter::Bilinear));
            assert_eq!(prepared.mean == [0.0; 3], !is_large, "{name}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let refuse = |change: &dyn Fn(&mut Vec<(String, Vec<usize>)>)| {
            let mut shapes = shapes(&TOWERS[0]);
            change(&mut shapes);
            let shapes = shapes.iter().map(|(n, s)| (n.as_str(), s.as_slice()));
            let index = Index::new(Path::new("x"), shapes).unwrap();
            infer(&index, Activation::Gelu).unwrap_err().to_string()
        };
        let message = refuse(&|shapes| shapes.retain(|(name, _)| !name.contains("final_conv")));
        let expected = "`visual.trunk.final_conv.se.fc1.weight` is missing";
        assert!(message.contains(expected), "{message}");
        let message = refuse(&|shapes| {
            for (name, shape) in shapes {
                if name.contains("stages.3.blocks.0.mlp.fc1") {
                    *shape = vec![90, 30, 1, 1];
                }
            }
        });
        assert!(
            message.contains("its width 30 does not divide"),
            "{message}"
        );
        let message = refuse(&|shapes| {
            for (name, shape) in shapes {
                if name.contains("stages.1.downsample") {
                    *shape = vec![128, 1, 6, 6];
                }
            }
        });
        assert!(message.contains("6×6 has no middle"), "{message}");
    }
}
