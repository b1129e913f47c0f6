//! Resolves namespace prefixes at a position (Namespaces in XML 1.0).

use std::borrow::Cow;
use std::collections::HashSet;

/// The namespace of `xml:lang` and the like, which needs no declaration.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of Photoshop's properties.
pub(crate) const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";

/// The declarations in scope, the nearest last.
#[derive(Debug, Default)]
pub(crate) struct Namespaces<'t> {
    bindings: Vec<(&'t str, Cow<'t, str>)>,
}

impl<'t> Namespaces<'t> {
    /// The number of declarations in scope.
    pub(crate) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets all declarations but the first `length`.
    pub(crate) fn leave(&mut self, length: usize) {
        self.bindings.truncate(length);
    }

    /// Adds a declaration, of the default namespace if the prefix is empty. Returns whether it is
    /// allowed.
    pub(crate) fn declare(&mut self, prefix: &'t str, uri: Cow<'t, str>) -> bool {
        let reserved = prefix == "xmlns" || (prefix == "xml") != (uri == XML);
        if reserved || (!prefix.is_empty() && uri.is_empty()) {
            return false;
        }
        self.bindings.push((prefix, uri));
        true
    }

    /// The namespace of a prefix, empty if there is no default one; `None` if the prefix is not
    /// declared.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<Cow<'t, str>> {
        let bound = self.bindings.iter().rev().find(|(p, _)| *p == prefix);
        match (bound, prefix) {
            (Some((_, uri)), _) => Some(uri.clone()),
            (None, "") => Some(Cow::Borrowed("")),
            (None, "xml") => Some(Cow::Borrowed(XML)),
            (None, _) => None,
        }
    }

    /// Returns a prefix for one of the namespaces that no nearer declaration hides; failing that,
    /// the empty prefix of the default namespace.
    pub(crate) fn prefix_for(&self, uris: &[&str]) -> Option<&'t str> {
        let mut hidden = HashSet::new();
        let nearest = self.bindings.iter().rev();
        let visible = nearest.filter(|(prefix, _)| hidden.insert(*prefix));
        let mut default = None;
        for (prefix, uri) in visible {
            if uris.contains(&uri.as_ref()) {
                if !prefix.is_empty() {
                    return Some(prefix);
                }
                default = Some(*prefix);
            }
        }
        default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_declaration_counts() {
        let mut namespaces = Namespaces::default();
        assert!(namespaces.declare("a", "urn:1".into()));
        assert!(namespaces.declare("", "urn:1".into()));
        assert_eq!(namespaces.prefix_for(&["urn:1"]), Some("a"));
        let outside = namespaces.len();
        assert!(namespaces.declare("a", "urn:2".into()));
        assert_eq!(namespaces.resolve("a").as_deref(), Some("urn:2"));
        assert_eq!(namespaces.prefix_for(&["urn:1"]), Some(""));
        namespaces.leave(outside);
        assert_eq!(namespaces.resolve("a").as_deref(), Some("urn:1"));
        assert_eq!(namespaces.resolve("b"), None);
        assert!(!namespaces.declare("xmlns", "urn:3".into()));
        assert!(!namespaces.declare("x", XML.into()));
        assert!(!namespaces.declare("x", "".into()));
    }
}
