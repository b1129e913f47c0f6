//! Fits the constants of `Rule`: logistic regression on made-up libraries of photos that show several
//! things.
//!
//! Photographs with one label each teach nothing about photos of several, on which each thing is
//! weaker. The encoder's features are means over the picture, so that the embedding of a collage
//! is about the weighted mean of its parts' embeddings; such mixtures are what is fitted to. Each
//! library has 80 words, of which a few are on many photos and most on few, as with everyday
//! photos and vocabularies: some 2.5 words a photo are right. What is usual for a word is taken from
//! none, 20, 100 and all of a library's photos, so that the constants fit libraries of any size.

use std::collections::HashMap;

use anyhow::Result;
use half::f16;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::indexer::labels;
use taglens::tagging::{DEFAULT_PRIOR, Judge, LabelModel, Matrix, Views, Vocabulary};

use crate::data::Dataset;
use crate::metrics;

const LIBRARIES: usize = 24;
const SIZES: [usize; 4] = [100, 200, 400, 800];
/// How many photos what is usual is taken from.
const SAMPLES: [usize; 4] = [0, 20, 100, usize::MAX];
const WORDS: usize = 80;
const SEED: u64 = 5;
/// What the rank is tried at; its best value in the fit is higher, and does worse on whole photographs.
const RANKS: [f64; 5] = [0.0, -0.2, -0.35, -0.5, -0.65];
/// Words for several kinds, which so are common words: of ImageNet's and Caltech's names.
const WIDER: [(&str, &str); 6] = [
    (
        "dog",
        "Afghan_hound African_hunting_dog American_Staffordshire_terrier Appenzeller Boston_bull \
         Brittany_spaniel French_bulldog German_shepherd German_short-haired_pointer \
         Irish_wolfhound Leonberg Norfolk_terrier Sealyham_terrier Shetland_sheepdog Shih-Tzu \
         Siberian_husky Sussex_spaniel Tibetan_terrier black-and-tan_coonhound chow \
         flat-coated_retriever malinois otterhound toy_poodle",
    ),
    (
        "bird",
        "black_grouse black_swan brambling flamingo flamingo_head jacamar king_penguin limpkin \
         lorikeet quail red-backed_sandpiper robin water_ouzel",
    ),
    (
        "insect",
        "ant damselfly dung_beetle mantis sulphur_butterfly tiger_beetle butterfly dragonfly mayfly",
    ),
    (
        "reptile",
        "American_alligator American_chameleon Gila_monster green_snake mud_turtle night_snake \
         sea_snake crocodile",
    ),
    (
        "food",
        "French_loaf bell_pepper burrito chocolate_sauce consomme mashed_potato orange jackfruit \
         spaghetti_squash pizza",
    ),
    (
        "musical instrument",
        "banjo trombone accordion euphonium grand_piano saxophone",
    ),
];

/// The photos of each kind, and the words for kinds.
struct Pool<'a> {
    photos: HashMap<&'a str, Vec<&'a Embedding>>,
    kinds: Vec<&'a str>,
    judge: Judge,
    /// Where each word stands in the judge's labels.
    places: HashMap<&'a str, usize>,
}

/// A made-up library.
struct Library {
    views: Views,
    /// As texts describe them, with their priors.
    models: Vec<LabelModel>,
    /// `[photo][word]`.
    truth: Vec<Vec<bool>>,
}

/// What is known of a pair of photo and word.
struct Pair {
    deviations: f64,
    log_rank: f64,
    /// Log-odds.
    prior: f64,
    right: bool,
}

pub fn run(sets: &[Dataset], engine: &Engine) -> Result<()> {
    let pool = Pool::new(sets, engine)?;
    let mut rng = StdRng::seed_from_u64(SEED);
    let libraries = (0..LIBRARIES)
        .map(|at| pool.library(SIZES[at % SIZES.len()], &mut rng))
        .collect::<Result<Vec<_>>>()?;
    let mut pairs = Vec::new();
    for library in &libraries {
        for sample in SAMPLES {
            pairs.extend(library.pairs(sample)?);
        }
    }
    println!("{} pairs, now {:?}", pairs.len(), labels::rule(engine));
    println!("\n| rank | slope | bias | loss a pair |\n|---|---|---|---|");
    for rank in RANKS {
        let ([slope, bias], loss) = fit(&pairs, rank);
        println!("| {rank:.2} | {slope:.3} | {bias:.3} | {loss:.5} |");
    }
    println!("\nWith the constants of now, in libraries of {SIZES:?} photos:\n");
    println!("| confidence from | macro F1 | precision | recall |\n|---|---|---|---|");
    for step in 2..=12 {
        let threshold = step as f32 / 20.0;
        let mut sums = [0.0; 3];
        for library in &libraries {
            let given = library.given(threshold)?;
            let (precision, recall) = metrics::precision_recall(&given, &library.truth);
            let f1 = metrics::macro_f1(&given, &library.truth);
            for (sum, value) in sums.iter_mut().zip([f1, precision, recall]) {
                *sum += value / LIBRARIES as f32;
            }
        }
        let [f1, precision, recall] = sums;
        println!("| {threshold:.2} | {f1:.3} | {precision:.3} | {recall:.3} |");
    }
    Ok(())
}

