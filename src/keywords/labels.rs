//! Which label a keyword names, and how a label is written.

use std::collections::HashMap;

use crate::core::text::folded;
use crate::keywords::path::KeywordPath;

/// The part of a label that concerns keywords.
#[derive(Clone, Debug)]
pub(crate) struct LabelEntry {
    /// Its id in the library.
    pub(crate) id: String,
    /// Its name and its synonyms.
    pub(crate) words: Vec<String>,
    /// The words of each label above it, from the root.
    pub(crate) above: Vec<Vec<String>>,
    /// The keyword written for it; `None` if it is not exported.
    pub(crate) keyword: Option<KeywordPath>,
}

/// The labels of a vocabulary, and those created from keywords.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    /// Labels by word: those with that name, and those with that synonym.
    by_word: HashMap<String, (Vec<usize>, Vec<usize>)>,
    /// Labels outside the vocabulary, by the key of their path.
    own: HashMap<String, String>,
    /// Labels by the keys of the keywords that stood for their former names.
    former: HashMap<String, String>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: String,
    words: Vec<String>,
    /// As the vocabulary writes them.
    synonyms: Vec<String>,
    above: Vec<Vec<String>>,
    keyword: Option<KeywordPath>,
}

impl Labels {
    /// Creates the list from a vocabulary and `known`, the ids of all labels in the library. Of two
    /// spellings of one label the first counts.
    pub(crate) fn new(entries: Vec<LabelEntry>, known: impl IntoIterator<Item = String>) -> Self {
        let mut labels = Self::default();
        for entry in entries {
            let at = labels.entries.len();
            let words: Vec<String> = entry.words.iter().map(|w| folded(w)).collect();
            for (i, word) in words.iter().enumerate() {
                let (names, synonyms) = labels.by_word.entry(word.clone()).or_default();
                let list = if i == 0 { names } else { synonyms };
                if !list.contains(&at) {
                    list.push(at);
                }
            }
            let above = entry
                .above
                .iter()
                .map(|l| l.iter().map(|w| folded(w)).collect());
            labels.by_id.insert(entry.id.clone(), at);
            labels.entries.push(Entry {
                above: above.collect(),
                words,
                synonyms: entry.words.into_iter().skip(1).collect(),
                id: entry.id,
                keyword: entry.keyword,
            });
        }
        for id in known {
            labels.know(id);
        }
        labels
    }

    /// Adds a label outside the vocabulary.
    pub(crate) fn know(&mut self, id: String) {
        if self.by_id.contains_key(&id) {
            return;
        }
        if let Some(path) = KeywordPath::parse(&id) {
            self.own.entry(path.key()).or_insert(id);
        }
    }

    /// Records that a keyword stood for the label `id` under a former name. It always will, unless
    /// the vocabulary has another label with that keyword.
    pub(crate) fn know_former(&mut self, path: &KeywordPath, id: String) {
        self.former.insert(path.key(), id);
    }

    /// Returns the label that a keyword has in the vocabulary or by a former name.
    pub(crate) fn named_by(&self, path: &KeywordPath) -> Option<&str> {
        let former = || self.former.get(&path.key()).map(String::as_str);
        self.recognise(path).or_else(former)
    }

    /// Returns the vocabulary label that a keyword names: the only one with that word and with
    /// ancestors that agree with the keyword's. A keyword without ancestors names the only label
    /// with its word.
    pub(crate) fn recognise(&self, path: &KeywordPath) -> Option<&str> {
        let (names, synonyms) = self.by_word.get(&folded(path.leaf()))?;
        let above: Vec<String> = path.above().iter().map(|name| folded(name)).collect();
        [names, synonyms].into_iter().find_map(|same| {
            let exact = same.iter().filter(|at| self.is_exactly(**at, &above));
            let agree = same.iter().filter(|at| self.agrees(**at, &above));
            only(exact).or_else(|| only(agree)).map(|at| self.id(*at))
        })
    }

    /// Returns the label of a keyword: the one that it names, else a new one.
    pub(crate) fn label(&self, path: &KeywordPath) -> String {
        if let Some(label) = self.named_by(path) {
            return label.to_owned();
        }
        let own = self.own.get(&path.key()).cloned();
        own.unwrap_or_else(|| path.to_string())
    }

    /// Returns the keyword written for a label; `None` if it is not exported.
    pub(crate) fn keyword(&self, label: &str) -> Option<KeywordPath> {
        match self.by_id.get(label).and_then(|at| self.entries.get(*at)) {
            Some(entry) => entry.keyword.clone(),
            None => KeywordPath::parse(label),
        }
    }

    /// Returns the synonyms that only this label has, each as a keyword without levels.
    pub(crate) fn synonyms(&self, label: &str) -> Vec<KeywordPath> {
        let entry = self.by_id.get(label).and_then(|at| self.entries.get(*at));
        let synonyms = entry.into_iter().flat_map(|entry| &entry.synonyms);
        synonyms
            .filter_map(|synonym| KeywordPath::parse(synonym))
            .filter(|path| path.above().is_empty() && self.recognise(path) == Some(label))
            .collect()
    }

    /// Whether a name is one of the label's words, in any spelling.
    pub(crate) fn has_word(&self, label: &str, name: &str) -> bool {
        let name = folded(name);
        match self.by_id.get(label).and_then(|at| self.entries.get(*at)) {
            Some(entry) => entry.words.contains(&name),
            None => KeywordPath::parse(label).is_some_and(|path| folded(path.leaf()) == name),
        }
    }

