//! Tests of the inference from shapes, against every plain model of OpenCLIP 3.2.0.

use std::path::Path;

use super::*;

/// Vocabulary, context length, width, layers, heads.
type Text = (usize, usize, usize, usize, usize);

/// Name; width, layers, patch size, image size, MLP width, heads; embedding; text.
type Vit = (
    &'static str,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    Text,
);

/// Name; width, blocks by stage, image size, heads; embedding; text.
type ResNet = (&'static str, usize, [usize; 4], usize, usize, usize, Text);

/// OpenCLIP's `model_configs` of Vision Transformers with the plain text tower. CLIPA's (no
/// pre-LN, average pooling), layer scale, and towers from timm or transformers are not plain.
#[rustfmt::skip]
const VITS: &[Vit] = &[
    ("ViT-B-16-plus-240", 896, 12, 16, 240, 3584, 14, 640, (49408, 77, 640, 12, 10)),
    ("ViT-B-16-plus", 896, 12, 16, 224, 3584, 14, 640, (49408, 77, 640, 12, 10)),
    ("ViT-B-16-quickgelu", 768, 12, 16, 224, 3072, 12, 512, (49408, 77, 512, 12, 8)),
    ("ViT-B-16", 768, 12, 16, 224, 3072, 12, 512, (49408, 77, 512, 12, 8)),
    ("ViT-B-32-256", 768, 12, 32, 256, 3072, 12, 512, (49408, 77, 512, 12, 8)),
    ("ViT-B-32-plus-256", 896, 12, 32, 256, 3584, 14, 640, (49408, 77, 640, 12, 10)),
    ("ViT-B-32-quickgelu", 768, 12, 32, 224, 3072, 12, 512, (49408, 77, 512, 12, 8)),
    ("ViT-B-32", 768, 12, 32, 224, 3072, 12, 512, (49408, 77, 512, 12, 8)),
    ("ViT-H-14-378-quickgelu", 1280, 32, 14, 378, 5120, 16, 1024, (49408, 77, 1024, 24, 16)),
    ("ViT-H-14-378", 1280, 32, 14, 378, 5120, 16, 1024, (49408, 77, 1024, 24, 16)),
    ("ViT-H-14-quickgelu", 1280, 32, 14, 224, 5120, 16, 1024, (49408, 77, 1024, 24, 16)),
    ("ViT-H-14-worldwide-378", 1280, 32, 14, 378, 5120, 16, 1024, (901_629, 77, 1024, 24, 16)),
    ("ViT-H-14-worldwide-quickgelu", 1280, 32, 14, 224, 5120, 16, 1024, (901_629, 77, 1024, 24, 16)),
    ("ViT-H-14-worldwide", 1280, 32, 14, 224, 5120, 16, 1024, (901_629, 77, 1024, 24, 16)),
    ("ViT-H-14", 1280, 32, 14, 224, 5120, 16, 1024, (49408, 77, 1024, 24, 16)),
    ("ViT-H-16", 1280, 32, 16, 224, 5120, 16, 1024, (49408, 77, 1024, 24, 16)),
    ("ViT-L-14-280", 1024, 24, 14, 280, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-14-336-quickgelu", 1024, 24, 14, 336, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-14-336", 1024, 24, 14, 336, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-14-quickgelu", 1024, 24, 14, 224, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-14-worldwide-quickgelu", 1024, 24, 14, 224, 4096, 16, 768, (250_100, 77, 768, 12, 12)),
    ("ViT-L-14-worldwide", 1024, 24, 14, 224, 4096, 16, 768, (250_100, 77, 768, 12, 12)),
    ("ViT-L-14", 1024, 24, 14, 224, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-16-320", 1024, 24, 16, 320, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-L-16", 1024, 24, 16, 224, 4096, 16, 768, (49408, 77, 768, 12, 12)),
    ("ViT-M-16", 512, 12, 16, 224, 2048, 8, 512, (49408, 77, 512, 12, 8)),
    ("ViT-M-32-alt", 512, 12, 32, 224, 2048, 8, 384, (49408, 77, 384, 12, 6)),
    ("ViT-M-32", 512, 12, 32, 224, 2048, 8, 512, (49408, 77, 512, 12, 8)),
    ("ViT-S-16-alt", 384, 12, 16, 224, 1536, 6, 256, (49408, 77, 256, 10, 4)),
    ("ViT-S-16", 384, 12, 16, 224, 1536, 6, 384, (49408, 77, 384, 12, 6)),
    ("ViT-S-32-alt", 384, 12, 32, 224, 1536, 6, 256, (49408, 77, 256, 10, 4)),
    ("ViT-S-32", 384, 12, 32, 224, 1536, 6, 384, (49408, 77, 384, 12, 6)),
    ("ViT-bigG-14-quickgelu", 1664, 48, 14, 224, 8192, 16, 1280, (49408, 77, 1280, 32, 20)),
    ("ViT-bigG-14-worldwide-378", 1664, 48, 14, 378, 8192, 16, 1280, (901_629, 77, 1280, 32, 20)),
    ("ViT-bigG-14-worldwide", 1664, 48, 14, 224, 8192, 16, 1280, (901_629, 77, 1280, 32, 20)),
    ("ViT-bigG-14", 1664, 48, 14, 224, 8192, 16, 1280, (49408, 77, 1280, 32, 20)),
    ("ViT-e-14", 1792, 56, 14, 224, 15360, 16, 1280, (49408, 77, 1280, 36, 20)),
    ("ViT-g-14", 1408, 40, 14, 224, 6144, 16, 1024, (49408, 77, 1024, 24, 16)),
];

/// OpenCLIP's `model_configs` of ModifiedResNets.
#[rustfmt::skip]
const RESNETS: &[ResNet] = &[
    ("RN101-quickgelu", 64, [3, 4, 23, 3], 224, 32, 512, (49408, 77, 512, 12, 8)),
    ("RN101", 64, [3, 4, 23, 3], 224, 32, 512, (49408, 77, 512, 12, 8)),
    ("RN50-quickgelu", 64, [3, 4, 6, 3], 224, 32, 1024, (49408, 77, 512, 12, 8)),
    ("RN50", 64, [3, 4, 6, 3], 224, 32, 1024, (49408, 77, 512, 12, 8)),
    ("RN50x16-quickgelu", 96, [6, 8, 18, 8], 384, 48, 768, (49408, 77, 768, 12, 12)),
    ("RN50x16", 96, [6, 8, 18, 8], 384, 48, 768, (49408, 77, 768, 12, 12)),
    ("RN50x4-quickgelu", 80, [4, 6, 10, 6], 288, 40, 640, (49408, 77, 640, 12, 10)),
    ("RN50x4", 80, [4, 6, 10, 6], 288, 40, 640, (49408, 77, 640, 12, 10)),
    ("RN50x64-quickgelu", 128, [3, 15, 36, 10], 448, 64, 1024, (49408, 77, 1024, 12, 16)),
    ("RN50x64", 128, [3, 15, 36, 10], 448, 64, 1024, (49408, 77, 1024, 12, 16)),
];

type Shapes = Vec<(String, Vec<usize>)>;

fn blocks(shapes: &mut Shapes, prefix: &str, width: usize, layers: usize, mlp: usize) {
    for i in 0..layers {
        let name = |part: &str| format!("{prefix}transformer.resblocks.{i}.{part}");
        shapes.push((name("attn.in_proj_weight"), vec![3 * width, width]));
        shapes.push((name("mlp.c_fc.weight"), vec![mlp, width]));
    }
}

fn text(shapes: &mut Shapes, dim: usize, (vocabulary, context, width, layers, _): Text) {
    shapes.push(("token_embedding.weight".to_owned(), vec![vocabulary, width]));
    shapes.push(("positional_embedding".to_owned(), vec![context, width]));
    shapes.push(("text_projection".to_owned(), vec![width, dim]));
    blocks(shapes, "", width, layers, 4 * width);
}

fn vit(&(_, width, layers, patch, image, mlp, _, dim, t): &Vit) -> Shapes {
    let mut shapes = Shapes::new();
    let positions = (image / patch) * (image / patch) + 1;
    shapes.push((
        "visual.conv1.weight".to_owned(),
        vec![width, 3, patch, patch],
    ));
    shapes.push((
        "visual.positional_embedding".to_owned(),
        vec![positions, width],
    ));
    shapes.push(("visual.class_embedding".to_owned(), vec![width]));
    blocks(&mut shapes, "visual.", width, layers, mlp);
    text(&mut shapes, dim, t);
    shapes
}

fn resnet(&(_, width, stages, image, _, dim, t): &ResNet) -> Shapes {
    let mut shapes = Shapes::new();
    for (stage, count) in stages.into_iter().enumerate() {
        for block in 0..count {
            let name = format!("visual.layer{}.{block}.conv1.weight", stage + 1);
            shapes.push((name, vec![width << stage, width, 1, 1]));
        }
    }
    let positions = (image / 32) * (image / 32) + 1;
    let name = "visual.attnpool.positional_embedding".to_owned();
    shapes.push((name, vec![positions, 32 * width]));
    text(&mut shapes, dim, t);
    shapes
}

fn infer(shapes: &Shapes) -> Result<Spec, ModelError> {
    let shapes = shapes.iter().map(|(n, s)| (n.as_str(), s.as_slice()));
    super::infer(&Index::new(Path::new("x"), shapes)?, Activation::Gelu)
}

fn check_text(config: &Spec, dim: usize, (vocabulary, context, width, layers, heads): Text) {
    let TextSpec::Transformer(c) = &config.text else {
        panic!("no text Transformer");
    };
    let found = (c.vocabulary, c.context_length, c.transformer.width);
    assert_eq!(found, (vocabulary, context, width));
    let found = (
        c.transformer.layers,
        c.transformer.heads,
        c.transformer.mlp_width,
    );
    assert_eq!(found, (layers, heads, 4 * width));
    assert_eq!(config.embed_dim, dim);
}

#[test]
fn infers_every_vision_transformer() {
    for model in VITS {
        let &(name, width, layers, patch, image, mlp, heads, dim, t) = model;
        let config = infer(&vit(model)).unwrap();
        let ImageSpec::Vit(c) = &config.image else {
            panic!("{name} is no Vision Transformer");
        };
        let found = (
            c.transformer.width,
            c.transformer.layers,
            c.transformer.heads,
        );
        assert_eq!(found, (width, layers, heads), "{name}");
        assert_eq!(
            (c.patch_size, c.transformer.mlp_width),
            (patch, mlp),
            "{name}"
        );
        assert_eq!(config.preprocessing.size as usize, image, "{name}");
        check_text(&config, dim, t);
    }
}

#[test]
fn infers_every_resnet() {
    for model in RESNETS {
        let &(name, width, layers, image, heads, dim, t) = model;
        let config = infer(&resnet(model)).unwrap();
        let ImageSpec::ResNet(c) = &config.image else {
            panic!("{name} is no ResNet");
        };
        assert_eq!(
            (c.width, c.layers, c.heads),
            (width, layers, heads),
            "{name}"
        );
        assert_eq!(config.preprocessing.size as usize, image, "{name}");
        check_text(&config, dim, t);
        assert_eq!(config.architecture(), name.trim_end_matches("-quickgelu"));
    }
}

#[test]
fn names_the_architectures() {
    for (model, expected) in [
        ("ViT-B-32", "ViT-B/32"),
        ("ViT-B-16", "ViT-B/16"),
        ("ViT-B-16-plus-240", "ViT-B+/16@240px"),
        ("ViT-L-14", "ViT-L/14"),
        ("ViT-L-14-336", "ViT-L/14@336px"),
        ("ViT-H-14", "ViT-H/14"),
        ("ViT-g-14", "ViT-g/14"),
        ("ViT-bigG-14", "ViT-bigG/14"),
    ] {
        let row = VITS.iter().find(|row| row.0 == model).unwrap();
        assert_eq!(infer(&vit(row)).unwrap().architecture(), expected);
    }
}

#[test]
fn odd_shapes_are_errors() {
    let base = vit(VITS.iter().find(|row| row.0 == "ViT-B-32").unwrap());
    let huge = 1 << 40;
    for (tensor, shape, expected) in [
        (
            "visual.conv1.weight",
            vec![768, 4, 32, 32],
            "[768, 4, 32, 32], expected [768, 3",
        ),
        (
            "visual.conv1.weight",
            vec![768, 3, 32, 16],
            "`visual.conv1.weight` has shape",
        ),
        ("visual.conv1.weight", vec![768, 3, 32], "4 dimensions"),
        ("visual.conv1.weight", vec![0, 3, 32, 32], "it is empty"),
        (
            "visual.conv1.weight",
            vec![50, 3, 32, 32],
            "attention heads",
        ),
        (
            "visual.conv1.weight",
            vec![1000, 3, 32, 32],
            "attention heads",
        ),
        (
            "visual.conv1.weight",
            vec![768, 3, huge, huge],
            "pictures of over",
        ),
        ("visual.positional_embedding", vec![51, 768], "51 positions"),
        ("visual.positional_embedding", vec![1, 768], "1 positions"),
        (
            "visual.positional_embedding",
            vec![usize::MAX, 768],
            "positions",
        ),
        (
            "visual.positional_embedding",
            vec![(1usize << 40) + 1, 768],
            "pictures of over",
        ),
        ("token_embedding.weight", vec![49408, 63], "attention heads"),
        ("text_projection", vec![512], "2 dimensions"),
        (
            "visual.transformer.resblocks.0.mlp.c_fc.weight",
            vec![],
            "2 dimensions",
        ),
    ] {
        let mut shapes = base.clone();
        let entry = shapes.iter_mut().find(|(name, _)| name == tensor).unwrap();
        entry.1 = shape.clone();
        let message = infer(&shapes).unwrap_err().to_string();
        assert!(message.contains(expected), "{tensor} {shape:?}: {message}");
    }
    for tensor in [
        "positional_embedding",
        "text_projection",
        "visual.conv1.weight",
    ] {
        let mut shapes = base.clone();
        shapes.retain(|(name, _)| name != tensor);
        let message = infer(&shapes).unwrap_err().to_string();
        let expected = format!("tensor `{tensor}` is missing from the checkpoint");
        assert_eq!(message, expected);
    }
}

#[test]
fn finds_the_end_of_text() {
    for (end, ids, expected) in [
        (EndOfText::Highest, &[7u32, 1, 9, 0, 0][..], 2),
        (EndOfText::Highest, &[7, 9, 9], 1),
        (EndOfText::Highest, &[], 0),
        (EndOfText::Id(1), &[7, 1, 9, 1], 1),
        (EndOfText::Id(4), &[7, 1], 0),
    ] {
        assert_eq!(end.position(ids), expected, "{end:?} {ids:?}");
    }
}
