//! Models of the published sizes with random weights, where TAGLENS_FULL_GOLDEN names the folder that
//! `generate.py --full` wrote: ViT-B/32 and RN50, SigLIP 2 B/16, MobileCLIP, PE-Core B/16.

use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::DType;
use taglens::core::pixels::Pixels;
use taglens::engine::cpu::Precision;

use crate::{By, Golden, MAX_DIFFERENCE, MIN_COSINE, Opened};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TAGLENS_FULL_GOLDEN").map(PathBuf::from);
    if folder.is_none() {
        println!("TAGLENS_FULL_GOLDEN is not set: the full-size models are not compared");
    }
    folder
}

/// For the record; nothing depends on it.
fn report_speed(model: &Opened, golden: &Golden) {
    let pictures: Vec<Pixels> = golden.pictures().into_iter().cycle().take(16).collect();
    let start = Instant::now();
    model.encode_images(&pictures).unwrap();
    let images = 16.0 / start.elapsed().as_secs_f64();
    // Prompts of seven words and some, as zero-shot labels have.
    let prompts: Vec<Vec<u32>> = (0..64)
        .map(|i| [49406, i, 2, 3, 4, 5, 6, 7, 8, 49407].to_vec())
        .collect();
    let start = Instant::now();
    model.encode_ids(&prompts).unwrap();
    let texts = 64.0 / start.elapsed().as_secs_f64();
    println!("{:28}{images:.1} images/s, {texts:.1} short texts/s", "");
}

#[test]
fn clip() {
    let Some(folder) = folder() else { return };
    for (name, architecture, parameters) in [
        ("ViT-B-32", "ViT-B/32", 151_277_313),
        ("RN50", "RN50", 102_007_137),
    ] {
        let golden = Golden::read(&folder.join(format!("{name}.json")));
        for (file, dtype) in [("", DType::F32), ("-f16", DType::F32), ("-f16", DType::F16)] {
            let path = folder.join(format!("{name}{file}.safetensors"));
            let by = match dtype {
                DType::F32 => By::Cpu(Precision::Exact),
                other => By::Candle(other),
            };
            let start = Instant::now();
            let model = Opened::new(&path, None, by);
            let loaded = start.elapsed();
            let [images, texts] = golden.compare(&model);
            println!(
                "{name:10} {file:5} in {dtype:?}, loaded in {loaded:.2?}: images {:.1e} (cosine \
                 {:.7}), texts {:.1e} ({:.7})",
                images.0, images.1, texts.0, texts.1
            );
            report_speed(&model, &golden);
            assert_eq!(model.model.spec.architecture(), architecture);
            assert_eq!(model.model.parameters, parameters);
            if file.is_empty() {
                assert!(
                    images.0 <= MAX_DIFFERENCE && texts.0 <= MAX_DIFFERENCE,
                    "{name}"
                );
            } else {
                assert!(
                    images.1 >= MIN_COSINE && texts.1 >= MIN_COSINE,
                    "{name} {dtype:?}"
                );
            }
        }
    }
}

#[test]
fn siglip() {
    let Some(folder) = folder() else { return };
    let golden = Golden::read(&folder.join("siglip2-b-16-256.json"));
    for by in [By::Cpu(Precision::Exact), By::Candle(DType::F32)] {
        let model = Opened::new(&folder.join("siglip2-b-16-256"), None, by);
        assert_eq!(model.model.spec.architecture(), "SigLIP ViT-B/16@256px");
        let [images, texts] = golden.compare(&model);
        println!("SigLIP 2: images {:.1e}, texts {:.1e}", images.0, texts.0);
        assert!(images.0 <= MAX_DIFFERENCE && texts.0 <= MAX_DIFFERENCE);
    }
}

/// One model in OpenCLIP's layout on all engines but the graphics card's.
fn compare_full_size(folder: &Path, name: &str, architecture: &str) {
    let golden = Golden::read(&folder.join(format!("{name}.json")));
    for by in [
        By::Cpu(Precision::Exact),
        By::Cpu(Precision::Fast),
        By::Candle(DType::F32),
        By::Candle(DType::F16),
    ] {
        let model = Opened::new(&folder.join(name), None, by);
        assert_eq!(model.model.spec.architecture(), architecture);
        let [images, texts] = golden.compare(&model);
        let kind = match by {
            By::Cpu(Precision::Exact) => "ours",
            By::Cpu(Precision::Fast) => "ours, fast",
            By::Candle(DType::F32) => "candle",
            By::Candle(_) => "candle, f16",
        };
        println!(
            "{name:16} {kind:12} images {:.1e} (cosine {:.7}), texts {:.1e} ({:.7})",
            images.0, images.1, texts.0, texts.1
        );
        report_speed(&model, &golden);
        match by {
            By::Cpu(Precision::Exact) | By::Candle(DType::F32) => {
                assert!(images.0 <= MAX_DIFFERENCE, "{name}: {}", images.0);
                assert!(texts.0 <= MAX_DIFFERENCE, "{name}: {}", texts.0);
            }
            By::Cpu(Precision::Fast) => assert!(images.1 >= 0.995, "{name}: {}", images.1),
            By::Candle(_) => {
                assert!(images.1 >= MIN_COSINE && texts.1 >= MIN_COSINE, "{name}");
            }
        }
    }
}

#[test]
fn mobile_clip() {
    let Some(folder) = folder() else { return };
    for (name, architecture) in [
        ("MobileCLIP2-S0", "MobileCLIP MCi0"),
        ("MobileCLIP-S2", "MobileCLIP MCi2"),
        ("MobileCLIP2-S3", "MobileCLIP MCi3"),
        ("MobileCLIP-B", "MobileCLIP ViT-B/16"),
    ] {
        compare_full_size(&folder, name, architecture);
    }
}

#[test]
fn pe_core() {
    let Some(folder) = folder() else { return };
    compare_full_size(&folder, "PE-Core-B-16", "PE ViT-B/16");
}
