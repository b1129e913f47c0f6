//! Tests of the configuration files.

use std::fs;

use super::*;
use crate::clip::spec::EndOfText;
use crate::clip::spec::activation::Activation;
use crate::core::encoder::{Filter, Fit};

fn find(name: &str, json: &str, layout: Layout) -> Result<Option<ConfigFile>, ModelError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), json).unwrap();
    ConfigFile::find(folder.path(), layout)
}

#[test]
fn reads_open_clip() {
    let json = r#"{"model_cfg": {"embed_dim": 1024, "quick_gelu": true,
        "vision_cfg": {"image_size": 224, "layers": [3, 4, 6, 3], "head_width": 80},
        "text_cfg": {"heads": 16, "pool_type": "eos", "eos_id": 5, "norm_kwargs": {"eps": 1e-6}}},
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
        "interpolation": "bicubic", "resize_mode": "squash"}}"#;
    for name in open_clip::NAMES {
        let file = find(name, json, Layout::OpenAi).unwrap().unwrap();
        assert_eq!(file.vision.activation, Some(Activation::QuickGelu));
        assert_eq!(file.vision.head_width, Some(80));
        assert_eq!(file.text.heads, Some(16));
        assert_eq!(file.text.layer_norm_eps, Some(1e-6));
        let end = EndOfText::Id(5);
        assert_eq!(file.attention, Some(TextAttention::Causal(end)));
        let half = Normalisation {
            mean: [0.5; 3],
            std: [0.5; 3],
        };
        assert_eq!(file.pictures.normalisation, Some(half));
        assert_eq!(file.pictures.fit, Some(Fit::Squash));
    }
    assert!(
        find(open_clip::NAMES[0], json, Layout::HuggingFace)
            .unwrap()
            .is_none()
    );
    let bare = r#"{"embed_dim": 512, "vision_cfg": {"width": 768, "patch_size": 32}}"#;
    let file = find(open_clip::NAMES[0], bare, Layout::OpenAi)
        .unwrap()
        .unwrap();
    assert_eq!(file.text.activation, Some(Activation::Gelu));
}

#[test]
fn timms_towers_have_activations_of_their_own() {
    for (tower, expected) in [
        ("vit_base_patch16_siglip_224", Activation::Gelu),
        ("vit_base_patch32_siglip_256", Activation::GeluTanh),
        ("vit_large_patch16_siglip_256", Activation::Gelu),
        ("vit_so400m_patch14_siglip_224", Activation::Gelu),
        ("vit_so400m_patch16_siglip_256", Activation::GeluTanh),
        ("vit_base_patch16_clip_quickgelu_224", Activation::QuickGelu),
    ] {
        let json = format!(
            r#"{{"vision_cfg": {{"timm_model_name": "{tower}"}},
            "text_cfg": {{"act_kwargs": {{"approximate": "tanh"}}}}}}"#
        );
        let file = find(open_clip::NAMES[0], &json, Layout::OpenAi);
        let file = file.unwrap().unwrap();
        assert_eq!(file.vision.activation, Some(expected), "{tower}");
        assert_eq!(file.text.activation, Some(Activation::GeluTanh), "{tower}");
    }
}

#[test]
fn reads_transformers() {
    let json = r#"{"model_type": "clip", "text_config_dict": {"hidden_act": "gelu"},
        "text_config": {"hidden_act": "quick_gelu", "eos_token_id": 2, "num_attention_heads": 4},
        "vision_config": {"layer_norm_eps": 1e-6}, "vision_config_dict": null}"#;
    let file = find("config.json", json, Layout::HuggingFace)
        .unwrap()
        .unwrap();
    assert_eq!(file.text.activation, Some(Activation::Gelu));
    assert_eq!(file.text.heads, Some(4));
    assert_eq!(file.end_of_text, Some(EndOfText::Highest));
    assert_eq!(file.vision.activation, Some(Activation::QuickGelu));
    assert_eq!(file.vision.layer_norm_eps, Some(1e-6));
}

