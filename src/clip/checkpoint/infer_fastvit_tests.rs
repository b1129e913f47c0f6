//! Tests of the inference of a FastViT, against every published tower.

use std::path::Path;

use super::*;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::fastvit::{FastVitStage, Halving, Mixer};
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

/// Names and shapes of tensors.
type Shapes = Vec<(String, Vec<usize>)>;

/// The tensors that show the architecture, as OpenCLIP names them.
fn shapes(&(_, stem, blocks, ratio, dim): &Tower) -> Shapes {
    let is_large = blocks.len() > 4;
    let mut shapes = Shapes::new();
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
    let refuse = |change: &dyn Fn(&mut Shapes)| {
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
