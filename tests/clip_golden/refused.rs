//! Checkpoints that are refused, each with a sentence that names the file or the tensor.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use taglens::clip::{Model, ModelError, ReadOptions};
use taglens::engine::cpu::{CpuModel, Precision};

use crate::{Tensors, golden, save, tensors};

fn open(path: &Path) -> Result<(), ModelError> {
    let model = Model::open(path, &ReadOptions::default())?;
    CpuModel::new(&model, Precision::Exact).map(drop)
}

fn refusal(path: &Path) -> String {
    match open(path) {
        Ok(()) => panic!("{} was opened", path.display()),
        Err(ModelError::Engine { reason }) => panic!("{}: not foreseen: {reason}", path.display()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn damaged_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut");
    for name in ["vit.safetensors", "pytorch.bin"] {
        let whole = fs::read(golden(name)).unwrap();
        for length in [0, 5, 9, 100, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let message = refusal(&path);
            assert!(
                message.contains("damaged, cut off"),
                "{name} {length}: {message}"
            );
            assert!(message.contains("cut"), "{message}");
        }
    }
    let whole = fs::read(golden("pytorch.bin")).unwrap();
    for (i, byte) in (0..whole.len()).step_by(whole.len() / 300).zip(0u8..=255) {
        let mut broken = whole.clone();
        broken[i] ^= byte | 1;
        fs::write(&path, &broken).unwrap();
        // Any answer but a panic: a flipped weight is a weight.
        let _ = open(&path);
    }
    let mut header = fs::read(golden("vit.safetensors")).unwrap();
    header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    fs::write(&path, &header).unwrap();
    refusal(&path);
    let missing = refusal(&folder.path().join("nothing"));
    assert!(missing.contains("nothing"), "{missing}");
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path()).contains("holds no checkpoint"));
}

