//! The properties that hold keywords, and the syntax of each.

use serde::{Deserialize, Serialize};

use crate::sidecar::read::keyword::Keyword;

/// A property that holds keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Property {
    /// `dc:subject`, leaf names (XMP specification part 1, section 8.3).
    Subject,
    /// `lr:hierarchicalSubject`, `animal|dog`, by Lightroom.
    Hierarchical,
    /// `digiKam:TagsList`, `animal/dog`.
    Digikam,
    /// `MicrosoftPhoto:LastKeywordXMP`, `animal/dog`, by Windows Photo Gallery.
    Microsoft,
    /// `mediapro:CatalogSets`, `animal|dog`, by iView MediaPro.
    Mediapro,
    /// `acdsee:categories`, an XML text of its own, by ACDSee.
    Acdsee,
    /// `acdsee:keywords`, `animal|dog`, by ACDSee.
    AcdseeKeywords,
    /// Taglens's confidence in its keywords, for anyone who wants to see it.
    Confidence,
    /// Taglens's own notes, which identify its keywords after the library is lost.
    State,
}

/// The facts about one property.
pub(crate) struct Facts {
    /// Usual name with its prefix, for messages.
    pub(crate) name: &'static str,
    /// The prefix to declare if there is none.
    pub(crate) prefix: &'static str,
    /// Name without the prefix.
    pub(crate) local: &'static str,
    /// Its namespaces; the first is written. ExifTool writes Microsoft's without the final slash;
    /// Dublin Core had others before 1.1 was settled.
    pub(crate) uris: &'static [&'static str],
    /// The container to write if there is none.
    pub(crate) container: &'static str,
    /// The separator between levels; `None` if only the leaf is written.
    pub(crate) separator: Option<char>,
}

/// In the order of [`Property`].
const FACTS: [Facts; 9] = [
    Facts {
        name: "dc:subject",
        prefix: "dc",
        local: "subject",
        uris: &[
            "http://purl.org/dc/elements/1.1/",
            "http://purl.org/dc/1.1/",
            "http://purl.org/dc/elements/1.0/",
        ],
        container: "Bag",
        separator: None,
    },
    Facts {
        name: "lr:hierarchicalSubject",
        prefix: "lr",
        local: "hierarchicalSubject",
        uris: &["http://ns.adobe.com/lightroom/1.0/"],
        container: "Bag",
        separator: Some('|'),
    },
    Facts {
        name: "digiKam:TagsList",
        prefix: "digiKam",
        local: "TagsList",
        uris: &["http://www.digikam.org/ns/1.0/"],
        container: "Seq",
        separator: Some('/'),
    },
    Facts {
        name: "MicrosoftPhoto:LastKeywordXMP",
        prefix: "MicrosoftPhoto",
        local: "LastKeywordXMP",
        uris: &[
            "http://ns.microsoft.com/photo/1.0/",
            "http://ns.microsoft.com/photo/1.0",
        ],
        container: "Bag",
        separator: Some('/'),
    },
    Facts {
        name: "mediapro:CatalogSets",
        prefix: "mediapro",
        local: "CatalogSets",
        uris: &["http://ns.iview-multimedia.com/mediapro/1.0/"],
        container: "Bag",
        separator: Some('|'),
    },
    Facts {
        name: "acdsee:categories",
        prefix: "acdsee",
        local: "categories",
        uris: &["http://ns.acdsee.com/iptc/1.0/"],
        container: "",
        separator: Some('|'),
    },
    Facts {
        name: "acdsee:keywords",
        prefix: "acdsee",
        local: "keywords",
        uris: &["http://ns.acdsee.com/iptc/1.0/"],
        container: "Bag",
        separator: Some('|'),
    },
    Facts {
        name: "taglens:confidence",
        prefix: "taglens",
        local: "confidence",
        uris: &["urn:x-taglens:xmp:1.0/"],
        container: "Bag",
        separator: Some('|'),
    },
    Facts {
        name: "taglens:state",
        prefix: "taglens",
        local: "state",
        uris: &["urn:x-taglens:xmp:1.0/"],
        container: "Bag",
        separator: Some('|'),
    },
];

