//! The kernels against candle, with the starter's weights.

use candle_core::{DType, Device, Tensor};

use crate::clip::Model;
use crate::clip::spec::efficientnet::FEATURES;
use crate::clip::starter;
use crate::clip::starter::{DIMENSION, IMAGE_SIZE, IMAGE_SPEC};
use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::efficientnet::EfficientNet;
use crate::engine::cpu::convnet::efficientnet::oracle::EfficientNetLite;
use crate::engine::cpu::simd::level::Level;

/// Pictures with edges, slopes and noise.
fn pictures(count: usize, size: usize) -> Vec<Pixels> {
    let sample = |image: usize, at: usize| {
        let (pixel, channel) = (at / 3, at % 3);
        let (y, x) = (pixel / size, pixel % size);
        let noise = (at * 2_654_435_761 + image * 97) >> 7 & 31;
        let edge = if (x / 11 + y / 7 + image).is_multiple_of(2) {
            120
        } else {
            0
        };
        (edge + noise + y * (40 + channel * 20) / size) as u8
    };
    (0..count)
        .map(|image| {
            let samples = (0..size * size * 3).map(|at| sample(image, at)).collect();
            Pixels::new(size as u32, size as u32, samples).unwrap()
        })
        .collect()
}

fn by_candle(model: &Model, images: &[Pixels], size: usize) -> Vec<Vec<f32>> {
    let (mean, std) = (
        model.spec.preprocessing.mean[0],
        model.spec.preprocessing.std[0],
    );
    let samples: Vec<f32> = images
        .iter()
        .flat_map(|image| image.data())
        .map(|s| (f32::from(*s) / 255.0 - mean) / std)
        .collect();
    let shape = (images.len(), size, size, 3);
    let x = Tensor::from_vec(samples, shape, &Device::Cpu).unwrap();
    let vs = model.var_builder(DType::F32, Device::Cpu).pp("visual");
    let net = EfficientNetLite::new(&IMAGE_SPEC, vs.clone()).unwrap();
    let projection = vs.get((FEATURES, DIMENSION), "proj.weight").unwrap();
    let centre = vs.get(DIMENSION, "proj.bias").unwrap();
    let features = net.forward(&x).unwrap().matmul(&projection).unwrap();
    let features = features.broadcast_add(&centre).unwrap();
    features.to_vec2().unwrap()
}

#[test]
fn the_kernels_give_what_candle_gives() {
    let mut model = starter::model().unwrap();
    for (size, count) in [(IMAGE_SIZE, 2), (97, 9), (33, 5)] {
        model.spec.preprocessing.size = size;
        let images = pictures(count, size as usize);
        let expected = by_candle(&model, &images, size as usize);
        let vs = model.var_builder(DType::F32, Device::Cpu).pp("visual");
        for level in Level::available() {
            let own = EfficientNet::new(
                level,
                &IMAGE_SPEC,
                DIMENSION,
                &model.spec.preprocessing,
                &vs,
            )
            .unwrap();
            // Fewer threads than pictures, and more.
            for threads in [2, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                let pool = pool.build().unwrap();
                let got = pool.install(|| own.forward(&images));
                for (got, expected) in got.iter().zip(&expected) {
                    let largest = expected.iter().fold(0f32, |m, v| m.max(v.abs()));
                    for (g, e) in got.iter().zip(expected) {
                        assert!(
                            (g - e).abs() <= 1e-5 * largest.max(1.0),
                            "{level:?}, {size} pixels, {threads} threads: {g}, not {e}"
                        );
                    }
                }
                assert_eq!(got.len(), count);
            }
        }
    }
}
