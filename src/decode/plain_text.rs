//! Texts in photos' metadata.

/// The most characters of a text; no camera's name is longer.
pub(super) const LONGEST_TEXT: usize = 80;

/// What can be seen of a text that ends at a zero.
pub(super) fn plain_text(bytes: &[u8]) -> Option<String> {
    let text = bytes.split(|byte| *byte == 0).next()?;
    let text = String::from_utf8_lossy(text);
    let visible = |c: &char| !c.is_control();
    let text: String = text.chars().filter(visible).take(LONGEST_TEXT).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
