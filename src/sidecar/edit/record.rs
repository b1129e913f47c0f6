//! What Taglens wrote into a sidecar. The caller keeps it, so that removing a tag removes exactly
//! that.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::sidecar::edit::splice::Undo;
use crate::sidecar::read::bookkeeping::Bookkeeping;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::property::{Properties, Property};
use crate::sidecar::read::source::SourceContents;

/// What Taglens wrote into one sidecar. Opaque to the caller, who stores it (it is `serde`) and
/// passes it to the next plan.
///
/// While the file has the bytes that Taglens left, undoing is exact, because the record has all
/// changes. After another program has written the file, Taglens looks for its values one by one and
/// tidies up around them as far as that is known to be its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// BLAKE3 of the written file, in hexadecimal; empty if unknown.
    pub(crate) file: String,
    /// Whether Taglens created the sidecar.
    pub(crate) created: bool,
    /// The changes to the Description around new properties.
    pub(crate) around: Around,
    /// The properties that were switched on.
    pub(crate) properties: Properties,
    /// The wanted keywords that the file had after writing, ours or the user's.
    pub(crate) keywords: Vec<Keyword>,
    /// The values that Taglens put in.
    pub(crate) written: Vec<Written>,
    /// How to restore the text without our values; `None` once that is unknown.
    pub(crate) undo: Option<Vec<Undo>>,
}

/// Values of one property that Taglens put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) property: Property,
    pub(crate) values: Vec<String>,
    pub(crate) origin: Origin,
}

/// The state of a property before Taglens inserted the first value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// It had values.
    #[default]
    Existing,
    /// It did not exist.
    Created,
    /// It existed without values, as this text.
    Filled(String),
    /// Unknown.
    Unknown,
}

/// The change to the Description around new properties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Around {
    /// Nothing.
    #[default]
    Found,
    /// It got an end tag.
    Opened,
    /// It contained only this white space.
    Filled(String),
    /// Taglens created it.
    Made,
}

impl Record {
    /// Returns a record for keywords that are known to be Taglens's although the real record is
    /// lost. All their values count as written by Taglens.
    pub fn claim(keywords: &[Keyword], properties: Properties) -> Self {
        let written = Property::ALL.into_iter().filter(|&p| properties.has(p));
        let written = written.map(|property| Written {
            property,
            values: keywords.iter().filter_map(|k| property.render(k)).collect(),
            origin: Origin::Unknown,
        });
        Self {
            properties,
            keywords: keywords.to_vec(),
            written: written.collect(),
            ..Self::default()
        }
    }

    /// Whether nothing in the sidecar is Taglens's, so that nobody needs to keep the record.
    pub fn is_empty(&self) -> bool {
        self.keywords.is_empty() && self.written.is_empty()
    }

    /// The wanted keywords that the sidecar had when it was written, whoever added them.
    pub fn keywords(&self) -> &[Keyword] {
        &self.keywords
    }

    /// BLAKE3 of the written file, in hexadecimal; empty if unknown. While a source has this
    /// digest, nobody else has written it.
    pub(crate) fn digest(&self) -> &str {
        &self.file
    }

    /// Returns the user's keywords: those that the sidecar would have without Taglens, even if
    /// Taglens wants them too. A level of one of our paths that another program wrote as a flat
    /// keyword does not count, unless it was `seen` as the user's before.
    pub(crate) fn theirs(
        &self,
        contents: &SourceContents,
        bookkeeping: &Bookkeeping,
        seen: &[Keyword],
    ) -> Vec<Keyword> {
        let without_ours = contents.keywords_where(bookkeeping, |property, value| {
            !self.values(property).contains(value)
        });
        let folded = |keywords: &[Keyword]| -> HashSet<Vec<String>> {
            keywords.iter().map(Keyword::folded).collect()
        };
        let own = folded(&without_ours);
        let mut theirs = contents.keywords.clone();
        theirs.retain(|keyword| own.contains(&keyword.folded()));
        let (known, seen) = (folded(&contents.keywords), folded(seen));
        let is_hidden = |keyword: &Keyword| {
            let key = keyword.folded();
            seen.contains(&key) && !known.contains(&key)
        };
        theirs.extend(without_ours.into_iter().filter(is_hidden));
        theirs
    }

    /// The values of a property that Taglens inserted.
    pub(crate) fn values(&self, property: Property) -> &[String] {
        self.of(property).map_or(&[], |w| w.values.as_slice())
    }

    pub(crate) fn origin(&self, property: Property) -> Origin {
        self.of(property)
            .map(|w| w.origin.clone())
            .unwrap_or_default()
    }

    fn of(&self, property: Property) -> Option<&Written> {
        self.written.iter().find(|w| w.property == property)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::edit_tests::{keyword, put};
    use crate::sidecar::{Properties, read_keywords};

    /// A sidecar with one flat keyword.
    fn with_subject(name: &str) -> String {
        format!(
            "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns:dc='http://purl.org/dc/elements/1.1/'>\n<Description>\n<dc:subject><Bag>\
             <li>{name}</li></Bag></dc:subject>\n</Description>\n</RDF>"
        )
    }

    #[test]
    fn tells_the_persons_keywords_from_ours() {
        let text = with_subject("mine");
        let nobodys = Bookkeeping::default();
        let read = |bytes: &[u8]| SourceContents::of_sidecar(bytes, &nobodys).unwrap();
        let wanted = [keyword("animal|dog"), keyword("animal|cat")];
        let first = Record::default().theirs(&read(text.as_bytes()), &nobodys, &[]);
        assert_eq!(first, [keyword("mine")]);
        let edited = put(text.as_bytes(), &wanted, None, &Properties::default());
        let record = &edited.record;
        let ours = read(&edited.bytes);
        assert_eq!(record.theirs(&ours, &nobodys, &[]), [keyword("mine")]);
        assert_eq!(ours.digest, record.digest());
        // A keyword that was removed and put back is the user's.
        let put_back = record.clone().without(&wanted[..1]);
        let theirs = put_back.theirs(&ours, &nobodys, &[]);
        assert_eq!(theirs, [keyword("mine"), wanted[0].clone()]);

        // Simulates a program that writes parents as flat keywords, and a user who tags.
        let changed = String::from_utf8(edited.bytes).unwrap();
        let changed = changed.replacen("<li>cat</li>", "<li>animal</li><li>new</li>", 1);
        let changed = changed.replacen("<li>animal|cat</li>", "<li>place|sea</li>", 1);
        let theirs = read(changed.as_bytes());
        let expected = ["mine", "place|sea", "new"].map(keyword);
        assert_eq!(record.theirs(&theirs, &nobodys, &[]), expected);
        assert_ne!(theirs.digest, record.digest());
        assert!(read_keywords(changed.as_bytes()).unwrap().unified().len() > 3);
    }

    #[test]
    fn a_name_of_the_persons_stays_theirs_where_taglens_writes_a_path_below_it() {
        let text = with_subject("Rome");
        let nobodys = Bookkeeping::default();
        let wanted = [keyword("Rome|old")];
        let edited = put(text.as_bytes(), &wanted, None, &Properties::default());
        let contents = SourceContents::of_sidecar(&edited.bytes, &nobodys).unwrap();
        let seen = [keyword("Rome")];
        assert_eq!(edited.record.theirs(&contents, &nobodys, &seen), seen);
        // If it was never seen, it may be a level that another program wrote.
        assert!(edited.record.theirs(&contents, &nobodys, &[]).is_empty());
    }
}
