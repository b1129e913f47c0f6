//! Removes values one by one from files that another program has written since.

use std::collections::HashSet;

use crate::sidecar::edit::categories;
use crate::sidecar::edit::record::{Around, Origin, Record};
use crate::sidecar::edit::splice::Splice;
use crate::sidecar::read::category;
use crate::sidecar::read::document::{Document, Element, gap_start};
use crate::sidecar::read::form::{Form, Occurrence};
use crate::sidecar::read::property::Property;

/// Returns the changes that remove `values`. Each goes with the white space before it, as Taglens
/// inserted it. A property that loses its last value goes too if Taglens created it.
pub(crate) fn remove(
    document: &Document<'_>,
    found: &[Occurrence<'_, '_>],
    record: &Record,
    values: &[(Property, Vec<String>)],
) -> Vec<Splice> {
    let mut splices = Vec::new();
    for (property, gone) in values {
        for occurrence in found.iter().filter(|o| o.property == *property) {
            splices.extend(match property {
                Property::Acdsee => take_categories(document, occurrence, record, gone),
                _ => items(document, occurrence, record, gone),
            });
        }
    }
    splices
}

fn items(
    document: &Document<'_>,
    occurrence: &Occurrence<'_, '_>,
    record: &Record,
    gone: &[String],
) -> Vec<Splice> {
    let gone: HashSet<&String> = gone.iter().collect();
    let goes = |value: &String| gone.contains(value);
    let out: Vec<_> = occurrence.items.iter().filter(|i| goes(&i.value)).collect();
    if out.is_empty() {
        return Vec::new();
    }
    if out.len() == occurrence.items.len()
        && let Some(splice) = emptied(document, occurrence, record)
    {
        return vec![splice];
    }
    let ranges = out.into_iter().map(|item| {
        let start = gap_start(document.text, item.range.start);
        Splice::remove(start..item.range.end)
    });
    ranges.collect()
}

fn take_categories(
    document: &Document<'_>,
    occurrence: &Occurrence<'_, '_>,
    record: &Record,
    gone: &[String],
) -> Vec<Splice> {
    let Some(item) = occurrence.items.first() else {
        return Vec::new();
    };
    let left = category::paths(&item.value);
    if left.iter().all(|path| gone.contains(path))
        && let Some(splice) = emptied(document, occurrence, record)
    {
        return vec![splice];
    }
    let value = match occurrence.form {
        Form::Attribute(attribute) => attribute.value.clone(),
        Form::Simple(holder) if !holder.mixed => holder.content(),
        _ => return Vec::new(),
    };
    categories::edit(&document.text[value.clone()], value.start, &[], gone).unwrap_or_default()
}

/// Returns the removal of a property that loses its last value; `None` if it stays empty.
fn emptied(
    document: &Document<'_>,
    occurrence: &Occurrence<'_, '_>,
    record: &Record,
) -> Option<Splice> {
    let range = match (occurrence.element, occurrence.form) {
        (Some(element), _) => element.range(),
        (None, Form::Attribute(attribute)) => return Some(Splice::remove(attribute.whole.clone())),
        (None, _) => return None,
    };
    match record.origin(occurrence.property) {
        Origin::Existing => return None,
        Origin::Filled(text) => return Some(Splice { range, text }),
        // Its comments are the user's.
        Origin::Created | Origin::Unknown if has_comments(occurrence) => return None,
        Origin::Created | Origin::Unknown => {}
    }
    let start = gap_start(document.text, range.start);
    Some(Splice::remove(start..range.end))
}

fn has_comments(occurrence: &Occurrence<'_, '_>) -> bool {
    fn mixed(element: &Element<'_>) -> bool {
        element.mixed || element.children.iter().any(mixed)
    }
    occurrence.element.is_some_and(mixed)
}

/// Undoes the changes to the Description around properties that no longer exist.
pub(crate) fn tidy(document: &Document<'_>, around: &Around) -> Option<Splice> {
    let mut blank = document.descriptions.iter().filter(|description| {
        let element = &description.element;
        description.plain && !element.self_closed() && element.is_blank()
    });
    // With more than one, it is unknown which is ours.
    let (Some(description), None) = (blank.next(), blank.next()) else {
        return None;
    };
    let element = &description.element;
    match around {
        Around::Found => None,
        Around::Opened => Some(Splice {
            range: element.open.end - 1..element.close.end,
            text: "/>".to_owned(),
        }),
        Around::Filled(text) => Some(Splice {
            range: element.content(),
            text: text.clone(),
        }),
        Around::Made => {
            let start = gap_start(document.text, element.open.start);
            Some(Splice::remove(start..element.close.end))
        }
    }
}