impl Property {
    /// All properties, in the order of writing.
    pub(crate) const ALL: [Self; 9] = [
        Self::Subject,
        Self::Hierarchical,
        Self::Digikam,
        Self::Microsoft,
        Self::Mediapro,
        Self::Acdsee,
        Self::AcdseeKeywords,
        Self::Confidence,
        Self::State,
    ];

    /// Whether its values are keywords, not notes of Taglens in our namespace.
    pub(crate) fn has_keywords(self) -> bool {
        !matches!(self, Self::Confidence | Self::State)
    }

    /// What sets it apart.
    pub(crate) fn facts(self) -> &'static Facts {
        &FACTS[self as usize]
    }

    /// Returns the property of this name, if any.
    pub(crate) fn named(uri: &str, local: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| {
            let facts = property.facts();
            facts.local == local && facts.uris.contains(&uri)
        })
    }

    /// Formats the keyword for this property; `None` if that is impossible.
    ///
    /// digiKam reads a backslash as a slash inside a name, so a slash is written that way.
    pub(crate) fn render(self, keyword: &Keyword) -> Option<String> {
        let Some(separator) = self.facts().separator else {
            return Some(keyword.leaf().to_owned());
        };
        let names = keyword.path().iter().map(|name| match separator {
            '/' => name.replace('/', "\\"),
            _ => name.clone(),
        });
        let names: Vec<String> = names.collect();
        Some(names.join(separator.encode_utf8(&mut [0; 4])))
    }

    /// Parses a value of this property; `None` if it names no keyword.
    ///
    /// Separators may have spaces around them and may come first or last.
    pub(crate) fn parse(self, value: &str) -> Option<Keyword> {
        if !self.has_keywords() {
            return None;
        }
        match self.facts().separator {
            // The other separator, from scripts that write one list into all properties.
            Some('/') if value.contains('|') && !value.contains('/') => of_levels(value.split('|')),
            Some('/') => {
                // Some versions of digiKam wrote their name for the root of all tags into files.
                let names = value.split('/').map(|name| name.replace(['|', '\\'], "/"));
                of_levels(names.filter(|name| name.trim() != "_Digikam_root_tag_"))
            }
            // A `|` in a flat name separates levels, by an old convention.
            _ if value.contains('|') => of_levels(value.split('|')),
            // No name starts with a slash and has another.
            _ if value.trim_start().starts_with('/') => by_slashes(value)
                .filter(|keyword| keyword.path().len() > 1)
                .or_else(|| Keyword::new([value]).ok()),
            _ => Keyword::new([value]).ok(),
        }
    }
}

/// Splits a note of [`Property::State`], `auto|animal|dog`, into the origin and the path.
pub(crate) fn split_note(value: &str) -> Option<(&str, &str)> {
    value.split_once('|')
}

/// Parses a value with slashes between levels.
pub(crate) fn by_slashes(value: &str) -> Option<Keyword> {
    of_levels(value.split('/'))
}

fn of_levels(names: impl Iterator<Item = impl AsRef<str>>) -> Option<Keyword> {
    Keyword::new(names.filter(|name| !name.as_ref().trim().is_empty())).ok()
}

/// The properties to write. Others are still read, and keywords that Taglens wrote into them
/// earlier are still removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Properties {
    /// `dc:subject`: leaf names.
    pub(crate) subject: bool,
    /// The levels above a keyword as flat names in `dc:subject`, as Lightroom writes them.
    pub(crate) parents: bool,
    /// `lr:hierarchicalSubject`: every keyword, including flat ones.
    pub(crate) hierarchical: bool,
    /// `digiKam:TagsList`.
    pub(crate) digikam: bool,
    /// `MicrosoftPhoto:LastKeywordXMP`.
    pub(crate) microsoft: bool,
    /// `mediapro:CatalogSets`.
    pub(crate) mediapro: bool,
    /// `acdsee:categories` and `acdsee:keywords`.
    pub(crate) acdsee: bool,
    /// `taglens:confidence`, in our own namespace.
    pub(crate) confidence: bool,
    /// `taglens:state`, in our own namespace: the caller's notes.
    pub(crate) state: bool,
}

