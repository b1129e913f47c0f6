//! A keyword as a path of names, and the equality of spellings.

use crate::core::text::{clean, folded};

/// A keyword's names from the root of a hierarchy to the leaf, as the user wrote them.
///
/// Two spellings are the same keyword if their [`key`](Self::key)s are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeywordPath(Vec<String>);

impl KeywordPath {
    /// Creates a path from these names, trimmed and composed; empty ones are dropped. `None` if no
    /// name is left.
    pub(crate) fn new(names: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Self> {
        let names = names.into_iter().map(|name| clean(name.as_ref()));
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        (!names.is_empty()).then_some(Self(names))
    }

    /// Parses the output of [`Display`](std::fmt::Display).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::new(text.split('|'))
    }

    /// From the root to the leaf.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// The last name.
    pub(crate) fn leaf(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// All names but the last.
    pub(crate) fn above(&self) -> &[String] {
        self.0.split_last().map_or(&[], |(_, above)| above)
    }

    /// Returns a key that is equal for all spellings of this keyword.
    pub(crate) fn key(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|name| folded(name)).collect();
        names.join("|")
    }
}

impl std::fmt::Display for KeywordPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_keyword_have_one_key() {
        let key = |text| KeywordPath::parse(text).map(|path| path.key());
        for (a, b) in [
            ("Places|Italy", " places | ITALY "),
            ("cafe\u{301}", "CAFÉ"),
            ("Straße", "STRASSE"),
            ("|Places||Italy|", "Places|Italy"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("hot  dog", "Hot\u{a0}Dog"),
        ] {
            assert_eq!(key(a), key(b), "{a} {b}");
        }
        for (a, b) in [("a|b", "a b"), ("sır", "sir"), ("Rome", "Places|Rome")] {
            assert_ne!(key(a), key(b), "{a} {b}");
        }
        assert_eq!(key(" | "), None);
    }
}
