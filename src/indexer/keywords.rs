//! Labels as keywords, and back.

use std::collections::HashMap;

use crate::sidecar::Keyword;
use crate::store::{TagState, TaggedLabel};
use crate::tagging::Vocabulary;

/// Labels as keywords, with their places in the hierarchy.
pub struct Keywords<'a> {
    by_label: HashMap<&'a str, Option<Keyword>>,
    by_keyword: HashMap<Keyword, &'a str>,
}

impl<'a> Keywords<'a> {
    /// The keywords of a vocabulary's labels. Labels that are not exported have none, and are left
    /// out of the paths of those below them.
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        let labels = vocabulary.labels();
        let mut by_label = HashMap::new();
        let mut by_keyword = HashMap::new();
        for (i, label) in labels.iter().enumerate() {
            let mut path: Vec<usize> = vocabulary.ancestors(i).collect();
            path.reverse();
            path.push(i);
            let names = path
                .iter()
                .filter_map(|i| labels.get(*i))
                .filter(|l| l.export)
                .map(|l| l.name.as_str());
            let keyword = Keyword::new(names).ok().filter(|_| label.export);
            if let Some(keyword) = &keyword {
                by_keyword.insert(keyword.clone(), label.id.as_str());
            }
            by_label.insert(label.id.as_str(), keyword);
        }
        Self {
            by_label,
            by_keyword,
        }
    }

    /// The keywords of a photo's accepted tags, and how sure they are.
    pub fn of(&self, tags: &[TaggedLabel]) -> (Vec<Keyword>, Vec<f32>) {
        let accepted = tags.iter().filter(|t| t.state == TagState::Accepted);
        accepted
            .filter_map(|tag| {
                let keyword = match self.by_label.get(tag.label.as_str()) {
                    Some(known) => known.clone()?,
                    // Decided with an earlier vocabulary, or read from a sidecar.
                    None => Keyword::new(tag.label.split('|')).ok()?,
                };
                let confidence = match tag.decision {
                    Some(_) => 1.0,
                    None => tag.machine.map_or(1.0, |(_, confidence)| confidence),
                };
                Some((keyword, confidence))
            })
            .unzip()
    }

    /// The keyword of a label of the vocabulary.
    pub fn keyword(&self, label: &str) -> Option<&Keyword> {
        self.by_label.get(label).and_then(Option::as_ref)
    }

    /// The label that a keyword stands for.
    pub fn label(&self, keyword: &Keyword) -> Option<&str> {
        self.by_keyword.get(keyword).copied()
    }
}
