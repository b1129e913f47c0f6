//! Trains the starter model. `resources/starter/README.md` says how to run it and what came out.

mod corpus;
mod export;
mod fit;
mod image_side;
mod initialise;
mod knowledge;
mod lexicon;
mod linear_algebra;
mod minilm;
mod token_table;
mod wordnet;
mod wordpiece;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use candle_core::{Device, Tensor};
use clap::Parser;
use taglens::clip::spec::activation::Activation;
use taglens::clip::spec::{
    CbowSpec, EndOfText, TextAttention, TextSpec, TextTransformerSpec, TransformerSpec,
};
use taglens::clip::starter;
use taglens::clip::starter::{DIMENSION, HEAD_WIDTH, IMAGE_SPEC};
use taglens::clip::tokenizer::Tokenizer;
use taglens::core::encoder::TextEncoder;
use taglens::engine::cpu::{CpuModel, Precision};

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
    /// Where sentence embeddings are kept for the next run.
    #[arg(long, default_value = "target/train_starter.cache")]
    sentence_cache: PathBuf,
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
    /// Only writes the places of the authors' and the classes' words; trains nothing.
    #[arg(long)]
    places_only: bool,
    /// A file of texts, one a line: their places and what the trained encoder makes of them are
    /// written beside the output.
    #[arg(long)]
    probe: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let knowledge = Knowledge::load(&options.knowledge)?;
    let wordnet = WordNet::load(&options.wordnet)?;
    let image = image_side::build(&options.image_checkpoint, &IMAGE_SPEC, DIMENSION)?;
    let minilm = MiniLm::load(&options.sentence_model, &options.sentence_cache)?;
    let lexicon = Lexicon::new(&knowledge, &wordnet, &minilm, &image.anchors)?;
    eprintln!(
        "{} classes, {} authored words",
        knowledge.class_offsets.len(),
        knowledge.words.len()
    );

    let known = corpus::core_texts(&knowledge, &wordnet);
    let places = options.output.with_file_name("places.safetensors");
    export::write_places(&places, &known, &lexicon.place(&known)?)?;
    if options.places_only {
        return Ok(());
    }

    let tokenizer = Tokenizer::clip();
    // Every token that is a word or a good part of one starts where that lies; the others, and the
    // start and end marks, start at zero.
    let is_word = |t: &str| t.len() > 2 && t.bytes().all(|b| b.is_ascii_lowercase());
    let texts = tokenizer.texts();
    let words: Vec<String> = texts
        .iter()
        .map(|t| t.trim().to_owned())
        .filter(|t| is_word(t))
        .collect();
    let places = lexicon.place(&words)?;
    let mut token_places = vec![0f32; tokenizer.vocab_size() * DIMENSION];
    let rows = token_places
        .chunks_mut(DIMENSION)
        .zip(&texts)
        .filter(|(_, t)| is_word(t.trim()));
    for ((row, _), place) in rows.zip(places) {
        row.copy_from_slice(&place);
    }
    let token_places = Tensor::from_vec(token_places, ((), DIMENSION), &Device::Cpu)?;
    // Only whole words are texts by themselves; the trailing blank marks them.
    let words: Vec<String> = texts
        .iter()
        .filter_map(|t| t.strip_suffix(' '))
        .filter(|t| is_word(t))
        .map(str::to_owned)
        .collect();
    let corpus = Corpus::build(&knowledge, &wordnet, &lexicon, &words)?;
    eprintln!("{} texts, {} held out", corpus.len(), corpus.held_out.len());

    let (name, config) = match options.text {
        TextSide::Transformer => ("transformer", transformer(&options, tokenizer.vocab_size())),
        TextSide::Cbow => (
            "cbow",
            TextSpec::Cbow(CbowSpec {
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
    let anchors = options.output.with_file_name("anchors.safetensors");
    export::write_anchors(&anchors, &image.anchors)?;
    export::write(&options.output, image.tensors, outcome)?;
    match &options.probe {
        Some(texts) => probe(texts, &options.output, &lexicon),
        None => Ok(()),
    }
}

/// Writes a line of JSON for every text: the text, its place and its embedding.
fn probe(texts: &Path, weights: &Path, lexicon: &Lexicon) -> Result<()> {
    let texts = std::fs::read_to_string(texts)?;
    let texts: Vec<String> = texts.lines().map(str::to_owned).collect();
    let lower_case: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = starter::model_from_bytes(&std::fs::read(weights)?)?;
    let embeddings = CpuModel::new(&model, Precision::Exact)?.encode_texts(&borrowed)?;
    let mut out = BufWriter::new(File::create(weights.with_extension("probe.jsonl"))?);
    for ((text, place), embedding) in texts
        .iter()
        .zip(lexicon.place(&lower_case)?)
        .zip(&embeddings)
    {
        let line = serde_json::json!({
            "text": text, "place": place, "embedding": embedding.values(),
        });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn transformer(options: &Options, vocabulary: usize) -> TextSpec {
    TextSpec::Transformer(TextTransformerSpec {
        vocabulary,
        context_length: CONTEXT_LENGTH,
        attention: TextAttention::Causal(EndOfText::Highest),
        projection_bias: false,
        transformer: TransformerSpec {
            width: options.width,
            layers: options.layers,
            heads: options.width / HEAD_WIDTH,
            mlp_width: options.width * 4,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-5,
        },
    })
}
