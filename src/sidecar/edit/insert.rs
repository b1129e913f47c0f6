//! Inserts values into the existing list, or into a new one.

use crate::sidecar::edit::categories;
use crate::sidecar::edit::layout::{Layout, append, gap_before};
use crate::sidecar::edit::record::{Around, Origin};
use crate::sidecar::edit::splice::Splice;
use crate::sidecar::read::document::{Description, Document, Element};
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::{Fault, line_and_column};
use crate::sidecar::read::form::{Form, Occurrence};
use crate::sidecar::read::property::Property;
use crate::sidecar::read::xml;

/// The changes that insert values.
#[derive(Debug, Default)]
pub(crate) struct Insertion {
    pub(crate) splices: Vec<Splice>,
    /// The state of each property before.
    pub(crate) origins: Vec<(Property, Origin)>,
    pub(crate) around: Around,
}

/// A property that does not exist yet.
struct New {
    property: Property,
    /// The values, escaped and in order.
    values: Vec<String>,
}

/// Returns the changes that insert `values` into the properties.
///
/// # Errors
/// [`Fault::Form`] if a property has a form that cannot take more values.
pub(crate) fn insert(
    document: &Document<'_>,
    found: &[Occurrence<'_, '_>],
    decoded: &Decoded,
    values: &[(Property, Vec<String>)],
) -> Result<Insertion, Fault> {
    let mut insertion = Insertion::default();
    let mut new: Vec<New> = Vec::new();
    for (property, values) in values {
        let escaped = values
            .iter()
            .map(|value| decoded.representable(&xml::escape(value)))
            .collect::<Vec<_>>();
        let Some(occurrence) = best(found, *property) else {
            insertion.origins.push((*property, Origin::Created));
            new.push(New {
                property: *property,
                values: match property {
                    Property::Acdsee => whole_categories(decoded, values),
                    _ => escaped,
                },
            });
            continue;
        };
        let (splices, origin) = if *property == Property::Acdsee {
            into_categories(document, occurrence, decoded, values)?
        } else if let Form::Attribute(attribute) = occurrence.form {
            // An attribute holds only one value, and a property may not occur twice.
            let mut all = vec![attribute.raw.replace('>', "&gt;")];
            all.extend(escaped);
            new.push(New {
                property: *property,
                values: all,
            });
            let splice = Splice::remove(attribute.whole.clone());
            (vec![splice], Origin::Existing)
        } else {
            into_list(document, occurrence, &escaped)?
        };
        // A property may occur twice. What others have in either is theirs.
        let mut same = found.iter().filter(|other| other.property == *property);
        let origin = match origin {
            Origin::Filled(_) if same.any(|other| !other.items.is_empty()) => Origin::Existing,
            other => other,
        };
        insertion.splices.extend(splices);
        insertion.origins.push((*property, origin));
    }
    create(document, found, &new, &mut insertion);
    Ok(insertion)
}

/// Picks the occurrence for new values: an existing list rather than something that must become
/// one.
fn best<'o, 'd, 't>(
    found: &'o [Occurrence<'d, 't>],
    property: Property,
) -> Option<&'o Occurrence<'d, 't>> {
    found
        .iter()
        .filter(|occurrence| occurrence.property == property)
        .min_by_key(|occurrence| match occurrence.form {
            Form::Container(list) if !list.children.is_empty() => 0,
            Form::Container(_) => 1,
            Form::Simple(_) => 2,
            Form::Attribute(_) => 3,
            Form::Empty(_) => 4,
            Form::Fixed(_) => 5,
        })
}

fn refused(document: &Document<'_>, occurrence: &Occurrence<'_, '_>, form: &'static str) -> Fault {
    let at = match (occurrence.element, occurrence.form) {
        (Some(element), _) => element.open.start,
        (None, Form::Attribute(attribute)) => attribute.value.start,
        (None, _) => 0,
    };
    Fault::Form {
        line: line_and_column(document.text, at).0,
        property: occurrence.property.facts().name,
        form,
    }
}

fn before(document: &Document<'_>, occurrence: &Occurrence<'_, '_>) -> String {
    let range = occurrence.element.map(Element::range);
    range.map_or_else(String::new, |range| document.text[range].to_owned())
}

