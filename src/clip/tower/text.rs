//! The text Transformer.

use std::borrow::Cow;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::TextTransformerSpec;
use crate::clip::token_table::TokenTable;
use crate::clip::tower::block::Transformer;
use crate::clip::tower::layer_norm::LayerNorm;

/// The token embeddings, `[vocabulary, width]`.
#[derive(Clone, Debug)]
pub(crate) enum Tokens {
    /// In memory: for training, a variable.
    Tensor(Tensor),
    /// Row by row, to this type.
    Table(TokenTable, DType),
}

impl Tokens {
    /// Reads `token_embedding` as a whole.
    pub(crate) fn variable(config: &TextTransformerSpec, vs: &VarBuilder) -> Result<Self> {
        let init = Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        };
        let size = (config.vocabulary, config.transformer.width);
        let vs = vs.pp("token_embedding");
        Ok(Self::Tensor(vs.get_with_hints(size, "weight", init)?))
    }

    /// The rows of these ids.
    fn rows(&self, ids: Vec<u32>, device: &Device) -> Result<Tensor> {
        let count = ids.len();
        match self {
            Self::Tensor(table) => table.index_select(&Tensor::from_vec(ids, count, device)?, 0),
            Self::Table(table, dtype) => {
                let width = table.width();
                let mut rows = vec![0f32; count * width];
                for (id, row) in ids.iter().zip(rows.chunks_exact_mut(width.max(1))) {
                    table.read(*id, row).map_err(candle_core::Error::wrap)?;
                }
                Tensor::from_vec(rows, (count, width), &Device::Cpu)?
                    .to_dtype(*dtype)?
                    .to_device(device)
            }
        }
    }
}

/// The Transformer, with the feature at one token.
#[derive(Clone, Debug)]
pub struct TextTransformer {
    tokens: Tokens,
    positional_embedding: Tensor,
    transformer: Transformer,
    ln_final: LayerNorm,
    projection: Tensor,
    projection_bias: Option<Tensor>,
    spec: TextTransformerSpec,
}

impl TextTransformer {
    /// Reads the tower, whose tensors are at the checkpoint's root.
    pub(crate) fn new(
        config: &TextTransformerSpec,
        embed_dim: usize,
        tokens: Tokens,
        vs: VarBuilder,
    ) -> Result<Self> {
        let width = config.transformer.width;
        let randn = |stdev| Init::Randn { mean: 0.0, stdev };
        Ok(Self {
            tokens,
            positional_embedding: vs.get_with_hints(
                (config.context_length, width),
                "positional_embedding",
                randn(0.01),
            )?,
            transformer: Transformer::new(&config.transformer, vs.pp("transformer"))?,
            ln_final: LayerNorm::new(width, config.transformer.layer_norm_eps, vs.pp("ln_final"))?,
            projection: vs.get_with_hints(
                (width, embed_dim),
                "text_projection",
                randn((width as f64).powf(-0.5)),
            )?,
            projection_bias: match config.projection_bias {
                true => {
                    let zero = Init::Const(0.0);
                    Some(vs.get_with_hints(embed_dim, "text_projection_bias", zero)?)
                }
                false => None,
            },
            spec: config.clone(),
        })
    }

    /// Converts token ids, each list with its end-of-text token, to features `[batch, embed_dim]`,
    /// not yet of unit length.
    ///
    /// If attention is causal, nothing after the end of a text affects its feature: the stack runs
    /// only to the length of the longest text, and shorter ones are padded with id 0.
    pub(crate) fn forward(&self, ids: &[impl AsRef<[u32]>]) -> Result<Tensor> {
        let device = self.positional_embedding.device();
        let texts: Vec<Cow<'_, [u32]>> = ids
            .iter()
            .map(|ids| self.spec.relevant(ids.as_ref()))
            .collect();
        let length = texts.iter().map(|text| text.len()).max().unwrap_or(1);
        let (batch, width) = (ids.len(), self.positional_embedding.dim(1)?);
        let mut padded = vec![0u32; batch * length];
        for (row, text) in padded.chunks_exact_mut(length).zip(&texts) {
            row.split_at_mut(text.len()).0.copy_from_slice(text);
        }
        let x = self
            .tokens
            .rows(padded, device)?
            .reshape((batch, length, width))?
            .broadcast_add(&self.positional_embedding.narrow(0, 0, length)?)?;
        let mask = match self.spec.is_causal() {
            true => Some(causal_mask(length, x.dtype(), device)?),
            false => None,
        };
        let x = self.transformer.forward(&x, mask.as_ref())?;
        let rows: Vec<u32> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| (i * length + self.spec.feature(text)) as u32)
            .collect();
        let rows = Tensor::from_vec(rows, batch, device)?;
        // The norm is per token, so it can wait until one token per text is left.
        let x = x.reshape((batch * length, width))?.index_select(&rows, 0)?;
        let features = self.ln_final.forward(&x)?.matmul(&self.projection)?;
        match &self.projection_bias {
            Some(bias) => features.broadcast_add(bias),
            None => Ok(features),
        }
    }
}

/// `[length, length]`, minus infinity where a token would look ahead.
fn causal_mask(length: usize, dtype: DType, device: &Device) -> Result<Tensor> {
    let values: Vec<f32> = (0..length * length)
        .map(|i| {
            if i % length > i / length {
                f32::NEG_INFINITY
            } else {
                0.0
            }
        })
        .collect();
    Tensor::from_vec(values, (length, length), device)?.to_dtype(dtype)
}

#[cfg(test)]
mod tests {
    use candle_nn::VarMap;

    use super::*;
    use crate::clip::spec::activation::Activation;
    use crate::clip::spec::{EndOfText, TextAttention, TransformerSpec};

    fn config() -> TextTransformerSpec {
        TextTransformerSpec {
            vocabulary: 16,
            context_length: 10,
            attention: TextAttention::Causal(EndOfText::Highest),
            projection_bias: false,
            transformer: TransformerSpec {
                width: 8,
                layers: 2,
                heads: 2,
                mlp_width: 16,
                activation: Activation::Gelu,
                layer_norm_eps: 1e-5,
            },
        }
    }

    #[test]
    fn longer_company_changes_nothing() {
        let variables = VarMap::new();
        let vs = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let tokens = Tokens::variable(&config(), &vs).unwrap();
        let tower = TextTransformer::new(&config(), 4, tokens, vs).unwrap();
        let alone = tower.forward(&[[14u32, 3, 15]]).unwrap();
        let company = [vec![14, 3, 15], vec![14, 1, 2, 3, 4, 5, 6, 15]];
        let together = tower.forward(&company).unwrap();
        let (a, b) = (
            alone.to_vec2::<f32>().unwrap(),
            together.to_vec2::<f32>().unwrap(),
        );
        for (x, y) in a[0].iter().zip(&b[0]) {
            assert!((x - y).abs() < 1e-5);
        }
        assert_ne!(b[0], b[1]);
    }

    #[test]
    fn gradients_reach_every_variable() {
        let variables = VarMap::new();
        let vs = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let tokens = Tokens::variable(&config(), &vs).unwrap();
        let tower = TextTransformer::new(&config(), 4, tokens, vs).unwrap();
        let out = tower.forward(&[[14u32, 3, 15]]).unwrap();
        let gradients = out.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        for variable in variables.all_vars() {
            assert!(gradients.get(&variable).is_some(), "{:?}", variable.shape());
        }
    }
}
