//! The part of a source that is known to be Taglens's, and removal by request.

use std::collections::HashSet;

use crate::core::text::folded;
use crate::sidecar::edit::record::{Origin, Record, Written};
use crate::sidecar::edit::remove::remove;
use crate::sidecar::edit::splice::apply;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::form::occurrences;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, values_of};
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::{Properties, Property};
use crate::sidecar::read::source::SourceContents;

impl SourceContents {
    /// The values of `dc:subject`, which every program that writes keywords maintains.
    pub(crate) fn flat(&self) -> &[String] {
        &self.values[Property::Subject as usize]
    }

    /// Whether somebody removed this keyword after it was written into `properties`.
    ///
    /// `dc:subject` decides. The others count only if they still exist: programs that do not know
    /// them may drop them altogether, which says nothing about a keyword.
    pub(crate) fn lacks(&self, keyword: &Keyword, properties: &Properties) -> bool {
        let lacks = |property: Property| {
            let there = &self.values[property as usize];
            let value = property.render(keyword);
            let lost = value.is_some_and(|value| !there.contains(&value));
            lost && (property == Property::Subject || !there.is_empty())
        };
        [Property::Subject, Property::Hierarchical, Property::Digikam]
            .into_iter()
            .any(|property| properties.has(property) && lacks(property))
    }
}

impl Record {
    /// The properties that were switched on.
    pub(crate) fn properties(&self) -> &Properties {
        &self.properties
    }

    /// Whether Taglens wrote a note on this keyword.
    pub(crate) fn has_note(&self, path: &str) -> bool {
        let mut notes = self.values(Property::State).iter();
        notes.any(|note| note.split_once('|').is_some_and(|(_, of)| of == path))
    }

    /// Drops these keywords, which somebody removed, from the record: if they come back, they are
    /// the user's.
    #[must_use]
    pub fn without(mut self, gone: &[Keyword]) -> Self {
        self.keywords.retain(|keyword| !gone.contains(keyword));
        let lost = Self::claim(gone, Properties::EVERY);
        let kept = Self::claim(&self.keywords, Properties::EVERY);
        let of_keywords = self
            .written
            .iter_mut()
            .filter(|w| w.property.has_keywords());
        for written in of_keywords {
            let (lost, kept) = (lost.values(written.property), kept.values(written.property));
            let is_kept = |value: &String| !lost.contains(value) || kept.contains(value);
            written.values.retain(is_kept);
        }
        self
    }

    /// Adds these keywords and notes, which are known to be Taglens's, to the record. It then has
    /// no opinion on which keywords somebody removed: the caller has one.
    #[must_use]
    pub(crate) fn covering(mut self, keywords: &[Keyword], state: &[String]) -> Self {
        let mut claimed = Self::claim(keywords, self.properties).written;
        claimed.retain(|w| w.property.has_keywords());
        claimed.push(Written {
            property: Property::State,
            values: state.to_vec(),
            origin: Origin::Unknown,
        });
        for claimed in claimed {
            let known = self
                .written
                .iter_mut()
                .find(|w| w.property == claimed.property);
            match known {
                None if claimed.values.is_empty() => {}
                None => {
                    self.undo = None;
                    self.written.push(claimed);
                }
                Some(written) => {
                    for value in claimed.values {
                        if !written.values.contains(&value) {
                            // Undoing by position does not know of it.
                            self.undo = None;
                            written.values.push(value);
                        }
                    }
                }
            }
        }
        self.keywords.clear();
        self
    }
}

/// Removes these keywords, whoever wrote them, and the levels of their paths that no other keyword
/// has. With `notes`, removes Taglens's notes too.
pub(crate) fn take_out(bytes: &[u8], keywords: &[Keyword], notes: bool) -> Result<Vec<u8>, Fault> {
    let decoded = Decoded::read(bytes)?;
    let document = parse(&decoded.text)?;
    let values = values_of(&document);
    let out: HashSet<Vec<String>> = keywords.iter().map(Keyword::folded).collect();
    let (gone, left): (Vec<Keyword>, Vec<Keyword>) = Keywords::of(&values)
        .unified()
        .into_iter()
        .partition(|keyword| out.contains(&keyword.folded()));
    let names = |keywords: &[Keyword]| -> HashSet<String> {
        let names = keywords.iter().flat_map(Keyword::path);
        names.map(|name| folded(name)).collect()
    };
    let (gone_names, left_names) = (names(&gone), names(&left));
    let goes = |property: Property, value: &String| match property {
        Property::Confidence | Property::State => notes,
        _ => property.parse(value).is_some_and(|keyword| {
            let path = keyword.folded();
            let name = folded(keyword.leaf());
            let is_level = path.len() == 1 && gone_names.contains(&name);
            out.contains(&path) || (is_level && !left_names.contains(&name))
        }),
    };
    let gone: Vec<(Property, Vec<String>)> = Property::ALL
        .into_iter()
        .map(|p| {
            let values = values[p as usize].iter();
            (
                p,
                values.filter(|v| goes(p, v)).cloned().collect::<Vec<_>>(),
            )
        })
        .filter(|(_, values)| !values.is_empty())
        .collect();
    if gone.is_empty() {
        return Ok(bytes.to_vec());
    }
    let written = gone.iter().map(|(property, values)| Written {
        property: *property,
        values: values.clone(),
        origin: Origin::Unknown,
    });
    let record = Record {
        written: written.collect(),
        ..Record::default()
    };
    let splices = remove(&document, &occurrences(&document), &record, &gone);
    let applied = apply(document.text, splices).map(|(text, _)| text);
    let text = applied.ok_or_else(|| Fault::Unsound {
        reason: "places overlap".to_owned(),
    })?;
    Ok(decoded.write(&text))
}
