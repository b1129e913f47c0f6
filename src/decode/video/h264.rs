//! Decodes a key frame coded by H.264 (ISO/IEC 14496-10).

use heifer::heifer_hevc_dec::recon::Frame;
use rust_h264::decoder::{ChromaFormat, Decoder, Frame as Decoded};
use rust_h264::error::DecodeError;
use rust_h264::nal::{NalUnitType, parse_avcc, parse_avcc_config, parse_sps_info};

use crate::decode::error::Fault;
use crate::decode::video::track::KeyFrame;

/// The decoder copies the picture for every slice but the first. This bounds pixels times slices: 129
/// slices in a picture of 4K.
const MOST_COPIED_PIXELS: u64 = 1 << 30;

/// Decodes the frame, of at most `most_pixels`.
pub(super) fn decode(frame: &KeyFrame<'_>, most_pixels: u64) -> Result<Frame, Fault> {
    let configuration = parse_avcc_config(frame.configuration).map_err(Fault::damaged)?;
    let sample = parse_avcc(frame.sample, configuration.length_size);
    let mut decoder = Decoder::new();
    let (mut matrix, mut full_range) = (2, false);
    let mut slices = 0;
    let sets = configuration.sps_nals.iter().chain(&configuration.pps_nals);
    for unit in sets.chain(&sample) {
        match unit.nal_unit_type {
            NalUnitType::Sps => {
                let info = parse_sps_info(unit).map_err(fault)?;
                let pixels = u64::from(info.coded_width) * u64::from(info.coded_height);
                if pixels == 0 || pixels > most_pixels {
                    return Err(Fault::damaged(
                        "its stream has a larger picture than it says",
                    ));
                }
                (matrix, full_range) = (info.matrix, info.full_range);
            }
            // Only these need no other picture.
            NalUnitType::SliceIdr => {
                slices += 1;
                if slices * most_pixels > MOST_COPIED_PIXELS.max(most_pixels) {
                    return Err(Fault::damaged("its picture has too many slices"));
                }
            }
            NalUnitType::Pps => {}
            _ => continue,
        }
        if let Some(picture) = decoder.decode_nal(unit).map_err(fault)? {
            return to_frame(picture, matrix, full_range);
        }
    }
    let picture = decoder.flush();
    let picture = picture.ok_or_else(|| Fault::damaged("its key frame has no picture"))?;
    to_frame(picture, matrix, full_range)
}

fn fault(error: DecodeError) -> Fault {
    match error {
        DecodeError::UnexpectedEof => Fault::Truncated,
        DecodeError::Unsupported(what) => Fault::Unsupported {
            format: format!("H.264 of this kind ({what})"),
        },
        DecodeError::InvalidSyntax(what) => Fault::damaged(&format!("H.264: {what}")),
    }
}

/// Converts a decoded frame to the form of HEVC's frames.
fn to_frame(picture: Decoded, matrix: u8, full_range: bool) -> Result<Frame, Fault> {
    let (width, height) = (picture.width, picture.height);
    let chroma = (picture.chroma_width(), picture.chroma_height());
    let wide = picture.bytes_per_sample() == 2;
    let plane = |bytes: &[u8], (width, height): (u32, u32)| {
        let samples: Vec<u16> = match wide {
            true => {
                let (pairs, _) = bytes.as_chunks::<2>();
                pairs.iter().map(|&pair| u16::from_le_bytes(pair)).collect()
            }
            false => bytes.iter().map(|&sample| u16::from(sample)).collect(),
        };
        match samples.len() as u64 == u64::from(width) * u64::from(height) {
            true => Ok(samples),
            false => Err(Fault::damaged("the number of its samples is wrong")),
        }
    };
    Ok(Frame {
        widths: [width, chroma.0, chroma.0],
        heights: [height, chroma.1, chroma.1],
        planes: [
            plane(&picture.y, (width, height))?,
            plane(&picture.u, chroma)?,
            plane(&picture.v, chroma)?,
        ],
        bit_depth: [picture.bit_depth; 2],
        chroma_format: match picture.chroma_format {
            ChromaFormat::Yuv420 => 1,
            ChromaFormat::Yuv422 => 2,
        },
        full_range,
        matrix_coeffs: matrix,
    })
}
