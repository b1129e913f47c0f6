//! Where in image space the photographs of a text lie: the targets that the text side learns.
//!
//! Four sources are added up, each as a unit vector: what the authors wrote about the very word;
//! the classes below the word's senses in WordNet; where it has neither, the classes whose glosses
//! are nearest to its own glosses; and, for every text, the nearest entries of the lexicon by
//! sentence embedding, which is how phrases and unknown words get a place.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use candle_core::{D, Device, Tensor};

use crate::knowledge::Knowledge;
use crate::minilm::MiniLm;
use crate::wordnet::WordNet;

/// How many neighbours a text is placed by.
const NEIGHBOURS: usize = 10;
/// Softmax temperature over their cosine similarities.
const TEMPERATURE: f32 = 0.1;
/// A synset above more classes than this ("artifact") says nothing about what is seen.
const MAX_DESCENDANTS: usize = 400;
/// How many visible senses' glosses are looked at.
const MAX_GLOSSES: usize = 1;
/// Lexicographer files whose synsets can be seen: acts, animals, artifacts, body, food, objects,
/// people, phenomena, plants.
const VISIBLE: [u32; 9] = [4, 5, 6, 8, 13, 17, 18, 19, 20];

/// The texts whose place is known, and the means to place others among them.
pub struct Lexicon<'a> {
    wordnet: &'a WordNet,
    minilm: &'a MiniLm,
    descendants: HashMap<u32, Vec<usize>>,
    /// `[classes, dim]`.
    anchors: Vec<Vec<f32>>,
    /// Place by authored word.
    words: HashMap<String, Vec<f32>>,
    /// `[entries, 384]` sentence embeddings and `[entries, dim]` places.
    entries: (Tensor, Tensor),
    /// The same for the classes' glosses.
    glosses: (Tensor, Tensor),
}

impl<'a> Lexicon<'a> {
    /// Places the classes and the authored words.
    pub fn new(
        knowledge: &Knowledge,
        wordnet: &'a WordNet,
        minilm: &'a MiniLm,
        anchors: &Tensor,
    ) -> Result<Self> {
        let anchor_rows = anchors.to_vec2::<f32>()?;
        let mut texts = Vec::new();
        let mut places = Vec::new();
        let mut glosses = Vec::new();
        for (i, offset) in knowledge.class_offsets.iter().enumerate() {
            let synset = &wordnet.synsets[offset];
            texts.push(synset.words.join(", "));
            places.push(anchor_rows[i].clone());
            glosses.push(format!("{}: {}", synset.words[0], synset.gloss));
        }
        let mut words = HashMap::new();
        for word in &knowledge.words {
            let place = unit(mixture(&anchor_rows, &word.classes));
            texts.push(word.text.clone());
            places.push(place.clone());
            words.insert(word.text.clone(), place);
        }
        // A class's everyday names are entries too; a name of many classes lies between them.
        let mut named: BTreeMap<&str, Vec<(usize, f32)>> = BTreeMap::new();
        for (class, context) in knowledge.contexts.iter().enumerate() {
            for name in context
                .names
                .iter()
                .filter(|name| !words.contains_key(*name))
            {
                named.entry(name).or_default().push((class, 1.0));
            }
        }
        for (name, classes) in named {
            texts.push(name.to_owned());
            places.push(unit(mixture(&anchor_rows, &classes)));
        }
        Ok(Self {
            wordnet,
            minilm,
            descendants: wordnet.descendants(&knowledge.class_offsets),
            words,
            entries: (matrix(minilm.embed(&texts)?)?, matrix(places)?),
            glosses: (matrix(minilm.embed(&glosses)?)?, anchors.clone()),
            anchors: anchor_rows,
        })
    }

