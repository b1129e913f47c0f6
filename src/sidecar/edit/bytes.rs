//! Edits a sidecar's bytes so that they contain the wanted keywords.

use std::collections::{HashMap, HashSet};

use crate::core::text::folded;
use crate::sidecar::edit::insert::insert;
use crate::sidecar::edit::record::{Around, Origin, Record, Written};
use crate::sidecar::edit::remove::{remove, tidy};
use crate::sidecar::edit::request::Request;
use crate::sidecar::edit::splice::{apply, revert};
use crate::sidecar::read::document::Document;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::form::occurrences;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, Values, values_of};
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::{Properties, Property};
use crate::sidecar::read::size::check_size;

/// An edited sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole file; equal to the input if there is nothing to change.
    pub bytes: Vec<u8>,
    /// For the caller to store once the file is written.
    pub record: Record,
}

/// Edits a sidecar's bytes so that it has the wanted keywords. Every byte outside the keywords stays.
/// The caller leaves out what the user removed: writing decides nothing.
///
/// # Errors
/// See [`Fault`]; then there is nothing to write.
pub fn edit(bytes: &[u8], request: &Request<'_>) -> Result<Edited, Fault> {
    check_size(bytes)?;
    let mut decoded = Decoded::read(bytes)?;
    let nothing = Record::default();
    let record = request.previously.unwrap_or(&nothing);
    let untouched = record.file == digest(bytes);

    let document = parse(&decoded.text)?;
    if document.rdf.is_none() && document.meta.is_none() {
        return Err(Fault::NotXmp);
    }
    let current = values_of(&document);
    let goal = Goal::new(request, record, (&current, untouched));
    let mut next = Record {
        file: record.file.clone(),
        created: record.created && untouched,
        around: record.around.clone(),
        properties: *request.properties,
        keywords: goal.wanted.iter().map(|(k, ..)| (*k).clone()).collect(),
        written: record.written.clone(),
        undo: record.undo.clone(),
    };
    let done = |bytes, record| Ok(Edited { bytes, record });
    if goal.is_reached(&current) {
        next.written = goal.written(|p| record.origin(p));
        next.file = digest(bytes);
        // Undoing by position works only for the file that Taglens wrote.
        let undoable = untouched && !next.written.is_empty();
        next.undo = next.undo.filter(|_| undoable);
        return done(bytes.to_vec(), next);
    }

    // First remove what has to go, then insert what is missing.
    let exact = record.undo.as_deref().filter(|_| untouched);
    let exact = exact.and_then(|undo| revert(&decoded.text, undo));
    let is_exact = exact.is_some();
    let base = match exact {
        Some(base) => base,
        None => without(&document, record, &goal)?,
    };
    drop(document);
    let document = parse(&base)?;
    let kept = values_of(&document);
    let missing = goal.missing(&kept);
    let insertion = insert(&document, &occurrences(&document), &decoded, &missing)?;
    let (text, undo) = apply(&base, insertion.splices).ok_or_else(|| unsound("places overlap"))?;
    check(&text, &kept, &missing)?;

    let origin = |property| {
        let new = insertion.origins.iter().find(|(p, _)| *p == property);
        match (new, is_exact || record.values(property).is_empty()) {
            (Some((_, origin)), true) => origin.clone(),
            // A list of ours that was emptied and refilled.
            (Some((_, Origin::Created)), false) => Origin::Created,
            _ => record.origin(property),
        }
    };
    next.written = goal.written(origin);
    // If something of ours was there before, undoing by position would leave it behind.
    let all_new = is_exact || record.written.iter().all(|w| !goal.retains(w, &kept));
    next.undo = all_new.then_some(undo).filter(|_| !next.written.is_empty());
    if is_exact || insertion.around != Around::Found {
        next.around = insertion.around;
    }
    decoded.text.clear();
    let bytes = decoded.write(&text);
    check_size(&bytes)?;
    next.file = digest(&bytes);
    done(bytes, next)
}

/// BLAKE3 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn unsound(reason: &str) -> Fault {
    Fault::Unsound {
        reason: reason.to_owned(),
    }
}

/// Those of `wanted` that are not in `there`.
fn absent(wanted: &[String], there: &[String]) -> Vec<String> {
    let there: HashSet<&String> = there.iter().collect();
    let missing = wanted.iter().filter(|value| !there.contains(value));
    missing.cloned().collect()
}

