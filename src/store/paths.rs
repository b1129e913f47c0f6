//! Paths as the library stores them: bytes, because a file name need not be Unicode.

use std::path::{Path, PathBuf};

/// The path's bytes.
#[cfg(unix)]
pub(super) fn to_bytes(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes()
}

/// The path of these bytes.
#[cfg(unix)]
pub(super) fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

/// The path's bytes in UTF-8; parts of names that are not Unicode (lone surrogates) are lost.
#[cfg(not(unix))]
pub(super) fn to_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

/// The path of these bytes.
#[cfg(not(unix))]
pub(super) fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Appends `suffix` to the path.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Returns the range of bytes of all paths below `folder`: `folder/ .. end_of(folder)`.
pub(super) fn range_below(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let mut first = to_bytes(folder).to_vec();
    let separator = std::path::MAIN_SEPARATOR as u8;
    if first.last() != Some(&separator) {
        first.push(separator);
    }
    let mut end = first.clone();
    // The separator is never 255, so incrementing it gives the end of the range.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    (first, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_lies_in_the_range() {
        let (first, end) = range_below(Path::new("/a/b"));
        let within = |path: &str| {
            let bytes = to_bytes(Path::new(path)).to_vec();
            first <= bytes && bytes < end
        };
        assert!(within("/a/b/c.jpg") && within("/a/b/c/d.jpg") && within("/a/b/\u{10FFFF}"));
        assert!(!within("/a/b") && !within("/a/bc/d.jpg") && !within("/a/c"));
        assert_eq!(range_below(Path::new("/")).0, b"/");
    }
}
