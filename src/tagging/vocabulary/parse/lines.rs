//! Lines, counted the same way in all formats.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name;

/// Whether a trimmed line is a comment rather than a label.
pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

/// Returns the lines, counted from 1, with line ends of Unix, Windows or classic Mac OS.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    text.split(end)
        .enumerate()
        .map(|(i, line)| (i + 1, line.strip_suffix('\r').unwrap_or(line)))
}

/// Warns if a label is indented with spaces: only tabs make levels.
pub(super) fn indented_with_spaces(text: &str) -> Option<Problem> {
    let indent = |line: &str| line.bytes().take_while(|&b| b == b' ').count();
    let mut before = None;
    let is_label = |line: &str| !line.trim().is_empty() && !is_comment(line.trim());
    for (number, line) in lines(text).filter(|(_, line)| is_label(line)) {
        if before.is_some_and(|before| indent(line) > before) {
            let message = format!(
                "{} is indented with spaces, which do not make a level; indent with tabs",
                name::quoted(line.trim())
            );
            return Some(Problem::at(number, message));
        }
        before = Some(indent(line));
    }
    None
}
