//! Compares the wgpu engine with the CPU, and tests what happens when a device fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clip::{Model, ReadOptions};
use crate::core::embedding::Embedding;
use crate::core::encoder::ImageEncoder;
use crate::core::pixels::Pixels;
use crate::engine::cpu::{CpuModel, Precision};
use crate::engine::device::{Backend, DeviceChoice};
use crate::engine::fallback::OpenOnCpu;
use crate::engine::fallback::images::FallbackImageEncoder;
use crate::engine::fallback::images::tests::reports;
use crate::engine::gpu::device::faults::Faults;
use crate::engine::gpu::testing::{Random, there_is_an_adapter};
use crate::engine::gpu::{GpuModel, GpuOptions};
use crate::engine::open::Engine;
use crate::engine::options::EngineOptions;
use crate::engine::source::ModelSource;

/// The greatest difference of a value of a unit embedding in f32.
const MAX_DIFFERENCE: f32 = 1e-4;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn pictures(count: usize, size: u32) -> Vec<Pixels> {
    let mut random = Random(7);
    (0..count)
        .map(|_| {
            let samples = (0..size * size * 3).map(|_| random.bits() as u8).collect();
            Pixels::new(size, size, samples).unwrap()
        })
        .collect()
}

fn difference(found: &[Embedding], expected: &[Embedding]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs
        .flat_map(|(f, e)| f.values().iter().zip(e.values()))
        .map(|(f, e)| (f - e).abs())
        .fold(0.0, f32::max)
}

fn on_gpu(path: &Path, read: &ReadOptions, options: GpuOptions) -> GpuModel {
    let model = Arc::new(Model::open(path, read).unwrap());
    let gpu = GpuModel::open(model.clone(), options).unwrap();
    model.check_all_used().unwrap();
    gpu
}

fn on_cpu(path: &Path, read: &ReadOptions) -> CpuModel {
    CpuModel::new(&Model::open(path, read).unwrap(), Precision::Exact).unwrap()
}

/// Texts of every length that the model takes, in mixed order.
fn ids(model: &Model) -> Vec<Vec<u32>> {
    let text = &model.spec.text;
    let (context, vocabulary) = (text.context_length(), text.vocabulary() as u32);
    let mut random = Random(9);
    (0..context + 5)
        .map(|i| {
            let length = 3 + (i * 7) % (context - 2);
            let mut ids: Vec<u32> = (0..length)
                .map(|_| random.bits() % (vocabulary - 2))
                .collect();
            ids[0] = vocabulary - 2;
            ids[length - 1] = vocabulary - 1;
            ids
        })
        .collect()
}

#[test]
fn every_kind_of_tower_equals_the_cpu() {
    if !there_is_an_adapter() {
        return;
    }
    for (name, quick_gelu) in [
        ("vit.safetensors", Some(false)),
        ("vit.safetensors", Some(true)),
        ("resnet.safetensors", Some(false)),
        ("cbow.safetensors", None),
        ("hugging_face", None),
        ("siglip", None),
        ("open_clip_siglip", None),
        ("pe_core", None),
        ("mobile_clip", None),
        ("mobile_clip_folded", None),
        ("mobile_clip_large", None),
        ("mobile_clip_base", None),
        ("mobile_clip_vit", None),
    ] {
        let read = ReadOptions {
            quick_gelu,
            ..ReadOptions::default()
        };
        let path = golden(name);
        let cpu = on_cpu(&path, &read);
        let gpu = on_gpu(&path, &read, GpuOptions::default());
        let images = pictures(5, cpu.preprocessing().size);
        let expected = cpu.encode_images(&images).unwrap();
        let found = gpu.encode_images(&images).unwrap();
        let images_differ = difference(&found, &expected);
        let ids = ids(&Model::open(&path, &read).unwrap());
        let expected = cpu.encode_ids(&ids).unwrap();
        let found = gpu.encode_ids(&ids).unwrap();
        let texts_differ = difference(&found, &expected);
        eprintln!("{name} {quick_gelu:?}: images {images_differ:e}, texts {texts_differ:e}");
        assert!(images_differ <= MAX_DIFFERENCE, "{name}: {images_differ}");
        assert!(texts_differ <= MAX_DIFFERENCE, "{name}: {texts_differ}");

        // Once more after other sizes: nothing is allocated, and nothing is left over.
        gpu.encode_images(&images[..2]).unwrap();
        let before = gpu.allocated();
        let again = gpu.encode_images(&images).unwrap();
        assert_eq!(gpu.allocated(), before);
        let trace = gpu.image_trace().unwrap();
        assert_eq!((trace.items, trace.buffers_allocated), (5, 0));
        assert!(trace.dispatches_per_block <= 8, "{trace:?}");
        assert!(trace.gemm_flops > 0);
        let expected = cpu.encode_images(&images).unwrap();
        assert!(difference(&again, &expected) <= MAX_DIFFERENCE);
    }
}

