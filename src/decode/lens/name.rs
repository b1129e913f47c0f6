//! Names of lenses.

/// Whether a camera's text is a name, not a sign of no lens.
pub(super) fn is_name(text: &str) -> bool {
    let none = ["no-lens", "none", "n/a", "unknown"];
    text.chars().any(char::is_alphanumeric) && !none.contains(&text.to_ascii_lowercase().as_str())
}
