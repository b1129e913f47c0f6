//! Converts samples to 8-bit RGB.

use image::ColorType;

use crate::decode::error::Fault;

/// How the stored colours relate to their alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alpha {
    /// Not multiplied by alpha.
    Straight,
    /// Multiplied by alpha.
    Associated,
}

/// Converts samples, in the machine's byte order, to 8-bit RGB.
///
/// Transparency is laid over white, 16 bits are divided by 257, and floating-point samples are
/// taken as linear light, clamped to 0..=1.
pub(super) fn to_rgb(samples: Vec<u8>, colour: ColorType, alpha: Alpha) -> Result<Vec<u8>, Fault> {
    let grey = |v: u8| [v; 3];
    let over_white = |colour: [u8; 3], opacity: u8| match alpha {
        Alpha::Straight => over_white(colour, opacity),
        // The missing opacity is the white that shines through.
        Alpha::Associated => colour.map(|v| v.saturating_add(255 - opacity)),
    };
    let rgb = match colour {
        ColorType::Rgb8 => samples,
        ColorType::L8 => convert(samples, |[v]| grey(v)),
        ColorType::La8 => convert(samples, |[v, a]| over_white(grey(v), a)),
        ColorType::Rgba8 => convert(samples, |[r, g, b, a]| over_white([r, g, b], a)),
        ColorType::L16 => convert(samples, |p: [u8; 2]| grey(narrow(p, 0))),
        ColorType::La16 => convert(samples, |p: [u8; 4]| {
            over_white(grey(narrow(p, 0)), narrow(p, 1))
        }),
        ColorType::Rgb16 => convert(samples, |p: [u8; 6]| {
            [narrow(p, 0), narrow(p, 1), narrow(p, 2)]
        }),
        ColorType::Rgba16 => convert(samples, |p: [u8; 8]| {
            over_white([narrow(p, 0), narrow(p, 1), narrow(p, 2)], narrow(p, 3))
        }),
        ColorType::Rgb32F => {
            let curve = Curve::new();
            convert(samples, |p: [u8; 12]| {
                [0, 1, 2].map(|i| curve.encode(float(p, i)))
            })
        }
        ColorType::Rgba32F => {
            let curve = Curve::new();
            convert(samples, |p: [u8; 16]| {
                let opacity = float(p, 3).clamp(0.0, 1.0);
                let scale = match alpha {
                    Alpha::Straight => opacity,
                    Alpha::Associated => 1.0,
                };
                [0, 1, 2].map(|i| curve.encode(float(p, i) * scale + (1.0 - opacity)))
            })
        }
        other => {
            return Err(Fault::Unsupported {
                format: format!("the sample format {other:?}"),
            });
        }
    };
    Ok(rgb)
}

/// Converts pixel by pixel; in place if the stored pixel is no smaller than the RGB one.
fn convert<const BYTES: usize>(
    mut samples: Vec<u8>,
    to_rgb: impl Fn([u8; BYTES]) -> [u8; 3],
) -> Vec<u8> {
    if BYTES < 3 {
        let mut rgb = vec![0; samples.len() / BYTES * 3];
        let stored = samples.as_chunks::<BYTES>().0;
        for (out, pixel) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(stored) {
            *out = to_rgb(*pixel);
        }
        return rgb;
    }
    let pixels = samples.len() / BYTES;
    for index in 0..pixels {
        let mut pixel = [0; BYTES];
        pixel.copy_from_slice(&samples[index * BYTES..(index + 1) * BYTES]);
        samples[index * 3..(index + 1) * 3].copy_from_slice(&to_rgb(pixel));
    }
    samples.truncate(pixels * 3);
    samples.shrink_to_fit();
    samples
}

