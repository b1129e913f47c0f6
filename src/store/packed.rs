//! Compresses files and sidecars with gzip.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// What every gzip file starts with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// No backup of ours is larger.
const MOST_BYTES: u64 = 16 << 30;
/// No sidecar that Taglens writes is larger.
const MOST_SIDECAR_BYTES: u64 = 64 << 20;

/// Compresses a file into a new private file, and flushes it to disk.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn pack(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut encoder = GzEncoder::new(options.open(to)?, Compression::fast());
    io::copy(&mut File::open(from)?, &mut encoder)?;
    encoder.finish()?.sync_all()
}

/// Decompresses a file into a new one. A file that is not compressed, such as a copy of a whole
/// library, is copied.
///
/// # Errors
/// If a file cannot be read or written, or is too large.
pub(super) fn unpack(from: &Path, to: &Path) -> io::Result<()> {
    let mut start = [0; 2];
    File::open(from)?.read_exact(&mut start)?;
    let file = File::open(from)?;
    let mut out = File::create_new(to)?;
    let copied = match start == MAGIC {
        true => io::copy(&mut GzDecoder::new(file).take(MOST_BYTES), &mut out)?,
        false => io::copy(&mut file.take(MOST_BYTES), &mut out)?,
    };
    match copied == MOST_BYTES {
        true => Err(io::Error::other("it is too large")),
        false => out.flush(),
    }
}

/// Compresses bytes in memory.
pub(super) fn pack_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // A vector takes all bytes. Uncompressed ones are as good.
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.unwrap_or_else(|_| bytes.to_vec())
}

/// Decompresses what [`pack_bytes`] made. Bytes of an older library, which are not compressed, are
/// returned as they are: no sidecar starts like a gzip file.
///
/// # Errors
/// If the bytes are damaged or too many.
pub(super) fn unpack_bytes(bytes: &[u8]) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(bytes.to_vec());
    }
    let mut unpacked = Vec::new();
    let copied = GzDecoder::new(bytes)
        .take(MOST_SIDECAR_BYTES)
        .read_to_end(&mut unpacked)?;
    match copied as u64 == MOST_SIDECAR_BYTES {
        true => Err(io::Error::other("it is too large")),
        false => Ok(unpacked),
    }
}