impl<'a> Pool<'a> {
    fn new(sets: &'a [Dataset], engine: &Engine) -> Result<Self> {
        let mut photos: HashMap<&str, Vec<&Embedding>> = HashMap::new();
        for set in sets {
            for (photo, truth) in set.photos.iter().zip(&set.truth) {
                if let Some(kind) = truth.iter().position(|t| *t) {
                    photos.entry(&set.labels[kind]).or_default().push(photo);
                }
            }
        }
        let mut kinds: Vec<&str> = photos.keys().copied().collect();
        kinds.sort_unstable();
        let wider = WIDER.iter().map(|(word, _)| *word);
        let words: Vec<&str> = kinds.iter().copied().chain(wider).collect();
        let places = words.iter().enumerate().map(|(i, word)| (*word, i));
        Ok(Self {
            places: places.collect(),
            judge: labels::judge(engine, &Vocabulary::parse(&words.join("\n"))?)?,
            photos,
            kinds,
        })
    }

    fn library(&self, size: usize, rng: &mut StdRng) -> Result<Library> {
        let mut wider: Vec<(&str, Vec<&str>)> = WIDER
            .iter()
            .map(|(word, kinds)| (*word, self.known(kinds)))
            .filter(|(_, kinds)| !kinds.is_empty())
            .collect();
        wider.shuffle(rng);
        wider.truncate(rng.random_range(1..=5));
        let mut kinds = self.kinds.clone();
        kinds.shuffle(rng);
        kinds.truncate(WORDS.saturating_sub(wider.len()));
        let words: Vec<&str> = wider.iter().map(|w| w.0).chain(kinds).collect();
        let exponent = rng.random_range(0.6..1.2);
        let shares: Vec<f64> = (0..words.len())
            .map(|i| (i as f64 + 2.0).powf(-exponent))
            .collect();
        let unnamed = rng.random_range(0.0..0.3);
        let (mut rows, mut truth) = (Vec::new(), Vec::new());
        while truth.len() < size {
            let mut shown = vec![false; words.len()];
            let mut sum = vec![0.0; self.judge.labels()[0].vector().len()];
            for _ in 0..rng.random_range(1..=4) {
                let word = match rng.random_bool(unnamed) {
                    true => self.kinds[rng.random_range(0..self.kinds.len())],
                    false => words[draw(&shares, rng)],
                };
                let kind = match wider.iter().find(|w| w.0 == word) {
                    Some((_, kinds)) => kinds[rng.random_range(0..kinds.len())],
                    None => word,
                };
                let photos = &self.photos[kind];
                // Exponential weights, normalised, are uniform over all ways to share the picture.
                let weight = -(1.0 - rng.random::<f32>()).ln();
                let photo = photos[rng.random_range(0..photos.len())];
                for (s, v) in sum.iter_mut().zip(photo.values()) {
                    *s += weight * v;
                }
                let names = |w: &&str| {
                    let family = wider.iter().find(|f| f.0 == *w);
                    *w == kind || family.is_some_and(|f| f.1.contains(&kind))
                };
                for (shown, word) in shown.iter_mut().zip(&words) {
                    *shown |= names(word);
                }
            }
            if let Some(photo) = Embedding::normalised(sum) {
                rows.extend(photo.values().iter().map(|v| f16::from_f32(*v)));
                truth.push(shown);
            }
        }
        let models = words.iter().enumerate().map(|(i, word)| {
            let share = truth.iter().filter(|t| t[i]).count() as f32 / size as f32;
            let prior = match i < wider.len() {
                // Known to a factor of two or so.
                true => (share * normal(rng, 0.7).exp()).clamp(0.005, 0.8),
                false => DEFAULT_PRIOR,
            };
            self.judge.labels()[self.places[word]]
                .clone()
                .with_prior(prior)
        });
        let models = models.collect();
        let matrix = Matrix::new(&rows, self.judge.labels()[0].vector().len())?;
        Ok(Library {
            views: self.judge.reference().prepare_all(matrix)?,
            models,
            truth,
        })
    }