#[test]
fn refuses_what_would_be_computed_wrongly() {
    for (name, layout, json, expected) in [
        ("config.json", Layout::HuggingFace, "[", "EOF"),
        (
            "config.json",
            Layout::HuggingFace,
            r#"{"model_type":"bert"}"#,
            "`bert`",
        ),
        (
            "config.json",
            Layout::HuggingFace,
            r#"{"text_config":{"hidden_act":"relu"}}"#,
            "`relu`",
        ),
        (
            "open_clip_config.json",
            Layout::OpenAi,
            r#"{"model_cfg":{"text_cfg":{"act_kwargs":{"approximate":"none so far"}}}}"#,
            "`none so far`",
        ),
        (
            "open_clip_config.json",
            Layout::OpenAi,
            r#"{"model_cfg":{"text_cfg":{"pool_type":"last"}}}"#,
            "`last`",
        ),
        (
            "open_clip_config.json",
            Layout::OpenAi,
            r#"{"preprocess_cfg":{"mean":[0,0,0],"std":[0,1,1]}}"#,
            "deviation",
        ),
        (
            "config.json",
            Layout::HuggingFace,
            r#"{"model_type":"siglip2"}"#,
            "is SigLIP 2 NaFlex, which Taglens does not compute yet",
        ),
        (
            "preprocessor_config.json",
            Layout::HuggingFace,
            r#"{"resample":4}"#,
            "filter 4",
        ),
        (
            "preprocessor_config.json",
            Layout::HuggingFace,
            r#"{"size":{"shortest_edge":256},"crop_size":224}"#,
            "scaled to 256×256",
        ),
        (
            "open_clip_config.json",
            Layout::OpenAi,
            r#"{"preprocess_cfg":{"interpolation":"nearest"}}"#,
            "`nearest`",
        ),
    ] {
        let message = find(name, json, layout).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn reads_how_pictures_are_prepared() {
    let siglip = r#"{"size":{"height":384,"width":384},"resample":2,"image_mean":[0.5,0.5,0.5],
        "image_std":[0.5,0.5,0.5]}"#;
    let nested = format!(r#"{{"image_processor":{siglip}}}"#);
    for (name, json) in [
        ("preprocessor_config.json", siglip),
        ("processor_config.json", nested.as_str()),
    ] {
        let file = find(name, json, Layout::HuggingFace).unwrap().unwrap();
        assert_eq!(file.pictures.fit, Some(Fit::Squash), "{name}");
        assert_eq!(file.pictures.filter, Some(Filter::Bilinear));
        assert_eq!(file.pictures.size, Some(384));
        assert_eq!(file.pictures.normalisation.unwrap().mean, [0.5; 3]);
    }
    let clip = r#"{"size":{"shortest_edge":224},"crop_size":{"height":224,"width":224},
        "do_center_crop":true,"resample":3}"#;
    let file = find("preprocessor_config.json", clip, Layout::HuggingFace);
    let file = file.unwrap().unwrap();
    assert_eq!(file.pictures.fit, Some(Fit::CentreCrop));
    assert_eq!(file.pictures.filter, Some(Filter::Bicubic));
    assert_eq!(file.pictures.size, Some(224));
}

#[test]
fn heads_must_divide_the_width() {
    let mut config = TransformerSpec {
        width: 128,
        layers: 1,
        heads: 2,
        mlp_width: 8,
        activation: Activation::Gelu,
        layer_norm_eps: 1e-5,
    };
    let file = ConfigFile::default();
    for (heads, good) in [(4, true), (3, false), (0, false)] {
        let tower = Tower {
            heads: Some(heads),
            ..Tower::default()
        };
        assert_eq!(file.apply_tower(&tower, &mut config).is_ok(), good);
    }
    assert_eq!(config.heads, 4);
}
