//! Reads a checkpoint's bytes at an offset.
//!
//! Checkpoints are read, never memory-mapped: if a file becomes shorter while it is read, that is
//! an error, but with a map a signal would end the program.

use std::fs::File;
use std::io;

/// Fills `bytes` from `offset`, whatever else reads the file at the same time.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Fills `bytes` from `offset`, whatever else reads the file at the same time.
#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = bytes.split_at_mut(read).1;
                offset += read as u64;
            }
        }
    }
    Ok(())
}

/// Returns `length` bytes from `offset`. The caller has compared both with the file's length.
pub(super) fn read_vec_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    read_exact_at(file, &mut bytes, offset)?;
    Ok(bytes)
}
