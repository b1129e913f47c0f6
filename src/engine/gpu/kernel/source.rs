//! Lines of generated WGSL.

/// Adds a line of source.
pub(crate) fn line(s: &mut String, text: &str) {
    s.push_str("        ");
    s.push_str(text);
    s.push('\n');
}
