//! Opens a sidecar safely.
//!
//! The file is opened relative to its folder, without following a link and without waiting. The
//! check for a pipe or a device looks at the open file, so that nothing can change between check
//! and reading.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::size::{MAX_SIDECAR_BYTES, too_large};

/// The purpose of opening a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Reading,
    /// To find out whether it is writable. Nothing is written through it.
    Writing,
}

/// Returns the bytes of a sidecar; `None` if there is no file.
///
/// # Errors
/// If it is not a file, is too large, has its content elsewhere ([`Fault::Evicted`]) or cannot be
/// read.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, SidecarError> {
    let fail = |fault| SidecarError::new(path, fault);
    let file = match open(path, Purpose::Reading) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(explain(path, error))),
    };
    let metadata = file.metadata().map_err(|e| SidecarError::io(path, e))?;
    check(&metadata).map_err(fail)?;
    if metadata.len() > MAX_SIDECAR_BYTES {
        return Err(fail(too_large(metadata.len())));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(MAX_SIDECAR_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| SidecarError::io(path, e))?;
    match bytes.len() as u64 {
        length if length > MAX_SIDECAR_BYTES => Err(fail(too_large(length))),
        _ => Ok(Some(bytes)),
    }
}

/// Opens a photo to look for metadata; `None` if it is not a file.
///
/// # Errors
/// If it cannot be opened.
pub(crate) fn open_photo(path: &Path) -> io::Result<Option<File>> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    // A photo may be a link, and its name may be a pipe's.
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as _);
    }
    let file = options.open(path)?;
    Ok(file.metadata()?.is_file().then_some(file))
}

/// Checks that it is a file with its content on this disk.
pub(crate) fn check(metadata: &Metadata) -> Result<(), Fault> {
    if metadata.is_dir() {
        return Err(Fault::NotAFile { what: "a folder" });
    }
    if !metadata.is_file() {
        let what = "a pipe or a device";
        return Err(Fault::NotAFile { what });
    }
    if is_placeholder(metadata) {
        return Err(Fault::Evicted);
    }
    Ok(())
}

/// Finds out why opening failed: on most systems the error alone does not say.
fn explain(path: &Path, error: io::Error) -> Fault {
    let kind = std::fs::symlink_metadata(path).map(|m| m.file_type());
    match kind {
        Ok(kind) if kind.is_symlink() => Fault::LinkSinceListed,
        Ok(kind) if kind.is_dir() => Fault::NotAFile { what: "a folder" },
        Ok(kind) if !kind.is_file() => Fault::NotAFile {
            what: "a pipe or a device",
        },
        _ => Fault::from_io(error),
    }
}

/// Opens the file itself, never the target of a link.
#[cfg(unix)]
pub(crate) fn open(path: &Path, purpose: Purpose) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use rustix::io::retry_on_intr;
    let (folder, name) = (folder_of(path), path.file_name());
    let Some(name) = name else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let as_folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = retry_on_intr(|| openat(CWD, folder, as_folder, Mode::empty()))?;
    let access = match purpose {
        Purpose::Reading => OFlags::RDONLY,
        Purpose::Writing => OFlags::WRONLY | OFlags::APPEND,
    };
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = retry_on_intr(|| openat(&folder, name, access | flags, Mode::empty()))?;
    Ok(File::from(file))
}

/// Opens the file; the caller has refused links.
#[cfg(not(unix))]
pub(crate) fn open(path: &Path, purpose: Purpose) -> io::Result<File> {
    if std::fs::symlink_metadata(path)?.file_type().is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut options = std::fs::OpenOptions::new();
    match purpose {
        Purpose::Reading => options.read(true),
        Purpose::Writing => options.append(true),
    };
    options.open(path)
}

/// The parent folder of a path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether a cloud drive keeps the content elsewhere, and would download it for a reader.
#[cfg(windows)]
fn is_placeholder(metadata: &Metadata) -> bool {
    use std::os::windows::fs::MetadataExt;
    const OFFLINE: u32 = 0x1000;
    const RECALL_ON_OPEN: u32 = 0x0004_0000;
    const RECALL_ON_DATA_ACCESS: u32 = 0x0040_0000;
    metadata.file_attributes() & (OFFLINE | RECALL_ON_OPEN | RECALL_ON_DATA_ACCESS) != 0
}

/// Whether a cloud drive keeps the content elsewhere, and would download it for a reader.
#[cfg(target_os = "macos")]
fn is_placeholder(metadata: &Metadata) -> bool {
    use std::os::macos::fs::MetadataExt;
    const DATALESS: u32 = 0x4000_0000;
    metadata.st_flags() & DATALESS != 0
}

/// Other systems' drives mark such files by name: see the folder's listing.
#[cfg(not(any(windows, target_os = "macos")))]
fn is_placeholder(_: &Metadata) -> bool {
    false
}