impl Default for Properties {
    /// The three that together cover all current programs, and our notes.
    fn default() -> Self {
        Self {
            subject: true,
            parents: false,
            hierarchical: true,
            digikam: true,
            microsoft: false,
            mediapro: false,
            acdsee: false,
            confidence: false,
            state: true,
        }
    }
}

impl Properties {
    /// All of them.
    pub const EVERY: Self = Self {
        subject: true,
        parents: false,
        hierarchical: true,
        digikam: true,
        microsoft: true,
        mediapro: true,
        acdsee: true,
        confidence: true,
        state: true,
    };

    pub(crate) fn has(&self, property: Property) -> bool {
        match property {
            Property::Subject => self.subject,
            Property::Hierarchical => self.hierarchical,
            Property::Digikam => self.digikam,
            Property::Microsoft => self.microsoft,
            Property::Mediapro => self.mediapro,
            Property::Acdsee | Property::AcdseeKeywords => self.acdsee,
            Property::Confidence => self.confidence,
            Property::State => self.state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_and_parses() {
        let keyword = Keyword::new(["animal", "dog"]).unwrap();
        let written = |p: Property| p.render(&keyword).unwrap();
        assert_eq!(written(Property::Subject), "dog");
        assert_eq!(written(Property::Hierarchical), "animal|dog");
        assert_eq!(written(Property::Digikam), "animal/dog");
        for property in [Property::Hierarchical, Property::Digikam] {
            assert_eq!(property.parse(&written(property)), Some(keyword.clone()));
        }
        assert_eq!(Property::Digikam.parse(" / "), None);
        let slash = Keyword::new(["24/7"]).unwrap();
        assert_eq!(Property::Digikam.render(&slash).as_deref(), Some("24\\7"));
        assert_eq!(Property::Digikam.parse("24\\7"), Some(slash.clone()));
        assert_eq!(Property::Subject.parse("24/7"), Some(slash));
    }

    #[test]
    fn every_spelling_of_a_path_is_one_path() {
        let italy = Keyword::new(["Places", "Italy"]).unwrap();
        let all = [
            Property::Subject,
            Property::Hierarchical,
            Property::Mediapro,
        ];
        let piped = [
            "Places|Italy",
            "Places | Italy",
            "|Places|Italy",
            "Places|Italy|",
            "Places||Italy",
        ];
        for property in all
            .into_iter()
            .chain([Property::Digikam, Property::AcdseeKeywords])
        {
            for value in piped
                .into_iter()
                .chain(["/Places/Italy", "/Places / Italy/"])
            {
                assert_eq!(
                    property.parse(value).as_ref(),
                    Some(&italy),
                    "{property:?} {value}"
                );
            }
        }
        let slashed = [
            "Places/Italy",
            "Places / Italy",
            "Places/Italy/",
            "_Digikam_root_tag_/Places/Italy",
        ];
        for value in slashed {
            assert_eq!(
                Property::Digikam.parse(value).as_ref(),
                Some(&italy),
                "{value}"
            );
        }
        for name in ["AC/DC", "/tmp", "and / or", "km/h"] {
            let found = Property::Hierarchical.parse(name).unwrap();
            assert_eq!(found.path(), [name]);
        }
    }

    #[test]
    fn facts_stand_at_their_property() {
        for property in Property::ALL {
            let facts = property.facts();
            assert_eq!(facts.name, format!("{}:{}", facts.prefix, facts.local));
            for uri in facts.uris {
                assert_eq!(Property::named(uri, facts.local), Some(property));
            }
        }
    }
}
