//! The texts that the text side is trained on, and the place that each shall take.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::knowledge::Knowledge;
use crate::lexicon::{Lexicon, add, unit};
use crate::wordnet::WordNet;

/// Noun files of WordNet that name what a photograph may show, events and groups included.
const FILES: [u32; 13] = [4, 5, 6, 8, 11, 13, 14, 15, 17, 18, 19, 20, 27];
/// Longer collocations are not what people tag with.
const MAX_WORDS: usize = 2;
/// One in so many WordNet words is never trained on, only measured.
const HELD_OUT: usize = 50;
/// How much more often the words of the authors and the classes are shown than WordNet's.
const CORE_WEIGHT: f32 = 10.0;
const CAPTION_WEIGHT: f32 = 4.0;
/// Share of samples in which a word is set into a sentence, and in which two are joined.
const TEMPLATE_SHARE: f32 = 0.3;
const PAIR_SHARE: f32 = 0.15;

const TEMPLATES: [&str; 18] = [
    "a photo of a {}.",
    "a photo of {}",
    "a {}",
    "the {}",
    "{}s",
    "an image of a {}",
    "my {}",
    "a close-up of a {}",
    "{}, photograph",
    "picture of the {}",
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
    "a photograph with a {}",
];
const JOINTS: [&str; 6] = [" and ", " with ", " on ", " in ", ", ", " near "];

/// A text and its place.
pub struct Item {
    /// Lower case.
    pub text: String,
    /// Unit length.
    pub place: Vec<f32>,
}

/// Everything to train on.
pub struct Corpus {
    items: Vec<Item>,
    /// Running sums of the items' weights.
    cumulative: Vec<f32>,
    /// Items before this one are words and can be set into sentences and pairs.
    words: usize,
    /// How many of the first are the classes' and the authors'.
    core: usize,
    /// Never shown in training.
    pub held_out: Vec<Item>,
}

/// The words of the authors and the classes, in lower case, each once.
pub fn core_texts(knowledge: &Knowledge, wordnet: &WordNet) -> Vec<String> {
    let authored = knowledge.words.iter().map(|word| &word.text);
    let classes = knowledge.class_offsets.iter().zip(&knowledge.contexts);
    let named = classes.flat_map(|(offset, context)| {
        let words = wordnet.synsets[offset].words.iter();
        words.chain(&context.names)
    });
    let mut seen = HashSet::new();
    let texts = authored.chain(named).map(|text| text.trim().to_lowercase());
    texts.filter(|text| seen.insert(text.clone())).collect()
}

impl Corpus {
    /// Collects the texts and has the lexicon place them. `tokens` are words of the tokenizer's
    /// vocabulary, which bring in what is no noun.
    pub fn build(
        knowledge: &Knowledge,
        wordnet: &WordNet,
        lexicon: &Lexicon,
        tokens: &[String],
    ) -> Result<Self> {
        let mut texts = Vec::new();
        let mut weights = Vec::new();
        let mut seen = HashSet::new();
        let mut push = |text: &str, weight: f32, texts: &mut Vec<String>| {
            let text = text.to_lowercase();
            if seen.insert(text.clone()) {
                texts.push(text);
                weights.push(weight);
            }
        };
        for text in core_texts(knowledge, wordnet) {
            push(&text, CORE_WEIGHT, &mut texts);
        }
        let core = texts.len();
        let mut nouns: Vec<(&str, u32)> = wordnet
            .words()
            .filter(|(word, _)| {
                word.split(' ').count() <= MAX_WORDS
                    && word
                        .chars()
                        .all(|c| c.is_ascii_alphabetic() || " -'".contains(c))
            })
            .filter_map(|(word, senses)| {
                let visible = |s: &&crate::wordnet::Sense| {
                    let synset = &wordnet.synsets[&s.offset];
                    // Names of persons and places begin with a capital.
                    FILES.contains(&synset.lexical_file) && synset.words.iter().any(|w| w == word)
                };
                let counts = senses.iter().filter(visible).map(|s| s.count);
                counts.reduce(|a, b| a + b).map(|count| (word, count))
            })
            .collect();
        nouns.sort_unstable();
        let mut held_texts = Vec::new();
        for (i, (word, count)) in nouns.iter().enumerate() {
            if i % HELD_OUT == 0 && *count == 0 {
                held_texts.push((*word).to_owned());
            } else {
                push(word, 1.0 + (1.0 + *count as f32).ln(), &mut texts);
            }
        }
        for token in tokens {
            if !held_texts.contains(token) {
                push(token, 1.0, &mut texts);
            }
        }
        let words = texts.len();
        let mut owners = HashMap::new();
        for (class, context) in knowledge.contexts.iter().enumerate() {
            for caption in &context.captions {
                owners.insert(texts.len(), class);
                push(caption, CAPTION_WEIGHT, &mut texts);
            }
        }
        held_texts.retain(|text| !texts[..core].contains(text));
        let mut places = lexicon.place(&texts)?;
        for (at, class) in owners {
            if let Some(place) = places.get_mut(at) {
                add(place, lexicon.anchor(class), 1.0);
                *place = unit(std::mem::take(place));
            }
        }
        let held_places = lexicon.place(&held_texts)?;
        let item = |(text, place)| Item { text, place };
        let mut sum = 0.0;
        Ok(Self {
            items: texts.into_iter().zip(places).map(item).collect(),
            cumulative: weights
                .iter()
                .map(|w| {
                    sum += w;
                    sum
                })
                .collect(),
            words,
            core,
            held_out: held_texts.into_iter().zip(held_places).map(item).collect(),
        })
    }

    /// The words of the classes and the authors, which the report measures.
    pub fn core(&self) -> &[Item] {
        &self.items[..self.core]
    }

    /// How many texts there are, before sentences are made of them.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// An endless, seeded stream of samples.
    pub fn samples(&self, seed: u64) -> impl Iterator<Item = Item> {
        let mut rng = StdRng::seed_from_u64(seed);
        std::iter::from_fn(move || Some(self.sample(&mut rng)))
    }

    fn sample(&self, rng: &mut StdRng) -> Item {
        let kind: f32 = rng.random_range(0f32..1.0);
        if kind < PAIR_SHARE {
            let (a, b) = (self.word(rng), self.word(rng));
            let joint = JOINTS[rng.random_range(0..JOINTS.len())];
            let mut place = a.place.clone();
            add(&mut place, &b.place, 1.0);
            return Item {
                text: format!("{}{joint}{}", a.text, b.text),
                place: unit(place),
            };
        }
        if kind < PAIR_SHARE + TEMPLATE_SHARE {
            let template = TEMPLATES[rng.random_range(0..TEMPLATES.len())];
            let word = self.word(rng);
            return Item {
                text: template.replace("{}", &word.text),
                place: word.place.clone(),
            };
        }
        let item = self.any(rng, self.items.len());
        Item {
            text: item.text.clone(),
            place: item.place.clone(),
        }
    }

    fn word(&self, rng: &mut StdRng) -> &Item {
        self.any(rng, self.words)
    }

    /// One of the first `count` items, by weight.
    fn any(&self, rng: &mut StdRng, count: usize) -> &Item {
        let total = self.cumulative[count - 1];
        let at = rng.random_range(0f32..total);
        let i = self.cumulative[..count].partition_point(|sum| *sum <= at);
        &self.items[i.min(count - 1)]
    }
}
