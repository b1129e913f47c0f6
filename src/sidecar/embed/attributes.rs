//! What a file has besides its bytes: times, and the file system's extended attributes with the
//! access lists.

use std::fs::{File, FileTimes, Metadata};
use std::io;

use crate::sidecar::read::refusal::Refusal;

/// Gives a new file what the old one has, times last. The caller has copied owner and permissions.
///
/// # Errors
/// A [`Refusal`] if something that a person or program has set cannot be kept.
pub(super) fn keep(old: &File, metadata: &Metadata, new: &File) -> Result<(), Refusal> {
    keep_extended(old, new)?;
    if !has_same_owner(metadata, new) {
        return Err(Refusal::Owner);
    }
    let lost = |_: io::Error| Refusal::Attribute {
        name: "time".to_owned(),
    };
    let mut times = FileTimes::new();
    if let Ok(modified) = metadata.modified() {
        times = times.set_modified(modified);
    }
    if let Ok(accessed) = metadata.accessed() {
        times = times.set_accessed(accessed);
    }
    new.set_times(with_birth(times, metadata)).map_err(lost)
}

#[cfg(target_os = "macos")]
fn with_birth(times: FileTimes, metadata: &Metadata) -> FileTimes {
    use std::os::macos::fs::FileTimesExt;
    match metadata.created() {
        Ok(created) => times.set_created(created),
        Err(_) => times,
    }
}

#[cfg(windows)]
fn with_birth(times: FileTimes, metadata: &Metadata) -> FileTimes {
    use std::os::windows::fs::FileTimesExt;
    match metadata.created() {
        Ok(created) => times.set_created(created),
        Err(_) => times,
    }
}

/// Other systems keep no such time, or let nobody set it.
#[cfg(not(any(target_os = "macos", windows)))]
fn with_birth(times: FileTimes, _: &Metadata) -> FileTimes {
    times
}

#[cfg(unix)]
fn has_same_owner(old: &Metadata, new: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let new = new.metadata();
    new.is_ok_and(|new| (new.uid(), new.gid(), new.mode()) == (old.uid(), old.gid(), old.mode()))
}

#[cfg(not(unix))]
fn has_same_owner(_: &Metadata, _: &File) -> bool {
    true
}

/// The longest attribute, and the longest list of them, that Linux has.
#[cfg(unix)]
const MOST_BYTES: usize = 64 << 10;

#[cfg(unix)]
fn keep_extended(old: &File, new: &File) -> Result<(), Refusal> {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    let mut names = vec![0; MOST_BYTES];
    // A file system without attributes says so.
    let Ok(length) = flistxattr(old, names.as_mut_slice()) else {
        return Ok(());
    };
    names.truncate(length);
    for name in names
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty())
    {
        let mut value = vec![0; MOST_BYTES];
        let copied = fgetxattr(old, name, value.as_mut_slice()).and_then(|length| {
            value.truncate(length);
            fsetxattr(new, name, &value, XattrFlags::empty())
        });
        // The system sets these itself, and lets few others do it.
        let is_systems = name.starts_with(b"security.") || name.starts_with(b"trusted.");
        if copied.is_err() && !is_systems {
            let name = String::from_utf8_lossy(name).into_owned();
            return Err(Refusal::Attribute { name });
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_extended(_: &File, _: &File) -> Result<(), Refusal> {
    Ok(())
}
