//! Decodes a key frame coded by H.265 (ISO/IEC 23008-2).

use heifer::heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer::heifer_hevc_dec::recon::Frame;

use crate::decode::error::Fault;
use crate::decode::video::track::KeyFrame;

/// The bytes of a configuration before its number of lists (ISO/IEC 14496-15, 8.3.2).
const HEADER_BYTES: usize = 22;
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// Decodes the frame, of at most `max_pixels`.
pub(super) fn decode(frame: &KeyFrame<'_>, max_pixels: u64) -> Result<Frame, Fault> {
    let mut stream = Vec::new();
    let length_bytes = parameter_sets(frame.configuration, &mut stream)
        .ok_or_else(|| Fault::damaged("the configuration of its codec is not valid"))?;
    let mut rest = frame.sample;
    while let Some((unit, after)) = split(rest, length_bytes) {
        add(&mut stream, unit);
        rest = after;
    }
    let options = DecodeOptions {
        max_pixels,
        ..DecodeOptions::default()
    };
    decode_picture(&stream, options).map_err(|error| Fault::damaged(&error.to_string()))
}

/// Adds the parameter sets to the stream, and returns the bytes of a unit's length.
fn parameter_sets(configuration: &[u8], stream: &mut Vec<u8>) -> Option<usize> {
    let length_bytes = usize::from(configuration.get(HEADER_BYTES - 1)? & 3) + 1;
    let (&lists, mut rest) = configuration.get(HEADER_BYTES..)?.split_first()?;
    for _ in 0..lists {
        let ([_, a, b], after) = rest.split_first_chunk::<3>()?;
        rest = after;
        for _ in 0..u16::from_be_bytes([*a, *b]) {
            let (unit, after) = split(rest, 2)?;
            add(stream, unit);
            rest = after;
        }
    }
    Some(length_bytes)
}

fn add(stream: &mut Vec<u8>, unit: &[u8]) {
    stream.extend(START_CODE);
    stream.extend(unit);
}

/// The unit at the start, after its length, and the bytes after it.
fn split(bytes: &[u8], length_bytes: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(length_bytes)?;
    let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
    rest.split_at_checked(length.iter().fold(0, add))
}
