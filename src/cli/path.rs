//! Formats paths for output.

use std::path::Path;

use serde::Serialize;

/// A file in a line of output. Names need not be text: if one is not, `path` shows each invalid
/// byte as `\\xE9`, and `path_bytes` has all bytes in hexadecimal, which identify the file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PrintedPath {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
}

impl PrintedPath {
    pub(crate) fn new(path: &Path) -> Self {
        let bytes = path.as_os_str().as_encoded_bytes();
        let hex = || bytes.iter().map(|b| format!("{b:02x}")).collect();
        Self {
            path: shown(path),
            path_bytes: path.to_str().is_none().then(hex),
        }
    }

    /// The path as text.
    pub(crate) fn text(&self) -> &str {
        &self.path
    }
}

/// Formats a path as text, distinct for each path: invalid bytes become `\\xE9`.
pub(crate) fn shown(path: impl AsRef<Path>) -> String {
    let mut text = String::new();
    for chunk in path.as_ref().as_os_str().as_encoded_bytes().utf8_chunks() {
        text += chunk.valid();
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02X}")));
    }
    text
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn names_that_are_no_text_stay_apart_and_lead_back() {
        let printed = |name: &[u8]| {
            let path = PrintedPath::new(Path::new(OsStr::from_bytes(name)));
            serde_json::to_value(path).unwrap()
        };
        let (a, b) = (printed(b"caf\xe9.jpg"), printed(b"caf\xe8.jpg"));
        assert_eq!(a["path"], "caf\\xE9.jpg");
        assert_eq!(a["path_bytes"], "636166e92e6a7067");
        assert_ne!(a["path"], b["path"]);
        let text = printed("café.jpg".as_bytes());
        assert_eq!(text["path"], "café.jpg");
        assert!(text["path_bytes"].is_null());
    }
}
