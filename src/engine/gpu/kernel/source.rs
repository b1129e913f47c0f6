//! Lines of WGSL that are written out.

/// Adds a line of source.
pub(crate) fn line(s: &mut String, text: &str) {
    s.push_str("        ");
    s.push_str(text);
    s.push('\n');
}