    /// Those of the names that there are photos of.
    fn known(&self, names: &str) -> Vec<&'a str> {
        let kinds = self.kinds.iter().copied();
        kinds
            .filter(|kind| names.split_whitespace().any(|name| name == *kind))
            .collect()
    }
}

impl Library {
    fn pairs(&self, sample: usize) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for (word, model) in self.models.iter().enumerate() {
            let model = self.to_scale(model, sample)?;
            let mut similarities = vec![0.0; self.views.len()];
            self.views
                .matrix()?
                .scores(model.vector(), &mut similarities)?;
            let mut scores = vec![0.0; self.views.len()];
            model.score_all(&self.views, &mut scores)?;
            let Some(prior) = model.prior().map(f64::from) else {
                continue;
            };
            let alone = model.rule().alone;
            let prior = (prior / (1.0 - prior)).ln();
            for (row, (score, similarity)) in scores.iter().zip(&similarities).enumerate() {
                let cohort = self.views.cohort(row);
                pairs.push(Pair {
                    deviations: (f64::from(*score) - prior - f64::from(alone.bias))
                        / f64::from(alone.slope),
                    log_rank: cohort.map_or(0.0, |c| f64::from(c.log_rank(*similarity))),
                    prior,
                    right: self.truth[row][word],
                });
            }
        }
        Ok(pairs)
    }

    fn to_scale(&self, model: &LabelModel, sample: usize) -> Result<LabelModel> {
        let mut spread = model.spread(&self.views)?;
        if sample < self.views.len() {
            let matrix = self.views.matrix()?;
            let rows = &matrix.values()[..sample * matrix.dimension()];
            let mut similarities = vec![0.0; sample];
            Matrix::new(rows, matrix.dimension())?.scores(model.vector(), &mut similarities)?;
            let count = sample.max(1) as f32;
            let mean = similarities.iter().sum::<f32>() / count;
            let squares = similarities.iter().map(|s| (s - mean).powi(2));
            spread.all.mean = mean;
            spread.all.deviation = (squares.sum::<f32>() / count).sqrt();
            spread.photos = sample;
        }
        Ok(model.clone().with_library(&spread))
    }

    fn given(&self, threshold: f32) -> Result<Vec<Vec<bool>>> {
        let mut given = vec![Vec::new(); self.views.len()];
        for model in &self.models {
            let assessed = self.to_scale(model, usize::MAX)?.assess_all(&self.views)?;
            for (row, assessed) in given.iter_mut().zip(assessed) {
                row.push(assessed.confidence >= threshold);
            }
        }
        Ok(given)
    }
}

/// An index, by shares of any sum.
fn draw(shares: &[f64], rng: &mut StdRng) -> usize {
    let mut left = rng.random::<f64>() * shares.iter().sum::<f64>();
    let past = shares.iter().position(|share| {
        left -= share;
        left < 0.0
    });
    past.unwrap_or(shares.len() - 1)
}

/// Normally distributed (Box and Muller).
pub fn normal(rng: &mut StdRng, deviation: f32) -> f32 {
    let (a, b) = (1.0 - rng.random::<f32>(), rng.random::<f32>());
    deviation * (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
}

/// Slope and bias for a fixed weight of the rank, by logistic regression with Newton's method, and the
/// mean loss in nats.
fn fit(pairs: &[Pair], rank: f64) -> ([f64; 2], f64) {
    let [mut slope, mut bias] = [1.0, -1.0];
    let log_odds = |pair: &Pair, slope: f64, bias: f64| {
        slope * pair.deviations + rank * pair.log_rank + bias + pair.prior
    };
    for _ in 0..30 {
        let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
        for pair in pairs {
            let p = 1.0 / (1.0 + (-log_odds(pair, slope, bias)).exp());
            let error = f64::from(u8::from(pair.right)) - p;
            let (x, weight) = (pair.deviations, p * (1.0 - p));
            g = [g[0] + error * x, g[1] + error];
            h = [h[0] + weight * x * x, h[1] + weight * x, h[2] + weight];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        // Half steps: whole ones run away from a start that is far off.
        slope += 0.5 * (h[2] * g[0] - h[1] * g[1]) / determinant;
        bias += 0.5 * (h[0] * g[1] - h[1] * g[0]) / determinant;
    }
    let loss = pairs.iter().map(|pair| {
        let signed = match pair.right {
            true => -log_odds(pair, slope, bias),
            false => log_odds(pair, slope, bias),
        };
        signed.max(0.0) + (-signed.abs()).exp().ln_1p()
    });
    ([slope, bias], loss.sum::<f64>() / pairs.len() as f64)
}