fn into_list(
    document: &Document<'_>,
    occurrence: &Occurrence<'_, '_>,
    values: &[String],
) -> Result<(Vec<Splice>, Origin), Fault> {
    let text = document.text;
    match occurrence.form {
        Form::Container(list) => {
            if let Some(last) = list.children.iter().rev().find(|c| c.rdf == Some("li")) {
                let gap = gap_before(text, last.open.start);
                let items = values
                    .iter()
                    .map(|value| format!("{gap}<{0}>{value}</{0}>", last.name))
                    .collect();
                let splice = Splice::insert(last.range().end, items);
                let origin = match occurrence.items.as_slice() {
                    [] => Origin::Filled(before(document, occurrence)),
                    _ => Origin::Existing,
                };
                return Ok((vec![splice], origin));
            }
            let prefix = list.name.split_once(':').map_or("", |(prefix, _)| prefix);
            let lines = |layout: &Layout| items(prefix, values, layout);
            let splice = append(document, list, &lines);
            Ok((vec![splice], Origin::Filled(before(document, occurrence))))
        }
        Form::Empty(holder) => {
            let Some(rdf) = holder.rdf_prefix else {
                return Err(refused(document, occurrence, "without RDF's namespace"));
            };
            let container = occurrence.property.facts().container;
            let list = |layout: &Layout| list(rdf, container, values, layout);
            let splice = append(document, holder, &list);
            Ok((vec![splice], Origin::Filled(before(document, occurrence))))
        }
        Form::Simple(holder) => {
            let Some(rdf) = holder.rdf_prefix else {
                return Err(refused(document, occurrence, "without RDF's namespace"));
            };
            let bag = qualified(rdf, occurrence.property.facts().container);
            let li = qualified(rdf, "li");
            let more = items(rdf, values, &Layout::default());
            let content = holder.content();
            Ok((
                vec![
                    Splice::insert(content.start, format!("<{bag}><{li}>")),
                    Splice::insert(content.end, format!("</{li}>{more}</{bag}>")),
                ],
                Origin::Existing,
            ))
        }
        Form::Attribute(_) => Err(refused(document, occurrence, "as an attribute")),
        Form::Fixed(form) => Err(refused(document, occurrence, form)),
    }
}

fn into_categories(
    document: &Document<'_>,
    occurrence: &Occurrence<'_, '_>,
    decoded: &Decoded,
    values: &[String],
) -> Result<(Vec<Splice>, Origin), Fault> {
    let value = match occurrence.form {
        Form::Attribute(attribute) => attribute.value.clone(),
        Form::Simple(holder) if !holder.mixed => holder.content(),
        Form::Empty(holder) => {
            let text = whole_categories(decoded, values).concat();
            let splice = append_text(holder, &text);
            let origin = Origin::Filled(before(document, occurrence));
            return Ok((vec![splice], origin));
        }
        _ => return Err(refused(document, occurrence, "in an unknown form")),
    };
    let raw = &document.text[value.clone()];
    let Some(mut splices) = categories::edit(raw, value.start, values, &[]) else {
        return Err(refused(document, occurrence, "in an unknown form"));
    };
    for splice in &mut splices {
        splice.text = decoded.representable(&splice.text);
    }
    Ok((splices, Origin::Existing))
}

fn whole_categories(decoded: &Decoded, values: &[String]) -> Vec<String> {
    vec![decoded.representable(&xml::escape(&categories::write(values)))]
}

fn append_text(holder: &Element<'_>, text: &str) -> Splice {
    let end = holder.open.end;
    if holder.self_closed() {
        return Splice {
            range: end - 2..end,
            text: format!(">{text}</{}>", holder.name),
        };
    }
    Splice::insert(end, text.to_owned())
}

/// Adds the missing properties, each to the Description that suits it best.
fn create(
    document: &Document<'_>,
    found: &[Occurrence<'_, '_>],
    new: &[New],
    insertion: &mut Insertion,
) {
    let mut homes: Vec<(usize, Vec<&New>)> = Vec::new();
    let mut homeless = Vec::new();
    for property in new {
        match home(document, found, property.property) {
            Some(home) => match homes.iter_mut().find(|(index, _)| *index == home) {
                Some((_, properties)) => properties.push(property),
                None => homes.push((home, vec![property])),
            },
            None => homeless.push(property),
        }
    }
    for (index, properties) in homes {
        let description = &document.descriptions[index];
        let rdf = description.element.rdf_prefix.unwrap_or("rdf");
        let children = |layout: &Layout| {
            let children = properties.iter().map(|new| {
                let (prefix, declaration) = prefix(document, Some(description), new.property);
                property(new, &prefix, &declaration, rdf, layout)
            });
            children.collect::<Vec<_>>().join(&layout.line())
        };
        let element = &description.element;
        if element.self_closed() {
            insertion.around = Around::Opened;
        } else if element.is_blank() {
            insertion.around = Around::Filled(document.text[element.content()].to_owned());
        }
        insertion.splices.push(append(document, element, &children));
    }
    if !homeless.is_empty() {
        insertion.around = Around::Made;
        insertion
            .splices
            .extend(new_description(document, &homeless));
    }
}

