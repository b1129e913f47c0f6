//! all-MiniLM-L6-v2, the sentence encoder that carries meaning to words which ImageNet lacks.
//!
//! Source: N. Reimers and I. Gurevych, "Sentence-BERT" (2019); the architecture is BERT's
//! (J. Devlin et al., 2018) with six layers of width 384 and a mean over the tokens at the end.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use candle_core::{D, DType, Device, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder};

use crate::wordpiece::WordPiece;

const WIDTH: usize = 384;
const HEADS: usize = 12;
const LAYERS: usize = 6;
const MLP_WIDTH: usize = 1536;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const LAYER_NORM_EPS: f64 = 1e-12;
/// Longer texts are cut: glosses end long before.
const MAX_TOKENS: usize = 32;
const BATCH: usize = 256;

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: LayerNorm,
    up: Linear,
    down: Linear,
    norm: LayerNorm,
}

impl Layer {
    fn new(vs: VarBuilder) -> candle_core::Result<Self> {
        let attention = vs.pp("attention");
        let square = |name: &str| candle_nn::linear(WIDTH, WIDTH, attention.pp(name));
        let norm = |vs: VarBuilder| candle_nn::layer_norm(WIDTH, LAYER_NORM_EPS, vs);
        Ok(Self {
            query: square("self.query")?,
            key: square("self.key")?,
            value: square("self.value")?,
            attended: square("output.dense")?,
            attended_norm: norm(attention.pp("output.LayerNorm"))?,
            up: candle_nn::linear(WIDTH, MLP_WIDTH, vs.pp("intermediate.dense"))?,
            down: candle_nn::linear(MLP_WIDTH, WIDTH, vs.pp("output.dense"))?,
            norm: norm(vs.pp("output.LayerNorm"))?,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> candle_core::Result<Tensor> {
        let (n, t, _) = x.dims3()?;
        let heads = |y: Tensor| {
            let y = y.reshape((n, t, HEADS, WIDTH / HEADS))?;
            y.transpose(1, 2)?.contiguous()
        };
        let query = heads(self.query.forward(x)?)?;
        let key = heads(self.key.forward(x)?)?;
        let value = heads(self.value.forward(x)?)?;
        let scale = ((WIDTH / HEADS) as f64).sqrt().recip();
        let scores = (query.matmul(&key.t()?)? * scale)?.broadcast_add(mask)?;
        let mixed = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&value)?;
        let mixed = mixed
            .transpose(1, 2)?
            .contiguous()?
            .reshape((n, t, WIDTH))?;
        let x = self
            .attended_norm
            .forward(&(self.attended.forward(&mixed)? + x)?)?;
        let y = self.down.forward(&self.up.forward(&x)?.gelu_erf()?)?;
        self.norm.forward(&(y + x)?)
    }
}

/// The encoder with its own tokenizer.
pub struct MiniLm {
    tokenizer: WordPiece,
    words: Embedding,
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
    cache: RefCell<Cache>,
}

/// What was embedded before, by this run or an earlier one: a hundred thousand texts take minutes.
struct Cache {
    known: HashMap<String, Vec<f32>>,
    file: File,
}

impl Cache {
    fn open(path: &Path) -> Result<Self> {
        let mut options = File::options();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        let mut known = HashMap::new();
        let mut reader = BufReader::new(&file);
        let mut length = [0u8; 4];
        loop {
            match reader.read_exact(&mut length) {
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => break,
                other => other?,
            }
            let mut text = vec![0; u32::from_le_bytes(length) as usize];
            reader.read_exact(&mut text)?;
            let mut row = vec![0u8; WIDTH * 4];
            reader.read_exact(&mut row)?;
            let (values, _) = row.as_chunks::<4>();
            let values = values.iter().map(|b| f32::from_le_bytes(*b)).collect();
            known.insert(String::from_utf8(text)?, values);
        }
        Ok(Self { known, file })
    }

    fn insert(&mut self, texts: &[&String], rows: Vec<Vec<f32>>) -> Result<()> {
        let mut bytes = Vec::new();
        for (text, row) in texts.iter().zip(rows) {
            bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
            bytes.extend(row.iter().flat_map(|v| v.to_le_bytes()));
            self.known.insert((*text).clone(), row);
        }
        Ok(self.file.write_all(&bytes)?)
    }
}

impl MiniLm {
    /// Loads `model.safetensors` and `vocab.txt` of the folder; `cache` keeps what it embeds.
    pub fn load(folder: &Path, cache: &Path) -> Result<Self> {
        let weights = folder.join("model.safetensors");
        let tensors = candle_core::safetensors::load(&weights, &Device::Cpu)
            .with_context(|| format!("cannot read {}", weights.display()))?;
        let vs = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let embeddings = vs.pp("embeddings");
        let kind = embeddings.get((2, WIDTH), "token_type_embeddings.weight")?;
        let positions = embeddings.get((POSITIONS, WIDTH), "position_embeddings.weight")?;
        Ok(Self {
            tokenizer: WordPiece::load(&folder.join("vocab.txt"))?,
            words: candle_nn::embedding(VOCABULARY, WIDTH, embeddings.pp("word_embeddings"))?,
            // Every token is of the first kind, so that its vector can join the positions'.
            positions: positions.broadcast_add(&kind.narrow(0, 0, 1)?)?,
            norm: candle_nn::layer_norm(WIDTH, LAYER_NORM_EPS, embeddings.pp("LayerNorm"))?,
            layers: (0..LAYERS)
                .map(|i| Layer::new(vs.pp(format!("encoder.layer.{i}"))))
                .collect::<candle_core::Result<_>>()?,
            cache: RefCell::new(Cache::open(cache)?),
        })
    }

    /// Unit-length sentence embeddings, one row of 384 a text.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut cache = self.cache.borrow_mut();
        let mut open: Vec<(&String, Vec<u32>)> = texts
            .iter()
            .filter(|text| !cache.known.contains_key(*text))
            .map(|text| (text, self.tokenizer.encode(text, MAX_TOKENS)))
            .collect();
        // Texts of like length go together, so that little is computed on padding.
        open.sort_by_key(|(text, tokens)| (tokens.len(), *text));
        open.dedup_by_key(|(text, _)| *text);
        for (i, batch) in open.chunks(BATCH).enumerate() {
            let tokens: Vec<&[u32]> = batch.iter().map(|(_, t)| t.as_slice()).collect();
            let rows = self.forward(&tokens)?.to_vec2::<f32>()?;
            let texts: Vec<&String> = batch.iter().map(|(text, _)| *text).collect();
            cache.insert(&texts, rows)?;
            if i % 40 == 39 {
                eprintln!("embedded {} of {} sentences", (i + 1) * BATCH, open.len());
            }
        }
        Ok(texts.iter().map(|text| cache.known[text].clone()).collect())
    }

    fn forward(&self, batch: &[&[u32]]) -> candle_core::Result<Tensor> {
        let longest = batch.iter().map(|t| t.len()).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(batch.len() * longest);
        let mut real = Vec::with_capacity(batch.len() * longest);
        for tokens in batch {
            ids.extend_from_slice(tokens);
            ids.resize(ids.len() + longest - tokens.len(), 0);
            real.resize(real.len() + tokens.len(), 1f32);
            real.resize(real.len() + longest - tokens.len(), 0f32);
        }
        let n = batch.len();
        let ids = Tensor::from_vec(ids, (n, longest), &Device::Cpu)?;
        let real = Tensor::from_vec(real, (n, longest), &Device::Cpu)?;
        let mask = ((&real - 1.0)? * 1e9)?.reshape((n, 1, 1, longest))?;
        let positions = self.positions.narrow(0, 0, longest)?;
        let x = self.words.forward(&ids)?.broadcast_add(&positions)?;
        let mut x = self.norm.forward(&x)?;
        for layer in &self.layers {
            x = layer.forward(&x, &mask)?;
        }
        let sum = x.broadcast_mul(&real.unsqueeze(2)?)?.sum(1)?;
        sum.broadcast_div(&sum.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
    }
}
