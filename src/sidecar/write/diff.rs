//! Shows a write as a unified diff.

use std::path::Path;

use similar::TextDiff;

use crate::sidecar::read::encoding::Decoded;

/// Returns the change of one sidecar in the format of `diff -u`; empty if there is none. UTF-16 is
/// shown as text.
pub(crate) fn unified(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    if before == after {
        return String::new();
    }
    let text = |bytes: Option<&[u8]>| {
        let bytes = bytes.unwrap_or_default();
        match Decoded::read(bytes) {
            Ok(decoded) => decoded.text,
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        }
    };
    let name = |there: Option<&[u8]>| match there {
        Some(_) => path.display().to_string(),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (text(before), text(after));
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(3)
        .header(&name(before), &name(after))
        .to_string()
}
