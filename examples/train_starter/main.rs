//! Trains the starter model. `resources/starter/README.md` says how to run it and what came out.

mod corpus;
mod export;
mod fit;
mod image_side;
mod knowledge;
mod lexicon;
mod linear_algebra;
mod minilm;
mod wordnet;
mod wordpiece;

use std::path::PathBuf;

use anyhow::Result;
use candle_core::{Device, Tensor};
use clap::Parser;
use taglens::clip::activation::Activation;
use taglens::clip::config::{
    CbowConfig, EndOfText, TextConfig, TextTransformerConfig, TransformerConfig,
};
use taglens::clip::starter::{DIMENSION, HEAD_WIDTH, IMAGE_CONFIG};
use taglens::clip::tokenizer::Tokenizer;

use corpus::Corpus;
use fit::Schedule;
use knowledge::Knowledge;
use lexicon::Lexicon;
use minilm::MiniLm;
use wordnet::WordNet;

/// Texts of the starter are short; longer ones are cut.
const CONTEXT_LENGTH: usize = 77;

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum TextSide {
    Transformer,
    Cbow,
}

/// Trains the starter's text side and packs both sides into one file.
#[derive(Parser)]
struct Options {
    /// The EfficientNet-Lite1 checkpoint (`efficientnet-lite1-….pth`).
    #[arg(long)]
    image_checkpoint: PathBuf,
    /// The folder with all-MiniLM-L6-v2's `model.safetensors` and `vocab.txt`.
    #[arg(long)]
    sentence_model: PathBuf,
    /// The folder with WordNet 3.0's `data.noun`, `index.noun` and `cntlist.rev`.
    #[arg(long, default_value = "/usr/share/wordnet")]
    wordnet: PathBuf,
    /// The authors' tables.
    #[arg(long, default_value = "resources/starter/knowledge")]
    knowledge: PathBuf,
    /// Which text encoder to train.
    #[arg(long, value_enum, default_value = "transformer")]
    text: TextSide,
    /// Steps of the optimiser.
    #[arg(long, default_value_t = 1600)]
    steps: usize,
    /// Texts in a step.
    #[arg(long, default_value_t = 256)]
    batch: usize,
    /// The highest learning rate.
    #[arg(long, default_value_t = 1e-3)]
    learning_rate: f64,
    /// Width of the text encoder.
    #[arg(long, default_value_t = 256)]
    width: usize,
    /// Layers of the Transformer.
    #[arg(long, default_value_t = 2)]
    layers: usize,
    /// For the first weights and the samples.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Where to write the weights.
    #[arg(long, default_value = "resources/starter/starter.safetensors")]
    output: PathBuf,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let knowledge = Knowledge::load(&options.knowledge)?;
    let wordnet = WordNet::load(&options.wordnet)?;
    let image = image_side::build(&options.image_checkpoint, &IMAGE_CONFIG, DIMENSION)?;
    let minilm = MiniLm::load(&options.sentence_model)?;
    let lexicon = Lexicon::new(&knowledge, &wordnet, &minilm, &image.anchors)?;
    eprintln!(
        "{} classes, {} authored words",
        knowledge.class_offsets.len(),
        knowledge.words.len()
    );

    let tokenizer = Tokenizer::clip();
    let mut tokens: Vec<String> = tokenizer.texts().iter().map(|t| t.trim().into()).collect();
    // The start and end tokens stand for nothing.
    tokens.resize(tokenizer.vocab_size(), String::new());
    let places: Vec<f32> = lexicon.place(&tokens)?.concat();
    let token_places = Tensor::from_vec(places, (tokens.len(), DIMENSION), &Device::Cpu)?;
    let words: Vec<String> = tokens
        .into_iter()
        .filter(|t| t.len() > 2 && t.bytes().all(|b| b.is_ascii_lowercase()))
        .collect();
    let corpus = Corpus::build(&knowledge, &wordnet, &lexicon, &words)?;
    eprintln!("{} texts, {} held out", corpus.len(), corpus.held_out.len());

    let (name, config) = match options.text {
        TextSide::Transformer => ("transformer", transformer(&options, tokenizer.vocab_size())),
        TextSide::Cbow => (
            "cbow",
            TextConfig::Cbow(CbowConfig {
                vocabulary: tokenizer.vocab_size(),
                width: options.width,
                bias: false,
            }),
        ),
    };
    let schedule = Schedule {
        steps: options.steps,
        batch: options.batch,
        learning_rate: options.learning_rate,
        seed: options.seed,
    };
    let outcome = fit::train(name, &config, &corpus, &token_places, &schedule)?;
    export::write(&options.output, image.tensors, outcome)
}

fn transformer(options: &Options, vocabulary: usize) -> TextConfig {
    TextConfig::Transformer(TextTransformerConfig {
        vocabulary,
        context_length: CONTEXT_LENGTH,
        end_of_text: EndOfText::Highest,
        transformer: TransformerConfig {
            width: options.width,
            layers: options.layers,
            heads: options.width / HEAD_WIDTH,
            mlp_width: options.width * 4,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-5,
        },
    })
}
