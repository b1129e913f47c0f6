//! Greys of more than 16 bits, signed ones, and floating-point ones: nothing says what is white.

use crate::decode::colour::Curve;

/// Converts numbers to 256 levels. Floating-point numbers from 0 to 1 are taken as linear light. Others
/// are taken as levels if they are in the range of 8 or 16 bits, else black is the least and white the
/// greatest.
pub(super) fn to_levels(greys: &[f32], inverted: bool, is_float: bool, out: &mut [u8]) {
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
            _ => ((grey - least) / (greatest - least).max(f32::MIN_POSITIVE) * 255.0).round() as u8,
        }
    };
    for (out, &grey) in out.iter_mut().zip(greys) {
        let level = level(grey);
        *out = if inverted { 255 - level } else { level };
    }
}