    /// The places of texts, unit length.
    pub fn place(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut sums = nearest(&matrix(self.minilm.embed(texts)?)?, &self.entries)?;
        let mut gloss_texts = Vec::new();
        let mut gloss_owners = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let authored = self.authored(text);
            let kinds = self.kinds(text);
            if authored.is_none() && kinds.is_none() {
                let senses = self.wordnet.senses(text).iter();
                let visible = senses.filter_map(|sense| {
                    let synset = &self.wordnet.synsets[&sense.offset];
                    VISIBLE
                        .contains(&synset.lexical_file)
                        .then_some((sense, synset))
                });
                for (sense, synset) in visible.take(MAX_GLOSSES) {
                    gloss_texts.push(format!("{text}: {}", synset.gloss));
                    gloss_owners.push((i, 1.0 + sense.count as f32));
                }
            }
            for place in [authored.cloned(), kinds].into_iter().flatten() {
                add(&mut sums[i], &place, 1.0);
            }
        }
        let mut by_gloss: HashMap<usize, Vec<f32>> = HashMap::new();
        if !gloss_texts.is_empty() {
            let places = nearest(&matrix(self.minilm.embed(&gloss_texts)?)?, &self.glosses)?;
            for ((owner, weight), place) in gloss_owners.iter().zip(places) {
                let sum = by_gloss
                    .entry(*owner)
                    .or_insert_with(|| vec![0.0; place.len()]);
                add(sum, &place, *weight);
            }
        }
        for (owner, place) in by_gloss {
            add(&mut sums[owner], &unit(place), 1.0);
        }
        Ok(sums.into_iter().map(unit).collect())
    }

    /// Where photographs of a class lie.
    pub fn anchor(&self, class: usize) -> &[f32] {
        &self.anchors[class]
    }

    /// What the authors wrote about the word or its singular.
    fn authored(&self, text: &str) -> Option<&Vec<f32>> {
        let singular = |ending: &str| self.words.get(text.strip_suffix(ending)?);
        self.words
            .get(text)
            .or_else(|| singular("s"))
            .or_else(|| singular("es"))
    }

    /// The mean of the classes below the word's senses, each sense by how common it is.
    fn kinds(&self, text: &str) -> Option<Vec<f32>> {
        let mut classes = Vec::new();
        for sense in self.wordnet.senses(text) {
            match self.descendants.get(&sense.offset) {
                Some(below) if below.len() < MAX_DESCENDANTS => {
                    let share = (1.0 + sense.count as f32) / below.len() as f32;
                    classes.extend(below.iter().map(|class| (*class, share)));
                }
                _ => {}
            }
        }
        (!classes.is_empty()).then(|| unit(mixture(&self.anchors, &classes)))
    }
}

/// Softmax-weighted mean of the places of the nearest entries, unit length.
fn nearest(queries: &Tensor, (keys, places): &(Tensor, Tensor)) -> Result<Vec<Vec<f32>>> {
    const CHUNK: usize = 1024;
    let places = places.to_vec2::<f32>()?;
    let mut result = Vec::new();
    for start in (0..queries.dim(0)?).step_by(CHUNK) {
        let count = CHUNK.min(queries.dim(0)? - start);
        let similarities = queries.narrow(0, start, count)?.matmul(&keys.t()?)?;
        for row in similarities.to_vec2::<f32>()? {
            let mut order: Vec<usize> = (0..row.len()).collect();
            let by_similarity = |a: &usize, b: &usize| row[*b].total_cmp(&row[*a]);
            order.select_nth_unstable_by(NEIGHBOURS, by_similarity);
            let classes: Vec<(usize, f32)> = order[..NEIGHBOURS]
                .iter()
                .map(|i| (*i, ((row[*i] - 1.0) / TEMPERATURE).exp()))
                .collect();
            result.push(unit(mixture(&places, &classes)));
        }
    }
    Ok(result)
}

fn mixture(places: &[Vec<f32>], weights: &[(usize, f32)]) -> Vec<f32> {
    let mut sum = vec![0.0; places.first().map_or(0, Vec::len)];
    for (i, weight) in weights {
        add(&mut sum, &places[*i], *weight);
    }
    sum
}

/// `sum += weight * other`.
pub fn add(sum: &mut [f32], other: &[f32], weight: f32) {
    for (s, o) in sum.iter_mut().zip(other) {
        *s += weight * o;
    }
}

/// Scales to unit length.
pub fn unit(mut values: Vec<f32>) -> Vec<f32> {
    let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
    for v in &mut values {
        *v /= norm;
    }
    values
}

fn matrix(rows: Vec<Vec<f32>>) -> Result<Tensor> {
    let width = rows.first().map_or(0, Vec::len);
    let count = rows.len();
    Ok(Tensor::from_vec(
        rows.concat(),
        (count, width),
        &Device::Cpu,
    )?)
}

/// Cosine of corresponding rows, `[n]`.
pub fn row_cosines(a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
    let dot = (a * b)?.sum(D::Minus1)?;
    let norms = (a.sqr()?.sum(D::Minus1)? * b.sqr()?.sum(D::Minus1)?)?.sqrt()?;
    dot / norms
}
