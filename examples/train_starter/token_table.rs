//! The token table during training: 49,408 rows, of which a batch touches some hundreds.
//!
//! Adam over the whole table would take nearly all of a step's time to move rows that have no
//! gradient; here only a batch's rows are variables, and only they are moved ("lazy" Adam).

use std::collections::BTreeSet;

use anyhow::Result;
use candle_core::{Device, Tensor, Var};

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.98;
const EPSILON: f32 = 1e-8;

/// The rows and Adam's moments of them (Kingma and Ba 2015, <https://arxiv.org/abs/1412.6980>).
pub struct TokenTable {
    width: usize,
    values: Vec<f32>,
    first_moments: Vec<f32>,
    second_moments: Vec<f32>,
    step: i32,
}

/// A batch's rows, and its texts in terms of them.
pub struct Rows {
    /// The tokens that occur, ascending.
    tokens: Vec<u32>,
    /// `[tokens, width]`.
    pub variable: Var,
    /// The texts, each token replaced by its row. The order of tokens is kept, so that the end of
    /// text is still the highest.
    pub ids: Vec<Vec<u32>>,
}

impl TokenTable {
    /// Starts with `values` `[tokens, width]`.
    pub fn new(values: &Tensor) -> Result<Self> {
        let (tokens, width) = values.dims2()?;
        Ok(Self {
            width,
            values: values.flatten_all()?.to_vec1()?,
            first_moments: vec![0.0; tokens * width],
            second_moments: vec![0.0; tokens * width],
            step: 0,
        })
    }

    /// The rows that a batch of token ids needs.
    pub fn rows(&self, texts: &[Vec<u32>]) -> Result<Rows> {
        let tokens: BTreeSet<u32> = texts.iter().flatten().copied().collect();
        let tokens: Vec<u32> = tokens.into_iter().collect();
        let mut values = Vec::with_capacity(tokens.len() * self.width);
        for token in &tokens {
            values.extend_from_slice(&self.values[*token as usize * self.width..][..self.width]);
        }
        let row = |id: &u32| tokens.partition_point(|token| token < id) as u32;
        let ids = texts.iter().map(|ids| ids.iter().map(row).collect());
        Ok(Rows {
            variable: Var::from_vec(values, (tokens.len(), self.width), &Device::Cpu)?,
            ids: ids.collect(),
            tokens,
        })
    }

    /// One step of Adam for a batch's rows along `gradient` `[tokens, width]`.
    pub fn update(&mut self, rows: &Rows, gradient: &Tensor, learning_rate: f64) -> Result<()> {
        self.step += 1;
        let gradient: Vec<f32> = gradient.flatten_all()?.to_vec1()?;
        let first_correction = 1.0 - BETA_1.powi(self.step);
        let second_correction = 1.0 - BETA_2.powi(self.step);
        for (token, gradient) in rows.tokens.iter().zip(gradient.chunks(self.width)) {
            let at = *token as usize * self.width;
            let values = &mut self.values[at..][..self.width];
            let first = &mut self.first_moments[at..][..self.width];
            let second = &mut self.second_moments[at..][..self.width];
            for (((value, g), m), v) in values.iter_mut().zip(gradient).zip(first).zip(second) {
                *m = BETA_1 * *m + (1.0 - BETA_1) * g;
                *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
                let (m, v) = (*m / first_correction, *v / second_correction);
                *value -= learning_rate as f32 * m / (v.sqrt() + EPSILON);
            }
        }
        Ok(())
    }

    /// The whole table, `[tokens, width]`.
    pub fn tensor(&self) -> Result<Tensor> {
        Ok(Tensor::from_slice(
            &self.values,
            (self.values.len() / self.width, self.width),
            &Device::Cpu,
        )?)
    }
}
