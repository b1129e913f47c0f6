//! CLIP against open_clip and transformers, on the random models of `tests/golden/generate.py`.
//!
//! `full_size.rs` compares models of the published sizes, which are not in the repository.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod full_size;
mod refused;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use taglens::clip::{Model, ReadOptions};
use taglens::core::embedding::Embedding;
use taglens::core::encoder::{EncodeError, ImageEncoder};
use taglens::core::pixels::Pixels;
use taglens::engine::CandleModel;
use taglens::engine::cpu::{CpuModel, Precision};
use tempfile::TempDir;

/// The most that a value of a unit embedding may differ in f32.
const MAX_DIFFERENCE: f32 = 1e-5;

/// The least cosine between an f16 embedding and the f32 reference.
const MIN_COSINE: f64 = 0.9999;

#[derive(Deserialize)]
struct Golden {
    size: u32,
    images: Vec<String>,
    ids: Vec<Vec<u32>>,
    image_embeddings: Vec<Vec<f32>>,
    text_embeddings: Vec<Vec<f32>>,
}

impl Golden {
    fn read(path: &Path) -> Self {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn pictures(&self) -> Vec<Pixels> {
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        self.images
            .iter()
            .map(|hex| hex.as_bytes().chunks(2).map(byte).collect())
            .map(|data| Pixels::new(self.size, self.size, data).unwrap())
            .collect()
    }

    /// Largest difference and smallest cosine, of the pictures and of the texts.
    fn compare(&self, model: &Opened) -> [(f32, f64); 2] {
        let images = model.encode_images(&self.pictures()).unwrap();
        let texts = model.encode_ids(&self.ids).unwrap();
        [
            compare(&images, &self.image_embeddings),
            compare(&texts, &self.text_embeddings),
        ]
    }
}

fn compare(found: &[Embedding], expected: &[Vec<f32>]) -> (f32, f64) {
    assert_eq!(found.len(), expected.len());
    let (mut difference, mut cosine) = (0f32, 1f64);
    for (f, e) in found.iter().zip(expected) {
        let f = f.values();
        assert_eq!(f.len(), e.len());
        let own = f.iter().zip(e).map(|(a, b)| (a - b).abs());
        difference = own.fold(difference, f32::max);
        cosine = cosine.min(dot(f, e) / (dot(f, f) * dot(e, e)).sqrt());
    }
    (difference, cosine)
}

/// In f64: a sum in f32 would itself be off in the sixth digit.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// A checkpoint, and the engine that computes it.
struct Opened {
    model: Model,
    engine: Engine,
}

enum Engine {
    Cpu(Box<CpuModel>),
    Candle(Box<CandleModel>),
}

/// Which engine, and how.
#[derive(Clone, Copy)]
enum By {
    Cpu(Precision),
    Candle(DType),
}

impl Opened {
    fn new(path: &Path, quick_gelu: Option<bool>, by: By) -> Self {
        let options = ReadOptions {
            quick_gelu,
            ..ReadOptions::default()
        };
        let model = Model::open(path, &options).unwrap();
        let engine = match by {
            By::Cpu(precision) => Engine::Cpu(Box::new(CpuModel::new(&model, precision).unwrap())),
            By::Candle(dtype) => Engine::Candle(Box::new(
                CandleModel::new(&model, dtype, Device::Cpu).unwrap(),
            )),
        };
        Self { model, engine }
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        match &self.engine {
            Engine::Cpu(model) => model.encode_images(images),
            Engine::Candle(model) => model.encode_images(images),
        }
    }

    fn encode_ids(&self, ids: &[Vec<u32>]) -> Result<Vec<Embedding>, EncodeError> {
        match &self.engine {
            Engine::Cpu(model) => model.encode_ids(ids),
            Engine::Candle(model) => model.encode_ids(ids),
        }
    }
}

type Tensors = HashMap<String, Tensor>;

fn tensors(name: &str) -> Tensors {
    candle_core::safetensors::load(golden(name), &Device::Cpu).unwrap()
}

fn save(tensors: &Tensors) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    candle_core::safetensors::save(tensors, &path).unwrap();
    (folder, path)
}

fn converted(name: &str, dtype: DType) -> (TempDir, PathBuf) {
    let convert = |(n, t): (String, Tensor)| (n, t.to_dtype(dtype).unwrap());
    save(&tensors(name).into_iter().map(convert).collect())
}

fn open(path: &Path, quick_gelu: Option<bool>) -> Opened {
    Opened::new(path, quick_gelu, By::Cpu(Precision::Exact))
}

