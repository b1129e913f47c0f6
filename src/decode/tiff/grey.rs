//! Greys of more than 16 bits, signed ones, and floating-point ones: nothing says what is white.

use crate::decode::colour::Curve;
use crate::decode::tiff::samples::{Kind, Sample};

/// Converts numbers to 256 levels. Floating-point numbers from 0 to 1 are taken as linear light. Others
/// are taken as levels if they are in the range of 8 or 16 bits, or use a good part of their own; else
/// black is the least and white the greatest.
pub(super) fn to_levels(greys: &[f32], inverted: bool, sample: Sample, out: &mut [u8]) {
    let is_float = sample.kind == Kind::Float;
    let full = match sample.kind {
        Kind::Unsigned => 2_f32.powi(sample.bits as i32) - 1.0,
        _ => f32::INFINITY,
    };
    let finite = || greys.iter().copied().filter(|v| v.is_finite());
    let least = finite().fold(f32::INFINITY, f32::min);
    let greatest = finite().fold(f32::NEG_INFINITY, f32::max);
    let curve = Curve::new();
    let level = |grey: f32| -> u8 {
        let grey = if grey.is_finite() { grey } else { least };
        match (least >= 0.0, greatest) {
            (true, ..=1.0) if is_float => curve.encode(grey),
            (true, ..=255.0) => grey.round() as u8,
            (true, ..=65_535.0) => (grey / 257.0).round() as u8,
            (true, _) if greatest > full / 4.0 => (grey / full * 255.0).round() as u8,
            _ => ((grey - least) / (greatest - least).max(f32::MIN_POSITIVE) * 255.0).round() as u8,
        }
    };
    for (out, &grey) in out.iter_mut().zip(greys) {
        let level = level(grey);
        *out = if inverted { 255 - level } else { level };
    }
}
