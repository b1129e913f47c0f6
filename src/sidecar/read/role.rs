//! The role of a sidecar's element, by its position and name.

use std::borrow::Cow;

use crate::sidecar::read::document::{Description, Document, Element, META, RDF, XMP_MM, XMP_NOTE};
use crate::sidecar::read::facts::FactProperty;
use crate::sidecar::read::namespaces::{PHOTOSHOP, XML};
use crate::sidecar::read::property::Property;
use crate::sidecar::read::xml;
use crate::sidecar::read::xml::Attribute;

/// The role of an open element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Other,
    Meta,
    Rdf,
    Description,
    /// A direct child of a Description that is not a keyword property.
    Sibling,
    /// Another property with text to keep.
    ForExtension,
    DerivedFrom,
    Extension,
    Fact(FactProperty),
    Keyword(Property),
    /// Anything inside a keyword property.
    Inside,
}

impl Role {
    /// Returns the role of a direct child of an element with the role `around`; at the top, of
    /// none.
    pub(crate) fn of(
        uri: &str,
        local: &str,
        around: Option<Self>,
        found_rdf: bool,
        has_meta: bool,
    ) -> Self {
        match around {
            Some(Self::Rdf) => Self::Description,
            Some(Self::Description) => match Property::named(uri, local) {
                Some(property) => Self::Keyword(property),
                None => match (uri, local) {
                    (PHOTOSHOP, "SidecarForExtension") => Self::ForExtension,
                    (XMP_MM, "DerivedFrom") => Self::DerivedFrom,
                    (XMP_NOTE, "HasExtendedXMP") => Self::Extension,
                    _ => FactProperty::named(uri, local).map_or(Self::Sibling, Self::Fact),
                },
            },
            Some(Self::Keyword(_) | Self::Inside) => Self::Inside,
            Some(Self::Other | Self::Meta) | None => match uri {
                RDF if local == "RDF" && !found_rdf => Self::Rdf,
                META if !has_meta => Self::Meta,
                _ => Self::Other,
            },
            Some(_) => Self::Other,
        }
    }

    /// Whether to keep the element's text.
    pub(crate) fn keeps_text(self) -> bool {
        matches!(
            self,
            Self::Keyword(_)
                | Self::Inside
                | Self::ForExtension
                | Self::DerivedFrom
                | Self::Fact(_)
        )
    }
}

/// An attribute that is not a declaration, by its namespace.
pub(crate) struct Named<'t> {
    pub(crate) uri: Cow<'t, str>,
    pub(crate) local: &'t str,
    pub(crate) attribute: Attribute<'t>,
}

/// Unescapes an attribute; its references were checked when it was found.
pub(crate) fn unescaped<'t>(attribute: &Attribute<'t>) -> Cow<'t, str> {
    xml::unescape(attribute.raw).unwrap_or(Cow::Borrowed(attribute.raw))
}

/// Records what the attributes say about the form of a property.
pub(crate) fn describe(element: &mut Element<'_>, named: &[Named<'_>]) {
    for Named {
        uri,
        local,
        attribute,
    } in named
    {
        match (uri.as_ref(), *local) {
            (RDF, "parseType") => element.parse_type = Some(unescaped(attribute).into_owned()),
            (RDF, "value") => element.value = Some(unescaped(attribute).into_owned()),
            (XML, _) => {}
            _ => element.attributes += 1,
        }
    }
}

/// Records what an attribute of a Description says about the photo.
pub(crate) fn take_attribute<'t>(
    document: &mut Document<'t>,
    description: &mut Description<'t>,
    named: &Named<'t>,
) {
    let attribute = &named.attribute;
    match (named.uri.as_ref(), named.local) {
        // Without a namespace, as in the first drafts of RDF.
        (RDF | "", "about") => description.about = unescaped(attribute).into_owned(),
        (RDF, "nodeID" | "ID") => description.plain = false,
        (PHOTOSHOP, "SidecarForExtension") => {
            document.for_extension = Some(unescaped(attribute).into_owned());
        }
        (XMP_MM, "DerivedFrom") => {
            document.derived_from = Some(unescaped(attribute).into_owned());
        }
        (XMP_NOTE, "HasExtendedXMP") => document.extensions.push(attribute.whole.clone()),
        (uri, local) => {
            if let Some(property) = Property::named(uri, local) {
                description.attributes.push((property, attribute.clone()));
            } else if let Some(fact) = FactProperty::named(uri, local) {
                document
                    .facts
                    .push((fact, unescaped(attribute).into_owned()));
            }
        }
    }
}