/// The values of ours that each property had and should have.
struct Goal<'a> {
    wanted: Vec<(&'a Keyword, Option<f32>, Option<&'a String>)>,
    /// The notes on other keywords.
    other_notes: &'a [String],
    /// Flat names beside those of the wanted keywords.
    synonyms: &'a [String],
    /// Folded paths that are not carried over.
    refused: HashSet<Vec<String>>,
    /// Our values that are still there.
    ours: Values,
    /// The values that should be there because of us.
    target: Values,
    /// The user's values.
    person: Values,
}

impl<'a> Goal<'a> {
    fn new(request: &Request<'a>, record: &Record, (current, untouched): (&Values, bool)) -> Self {
        let mut confidences = request.confidences.iter().copied();
        let mut notes = request.terms.state.iter();
        let wanted = request.wanted.iter();
        let wanted = wanted.map(|k| (k, confidences.next(), notes.next()));
        let wanted: Vec<_> = wanted.collect();
        let mut ours = Property::ALL.map(|p| {
            let there: HashSet<&String> = current[p as usize].iter().collect();
            let ours = record.values(p).iter().filter(|v| there.contains(v));
            ours.cloned().collect::<Vec<_>>()
        });
        let mut person = Property::ALL.map(|p| absent(&current[p as usize], &ours[p as usize]));
        if !untouched {
            // A keyword of ours that the user moved takes its flat name along.
            let leaves: HashSet<String> = Property::ALL[1..]
                .iter()
                .flat_map(|p| person[*p as usize].iter().filter_map(|v| p.parse(v)))
                .map(|keyword| folded(keyword.leaf()))
                .collect();
            let flat = &mut ours[Property::Subject as usize];
            let (theirs, kept) = flat
                .drain(..)
                .partition(|value| leaves.contains(&folded(value)));
            *flat = kept;
            let theirs: Vec<String> = theirs;
            person[Property::Subject as usize].extend(theirs);
        }
        let other_notes = request.terms.state.get(request.wanted.len()..);
        let mut goal = Self {
            wanted,
            other_notes: other_notes.unwrap_or_default(),
            synonyms: request.terms.synonyms,
            refused: request.terms.refused.iter().map(Keyword::folded).collect(),
            target: Values::default(),
            ours,
            person,
        };
        goal.target = Property::ALL.map(|p| goal.target_of(p, request.properties, record));
        goal
    }

    fn target_of(
        &self,
        property: Property,
        properties: &Properties,
        record: &Record,
    ) -> Vec<String> {
        let ours = &self.ours[property as usize];
        let wanted = self
            .wanted
            .iter()
            .filter_map(|(keyword, confidence, note)| {
                let value = property.render(keyword)?;
                match property {
                    Property::Confidence => confidence.map(|c| format!("{c:.2} {value}")),
                    Property::State => note.cloned(),
                    _ => Some(value),
                }
            });
        let mut target: Vec<String> = wanted.collect();
        if property == Property::State {
            target.extend_from_slice(self.other_notes);
        }
        if property == Property::Subject {
            if properties.parents {
                let keywords = self.wanted.iter().map(|wanted| wanted.0);
                target.extend(keywords.flat_map(Keyword::path).cloned());
            }
            target.extend_from_slice(self.synonyms);
        }
        if !target.is_empty() {
            // Before our own, so that the user's choice comes first.
            let carried = self.carried(property, record);
            target.splice(0..0, carried);
        }
        let order: HashMap<&String, usize> = ours.iter().zip(0..).collect();
        let person: HashSet<&String> = self.person[property as usize].iter().collect();
        let mut seen = HashSet::new();
        target.retain(|value| seen.insert(value.clone()) && !person.contains(value));
        if !properties.has(property) {
            target.retain(|value| order.contains_key(value));
        }
        // Existing values keep their order, so that a request in another order changes no file.
        target.sort_by_key(|value| order.get(value).copied().unwrap_or(usize::MAX));
        target
    }

