//! Decodes frames coded by AV1.

use heifer::heifer_hevc_dec::recon::Frame;
use re_rav1d::dav1d::{
    Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings, pixel,
};

use crate::core::last_words;
use crate::decode::error::Fault;

/// Decodes the first frame of a stream, of at most `max_pixels`.
///
/// The decoder's functions are of C's kind, so that a panic in it would end the program.
pub(in crate::decode) fn decode(data: Vec<u8>, max_pixels: u64) -> Result<Frame, Fault> {
    let decoded = last_words::survived("av1", move || decode_here(data, max_pixels));
    decoded.unwrap_or_else(|reason| Err(Fault::Panic { reason }))
}

fn decode_here(data: Vec<u8>, max_pixels: u64) -> Result<Frame, Fault> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    // Of a layered picture, the most detailed layer.
    settings.set_all_layers(false);
    settings.set_frame_size_limit(u32::try_from(max_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(fault)?;
    let mut pending = match decoder.send_data(data, None, None, None) {
        Ok(()) => false,
        Err(Error::Again) => true,
        Err(error) => return Err(fault(error)),
    };
    loop {
        match decoder.get_picture() {
            // Copied while the decoder, which may own the memory, lives.
            Ok(picture) => return frame(&picture),
            Err(Error::Again) if pending => match decoder.send_pending_data() {
                Ok(()) => pending = false,
                Err(Error::Again) => {}
                Err(error) => return Err(fault(error)),
            },
            Err(Error::Again) => return Err(Fault::Truncated),
            Err(error) => return Err(fault(error)),
        }
    }
}

fn fault(error: Error) -> Fault {
    Fault::damaged(&format!("AV1: {error}"))
}

/// Converts a decoded frame to the form of HEVC's frames.
fn frame(picture: &Picture) -> Result<Frame, Fault> {
    let wrong = || Fault::damaged("the number of its samples is wrong");
    let bits = picture.bits_per_component().ok_or_else(wrong)?.0;
    let (width, height) = (picture.width(), picture.height());
    let (chroma_format, chroma) = match picture.pixel_layout() {
        PixelLayout::I400 => (0, (0, 0)),
        PixelLayout::I420 => (1, (width.div_ceil(2), height.div_ceil(2))),
        PixelLayout::I422 => (2, (width.div_ceil(2), height)),
        PixelLayout::I444 => (3, (width, height)),
    };
    // The conversion to RGB expects two samples of luma per sample of chroma at the edges too, as
    // in HEVC, so the last ones are doubled if their number is odd.
    let (padded_width, padded_height) = match chroma_format {
        1 => (chroma.0 * 2, chroma.1 * 2),
        2 => (chroma.0 * 2, height),
        _ => (width, height),
    };
    let plane = |component, (width, height): (u32, u32)| -> Result<Vec<u16>, Fault> {
        if width == 0 {
            return Ok(Vec::new());
        }
        let stride = picture.stride(component) as usize;
        let plane = picture.plane(component);
        let sample_bytes = if bits == 8 { 1 } else { 2 };
        let mut samples = Vec::with_capacity(width as usize * height as usize);
        for row in 0..height as usize {
            let from = row * stride;
            let row = plane.get(from..from + width as usize * sample_bytes);
            let row = row.ok_or_else(wrong)?;
            match bits {
                8 => samples.extend(row.iter().map(|&sample| u16::from(sample))),
                _ => {
                    let (pairs, _) = row.as_chunks::<2>();
                    samples.extend(pairs.iter().map(|&pair| u16::from_ne_bytes(pair)));
                }
            }
            if component == PlanarImageComponent::Y && padded_width > width {
                samples.extend(samples.last().copied());
            }
        }
        if component == PlanarImageComponent::Y && padded_height > height {
            let last_row = samples.len().saturating_sub(padded_width as usize);
            samples.extend_from_within(last_row..);
        }
        Ok(samples)
    };
    Ok(Frame {
        widths: [padded_width, chroma.0, chroma.0],
        heights: [padded_height, chroma.1, chroma.1],
        planes: [
            plane(PlanarImageComponent::Y, (width, height))?,
            plane(PlanarImageComponent::U, chroma)?,
            plane(PlanarImageComponent::V, chroma)?,
        ],
        bit_depth: [bits as u8; 2],
        chroma_format,
        full_range: picture.color_range() == pixel::YUVRange::Full,
        matrix_coeffs: picture.matrix_coefficients() as u8,
    })
}
