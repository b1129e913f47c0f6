//! The forms in which RDF allows a list of keywords.
//!
//! The usual one is an element with an rdf:Bag of rdf:li. Others mean the same or nearly the same:
//! a single value as text or as an attribute, an empty element, or an rdf:value with qualifiers
//! (XMP specification part 1, section 7.8; RDF/XML syntax, section 2).

use std::ops::Range;

use crate::core::text::clean;
use crate::sidecar::read::document::{Document, Element};
use crate::sidecar::read::property::Property;
use crate::sidecar::read::xml;
use crate::sidecar::read::xml::Attribute;

/// One occurrence of a keyword property.
#[derive(Debug)]
pub(crate) struct Occurrence<'d, 't> {
    /// The property.
    pub(crate) property: Property,
    /// Index of its Description.
    pub(crate) description: usize,
    /// The property's element; `None` if it is an attribute.
    pub(crate) element: Option<&'d Element<'t>>,
    /// The form of the values.
    pub(crate) form: Form<'d, 't>,
    /// The values. `acdsee:categories` has one text.
    pub(crate) items: Vec<Item>,
}

/// The form of a property's values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form<'d, 't> {
    /// One value, as an attribute of the Description.
    Attribute(&'d Attribute<'t>),
    /// One value, the text of this element.
    Simple(&'d Element<'t>),
    /// No value: an element without content.
    Empty(&'d Element<'t>),
    /// Items of a Bag, Seq or Alt.
    Container(&'d Element<'t>),
    /// A form that cannot be added to; the text goes into a message.
    Fixed(&'static str),
}

/// A value and its position.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The value, cleaned.
    pub(crate) value: String,
    /// The whole element (or the attribute with its white space), which goes with the value.
    pub(crate) range: Range<usize>,
}

/// All occurrences of all keyword properties, in the document's order within each Description.
pub(crate) fn occurrences<'d, 't>(document: &'d Document<'t>) -> Vec<Occurrence<'d, 't>> {
    let mut found = Vec::new();
    for (index, description) in document.descriptions.iter().enumerate() {
        for (property, attribute) in &description.attributes {
            let value = xml::unescape(attribute.raw).unwrap_or_default();
            found.push(Occurrence {
                property: *property,
                description: index,
                element: None,
                form: Form::Attribute(attribute),
                items: item(&value, &attribute.whole),
            });
        }
        for (property, element) in &description.properties {
            let (form, items) = form_of(element);
            found.push(Occurrence {
                property: *property,
                description: index,
                element: Some(element),
                form,
                items,
            });
        }
    }
    found
}

fn item(value: &str, range: &Range<usize>) -> Vec<Item> {
    let value = clean(value);
    if value.is_empty() {
        return Vec::new();
    }
    vec![Item {
        value,
        range: range.clone(),
    }]
}

fn form_of<'d, 't>(element: &'d Element<'t>) -> (Form<'d, 't>, Vec<Item>) {
    let mut holder = element;
    // Each turn goes one element deeper.
    loop {
        let qualified = match holder.parse_type.as_deref() {
            None if holder.attributes > 0 || holder.value.is_some() => {
                let value = holder.value.as_deref().unwrap_or("");
                let items = item(value, &element.range());
                return (Form::Fixed("with attributes"), items);
            }
            None => match holder.children.as_slice() {
                [] if holder.text.trim().is_empty() => {
                    return (Form::Empty(holder), Vec::new());
                }
                [] => return (Form::Simple(holder), item(&holder.text, &element.range())),
                [only] if is_container(only) => return container(only),
                [only] if only.rdf == Some("Description") => only,
                _ => return (Form::Fixed("as something other than a list"), Vec::new()),
            },
            Some("Resource") => holder,
            Some("Literal") => {
                let text = if holder.children.is_empty() {
                    holder.text.as_str()
                } else {
                    ""
                };
                return (Form::Fixed("as literal XML"), item(text, &element.range()));
            }
            Some(_) => return (Form::Fixed("as a collection"), Vec::new()),
        };
        let value = qualified.children.iter().find(|c| c.rdf == Some("value"));
        let Some(value) = value else {
            return (Form::Fixed("as a structure"), Vec::new());
        };
        holder = value;
    }
}

fn is_container(element: &Element<'_>) -> bool {
    matches!(element.rdf, Some("Bag" | "Seq" | "Alt"))
}

fn container<'d, 't>(container: &'d Element<'t>) -> (Form<'d, 't>, Vec<Item>) {
    let mut items = Vec::new();
    let mut numbered = false;
    for child in &container.children {
        match child.rdf {
            Some("li") => {}
            Some(name) if name.starts_with('_') => numbered = true,
            _ => continue,
        }
        items.extend(item(value_of(child).unwrap_or(""), &child.range()));
    }
    let form = if numbered || container.attributes > 0 {
        Form::Fixed("with numbered items")
    } else {
        Form::Container(container)
    };
    (form, items)
}

/// The value of a list item, with or without qualifiers.
fn value_of<'d>(item: &'d Element<'_>) -> Option<&'d str> {
    let mut holder = item;
    loop {
        if let Some(value) = &holder.value {
            return Some(value);
        }
        let qualified = match (holder.parse_type.as_deref(), holder.children.as_slice()) {
            (None, []) => return Some(&holder.text),
            (None, [only]) if only.rdf == Some("Description") => only,
            (Some("Resource"), _) => holder,
            (Some("Literal"), []) => return Some(&holder.text),
            _ => return None,
        };
        if let Some(value) = &qualified.value {
            return Some(value);
        }
        holder = qualified.children.iter().find(|c| c.rdf == Some("value"))?;
    }
}
