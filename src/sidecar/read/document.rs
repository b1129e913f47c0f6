//! The relevant parts of a sidecar's text, each with its position: the rdf:RDF element, its
//! Descriptions and their keyword properties.

use std::collections::HashSet;
use std::ops::Range;

use crate::sidecar::read::facts::FactProperty;
use crate::sidecar::read::property::Property;
use crate::sidecar::read::xml::{Attribute, is_space};

/// The namespace of RDF.
pub(crate) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// The namespace of the element around rdf:RDF.
pub(crate) const META: &str = "adobe:ns:meta/";
/// The namespace of the media management properties.
pub(crate) const XMP_MM: &str = "http://ns.adobe.com/xap/1.0/mm/";

/// The namespace in which a JPEG's packet names its continuation.
pub(crate) const XMP_NOTE: &str = "http://ns.adobe.com/xmp/note/";

/// A well-formed XML document, reduced to what keywords need.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    /// The whole text.
    pub(crate) text: &'t str,
    /// The line end in use; empty if there is none.
    pub(crate) newline: &'static str,
    /// The first x:xmpmeta element.
    pub(crate) meta: Option<Element<'t>>,
    /// The first rdf:RDF element.
    pub(crate) rdf: Option<Element<'t>>,
    /// Its child elements.
    pub(crate) descriptions: Vec<Description<'t>>,
    /// All prefixes declared anywhere.
    pub(crate) prefixes: HashSet<&'t str>,
    /// `photoshop:SidecarForExtension`: the extension of the photo, among several of one stem.
    pub(crate) for_extension: Option<String>,
    /// `xmpMM:DerivedFrom` as darktable writes it: the name of the photo.
    pub(crate) derived_from: Option<String>,
    /// The unparsed values of the properties for facts about the photo.
    pub(crate) facts: Vec<(FactProperty, String)>,
    /// The positions of `xmpNote:HasExtendedXMP`, an element or an attribute.
    pub(crate) extensions: Vec<Range<usize>>,
}

/// An element. It has children only inside keyword properties.
#[derive(Clone, Debug, Default)]
pub(crate) struct Element<'t> {
    /// Name with its prefix.
    pub(crate) name: &'t str,
    /// Its local name if it is in RDF's namespace.
    pub(crate) rdf: Option<&'t str>,
    /// The start tag, or all of a self-closed element.
    pub(crate) open: Range<usize>,
    /// The end tag; empty for a self-closed element.
    pub(crate) close: Range<usize>,
    /// The children, inside keyword properties.
    pub(crate) children: Vec<Element<'t>>,
    /// The last child element.
    pub(crate) last_child: Option<Range<usize>>,
    /// Text directly in the element, with references resolved.
    pub(crate) text: String,
    /// Whether comments, instructions or CDATA sections are directly in it.
    pub(crate) mixed: bool,
    /// `rdf:parseType`.
    pub(crate) parse_type: Option<String>,
    /// `rdf:value` as an attribute.
    pub(crate) value: Option<String>,
    /// Attributes other than namespaces, `xml:…` and the two above.
    pub(crate) attributes: usize,
    /// A prefix for RDF's namespace here, empty for the default one.
    pub(crate) rdf_prefix: Option<&'t str>,
}

/// A child of rdf:RDF.
#[derive(Debug)]
pub(crate) struct Description<'t> {
    /// The element.
    pub(crate) element: Element<'t>,
    /// Whether it is an rdf:Description about the photo itself.
    pub(crate) plain: bool,
    /// `rdf:about`.
    pub(crate) about: String,
    /// Prefixes for the keyword properties' namespaces here, in the order of [`Property::ALL`].
    pub(crate) prefixes: [Option<&'t str>; Property::ALL.len()],
    /// Keyword properties written as attributes.
    pub(crate) attributes: Vec<(Property, Attribute<'t>)>,
    /// Keyword properties written as elements.
    pub(crate) properties: Vec<(Property, Element<'t>)>,
}

impl<'t> Document<'t> {
    /// Creates a document with nothing parsed yet.
    pub(crate) fn new(text: &'t str) -> Self {
        let first = text.find(['\r', '\n']).map(|at| &text[at..]);
        let newline = match first {
            None => "",
            Some(rest) if rest.starts_with("\r\n") => "\r\n",
            Some(rest) if rest.starts_with('\r') => "\r",
            Some(_) => "\n",
        };
        Self {
            text,
            newline,
            meta: None,
            rdf: None,
            descriptions: Vec::new(),
            prefixes: HashSet::new(),
            for_extension: None,
            derived_from: None,
            facts: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

impl Element<'_> {
    /// Whether it has no end tag.
    pub(crate) fn self_closed(&self) -> bool {
        self.close.is_empty()
    }

    /// From its first byte to its last.
    pub(crate) fn range(&self) -> Range<usize> {
        self.open.start..self.close.end.max(self.open.end)
    }

    /// Between its tags; empty for a self-closed element.
    pub(crate) fn content(&self) -> Range<usize> {
        self.open.end..self.close.start.max(self.open.end)
    }

    /// Whether it contains only white space.
    pub(crate) fn is_blank(&self) -> bool {
        !self.mixed && self.last_child.is_none() && self.text.trim().is_empty()
    }
}

/// The start of the white space before `at`.
pub(crate) fn gap_start(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches(is_space).len()
}

/// The text between the start of the line and `at`, if that is only white space.
pub(crate) fn indent(text: &str, at: usize) -> Option<&str> {
    let gap = &text[gap_start(text, at)..at];
    let line = gap.rfind(['\n', '\r'])?;
    Some(&gap[line + 1..])
}
