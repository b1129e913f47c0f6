//! Compresses files with gzip.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// No backup of ours is larger.
const MOST_BYTES: u64 = 16 << 30;

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
    let copied = match start == [0x1f, 0x8b] {
        true => io::copy(&mut GzDecoder::new(file).take(MOST_BYTES), &mut out)?,
        false => io::copy(&mut file.take(MOST_BYTES), &mut out)?,
    };
    match copied == MOST_BYTES {
        true => Err(io::Error::other("it is too large")),
        false => out.flush(),
    }
}
