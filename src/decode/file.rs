//! A photo file's bytes, and their share of the memory budget.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

use crate::decode::budget::{FILES, MOST_FILE_BYTES, Share};
use crate::decode::error::{DecodeError, Fault};
use crate::decode::limits::Limits;

/// A file in memory. All threads together hold at most 192 MiB of files, or a single larger one;
/// [`read_file`] waits until there is room.
pub(crate) struct FileBytes {
    bytes: Vec<u8>,
    _share: Share<'static>,
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a file for [`prepare_photo`](crate::decode::prepare_photo).
///
/// A caller that holds a file must not read another, or all callers might wait for each other.
///
/// # Errors
/// A [`DecodeError`] that names the file: it is missing, not a file, empty, or larger than
/// [`Limits::max_file_bytes`]; or reading it failed.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<FileBytes, DecodeError> {
    read(path, limits).map_err(|fault| DecodeError {
        path: path.to_owned(),
        fault,
    })
}

fn read(path: &Path, limits: &Limits) -> Result<FileBytes, Fault> {
    // Checked before opening, because opening a pipe would wait for a writer.
    let metadata = std::fs::metadata(path).map_err(Fault::from_io)?;
    if !metadata.is_file() {
        return Err(Fault::NotAFile);
    }
    let length = metadata.len();
    if length == 0 {
        return Err(Fault::Empty);
    }
    if length > limits.max_file_bytes {
        return Err(Fault::FileTooLarge {
            bytes: length,
            limit: limits.max_file_bytes,
        });
    }
    let file = File::open(path).map_err(Fault::from_io)?;
    let share = FILES.take(length, MOST_FILE_BYTES);
    let mut bytes = Vec::new();
    let reserved = bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX));
    if reserved.is_err() {
        return Err(Fault::FileTooLarge {
            bytes: length,
            limit: limits.max_file_bytes,
        });
    }
    // No more than its length, even of a growing file: the caller checks again at the end.
    file.take(length)
        .read_to_end(&mut bytes)
        .map_err(Fault::from_io)?;
    Ok(FileBytes {
        bytes,
        _share: share,
    })
}