    /// Returns the user's keywords that go into a property of ours.
    ///
    /// Programs read one property and then ignore others: darktable ignores `dc:subject` if there
    /// is `lr:hierarchicalSubject`, and digiKam ignores all others if there is `digiKam:TagsList`.
    /// A property that Taglens adds must not hide what the user has in the others.
    fn carried(&self, property: Property, record: &Record) -> Vec<String> {
        let person = &self.person[property as usize];
        let made_by_us =
            record.origin(property) != Origin::Existing && !record.values(property).is_empty();
        if !(person.is_empty() || made_by_us) {
            return Vec::new();
        }
        let keywords = Keywords::of(&self.person);
        let keywords = match property {
            Property::Subject | Property::Confidence | Property::State => Vec::new(),
            Property::Hierarchical => keywords.unified_flat(),
            _ => keywords.unified(),
        };
        let carried = keywords
            .iter()
            .filter(|k| !self.refused.contains(&k.folded()));
        carried.filter_map(|k| property.render(k)).collect()
    }

    /// Whether the file has all it should have.
    fn is_reached(&self, current: &Values) -> bool {
        Property::ALL.into_iter().all(|p| {
            let i = p as usize;
            absent(&self.target[i], &current[i]).is_empty()
                && absent(&self.ours[i], &self.target[i]).is_empty()
        })
    }

    /// Lists what `kept` lacks, by property.
    fn missing(&self, kept: &Values) -> Vec<(Property, Vec<String>)> {
        Property::ALL
            .into_iter()
            .map(|p| (p, absent(&self.target[p as usize], &kept[p as usize])))
            .filter(|(_, values)| !values.is_empty())
            .collect()
    }

    /// Whether anything written earlier is still there after removal.
    fn retains(&self, written: &Written, kept: &Values) -> bool {
        let there: HashSet<&String> = kept[written.property as usize].iter().collect();
        let target: HashSet<&String> = self.target[written.property as usize].iter().collect();
        written
            .values
            .iter()
            .any(|value| there.contains(value) && target.contains(value))
    }

    /// Lists our values for the record.
    fn written(&self, origin: impl Fn(Property) -> Origin) -> Vec<Written> {
        let mut written = Vec::new();
        for property in Property::ALL {
            let values = &self.target[property as usize];
            if !values.is_empty() {
                written.push(Written {
                    property,
                    values: values.clone(),
                    origin: origin(property),
                });
            }
        }
        written
    }
}

/// Removes our unwanted values one by one, for a file that another program has written since.
fn without(document: &Document<'_>, record: &Record, goal: &Goal<'_>) -> Result<String, Fault> {
    let gone: Vec<(Property, Vec<String>)> = Property::ALL
        .into_iter()
        .map(|p| (p, absent(&goal.ours[p as usize], &goal.target[p as usize])))
        .filter(|(_, values)| !values.is_empty())
        .collect();
    if gone.is_empty() {
        return Ok(document.text.to_owned());
    }
    let splices = remove(document, &occurrences(document), record, &gone);
    let (text, _) = apply(document.text, splices).ok_or_else(|| unsound("places overlap"))?;
    let tidied = parse(&text)?;
    let left = values_of(&tidied);
    let remains = |(p, values): &(Property, Vec<String>)| {
        absent(values, &left[*p as usize]).len() < values.len()
    };
    if let Some((property, _)) = gone.iter().find(|g| remains(g)) {
        return Err(unsound(&format!("{} keeps a value", property.facts().name)));
    }
    let Some(splice) = tidy(&tidied, &record.around) else {
        return Ok(text);
    };
    match apply(&text, vec![splice]) {
        Some((tidy, _)) => Ok(tidy),
        None => Err(unsound("places overlap")),
    }
}

/// Reads the result back: it must be XMP with both the old values and the new ones.
fn check(text: &str, kept: &Values, missing: &[(Property, Vec<String>)]) -> Result<(), Fault> {
    let document = parse(text).map_err(|fault| unsound(&fault.to_string()))?;
    let after = values_of(&document);
    for property in Property::ALL {
        let added = missing.iter().find(|(p, _)| *p == property);
        let added = added.map_or(&[][..], |(_, values)| values.as_slice());
        let mut expected: Vec<&String> = kept[property as usize].iter().chain(added).collect();
        let mut found: Vec<&String> = after[property as usize].iter().collect();
        expected.sort();
        found.sort();
        if expected != found {
            return Err(unsound(&format!("{} differs", property.facts().name)));
        }
    }
    Ok(())
}