#[test]
fn while_one_batch_is_computed_the_next_is_uploaded() {
    if !there_is_an_adapter() {
        return;
    }
    let (path, read) = (golden("vit.safetensors"), ReadOptions::default());
    let cpu = on_cpu(&path, &read);
    let gpu = on_gpu(&path, &read, GpuOptions::default());
    // More than two whole batches, without mixing up pictures.
    let images = pictures(70, cpu.preprocessing().size);
    let expected = cpu.encode_images(&images).unwrap();
    let ids = ids(&Model::open(&path, &read).unwrap());
    let texts_expected = cpu.encode_ids(&ids).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let found = gpu.encode_images(&images).unwrap();
                assert!(difference(&found, &expected) <= MAX_DIFFERENCE);
            });
        }
        scope.spawn(|| {
            let found = gpu.encode_ids(&ids).unwrap();
            assert!(difference(&found, &texts_expected) <= MAX_DIFFERENCE);
        });
    });
    let trace = gpu.image_trace().unwrap();
    assert_eq!((trace.in_flight, trace.buffers_allocated), (2, 0));
}

#[test]
fn the_starter_equals_itself_and_its_labels_survive_the_device() {
    if !there_is_an_adapter() {
        return;
    }
    let options = EngineOptions {
        model: "starter".into(),
        quick_gelu: None,
        device: DeviceChoice::Gpu(None),
        fast: false,
        templates: Vec::new(),
    };
    // A batch of pictures, a batch of texts, and then a lost device.
    let faults = Faults {
        lose_at_batch: Some(2),
        stays_lost: true,
        ..Faults::default()
    };
    let at = |place| Engine::on(place, &ModelSource::Starter, &options, gpu(faults)).unwrap();
    let (cpu, gpu) = (at(Backend::Cpu), at(Backend::Gpu(0)));
    assert_eq!((cpu.device.as_str(), gpu.device.as_str()), ("cpu", "gpu:0"));
    let images = pictures(2, cpu.image.preprocessing().size);
    let expected = cpu.image.encode_images(&images).unwrap();
    let images_differ = difference(&gpu.image.encode_images(&images).unwrap(), &expected);
    let texts = ["a dog", "", "a photo of two children playing in the snow"];
    let expected = cpu.text.encode_texts(&texts).unwrap();
    let texts_differ = difference(&gpu.text.encode_texts(&texts).unwrap(), &expected);
    eprintln!("starter: images {images_differ:e}, texts {texts_differ:e}");
    assert!(images_differ <= MAX_DIFFERENCE, "{images_differ}");
    assert!(texts_differ <= MAX_DIFFERENCE, "{texts_differ}");
    let by_cpu = gpu.text.encode_texts(&texts).unwrap();
    assert_eq!(difference(&by_cpu, &expected), 0.0);
    assert!(gpu.image.encode_images(&images).is_err());
}

#[test]
fn half_precision_keeps_the_direction() {
    if !there_is_an_adapter() {
        return;
    }
    let options = GpuOptions {
        half: true,
        ..GpuOptions::default()
    };
    let read = ReadOptions::default();
    for name in ["vit.safetensors", "resnet.safetensors", "mobile_clip_large"] {
        let path = golden(name);
        let gpu = on_gpu(&path, &read, options.clone());
        if !gpu.is_half() {
            eprintln!("skipped: {} has no 16-bit numbers", gpu.adapter().name);
            return;
        }
        let cpu = on_cpu(&path, &read);
        let images = pictures(3, cpu.preprocessing().size);
        let ids = ids(&Model::open(&path, &read).unwrap());
        let expected = cpu.encode_images(&images).unwrap();
        let texts = cpu.encode_ids(&ids).unwrap();
        for (found, expected) in [
            (gpu.encode_images(&images).unwrap(), expected),
            (gpu.encode_ids(&ids).unwrap(), texts),
        ] {
            let cosines = found.iter().zip(&expected).map(|(f, e)| f.similarity(e));
            let least = cosines.fold(1.0, f32::min);
            eprintln!("{name} in half precision: {least}");
            assert!(least >= 0.9995, "{name}: {least}");
        }
    }
}

