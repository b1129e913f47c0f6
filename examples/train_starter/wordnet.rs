//! WordNet 3.0's nouns: which words name a thing, and which things are kinds of it.
//!
//! Format: `wndb(5WN)` and `cntlist(5WN)` of the WordNet distribution.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};

/// A set of synonyms.
pub struct Synset {
    /// The words, with blanks instead of underscores.
    pub words: Vec<String>,
    /// What it means, without the examples.
    pub gloss: String,
    /// The lexicographer file's number: 5 animals, 6 artifacts, 13 food and so on.
    pub lexical_file: u32,
    /// The offsets of what this is a kind or an instance of.
    pub hypernyms: Vec<u32>,
}

/// One sense of a word.
#[derive(Clone, Copy)]
pub struct Sense {
    /// The synset's offset in `data.noun`.
    pub offset: u32,
    /// How often the sense occurs in the corpus that WordNet counted.
    pub count: u32,
}

/// The nouns.
pub struct WordNet {
    /// By offset in `data.noun`.
    pub synsets: HashMap<u32, Synset>,
    senses: HashMap<String, Vec<Sense>>,
}

impl WordNet {
    /// Reads `data.noun`, `index.noun` and `cntlist.rev` of the folder.
    pub fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))
        };
        let synsets = read("data.noun")?
            .lines()
            .filter(|line| !line.starts_with(' '))
            .map(|line| synset(line).with_context(|| format!("data.noun has a bad line: {line}")))
            .collect::<Result<_>>()?;
        let mut counts = HashMap::new();
        for line in read("cntlist.rev")?.lines() {
            let mut fields = line.split(' ');
            if let (Some(key), Some(sense), Some(count)) =
                (fields.next(), fields.next(), fields.next())
                && let Some((lemma, rest)) = key.split_once('%')
                && rest.starts_with("1:")
            {
                let sense: usize = sense.parse()?;
                counts.insert((lemma.replace('_', " "), sense), count.parse::<u32>()?);
            }
        }
        let mut senses = HashMap::new();
        for line in read("index.noun")?.lines().filter(|l| !l.starts_with(' ')) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let pointers: usize = fields
                .get(3)
                .context("index.noun has a short line")?
                .parse()?;
            let lemma = fields[0].replace('_', " ");
            let offsets = fields.get(6 + pointers..).unwrap_or_default();
            let list = offsets
                .iter()
                .zip(1..)
                .map(|(offset, number)| {
                    let count = counts.get(&(lemma.clone(), number)).copied().unwrap_or(0);
                    Ok(Sense {
                        offset: offset.parse()?,
                        count,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            senses.insert(lemma, list);
        }
        Ok(Self { synsets, senses })
    }

    /// The senses of a word, of its singular where it has none itself.
    pub fn senses(&self, word: &str) -> &[Sense] {
        const ENDINGS: [(&str, &str); 8] = [
            ("", ""),
            ("s", ""),
            ("ses", "s"),
            ("xes", "x"),
            ("ches", "ch"),
            ("shes", "sh"),
            ("men", "man"),
            ("ies", "y"),
        ];
        let word = word.to_lowercase();
        ENDINGS
            .iter()
            .filter_map(|(plural, singular)| {
                let stem = word.strip_suffix(plural)?;
                self.senses.get(&format!("{stem}{singular}"))
            })
            .next()
            .map_or(&[], Vec::as_slice)
    }

    /// Every word and its senses.
    pub fn words(&self) -> impl Iterator<Item = (&str, &[Sense])> {
        self.senses.iter().map(|(w, s)| (w.as_str(), s.as_slice()))
    }

    /// For every synset that lies above some of `leaves` (or is one): which of them, by index.
    pub fn descendants(&self, leaves: &[u32]) -> HashMap<u32, Vec<usize>> {
        let mut found: HashMap<u32, Vec<usize>> = HashMap::new();
        for (index, leaf) in leaves.iter().enumerate() {
            let mut seen = HashSet::new();
            let mut open = vec![*leaf];
            while let Some(offset) = open.pop() {
                if seen.insert(offset) {
                    found.entry(offset).or_default().push(index);
                    if let Some(synset) = self.synsets.get(&offset) {
                        open.extend(&synset.hypernyms);
                    }
                }
            }
        }
        found
    }
}

fn synset(line: &str) -> Result<(u32, Synset)> {
    let (head, gloss) = line.split_once(" | ").context("no gloss")?;
    let fields: Vec<&str> = head.split(' ').collect();
    let field = |i: usize| fields.get(i).copied().context("too short");
    let word_count = usize::from_str_radix(field(3)?, 16)?;
    let words = (0..word_count)
        .map(|i| Ok(field(4 + 2 * i)?.replace('_', " ")))
        .collect::<Result<_>>()?;
    let pointers = 4 + 2 * word_count;
    let pointer_count: usize = field(pointers)?.parse()?;
    let mut hypernyms = Vec::new();
    for i in 0..pointer_count {
        let at = pointers + 1 + 4 * i;
        if matches!(field(at)?, "@" | "@i") && field(at + 2)? == "n" {
            hypernyms.push(field(at + 1)?.parse()?);
        }
    }
    let gloss = gloss
        .split("; \"")
        .next()
        .unwrap_or(gloss)
        .trim()
        .to_owned();
    let synset = Synset {
        words,
        gloss,
        lexical_file: field(1)?.parse()?,
        hypernyms,
    };
    Ok((field(0)?.parse()?, synset))
}