    /// Pairs each label created from a keyword with the vocabulary label that has since been added
    /// for it. Both are one label.
    pub(crate) fn joined(&self) -> Vec<(String, String)> {
        let mut joined: Vec<(String, String)> = self
            .own
            .values()
            .filter_map(|id| {
                let label = self.recognise(&KeywordPath::parse(id)?)?;
                Some((id.clone(), label.to_owned()))
            })
            .collect();
        joined.sort();
        joined
    }

    /// Returns the labels of `before` that have another id here, as old and new id. An id is a path
    /// only while its name is shared.
    pub(crate) fn renamed_from(&self, before: &Self) -> Vec<(String, String)> {
        let here = self.entries.iter().map(|e| (e.place(), e.id.as_str()));
        let here: HashMap<Vec<&str>, &str> = here.collect();
        let moved = before.entries.iter().filter_map(|entry| {
            let now = here.get(&entry.place())?;
            (**now != entry.id).then(|| (entry.id.clone(), (*now).to_owned()))
        });
        moved.collect()
    }

    fn id(&self, at: usize) -> &str {
        self.entries.get(at).map_or("", |entry| entry.id.as_str())
    }

    fn is_exactly(&self, at: usize, above: &[String]) -> bool {
        self.entries.get(at).is_some_and(|entry| {
            let same = |(names, name): (&Vec<String>, &String)| names.contains(name);
            entry.above.len() == above.len() && entry.above.iter().zip(above).all(same)
        })
    }

    /// Whether ancestors match those of a label, possibly with levels left out on either side. A
    /// label at the top has none that could match.
    fn agrees(&self, at: usize, above: &[String]) -> bool {
        let Some(entry) = self.entries.get(at) else {
            return false;
        };
        let (label, keyword) = (&entry.above, above);
        if keyword.is_empty() {
            return true;
        }
        if label.is_empty() {
            return false;
        }
        let mut rest = label.iter();
        let within = keyword.iter().all(|k| rest.any(|names| names.contains(k)));
        let mut rest = keyword.iter();
        within || label.iter().all(|names| rest.any(|k| names.contains(k)))
    }
}

impl Entry {
    /// The names of its ancestors and its own.
    fn place(&self) -> Vec<&str> {
        let above = self.above.iter().filter_map(|names| names.first());
        above
            .chain(self.words.first())
            .map(String::as_str)
            .collect()
    }
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A label for tests: its path with `|`, its synonyms after `=`.
    pub(crate) fn entry(text: &str) -> LabelEntry {
        let (path, synonyms) = text.split_once('=').unwrap_or((text, ""));
        let path = KeywordPath::parse(path).unwrap();
        let synonyms = synonyms.split(',').filter(|s| !s.is_empty());
        LabelEntry {
            id: path.leaf().to_owned(),
            words: std::iter::once(path.leaf())
                .chain(synonyms)
                .map(str::to_owned)
                .collect(),
            above: path.above().iter().map(|name| vec![name.clone()]).collect(),
            keyword: Some(path),
        }
    }

    fn labels(entries: &[&str]) -> Labels {
        Labels::new(entries.iter().map(|e| entry(e)).collect(), [])
    }

    #[test]
    fn a_keyword_names_a_label_where_their_ancestors_agree() {
        let labels = labels(&[
            "animal",
            "animal|bird|turkey=gobbler",
            "animal|dog=puppy",
            "sky",
        ]);
        for (keyword, label) in [
            ("turkey", Some("turkey")),
            ("Gobbler", Some("turkey")),
            ("ANIMAL|Bird|Turkey", Some("turkey")),
            ("bird|turkey", Some("turkey")),
            ("animal|turkey", Some("turkey")),
            ("Nature|Animal|Dog", Some("dog")),
            ("Animal|Puppy", Some("dog")),
            ("sky", Some("sky")),
            ("Places|Asia|Turkey", None),
            ("Places|Sky", None),
            ("pets|dog", None),
            ("dog|animal", None),
            ("Rome", None),
        ] {
            let path = KeywordPath::parse(keyword).unwrap();
            assert_eq!(labels.recognise(&path), label, "{keyword}");
        }
    }

    #[test]
    fn a_shared_name_needs_its_ancestors() {
        let mut crane = entry("animal|crane");
        crane.id = "animal|crane".into();
        let mut machine = entry("machine|crane");
        machine.id = "machine|crane".into();
        let labels = Labels::new(vec![crane, machine], []);
        let recognise =
            |text| KeywordPath::parse(text).and_then(|p| labels.recognise(&p).map(str::to_owned));
        assert_eq!(recognise("Machine|Crane").as_deref(), Some("machine|crane"));
        assert_eq!(recognise("crane"), None);
        let before = self::labels(&["animal|crane"]);
        assert_eq!(
            labels.renamed_from(&before),
            [("crane".into(), "animal|crane".into())]
        );
    }

    #[test]
    fn labels_of_keywords_are_one_whatever_the_spelling_and_join_a_vocabulary() {
        let known = ["Rome", "Places|Italy|Venice"].map(str::to_owned);
        let own = Labels::new(vec![entry("sky")], known.clone());
        assert_eq!(own.label(&KeywordPath::parse("ROME").unwrap()), "Rome");
        assert!(own.joined().is_empty());
        let list = ["Places|Italy|Venice", "Places|Italy|Rome"].map(entry);
        let joined = Labels::new(list.to_vec(), known).joined();
        let expected = [("Places|Italy|Venice".to_owned(), "Venice".to_owned())];
        assert_eq!(joined, expected);
        assert!(own.has_word("Places|Rome", "rome"));
    }
}
