//! Messages on standard error, and names made harmless for a terminal.
//!
//! A file name can contain any byte but two. Unchanged, it could move the terminal's cursor,
//! recolour the screen, or show a name backwards.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

/// Writes a message to standard error, as `eprintln!` does, but never panics: if the reader has
/// gone, the work goes on.
macro_rules! tell {
    ($($message:tt)*) => {
        $crate::cli::terminal::tell_line(format_args!($($message)*))
    };
}
pub(crate) use tell;

/// The function behind [`tell!`].
pub(crate) fn tell_line(message: fmt::Arguments<'_>) {
    let text = message.to_string();
    let line = format!("{}\n", harmless_lines(&text));
    // If this cannot be written, nobody can be told.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Whether a character can change how a terminal shows others.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' // Arabic letter mark
                | '\u{200e}'..='\u{200f}' // left-to-right and right-to-left marks
                | '\u{2028}'..='\u{202e}' // line separators; embeddings and overrides
                | '\u{2066}'..='\u{2069}' // isolates
                | '\u{feff}' // byte order mark
        )
}

/// Escapes all characters that could change how a terminal shows other text: a newline becomes
/// `\n`, an escape `\u{1b}`.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    escape(text, is_harmful)
}

/// Like [`harmless`], for text of several lines.
pub(crate) fn harmless_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_harmful(c) && c != '\n' && c != '\t')
}

fn escape(text: &str, harms: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&harms) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match harms(c) {
            true => escaped.extend(c.escape_default()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_escaped_and_nothing_else_is() {
        for (text, expected) in [
            ("naïve 写真 👩‍👩‍👧 \\", "naïve 写真 👩‍👩‍👧 \\"),
            ("שלום", "שלום"),
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("a\u{9b}b\u{7f}", "a\\u{9b}b\\u{7f}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("\u{2066}a\u{2069}\u{200f}", "\\u{2066}a\\u{2069}\\u{200f}"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ] {
            assert_eq!(harmless(text), expected);
        }
        assert_eq!(harmless_lines("a\r\nb\u{7}\tc"), "a\\r\nb\\u{7}\tc");
    }
}