/// Picks the Description for a new property: one about the same subject as the first that has the
/// namespace, else the one with the flat keywords, else the first.
fn home(
    document: &Document<'_>,
    found: &[Occurrence<'_, '_>],
    property: Property,
) -> Option<usize> {
    let first = document.descriptions.iter().position(|d| d.plain)?;
    let about = &document.descriptions[first].about;
    let fits = |description: &Description<'_>| description.plain && description.about == *about;
    let declared = document
        .descriptions
        .iter()
        .position(|d| fits(d) && d.prefixes[property as usize].is_some());
    let subject = || {
        found
            .iter()
            .filter(|o| o.property == Property::Subject)
            .map(|o| o.description)
            .find(|&index| fits(&document.descriptions[index]))
    };
    declared.or_else(subject).or(Some(first))
}

/// Returns the prefix for a property, and a declaration if it has none yet.
fn prefix(
    document: &Document<'_>,
    description: Option<&Description<'_>>,
    property: Property,
) -> (String, String) {
    if let Some(prefix) = description.and_then(|d| d.prefixes[property as usize]) {
        return (prefix.to_owned(), String::new());
    }
    let facts = property.facts();
    // Reusing a prefix that means something else elsewhere is legal, but some readers ignore the
    // scope of declarations.
    let mut prefix = facts.prefix.to_owned();
    let mut number = 1;
    while document.prefixes.contains(prefix.as_str()) {
        prefix = format!("{}{number}", facts.prefix);
        number += 1;
    }
    let quote = quote(document);
    let uri = facts.uris.first().copied().unwrap_or_default();
    let declaration = format!(" xmlns:{prefix}={quote}{uri}{quote}");
    (prefix, declaration)
}

/// Returns the file's quotation mark.
fn quote(document: &Document<'_>) -> char {
    let element = document.rdf.as_ref().or(document.meta.as_ref());
    let tag = element.map_or("", |element| &document.text[element.open.clone()]);
    tag.chars().find(|c| matches!(c, '"' | '\'')).unwrap_or('"')
}

fn qualified(prefix: &str, local: &str) -> String {
    match prefix {
        "" => local.to_owned(),
        _ => format!("{prefix}:{local}"),
    }
}

fn property(new: &New, prefix: &str, declaration: &str, rdf: &str, layout: &Layout) -> String {
    let facts = new.property.facts();
    let name = qualified(prefix, facts.local);
    if facts.container.is_empty() {
        return format!("<{name}{declaration}>{}</{name}>", new.values.concat());
    }
    let inner = layout.deeper();
    let list = list(rdf, facts.container, &new.values, &inner);
    format!(
        "<{name}{declaration}>{}{list}{}</{name}>",
        inner.line(),
        layout.line()
    )
}

fn list(rdf: &str, container: &str, values: &[String], layout: &Layout) -> String {
    let name = qualified(rdf, container);
    let inner = layout.deeper();
    let items = items(rdf, values, &inner);
    format!("<{name}>{}{items}{}</{name}>", inner.line(), layout.line())
}

/// Formats items and the white space between them.
fn items(rdf: &str, values: &[String], layout: &Layout) -> String {
    let name = qualified(rdf, "li");
    let items: Vec<String> = values
        .iter()
        .map(|value| format!("<{name}>{value}</{name}>"))
        .collect();
    items.join(&layout.line())
}

/// Creates a Description, and the rdf:RDF around it if that is missing too.
fn new_description(document: &Document<'_>, new: &[&New]) -> Option<Splice> {
    let quote = quote(document);
    let declared = format!(
        " xmlns:rdf={quote}{}{quote}",
        crate::sidecar::read::document::RDF
    );
    let description = |layout: &Layout, declaration: &str, rdf: &str| {
        let inner = layout.deeper();
        let properties: String = new
            .iter()
            .map(|new| {
                let (prefix, declaration) = prefix(document, None, new.property);
                inner.line() + &property(new, &prefix, &declaration, rdf, &inner)
            })
            .collect();
        format!(
            "<{rdf}:Description{declaration} {rdf}:about={quote}{quote}>{properties}{}</{rdf}:Description>",
            layout.line()
        )
    };
    if let Some(rdf) = &document.rdf {
        let prefix = rdf.rdf_prefix.filter(|prefix| !prefix.is_empty());
        let child = |layout: &Layout| match prefix {
            Some(prefix) => description(layout, "", prefix),
            None => description(layout, &declared, "rdf"),
        };
        return Some(append(document, rdf, &child));
    }
    let meta = document.meta.as_ref()?;
    let child = |layout: &Layout| {
        let inner = layout.deeper();
        format!(
            "<rdf:RDF{declared}>{}{}{}</rdf:RDF>",
            inner.line(),
            description(&inner, "", "rdf"),
            layout.line()
        )
    };
    Some(append(document, meta, &child))
}
