//! The keywords of a sidecar, as one list.

use std::collections::{BTreeSet, HashSet};

use crate::core::text::folded;
use crate::sidecar::read::category;
use crate::sidecar::read::document::Document;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::facts::Facts;
use crate::sidecar::read::form::{Occurrence, occurrences};
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::{Property, by_slashes, split_note};
use crate::sidecar::read::size::check_size;

/// The values of each property, cleaned, in the order of [`Property::ALL`].
pub(crate) type Values = [Vec<String>; Property::ALL.len()];

/// All keywords of a sidecar, whoever wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keywords {
    /// The values of `dc:subject`, in order, without duplicates.
    pub flat: Vec<String>,
    /// The keywords of the other properties, with their paths, in order, without duplicates. A path
    /// of one name is a flat keyword.
    pub(crate) paths: Vec<Keyword>,
    /// Values with a slash in Microsoft's property: a letter if Windows wrote it, a separator if
    /// digiKam did.
    windows: Vec<String>,
    /// Names from outside XMP.
    plain: Vec<String>,
    /// Keywords that Taglens noted as written by it.
    noted: HashSet<Keyword>,
    /// Folded names that one program wrote beside a path that ends in them.
    beside: HashSet<String>,
}

impl Keywords {
    /// Parses these values.
    pub(crate) fn of(values: &Values) -> Self {
        let mut keywords = Self::default();
        for property in Property::ALL {
            let values = &values[property as usize];
            match property {
                Property::Subject => keywords.flat = unique(values.iter().cloned()),
                Property::Microsoft => {
                    let (slashed, plain): (Vec<_>, Vec<_>) =
                        values.iter().partition(|value| value.contains('/'));
                    keywords.windows = unique(slashed.into_iter().cloned());
                    keywords
                        .paths
                        .extend(plain.into_iter().filter_map(|v| property.parse(v)));
                }
                Property::State => {
                    let paths = values.iter().filter_map(|value| split_note(value));
                    let noted = paths.filter_map(|(_, path)| Keyword::new(path.split('|')).ok());
                    keywords.noted = noted.collect();
                }
                _ => {
                    let own: Vec<Keyword> =
                        values.iter().filter_map(|v| property.parse(v)).collect();
                    let ends = own.iter().filter(|k| k.path().len() > 1);
                    let ends: HashSet<String> = ends.map(|k| folded(k.leaf())).collect();
                    let names = own.iter().filter(|k| k.path().len() == 1);
                    let names = names.map(|k| folded(k.leaf()));
                    keywords
                        .beside
                        .extend(names.filter(|name| ends.contains(name)));
                    keywords.paths.extend(own);
                }
            }
        }
        keywords.paths = unique(keywords.paths);
        keywords
    }

    /// Adds flat names from outside XMP. They have no levels.
    pub(crate) fn with_plain(mut self, names: &[String]) -> Self {
        self.plain.extend(names.iter().cloned());
        self
    }

    /// Returns one list: every path, and the flat names that are not part of a path. Programs also
    /// write the levels of a path into `dc:subject`, where they are not separate keywords. In the
    /// other properties, a level above a path is not one either, nor is the last level if another
    /// property has the path. But `dog` beside `animal|dog` in one property are two keywords, and a
    /// keyword that Taglens noted is always separate. Of spellings that differ only in case, the
    /// first counts.
    pub fn unified(&self) -> Vec<Keyword> {
        let flat = self.parsed_flat();
        let (levelled, names): (Vec<_>, Vec<_>) = flat
            .iter()
            .partition(|(_, keyword)| keyword.path().len() > 1);
        let mut paths = self.all_paths(&flat);
        paths.extend(levelled.into_iter().map(|(_, keyword)| keyword.clone()));
        let of_others = paths.iter().filter(|k| !self.noted.contains(k));
        let deep: Vec<&Keyword> = of_others.filter(|k| k.path().len() > 1).collect();
        let ends: HashSet<String> = deep.iter().map(|k| folded(k.leaf())).collect();
        let above = deep.iter().filter_map(|k| k.path().split_last());
        let above: HashSet<String> = above.flat_map(|(_, a)| a).map(|n| folded(n)).collect();
        let known: HashSet<String> = names_of(&paths);
        let known_paths: HashSet<Vec<String>> = paths.iter().map(Keyword::folded).collect();
        let is_known = |value: &str, keyword: &Keyword| {
            let slashed = value.contains('/').then(|| by_slashes(value)).flatten();
            known.contains(&folded(keyword.leaf()))
                || slashed.is_some_and(|keyword| known_paths.contains(&keyword.folded()))
        };
        let is_own = |k: &Keyword| {
            let name = folded(k.leaf());
            let is_level = ends.contains(&name) && !self.beside.contains(&name);
            k.path().len() > 1 || self.noted.contains(k) || !(is_level || above.contains(&name))
        };
        let names = names
            .into_iter()
            .filter(|(value, keyword)| !is_known(value, keyword));
        let paths = paths.iter().filter(|k| is_own(k)).cloned();
        unique_folded(paths.chain(names.map(|(_, keyword)| keyword.clone())))
    }

