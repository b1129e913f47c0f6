//! Checks names from outside before they become names of files and folders.

use std::path::Path;

use crate::model_store::error::ModelStoreError;

const MAX_NAME: usize = 64;

/// Whether a model can have this name, which becomes a folder's on any system.
pub(crate) fn check_name(name: &str) -> Result<(), ModelStoreError> {
    const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let stem = name.split('.').next().unwrap_or("");
    let fine = name.len() <= MAX_NAME
        && edge(name.chars().next())
        && edge(name.chars().last())
        && name.chars().all(inside)
        && !RESERVED.iter().any(|r| stem.eq_ignore_ascii_case(r));
    if fine {
        Ok(())
    } else {
        Err(ModelStoreError::Name {
            name: name.to_owned(),
        })
    }
}

/// Whether a text is just the name of a file on any system: no folder, no drive, no device, no
/// `..`.
pub(crate) fn is_file_name(name: &str) -> bool {
    const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];
    let plain = |c: char| {
        !c.is_control() && !matches!(c, '/' | '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*')
    };
    let stem = name.split('.').next().unwrap_or("");
    name.len() <= 255
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && name.chars().all(plain)
        && !RESERVED.iter().any(|r| stem.eq_ignore_ascii_case(r))
        && Path::new(name).file_name() == Some(name.as_ref())
}

/// Whether a text is a digest of so many bits, in hexadecimal.
pub(crate) fn is_hexadecimal(text: &str, bits: usize) -> bool {
    text.len() == bits / 4 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        let long = "x".repeat(65);
        let bad = [
            "", ".", "..", "../x", "a/b", "a\\b", "/x", "C:x", ".hidden", "a.", "nul", "\u{e9}",
            "a b", &long,
        ];
        for name in bad {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in ["a", "vit-b-32-openai", "My_Model.v2", "0"] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
        for name in [
            "", ".", "..", "../x", "a/b", "a\\b", "/x", "C:x", "a\0b", "a\n", "nul.bin", "x/",
            ".x", "a.",
        ] {
            assert!(!is_file_name(name), "{name:?}");
        }
        assert!(is_file_name("model-00001-of-00002.safetensors"));
        assert!(is_hexadecimal(&"aB".repeat(32), 256));
        assert!(!is_hexadecimal(&"ag".repeat(32), 256) && !is_hexadecimal("ab", 256));
    }
}