/// Checkpoint, reference, QuickGELU option, architecture.
type Case = (&'static str, &'static str, Option<bool>, &'static str);

const CASES: &[Case] = &[
    ("vit.safetensors", "vit_gelu.json", None, "ViT-2x128/8@32px"),
    (
        "vit.safetensors",
        "vit_quick_gelu.json",
        Some(true),
        "ViT-2x128/8@32px",
    ),
    (
        "resnet.safetensors",
        "resnet.json",
        Some(false),
        "RN[1, 2, 1, 1]x4",
    ),
    (
        "cbow.safetensors",
        "cbow.json",
        None,
        "ViT-1x64/8@32px with CBOW",
    ),
    ("pytorch.bin", "pytorch.json", None, "ViT-1x64/8@32px"),
    (
        "pytorch_training.pt",
        "pytorch.json",
        None,
        "ViT-1x64/8@32px",
    ),
    ("hugging_face", "hugging_face.json", None, "ViT-2x96/8@32px"),
    ("siglip", "siglip.json", None, "SigLIP ViT-2x64/8@36px"),
    (
        "open_clip_siglip",
        "open_clip_siglip.json",
        None,
        "SigLIP ViT-2x64/8@32px",
    ),
    ("pe_core", "pe_core.json", None, "PE ViT-2x128/8@32px"),
    (
        "mobile_clip",
        "mobile_clip.json",
        None,
        "MobileCLIP FastViT-[1, 1, 2, 1]x12",
    ),
    (
        "mobile_clip_folded",
        "mobile_clip_folded.json",
        None,
        "MobileCLIP FastViT-[1, 1, 2, 1]x12",
    ),
    (
        "mobile_clip_large",
        "mobile_clip_large.json",
        None,
        "MobileCLIP FastViT-[1, 1, 1, 1, 1]x8",
    ),
    (
        "mobile_clip_base",
        "mobile_clip_base.json",
        None,
        "MobileCLIP ViT-2x128/16@48px",
    ),
    (
        "mobile_clip_vit",
        "mobile_clip_vit.json",
        None,
        "ViT-1x64/8@32px",
    ),
];

#[test]
fn agrees_with_the_reference() {
    for &(checkpoint, reference, quick_gelu, architecture) in CASES {
        let model = open(&golden(checkpoint), quick_gelu);
        assert_eq!(model.model.spec.architecture(), architecture);
        assert!(
            (model.model.logit_scale.unwrap() - 20.0).abs() < 0.02,
            "{:?}",
            model.model.logit_scale
        );
        let [images, texts] = Golden::read(&golden(reference)).compare(&model);
        println!(
            "{reference:20} {checkpoint:20} f32: images {:.1e}, texts {:.1e}",
            images.0, texts.0
        );
        assert!(
            images.0 <= MAX_DIFFERENCE,
            "{checkpoint}: images {}",
            images.0
        );
        assert!(texts.0 <= MAX_DIFFERENCE, "{checkpoint}: texts {}", texts.0);
    }
}

#[test]
fn a_wide_file_gives_the_same() {
    for (name, reference) in [
        ("vit.safetensors", "vit_gelu.json"),
        ("resnet.safetensors", "resnet.json"),
    ] {
        let golden = Golden::read(&golden(reference));
        for dtype in [DType::F32, DType::F64] {
            let (_folder, path) = converted(name, dtype);
            let [images, texts] = golden.compare(&open(&path, None));
            assert!(
                images.0 <= MAX_DIFFERENCE && texts.0 <= MAX_DIFFERENCE,
                "{name} {dtype:?}"
            );
        }
        // bf16 rounds the weights to 8 bits: the file is read, its numbers are others.
        let (_folder, path) = converted(name, DType::BF16);
        let [images, texts] = golden.compare(&open(&path, None));
        println!(
            "{name:20} bf16 weights: cosine {:.6}, {:.6}",
            images.1, texts.1
        );
        assert!(
            images.1 > 0.99 && texts.1 > 0.99,
            "{} {}",
            images.1,
            texts.1
        );
    }
}

#[test]
fn computes_in_f16() {
    for &(checkpoint, reference, quick_gelu, _) in CASES {
        let model = Opened::new(&golden(checkpoint), quick_gelu, By::Candle(DType::F16));
        let [images, texts] = Golden::read(&golden(reference)).compare(&model);
        println!(
            "{reference:20} {checkpoint:20} f16: cosine {:.6}, {:.6}",
            images.1, texts.1
        );
        assert!(images.1 >= MIN_COSINE, "{checkpoint}: images {}", images.1);
        assert!(texts.1 >= MIN_COSINE, "{checkpoint}: texts {}", texts.1);
    }
}

#[test]
fn candle_agrees_with_the_reference() {
    // By default the Transformers are computed by kernels of our own; candle is what trains them,
    // and computes them on other devices.
    for &(checkpoint, reference, quick_gelu, _) in CASES {
        let model = Opened::new(&golden(checkpoint), quick_gelu, By::Candle(DType::F32));
        let [images, texts] = Golden::read(&golden(reference)).compare(&model);
        assert!(images.0 <= MAX_DIFFERENCE, "{checkpoint}: {}", images.0);
        assert!(texts.0 <= MAX_DIFFERENCE, "{checkpoint}: {}", texts.0);
    }
}

#[test]
fn fast_stays_near() {
    for &(checkpoint, reference, quick_gelu, _) in CASES {
        let model = Opened::new(&golden(checkpoint), quick_gelu, By::Cpu(Precision::Fast));
        let [images, texts] = Golden::read(&golden(reference)).compare(&model);
        println!(
            "{reference:20} {checkpoint:20} fast: cosine {:.6}, {:.6}",
            images.1, texts.1
        );
        assert!(images.1 >= 0.995, "{checkpoint}: images {}", images.1);
        assert!(texts.1 >= 0.995, "{checkpoint}: texts {}", texts.1);
    }
}

#[test]
fn the_activation_matters() {
    // The figures above would mean little if GELU and QuickGELU gave the same.
    let [images, texts] = Golden::read(&golden("vit_gelu.json"))
        .compare(&open(&golden("vit.safetensors"), Some(true)));
    assert!(images.0 > 1e-3 && texts.0 > 1e-3);
}

#[test]
fn batches_do_not_matter() {
    let golden_file = Golden::read(&golden("vit_gelu.json"));
    let model = open(&golden("vit.safetensors"), None);
    let images: Vec<Pixels> = golden_file
        .pictures()
        .into_iter()
        .cycle()
        .take(70)
        .collect();
    let ids: Vec<_> = golden_file.ids.iter().cloned().cycle().take(150).collect();
    let (images, texts) = (
        model.encode_images(&images).unwrap(),
        model.encode_ids(&ids).unwrap(),
    );
    let cycle = |e: &[Vec<f32>], n| e.iter().cloned().cycle().take(n).collect::<Vec<_>>();
    let (difference, _) = compare(&images, &cycle(&golden_file.image_embeddings, 70));
    assert!(difference <= MAX_DIFFERENCE);
    let (difference, _) = compare(&texts, &cycle(&golden_file.text_embeddings, 150));
    assert!(difference <= MAX_DIFFERENCE);
    assert!(model.encode_images(&[]).unwrap().is_empty());
    assert!(model.encode_ids(&[]).unwrap().is_empty());
}

#[test]
fn bad_input_is_refused() {
    let model = open(&golden("vit.safetensors"), None);
    let small = Pixels::new(16, 32, vec![0; 16 * 32 * 3]).unwrap();
    assert!(matches!(
        model.encode_images(&[small]),
        Err(EncodeError::Size { .. })
    ));
    for ids in [vec![], vec![510, 600, 511], vec![1; 17]] {
        assert!(matches!(
            model.encode_ids(&[ids]),
            Err(EncodeError::Engine { .. })
        ));
    }
}

#[test]
fn configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        golden("vit.safetensors"),
        folder.path().join("open_clip_model.safetensors"),
    )
    .unwrap();
    let json = r#"{"model_cfg": {"quick_gelu": true}, "preprocess_cfg":
        {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}"#;
    fs::write(folder.path().join("open_clip_config.json"), json).unwrap();
    let model = open(folder.path(), None);
    assert_eq!(model.model.spec.preprocessing.mean, [0.5; 3]);
    let [_, texts] = Golden::read(&golden("vit_quick_gelu.json")).compare(&model);
    assert!(texts.0 <= MAX_DIFFERENCE);
    let [_, texts] =
        Golden::read(&golden("vit_gelu.json")).compare(&open(folder.path(), Some(false)));
    assert!(texts.0 <= MAX_DIFFERENCE, "the option wins over the file");
}

#[test]
fn openai_state_dicts_use_quick_gelu() {
    let mut tensors = tensors("vit.safetensors");
    for name in ["input_resolution", "context_length", "vocab_size"] {
        tensors.insert(name.to_owned(), Tensor::new(32i64, &Device::Cpu).unwrap());
    }
    let (_folder, path) = save(&tensors);
    let [images, _] = Golden::read(&golden("vit_quick_gelu.json")).compare(&open(&path, None));
    assert!(images.0 <= MAX_DIFFERENCE);
}

#[test]
fn weights_that_are_not_finite_give_no_embedding() {
    let mut tensors = tensors("vit.safetensors");
    let nan = Tensor::full(f32::NAN, 64, &Device::Cpu).unwrap();
    tensors.insert("ln_final.weight".to_owned(), nan);
    let (_folder, path) = save(&tensors);
    let result = open(&path, None).encode_ids(&[vec![510, 3, 511]]);
    assert!(matches!(result, Err(EncodeError::Degenerate)));
}