    /// All names, folded: flat keywords, levels of others, and those of Windows.
    pub(crate) fn names(&self) -> HashSet<String> {
        let flat = self
            .flat
            .iter()
            .chain(&self.windows)
            .map(|name| folded(name));
        let mut names: HashSet<String> = flat.collect();
        names.extend(names_of(&self.unified()));
        names.extend(names_of(&self.paths));
        names
    }

    /// Returns those of [`Keywords::unified`] that only `dc:subject` has.
    pub(crate) fn unified_flat(&self) -> Vec<Keyword> {
        let paths = self.all_paths(&self.parsed_flat());
        let paths: HashSet<Vec<String>> = paths.iter().map(Keyword::folded).collect();
        let mut keywords = self.unified();
        keywords.retain(|keyword| !paths.contains(&keyword.folded()));
        keywords
    }

    /// The flat names with their keywords.
    fn parsed_flat(&self) -> Vec<(&str, Keyword)> {
        let subject = self
            .flat
            .iter()
            .map(|name| (name, Property::Subject.parse(name)));
        let plain = self.plain.iter().map(|name| {
            // XMP does not allow a `|` in a name, because it separates levels there.
            let keyword = Keyword::new([name]).ok();
            (name, keyword.or_else(|| Property::Subject.parse(name)))
        });
        let all = subject.chain(plain);
        all.filter_map(|(name, keyword)| Some((name.as_str(), keyword?)))
            .collect()
    }

    /// Returns the keywords of all properties but `dc:subject`. A value of Windows with a slash is
    /// a path, unless the same text is a name elsewhere: Windows also writes every tag into
    /// `dc:subject`, where digiKam writes only the last level.
    fn all_paths(&self, flat: &[(&str, Keyword)]) -> Vec<Keyword> {
        let flat_names = flat.iter().map(|(_, keyword)| keyword);
        let named: HashSet<String> = flat_names
            .chain(&self.paths)
            .filter(|keyword| keyword.path().len() == 1)
            .map(|keyword| folded(keyword.leaf()))
            .collect();
        let windows = self
            .windows
            .iter()
            .filter(|value| !named.contains(&folded(value)));
        let windows = windows.filter_map(|value| Property::Microsoft.parse(value));
        self.paths.iter().cloned().chain(windows).collect()
    }
}

/// All names of these keywords, folded.
fn names_of<'k>(keywords: impl IntoIterator<Item = &'k Keyword>) -> HashSet<String> {
    let names = keywords.into_iter().flat_map(Keyword::path);
    names.map(|name| folded(name)).collect()
}

fn unique<T: Clone + Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.clone()))
        .collect()
}

fn unique_folded(keywords: impl IntoIterator<Item = Keyword>) -> Vec<Keyword> {
    let mut seen = HashSet::new();
    keywords
        .into_iter()
        .filter(|keyword| seen.insert(keyword.folded()))
        .collect()
}

/// Reads the keywords of `dc:subject`, `lr:hierarchicalSubject`, `digiKam:TagsList`,
/// `MicrosoftPhoto:LastKeywordXMP`, `mediapro:CatalogSets`, `acdsee:categories` and
/// `acdsee:keywords` from a sidecar's bytes.
///
/// # Errors
/// If the bytes are not XMP: see [`Fault`].
pub fn read_keywords(bytes: &[u8]) -> Result<Keywords, Fault> {
    read_values(bytes).map(|values| Keywords::of(&values))
}

/// Reads the values of all properties.
///
/// # Errors
/// As [`read_keywords`].
pub(crate) fn read_values(bytes: &[u8]) -> Result<Values, Fault> {
    read_values_and_facts(bytes).map(|(values, _)| values)
}

/// Reads the values of all properties, and when and with what the photo was taken.
///
/// # Errors
/// As [`read_keywords`].
pub(crate) fn read_values_and_facts(bytes: &[u8]) -> Result<(Values, Facts), Fault> {
    check_size(bytes)?;
    let decoded = Decoded::read(bytes)?;
    let document = parse(&decoded.text)?;
    if document.rdf.is_none() && document.meta.is_none() {
        return Err(Fault::NotXmp);
    }
    Ok((values_of(&document), Facts::of(&document.facts)))
}