/// Mixes `alpha` of the colour with white, rounded to the nearest level.
fn over_white(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    colour.map(|v| ((u32::from(v) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// The 16-bit sample at `index`, as the nearest of 256 levels: `v / 257`, rounded.
fn narrow<const BYTES: usize>(pixel: [u8; BYTES], index: usize) -> u8 {
    let wide = u16::from_ne_bytes([pixel[index * 2], pixel[index * 2 + 1]]);
    ((u32::from(wide) + 128) / 257) as u8
}

fn float<const BYTES: usize>(pixel: [u8; BYTES], index: usize) -> f32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&pixel[index * 4..index * 4 + 4]);
    f32::from_ne_bytes(bytes)
}

/// The sRGB transfer function (IEC 61966-2-1) as a table, because its power is too slow for every
/// sample.
pub(super) struct Curve(Vec<u8>);

impl Curve {
    const STEPS: usize = 1 << 16;

    pub(super) fn new() -> Self {
        let encode = |step: usize| {
            let linear = step as f32 / (Self::STEPS - 1) as f32;
            let encoded = if linear <= 0.003_130_8 {
                12.92 * linear
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        };
        Self((0..Self::STEPS).map(encode).collect())
    }

    /// A NaN is black.
    pub(super) fn encode(&self, linear: f32) -> u8 {
        let step = (linear.clamp(0.0, 1.0) * (Self::STEPS - 1) as f32).round() as usize;
        self.0.get(step).copied().unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(samples: &[u16]) -> Vec<u8> {
        samples.iter().flat_map(|v| v.to_ne_bytes()).collect()
    }

    fn floats(samples: &[f32]) -> Vec<u8> {
        samples.iter().flat_map(|v| v.to_ne_bytes()).collect()
    }

    #[test]
    fn associated_alpha_lets_white_through() {
        let samples = vec![10, 20, 30, 255, 20, 0, 51, 51, 9, 9, 9, 0];
        assert_eq!(
            to_rgb(samples, ColorType::Rgba8, Alpha::Associated).unwrap(),
            [10, 20, 30, 224, 204, 255, 255, 255, 255]
        );
        let half = floats(&[0.0, 0.5, 0.5, 0.5]);
        let straight = to_rgb(half.clone(), ColorType::Rgba32F, Alpha::Straight).unwrap();
        let associated = to_rgb(half, ColorType::Rgba32F, Alpha::Associated).unwrap();
        assert_eq!(straight, [188, 225, 225]);
        assert_eq!(associated, [188, 255, 255]);
    }

    #[test]
    fn every_kind_of_sample() {
        let cases: Vec<(ColorType, Vec<u8>, [u8; 6])> = vec![
            (ColorType::L8, vec![7, 250], [7, 7, 7, 250, 250, 250]),
            (ColorType::La8, vec![0, 255, 9, 0], [0, 0, 0, 255, 255, 255]),
            (ColorType::Rgb8, vec![1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
            (
                ColorType::Rgba8,
                vec![10, 20, 30, 255, 100, 0, 200, 51],
                [10, 20, 30, 224, 204, 244],
            ),
            (
                ColorType::L16,
                wide(&[128, 65_535]),
                [0, 0, 0, 255, 255, 255],
            ),
            (
                ColorType::Rgb16,
                wide(&[129, 257, 513, 514, 65_407, 65_406]),
                [1, 1, 2, 2, 255, 254],
            ),
            (
                ColorType::Rgba16,
                wide(&[5140, 5140, 5140, 65_535, 0, 0, 0, 0]),
                [20, 20, 20, 255, 255, 255],
            ),
            (
                ColorType::Rgb32F,
                floats(&[0.0, 1.0, 0.22, -3.0, f32::INFINITY, f32::NAN]),
                [0, 255, 129, 0, 255, 0],
            ),
            (
                ColorType::Rgba32F,
                floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
                [0, 0, 0, 255, 255, 255],
            ),
        ];
        for (colour, samples, expected) in cases {
            assert_eq!(
                to_rgb(samples, colour, Alpha::Straight).unwrap(),
                expected,
                "{colour:?}"
            );
        }
    }
}
