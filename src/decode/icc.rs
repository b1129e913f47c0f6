//! Converts colours to sRGB, the space of models' training pictures and of displayed thumbnails.

use moxcms::{ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformOptions};

/// Pixels converted at a time, so that no second picture is needed.
const PIXELS_AT_ONCE: usize = 4096;
/// An invisible difference, in levels of 255: profiles that are sRGB under another name stay within
/// it.
const SAME: u8 = 1;

/// Converts 8-bit RGB pixels of a profile (ICC.1) to sRGB, relative colorimetric. Like viewers, it
/// ignores a profile that cannot be read or is not RGB.
pub(super) fn to_srgb(rgb: &mut [u8], profile: &[u8]) {
    if let Ok(profile) = ColorProfile::new_from_slice(profile) {
        convert(rgb, &profile);
    }
}

/// Like [`to_srgb`], from Display P3 (Apple's phones), for files that only give its code (H.273).
pub(super) fn display_p3_to_srgb(rgb: &mut [u8]) {
    convert(rgb, &ColorProfile::new_display_p3());
}

fn convert(rgb: &mut [u8], profile: &ColorProfile) {
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let srgb = ColorProfile::new_srgb();
    // Some profiles, such as those of JPEGs in XYB, only have a table for the second intent.
    let intents = [
        RenderingIntent::RelativeColorimetric,
        RenderingIntent::Perceptual,
    ];
    let transform = intents.into_iter().find_map(|rendering_intent| {
        let options = TransformOptions {
            rendering_intent,
            ..TransformOptions::default()
        };
        let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options);
        transform.ok()
    });
    let Some(transform) = transform else {
        return;
    };
    let samples = lattice();
    let mut converted = vec![0; samples.len()];
    if transform.transform(&samples, &mut converted).is_err() {
        return;
    }
    if samples
        .iter()
        .zip(&converted)
        .all(|(a, b)| a.abs_diff(*b) <= SAME)
    {
        return;
    }
    let mut part = vec![0; PIXELS_AT_ONCE * 3];
    for pixels in rgb.chunks_mut(PIXELS_AT_ONCE * 3) {
        let Some(part) = part.get_mut(..pixels.len()) else {
            return;
        };
        if transform.transform(pixels, part).is_err() {
            return;
        }
        pixels.copy_from_slice(part);
    }
}

/// Colours all over the cube.
fn lattice() -> Vec<u8> {
    const LEVELS: [u8; 6] = [0, 51, 102, 153, 204, 255];
    LEVELS
        .into_iter()
        .flat_map(|r| LEVELS.into_iter().map(move |g| (r, g)))
        .flat_map(|(r, g)| LEVELS.into_iter().flat_map(move |b| [r, g, b]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_p3_is_converted_and_srgb_is_not() {
        // Full P3 red is outside sRGB; a muted one is inside. Values from the matrices of both
        // spaces (CSS Color 4), which share sRGB's curve.
        let mut rgb = [255, 0, 0, 200, 100, 100, 128, 128, 128];
        display_p3_to_srgb(&mut rgb);
        let expected = [255, 0, 0, 216, 94, 97, 128, 128, 128];
        for (found, expected) in rgb.into_iter().zip(expected) {
            assert!(found.abs_diff(expected) <= 1, "{rgb:?}");
        }
        let profile = ColorProfile::new_srgb().encode().unwrap();
        let mut same = [200, 100, 50];
        to_srgb(&mut same, &profile);
        assert_eq!(same, [200, 100, 50]);
    }

    #[test]
    fn a_broken_profile_changes_nothing() {
        let whole = ColorProfile::new_display_p3().encode().unwrap();
        for cut in 0..whole.len().min(200) {
            let mut rgb = [200, 100, 50];
            to_srgb(&mut rgb, &whole[..cut]);
            assert_eq!(rgb, [200, 100, 50]);
        }
        let mut rgb = [200, 100, 50];
        to_srgb(&mut rgb, &whole);
        assert_ne!(rgb, [200, 100, 50]);
    }
}
