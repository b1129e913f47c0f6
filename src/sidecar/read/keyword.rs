//! A keyword with its place in a hierarchy, and the equality of spellings.

use serde::{Deserialize, Serialize};

use crate::core::text::{clean, folded};
use crate::sidecar::read::xml::is_char;

/// A keyword: its path from the root of the hierarchy to the leaf. The leaf alone is its flat name.
///
/// Names are in Unicode NFC, trimmed, with single spaces. Case matters, because readers treat “Dog”
/// and “dog” as two keywords.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Keyword {
    /// At least one name, none empty.
    path: Vec<String>,
}

/// A name that no sidecar can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keyword {0:?} has an empty name, a “|”, or a character that XML cannot hold")]
pub struct KeywordError(String);

impl Keyword {
    /// Creates a keyword from the names from the root to the leaf.
    ///
    /// # Errors
    /// If there is no name, one is empty, or one has a `|` (which separates levels in sidecars) or
    /// a character that XML does not allow.
    pub fn new(path: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, KeywordError> {
        let path: Vec<String> = path.into_iter().map(|name| clean(name.as_ref())).collect();
        let sound =
            |name: &String| !name.is_empty() && name.chars().all(|c| c != '|' && is_char(c));
        if path.is_empty() || !path.iter().all(sound) {
            return Err(KeywordError(path.join("|").chars().take(80).collect()));
        }
        Ok(Self { path })
    }

    /// The names from the root to the leaf.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The flat name.
    pub(crate) fn leaf(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The path without case, for comparisons that ignore spelling.
    pub(crate) fn folded(&self) -> Vec<String> {
        self.path.iter().map(|name| folded(name)).collect()
    }
}

impl TryFrom<Vec<String>> for Keyword {
    type Error = KeywordError;

    fn try_from(path: Vec<String>) -> Result<Self, KeywordError> {
        Self::new(path)
    }
}

impl From<Keyword> for Vec<String> {
    fn from(keyword: Keyword) -> Self {
        keyword.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_checked() {
        let keyword = Keyword::new([" animal ", "hot \n dog"]).unwrap();
        assert_eq!(keyword.path(), ["animal", "hot dog"]);
        assert_eq!(keyword.leaf(), "hot dog");
        assert_eq!(Keyword::new(["cafe\u{301}"]), Keyword::new(["café"]));
        assert_ne!(Keyword::new(["Dog"]), Keyword::new(["dog"]));
        for wrong in [&["a", ""][..], &["a|b"], &["a\u{1}"], &["\u{FFFF}"], &[]] {
            assert!(Keyword::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn folding_leaves_out_what_is_no_difference() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("e\u{301}té ", "ÉTÉ"),
            ("ΟΔΟΣ", "οδος"),
            ("new  york", "New York"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        assert_ne!(folded("kız"), folded("kiz"));
        assert_ne!(folded("cafe"), folded("café"));
    }

    #[test]
    fn is_stored_as_its_path() {
        let keyword = Keyword::new(["a", "b"]).unwrap();
        let json = serde_json::to_string(&keyword).unwrap();
        assert_eq!(json, r#"["a","b"]"#);
        assert_eq!(serde_json::from_str::<Keyword>(&json).unwrap(), keyword);
        assert!(serde_json::from_str::<Keyword>("[]").is_err());
    }
}