/// The values of all properties.
pub(crate) fn values_of(document: &Document<'_>) -> Values {
    let found = occurrences(document);
    Property::ALL.map(|property| values(&found, property))
}

/// All values of one property with duplicates; categories as paths with `|`.
fn values(found: &[Occurrence<'_, '_>], property: Property) -> Vec<String> {
    let own = found.iter().filter(|o| o.property == property);
    let items = own.flat_map(|occurrence| &occurrence.items);
    match property {
        Property::Acdsee => items
            .flat_map(|item| category::paths(&item.value))
            .collect(),
        _ => items.map(|item| item.value.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(values: &[(Property, &[&str])]) -> Vec<String> {
        let mut all = Values::default();
        for (property, values) in values {
            all[*property as usize] = values.iter().map(|v| (*v).to_owned()).collect();
        }
        let keywords = Keywords::of(&all).unified();
        keywords.iter().map(|k| k.path().join("|")).collect()
    }

    #[test]
    fn one_keyword_in_several_spellings_is_one() {
        use Property::{Acdsee, Digikam, Hierarchical, Microsoft, Subject};
        let one: &[&[(Property, &[&str])]] = &[
            &[
                (Subject, &["Italy", "places"]),
                (Hierarchical, &["Places|Italy"]),
            ],
            &[
                (Subject, &["Places/Italy"]),
                (Hierarchical, &["Places|Italy"]),
            ],
            &[(Subject, &["Places/Italy"]), (Digikam, &["Places/Italy"])],
            &[(Subject, &["ITALY"]), (Microsoft, &["Places/Italy"])],
            &[
                (Digikam, &["Places/Italy"]),
                (Hierarchical, &["Places | italy"]),
            ],
            &[(Subject, &["Places|Italy", "Italy"])],
            &[
                (Hierarchical, &["Italy", "Places"]),
                (Acdsee, &["Places|Italy"]),
            ],
            &[(Hierarchical, &["Places", "Places|Italy"])],
        ];
        for values in one {
            let found = unified(values);
            assert_eq!(found.len(), 1, "{values:?}: {found:?}");
            assert_eq!(found[0].to_lowercase(), "places|italy");
        }
    }

    #[test]
    fn a_name_is_a_keyword_beside_its_path_where_one_program_or_taglens_says_so() {
        use Property::{Digikam, Hierarchical, State, Subject};
        let flat = (Subject, &["sky"][..]);
        for (values, expected) in [
            (
                &[flat, (Hierarchical, &["sky", "mine|sky"])][..],
                &["sky", "mine|sky"][..],
            ),
            (
                &[flat, (Hierarchical, &["sky"]), (Digikam, &["mine/sky"])],
                &["mine|sky"],
            ),
            // Above it, a program wrote it for the path.
            (&[flat, (Hierarchical, &["sky", "sky|blue"])], &["sky|blue"]),
            (
                &[
                    flat,
                    (Hierarchical, &["sky", "sky|blue"]),
                    (State, &["auto|sky"]),
                ],
                &["sky", "sky|blue"],
            ),
            // The path is Taglens's, the name the user's.
            (
                &[
                    (Hierarchical, &["sky"]),
                    (Digikam, &["mine/sky"]),
                    (State, &["auto|mine|sky"]),
                ],
                &["sky", "mine|sky"],
            ),
            // A note alone is not a keyword.
            (
                &[flat, (Hierarchical, &["mine|sky"]), (State, &["auto|sky"])],
                &["mine|sky"],
            ),
        ] {
            assert_eq!(unified(values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_windows_tag_with_a_slash_is_one_tag() {
        use Property::{Digikam, Hierarchical, Microsoft, Subject};
        for values in [
            &[(Subject, &["AC/DC"][..]), (Microsoft, &["AC/DC"])][..],
            &[(Hierarchical, &["AC/DC"]), (Microsoft, &["AC/DC"])],
            &[
                (Subject, &["AC/DC"]),
                (Digikam, &["AC\\DC"]),
                (Microsoft, &["AC/DC"]),
            ],
        ] {
            assert_eq!(unified(values), ["AC/DC"], "{values:?}");
        }
        // digiKam writes only the last level into dc:subject.
        let digikam: &[(Property, &[&str])] = &[(Subject, &["DC"]), (Microsoft, &["AC/DC"])];
        assert_eq!(unified(digikam), ["AC|DC"]);
    }
}