#[test]
fn torch_script_is_named() {
    // An archive whose directory has one entry, of no length.
    let name = b"archive/constants.pkl";
    let mut archive = b"PK\x03\x04".to_vec();
    let start = archive.len() as u32;
    archive.extend(b"PK\x01\x02");
    archive.extend([0; 24]);
    archive.extend((name.len() as u32).to_le_bytes());
    archive.extend([0; 14]);
    archive.extend(name);
    let size = archive.len() as u32 - start;
    archive.extend(b"PK\x05\x06");
    archive.extend([0; 8]);
    archive.extend(size.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ViT-B-32.pt");
    fs::write(&path, archive).unwrap();
    assert!(refusal(&path).contains("taglens model pull"));
}

#[test]
fn what_is_no_clip_is_refused() {
    let one = Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap();
    let cases: &[(&str, &[&str], &[&str])] = &[
        // Added, taken away (by prefix), and what the message says.
        (
            "it has an image tower but no text tower",
            &[],
            &["transformer."],
        ),
        ("it has a text tower but no image tower", &[], &["visual."]),
        (
            "named as in OpenCLIP and as in transformers",
            &["text_model.x"],
            &[],
        ),
        (
            "`visual.transformer.resblocks.1.ls_1.gamma` belongs",
            &["visual.transformer.resblocks.1.ls_1.gamma"],
            &[],
        ),
        ("`logit_scale` is missing", &[], &["logit_scale"]),
        (
            "`visual.ln_pre.bias` is missing",
            &[],
            &["visual.ln_pre.bias"],
        ),
        (
            "`visual.transformer.resblocks.1.mlp.c_proj.bias` is missing",
            &[],
            &["visual.transformer.resblocks.1.mlp.c_proj.bias"],
        ),
    ];
    for (expected, added, removed) in cases {
        let mut tensors = tensors("vit.safetensors");
        tensors.retain(|name, _| !removed.iter().any(|r| name.starts_with(r)));
        tensors.extend(added.iter().map(|name| ((*name).to_owned(), one.clone())));
        let (_folder, path) = save(&tensors);
        let message = refusal(&path);
        assert!(message.contains(expected), "{message}");
    }
    let (_folder, path) = save(&Tensors::from([("encoder.weight".to_owned(), one)]));
    assert!(refusal(&path).contains("is not a CLIP checkpoint"));
}

#[test]
fn wrong_shapes_are_named() {
    let wrong = Tensor::zeros((7, 5), DType::F32, &Device::Cpu).unwrap();
    for (name, expected) in [
        ("ln_final.weight", "[64]"),
        ("visual.proj", "[128, 32]"),
        ("visual.class_embedding", "[128]"),
        ("transformer.resblocks.1.attn.in_proj_weight", "[192, 64]"),
        ("visual.transformer.resblocks.1.mlp.c_fc.bias", "[256]"),
    ] {
        let mut tensors = tensors("vit.safetensors");
        tensors.insert(name.to_owned(), wrong.clone());
        let (_folder, path) = save(&tensors);
        let message = refusal(&path);
        let expected = format!("tensor `{name}` has shape [7, 5], expected {expected}");
        assert_eq!(message, expected);
    }
}

#[test]
fn transformers_errors_use_its_names() {
    let mut whole = Tensors::new();
    for part in 1..=2 {
        whole.extend(tensors(&format!(
            "hugging_face/model-0000{part}-of-00002.safetensors"
        )));
    }
    let query = "vision_model.encoder.layers.1.self_attn.q_proj.weight";
    let value = "vision_model.encoder.layers.1.self_attn.v_proj.weight";
    let projection = "text_projection.weight";
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    for (name, replacement, expected) in [
        (query, None, format!("tensor `{query}` is missing")),
        (
            value,
            Some(zeros(&[3])),
            format!("tensor `{value}` has shape [3], expected [96, 96]"),
        ),
        (
            projection,
            Some(zeros(&[32, 5])),
            format!("tensor `{projection}` has shape [32, 5], expected [32, 64]"),
        ),
        (
            "visual_projection.weight",
            None,
            "tensor `visual_projection.weight` is missing".to_owned(),
        ),
    ] {
        let mut tensors = whole.clone();
        tensors.remove(name);
        tensors.extend(replacement.map(|t| (name.to_owned(), t)));
        let (_folder, path) = save(&tensors);
        let message = refusal(&path);
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn missing_parts_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let parts = [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ];
    for name in ["model.safetensors.index.json", "config.json", parts[0]] {
        fs::copy(golden("hugging_face").join(name), folder.path().join(name)).unwrap();
    }
    assert!(refusal(folder.path()).contains(parts[1]));
    // A part of the right name with the other's tensors.
    fs::copy(
        golden("hugging_face").join(parts[0]),
        folder.path().join(parts[1]),
    )
    .unwrap();
    assert!(refusal(folder.path()).contains("is in several of its files"));
    let other = Tensors::from([("other".to_owned(), Tensor::new(1f32, &Device::Cpu).unwrap())]);
    candle_core::safetensors::save(&other, folder.path().join(parts[1])).unwrap();
    let message = refusal(folder.path());
    assert!(
        message.contains("model.safetensors.index.json"),
        "{message}"
    );
    assert!(message.contains("none of its files holds"), "{message}");
}

#[test]
fn flipped_headers_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let whole = fs::read(golden("resnet.safetensors")).unwrap();
    let mut refused = 0;
    for i in 0..400 {
        let mut broken = whole.clone();
        broken[i * 7] ^= 1 << (i % 7);
        fs::write(&path, &broken).unwrap();
        refused += usize::from(open(&path).is_err());
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn unusable_temperatures_are_refused() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e9] {
        let mut tensors = tensors("vit.safetensors");
        let scale = Tensor::new(value, &Device::Cpu).unwrap();
        tensors.insert("logit_scale".to_owned(), scale);
        let (_folder, path) = save(&tensors);
        assert!(refusal(&path).contains("`logit_scale` is unusable"));
    }
}