fn gpu(faults: Faults) -> GpuOptions {
    GpuOptions {
        faults,
        ..GpuOptions::default()
    }
}

/// The tests' ViT on a device with these faults, and the same on the CPU.
fn failing(faults: Faults) -> (Engine, Engine, EngineOptions) {
    let options = EngineOptions {
        model: golden("vit.safetensors").to_str().unwrap().into(),
        quick_gelu: None,
        device: DeviceChoice::Auto,
        fast: false,
        templates: Vec::new(),
    };
    let source = ModelSource::Checkpoint {
        name: "vit".into(),
        path: golden("vit.safetensors"),
        read: ReadOptions::default(),
    };
    let none = GpuOptions::default();
    let cpu = Engine::on(Backend::Cpu, &source, &options, none).unwrap();
    let gpu = Engine::on(Backend::Gpu(0), &source, &options, gpu(faults)).unwrap();
    (gpu, cpu, options)
}

/// Embeds 40 pictures on the failing device; returns the final device and the messages.
fn survive(faults: Faults) -> (String, Vec<String>) {
    let (gpu, cpu, _) = failing(faults);
    let images = pictures(40, cpu.image.preprocessing().size);
    let expected = cpu.image.encode_images(&images).unwrap();
    let spare = cpu.clone();
    let fallback = (gpu.device != "cpu").then(|| {
        let open: OpenOnCpu = Box::new(move || Ok(spare.clone()));
        open
    });
    let (reports, report) = reports();
    let encoder = FallbackImageEncoder::new(&gpu, fallback, report);
    let results = encoder.encode_each(&images);
    let found: Vec<Embedding> = results.into_iter().map(Result::unwrap).collect();
    assert!(
        difference(&found, &expected) <= MAX_DIFFERENCE,
        "no photo is lost"
    );
    let said = std::mem::take(&mut *reports.lock().unwrap()).into_iter();
    // Test machines often have only a software adapter, which is reported too.
    let said = said.filter(|notice| !notice.contains("a program on the processor"));
    (encoder.device(), said.collect())
}

#[test]
fn a_device_lost_in_the_middle_of_a_batch_is_opened_anew() {
    if !there_is_an_adapter() {
        return;
    }
    let (device, said) = survive(Faults {
        lose_at_batch: Some(1),
        ..Faults::default()
    });
    assert_eq!(device, "gpu:0");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("lost"), "{said:?}");
}

#[test]
fn a_device_that_stays_lost_gives_way_to_the_cpu() {
    if !there_is_an_adapter() {
        return;
    }
    let (device, said) = survive(Faults {
        lose_at_batch: Some(0),
        stays_lost: true,
        ..Faults::default()
    });
    assert_eq!(device, "cpu");
    assert!(
        said.last().unwrap().contains("continuing on the CPU"),
        "{said:?}"
    );
}

#[test]
fn a_device_without_room_plans_smaller_batches_or_gives_way() {
    if !there_is_an_adapter() {
        return;
    }
    // There is memory for the weights, but not for the activations of 32 pictures.
    let (device, said) = survive(Faults {
        refuse_above_bytes: Some(300_000),
        ..Faults::default()
    });
    assert_eq!((device.as_str(), said.len()), ("gpu:0", 0), "{said:?}");
    // Not even for the weights.
    let (device, said) = survive(Faults {
        refuse_above_bytes: Some(1_000),
        ..Faults::default()
    });
    assert_eq!(device, "cpu");
    assert!(said[0].contains("no memory"), "{said:?}");
}

#[test]
fn an_adapter_that_is_gone_at_the_start_is_said_and_the_cpu_computes() {
    let gone = Faults {
        no_adapter: true,
        ..Faults::default()
    };
    let (device, said) = survive(gone);
    assert_eq!(device, "cpu");
    assert!(said[0].contains("no graphics adapter"), "{said:?}");

    // A device requested by name gives an error, and no other device.
    let (_, _, mut options) = failing(gone);
    options.device = DeviceChoice::Gpu(Some(0));
    let source = ModelSource::Checkpoint {
        name: "vit".into(),
        path: golden("vit.safetensors"),
        read: ReadOptions::default(),
    };
    let error = Engine::on(Backend::Gpu(0), &source, &options, gpu(gone)).map(drop);
    assert!(error.unwrap_err().to_string().contains("--device cpu"));
}
