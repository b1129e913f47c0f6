//! Reads as much of a promised length as exists.

use std::io::{self, ErrorKind, Read, Seek};

use flate2::read::ZlibDecoder;

use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

pub(super) fn read<const BYTES: usize>(reader: &mut impl Read) -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads up to `length` bytes; memory grows with the file, not with its promises.
pub(super) fn read_bytes(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    if length > MAX_SIDECAR_BYTES {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let mut bytes = Vec::new();
    reader.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

pub(super) fn skip(reader: &mut impl Seek, length: u64) -> io::Result<()> {
    match i64::try_from(length) {
        Ok(length) => reader.seek_relative(length),
        Err(_) => Err(ErrorKind::UnexpectedEof.into()),
    }
}

/// Inflates zlib data, up to the size of a sidecar.
pub(super) fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut decoder = ZlibDecoder::new(packed).take(MAX_SIDECAR_BYTES);
    decoder.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
