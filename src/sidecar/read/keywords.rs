//! The keywords of a sidecar, as one list.

use std::collections::{BTreeSet, HashSet};

use crate::sidecar::MAX_SIDECAR_BYTES;
use crate::sidecar::read::category;
use crate::sidecar::read::document::Document;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::form::{Occurrence, occurrences};
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::Property;

/// The keywords that a sidecar has, whoever wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keywords {
    /// The values of `dc:subject`, in order, without doubles.
    pub flat: Vec<String>,
    /// The keywords of the other properties, with their paths, in order, without doubles. A path
    /// of one name is a flat keyword.
    pub paths: Vec<Keyword>,
}

impl Keywords {
    /// One list: every path, and those flat names that are no part of any path. Programs write the
    /// levels of a path into `dc:subject` too, and there they are no keywords of their own.
    pub fn unified(&self) -> Vec<Keyword> {
        let names: HashSet<&str> = self
            .paths
            .iter()
            .flat_map(|keyword| keyword.path().iter().map(String::as_str))
            .collect();
        let deep: HashSet<&str> = self
            .paths
            .iter()
            .filter(|keyword| keyword.path().len() > 1)
            .flat_map(|keyword| keyword.path().iter().map(String::as_str))
            .collect();
        let flat = self
            .flat
            .iter()
            .filter(|name| !names.contains(name.as_str()))
            .filter_map(|name| Property::Subject.parse(name));
        // “dog” beside “animal|dog” is the same keyword, as one program or another wrote it.
        let paths = self
            .paths
            .iter()
            .filter(|k| k.path().len() > 1 || !deep.contains(k.leaf()))
            .cloned();
        unique(paths.chain(flat))
    }
}

fn unique<T: Clone + Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.clone()))
        .collect()
}

/// Reads the keywords of `dc:subject`, `lr:hierarchicalSubject`, `digiKam:TagsList`,
/// `MicrosoftPhoto:LastKeywordXMP`, `mediapro:CatalogSets` and `acdsee:categories` from a sidecar's
/// bytes.
///
/// # Errors
/// Where the bytes are no XMP: see [`Fault`].
pub fn read_keywords(bytes: &[u8]) -> Result<Keywords, Fault> {
    check_size(bytes)?;
    let decoded = Decoded::read(bytes)?;
    let document = parse(&decoded.text)?;
    if document.rdf.is_none() && document.meta.is_none() {
        return Err(Fault::NotXmp);
    }
    Ok(keywords(&document))
}

/// What is refused for its size alone.
pub(crate) fn check_size(bytes: &[u8]) -> Result<(), Fault> {
    match bytes.len() as u64 {
        0 => Err(Fault::Empty),
        bytes if bytes > MAX_SIDECAR_BYTES => Err(Fault::TooLarge {
            bytes,
            limit: MAX_SIDECAR_BYTES,
        }),
        _ => Ok(()),
    }
}

pub(crate) fn keywords(document: &Document<'_>) -> Keywords {
    let found = occurrences(document);
    Keywords {
        flat: unique(values(&found, Property::Subject)),
        paths: unique(Property::ALL[1..].iter().flat_map(|&p| {
            values(&found, p)
                .into_iter()
                .filter_map(move |v| p.parse(&v))
        })),
    }
}

/// All values of one property, doubles included; categories as paths with `|`.
pub(crate) fn values(found: &[Occurrence<'_, '_>], property: Property) -> Vec<String> {
    let own = found.iter().filter(|o| o.property == property);
    let items = own.flat_map(|occurrence| &occurrence.items);
    match property {
        Property::Acdsee => items
            .flat_map(|item| category::paths(&item.value))
            .collect(),
        _ => items.map(|item| item.value.clone()).collect(),
    }
}
