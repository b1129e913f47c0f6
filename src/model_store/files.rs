//! Small files that are read and written as a whole, digests, and disk space.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model_store::error::{ModelStoreError, at};

/// Taglens's files about models have a few kilobytes.
const MAX_JSON_BYTES: u64 = 16 << 20;
/// The space that a download or an import leaves free for others, in bytes.
const RESERVE_BYTES: u64 = 32 << 20;

/// Reads a file of [`write_json`]; `None` if there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ModelStoreError> {
    let file = match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(at("read", path))?,
    };
    let mut text = Vec::new();
    file.take(MAX_JSON_BYTES)
        .read_to_end(&mut text)
        .map_err(at("read", path))?;
    let damaged = |e: serde_json::Error| ModelStoreError::Manifest {
        path: path.to_owned(),
        reason: e.to_string(),
    };
    serde_json::from_slice(&text).map(Some).map_err(damaged)
}

/// Writes a file beside its place and renames it, so that readers see either the old one or the new
/// one.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), ModelStoreError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(at("create", folder))?;
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(io::Error::from)
        .map_err(at("write", path))?;
    text.push(b'\n');
    let temporary = path.with_extension(format!("tmp{}", std::process::id()));
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|e| {
        let _ = fs::remove_file(&temporary);
        at("write", path)(e)
    })
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A file's SHA-256 in hexadecimal. `read` gets the number of bytes read so far; if it stops the
/// work, there is no digest.
pub(crate) fn sha256(
    path: &Path,
    read: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Option<String>, ModelStoreError> {
    let mut digest = Sha256::new();
    let whole = each_block(path, &mut |block, total| {
        digest.update(block);
        read(total)
    })?;
    Ok(whole.then(|| hexadecimal(&digest.finalize())))
}

/// Passes a file's bytes to `take`, with their number so far. Returns whether it got all.
pub(crate) fn each_block(
    path: &Path,
    take: &mut dyn FnMut(&[u8], u64) -> ControlFlow<()>,
) -> Result<bool, ModelStoreError> {
    let mut file = File::open(path).map_err(at("read", path))?;
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let length = match file.read(&mut buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            length => length.map_err(at("read", path))?,
        };
        if length == 0 {
            return Ok(true);
        }
        total += length as u64;
        if take(buffer.get(..length).unwrap_or(&[]), total).is_break() {
            return Ok(false);
        }
    }
}

/// Refuses to start or continue if the disk has no space for `bytes` more in `folder`.
pub(crate) fn check_space(folder: &Path, bytes: u64) -> Result<(), ModelStoreError> {
    // If the system cannot tell, writing will.
    let Ok(available) = fs4::available_space(folder) else {
        return Ok(());
    };
    check_available(folder, bytes, available)
}

fn check_available(folder: &Path, bytes: u64, available: u64) -> Result<(), ModelStoreError> {
    if bytes.saturating_add(RESERVE_BYTES) <= available {
        return Ok(());
    }
    Err(ModelStoreError::Space {
        folder: folder.to_owned(),
        needed_mb: bytes.saturating_add(RESERVE_BYTES).div_ceil(1_000_000),
        available_mb: available / 1_000_000,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_too_small_is_named_before_anything_is_written() {
        let folder = Path::new("/cache");
        assert!(check_available(folder, 500, 40 << 20).is_ok());
        let error = check_available(folder, 600_000_000, 500_000_000).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("/cache") && text.contains("634 MB") && text.contains("500 MB"),
            "{text}"
        );
        assert!(check_available(folder, u64::MAX, 1 << 40).is_err());
        assert!(check_space(&std::env::temp_dir(), u64::MAX / 2).is_err());
    }
}
