//! Parses paths as users type them.

use std::path::{MAIN_SEPARATOR, Path, PathBuf, is_separator};

/// Returns the absolute path: `~` is the home folder, and a relative path starts from `current`.
pub(crate) fn whole(text: &str, home: Option<&Path>, current: &Path) -> PathBuf {
    let text = text.trim();
    let text = unquoted(text);
    if let (Some(rest), Some(home)) = (text.strip_prefix('~'), home)
        && (rest.is_empty() || rest.starts_with(is_separator))
    {
        return plain(&home.join(rest.trim_start_matches(is_separator)));
    }
    plain(&current.join(text))
}

/// Removes `.` and resolves `..` by name, as users mean them.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Removes the quotes that terminals and file managers put around a path.
fn unquoted(text: &str) -> &str {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// Splits the text into the folder to complete from, as typed, and the beginning of a name in it.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    if text == "~" {
        return (text, "");
    }
    match text.rfind(is_separator) {
        Some(at) => {
            let end = at
                + text
                    .get(at..)
                    .and_then(|t| t.chars().next())
                    .map_or(0, char::len_utf8);
            text.split_at(end)
        }
        None => ("", text),
    }
}

/// The text for a folder, ready for a name after it.
pub(crate) fn as_folder(path: &Path) -> String {
    let mut text = path.to_string_lossy().into_owned();
    if !text.ends_with(is_separator) {
        text.push(MAIN_SEPARATOR);
    }
    text
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_whole_path() {
        let (home, current) = (Path::new("/home/ada"), Path::new("/srv/photos"));
        let of = |text: &str| whole(text, Some(home), current);
        assert_eq!(of("~"), Path::new("/home/ada"));
        assert_eq!(of(" ~/Pictures/ "), Path::new("/home/ada/Pictures"));
        assert_eq!(
            of("~ada"),
            Path::new("/srv/photos/~ada"),
            "a name of its own"
        );
        assert_eq!(of("2024"), Path::new("/srv/photos/2024"));
        assert_eq!(of("../music/./a"), Path::new("/srv/music/a"));
        assert_eq!(of("/a b"), Path::new("/a b"));
        assert_eq!(of("'/a b'"), Path::new("/a b"));
        assert_eq!(of(""), Path::new("/srv/photos"));
        assert_eq!(whole("~/x", None, current), Path::new("/srv/photos/~/x"));
    }

    #[test]
    fn a_name_is_completed_in_the_folder_before_it() {
        assert_eq!(split("/home/ada/Pi"), ("/home/ada/", "Pi"));
        assert_eq!(split("/home/ada/"), ("/home/ada/", ""));
        assert_eq!(split("~"), ("~", ""));
        assert_eq!(split("Pi"), ("", "Pi"));
        assert_eq!(as_folder(Path::new("/home")), "/home/");
        assert_eq!(as_folder(Path::new("/")), "/");
    }
}
