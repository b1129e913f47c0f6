//! What the person, or another program for them, did in a sidecar.

use std::collections::HashSet;

use crate::sidecar::edit::bytes::{deleted_by_person, digest};
use crate::sidecar::edit::record::Record;
use crate::sidecar::read::document::Document;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, values_of};
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::Property;
use crate::sidecar::read::size::check_size;

/// A sidecar beside what Taglens wrote into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Keywords that are there without Taglens: the person's decisions for them.
    pub added: Vec<Keyword>,
    /// Keywords that Taglens saw written and that are gone: decisions against them.
    pub deleted: Vec<Keyword>,
    /// Whether the file still has the bytes that Taglens left.
    pub untouched: bool,
}

/// Compares a sidecar's bytes with the record of what Taglens wrote.
///
/// # Errors
/// Where the bytes are no XMP: see [`Fault`].
pub fn review(bytes: &[u8], record: Option<&Record>) -> Result<Review, Fault> {
    check_size(bytes)?;
    let decoded = Decoded::read(bytes)?;
    let document = parse(&decoded.text)?;
    if document.rdf.is_none() && document.meta.is_none() {
        return Err(Fault::NotXmp);
    }
    let nothing = Record::default();
    let record = record.unwrap_or(&nothing);
    let untouched = record.file == digest(bytes);
    Ok(Review {
        added: added(&document, record),
        deleted: match untouched {
            true => Vec::new(),
            false => deleted_by_person(record, &values_of(&document), &record.keywords),
        },
        untouched,
    })
}

/// The keywords of the file that some property has without us.
fn added(document: &Document<'_>, record: &Record) -> Vec<Keyword> {
    let mut values = values_of(document).map(|v| v.into_iter().collect::<HashSet<String>>());
    for property in Property::ALL {
        for ours in record.values(property) {
            values[property as usize].remove(ours);
        }
    }
    let is_the_persons = |keyword: &Keyword| {
        Property::ALL.into_iter().any(|property| {
            let rendered = property.render(keyword);
            rendered.is_some_and(|value| values[property as usize].contains(&value))
        })
    };
    let mut all = Keywords::of(&values_of(document)).unified();
    all.retain(is_the_persons);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::edit_tests::{keyword, put};
    use crate::sidecar::{Properties, read_keywords};

    #[test]
    fn tells_the_persons_decisions_from_ours() {
        let text = "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
                    xmlns:dc='http://purl.org/dc/elements/1.1/'>\n<Description>\n<dc:subject><Bag>\
                    <li>mine</li></Bag></dc:subject>\n</Description>\n</RDF>";
        let wanted = [keyword("animal|dog"), keyword("animal|cat")];
        let first = review(text.as_bytes(), None).unwrap();
        assert_eq!(first.added, [keyword("mine")]);
        let edited = put(text.as_bytes(), &wanted, None, &Properties::default());
        let record = Some(&edited.record);
        let ours = review(&edited.bytes, record).unwrap();
        assert_eq!((ours.added, ours.untouched), (vec![keyword("mine")], true));

        // As a program does that writes parents as flat keywords, and a person who tags.
        let changed = String::from_utf8(edited.bytes).unwrap();
        let changed = changed.replacen("<li>cat</li>", "<li>animal</li><li>new</li>", 1);
        let changed = changed.replacen("<li>animal|cat</li>", "<li>place|sea</li>", 1);
        let theirs = review(changed.as_bytes(), record).unwrap();
        let expected = ["mine", "place|sea", "new"].map(keyword);
        assert_eq!(theirs.added, expected);
        assert_eq!(theirs.deleted, wanted[1..]);
        assert!(!theirs.untouched);
        assert!(read_keywords(changed.as_bytes()).unwrap().unified().len() > 3);
    }
}
