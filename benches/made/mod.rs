//! Libraries that are made up, for benches of what is done with large ones.

use std::path::Path;

use taglens::clip::starter;
use taglens::core::embedding::Embedding;
use taglens::core::ids::ModelId;
use taglens::core::photo::{ContentHash, FileStamp};
use taglens::engine::{DeviceChoice, EngineOptions};
use taglens::indexer::DECODER_VERSION;
use taglens::store::{Content, Outcome, Store};

/// As long as the starter's embeddings.
pub const DIMENSION: usize = 512;

/// Pseudo-random values of mean 0 (a linear congruential generator; Knuth's MMIX constants).
pub struct Random(pub u64);

impl Random {
    pub fn value(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32 - 0.5
    }

    pub fn embedding(&mut self) -> Embedding {
        let values = (0..DIMENSION).map(|_| self.value()).collect();
        Embedding::normalised(values).unwrap()
    }
}

/// Photos that are something like what the starter makes of pictures: one to three things each, and
/// that much of a random direction.
pub fn mixtures(noise: f32) -> impl FnMut() -> Embedding {
    let anchors = starter::anchors().unwrap();
    let mut random = Random(4);
    move || {
        let values = random.embedding();
        let mut sum: Vec<f32> = values.values().iter().map(|v| noise * v).collect();
        for _ in 0..3 {
            let at = (random.value() + 0.5) * anchors.len() as f32;
            let anchor = &anchors[(at as usize).min(anchors.len() - 1)];
            let weight = random.value() + 0.5;
            for (s, v) in sum.iter_mut().zip(anchor.values()) {
                *s += weight * v;
            }
        }
        Embedding::normalised(sum).unwrap()
    }
}

/// The starter on the CPU.
pub fn engine() -> EngineOptions {
    EngineOptions {
        model: "starter".into(),
        quick_gelu: None,
        device: DeviceChoice::Cpu,
        fast: false,
        templates: Vec::new(),
    }
}

/// What a library is called whose embeddings are of that model: with another its photos would have
/// none, and whoever waits for their tags would wait for ever.
pub fn named(what: &str, fingerprint: &[u8; 32]) -> String {
    let model = fingerprint.iter().take(4).map(|byte| format!("{byte:02x}"));
    format!("library-{what}-{}.sqlite", model.collect::<String>())
}

/// The content of the photo of that number.
pub fn hash(n: usize) -> ContentHash {
    ContentHash::new(blake3::hash(&n.to_le_bytes()).into())
}

/// Adds `count` photos of these embeddings, which lie in no folder of this machine, each modified
/// `step_ns` after the one before.
pub fn fill(
    store: &mut Store,
    model: ModelId,
    root: &Path,
    (count, step_ns): (usize, i64),
    mut embedding: impl FnMut() -> Embedding,
) {
    let folder = store.write(|w| w.add_folder(root)).unwrap();
    for first in (0..count).step_by(10_000) {
        store
            .write(|w| {
                for n in first..(first + 10_000).min(count) {
                    let stamp = FileStamp {
                        size_bytes: 4_000_000,
                        modified_ns: n as i64 * step_ns,
                    };
                    let name = root.join(format!("{:04}/IMG_{n:07}.JPG", n / 500));
                    let file_id = w.add_file(folder, &name, stamp)?;
                    let content = Content::Embedded {
                        size: (4000, 3000),
                        complete: true,
                        embedding: embedding(),
                    };
                    let outcome = Outcome {
                        file_id,
                        stamp,
                        result: Ok((hash(n), content)),
                    };
                    w.record(model, DECODER_VERSION, &outcome)?;
                }
                Ok(())
            })
            .unwrap();
    }
}
