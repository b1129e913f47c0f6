//! CLIP's text Transformer.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::{EndOfText, TextTransformerSpec};
use crate::clip::tower::block::Transformer;
use crate::clip::tower::layer_norm::LayerNorm;

/// The causal Transformer, with its feature at the end-of-text token.
#[derive(Clone, Debug)]
pub struct TextTransformer {
    token_embedding: Tensor,
    positional_embedding: Tensor,
    transformer: Transformer,
    ln_final: LayerNorm,
    projection: Tensor,
    end_of_text: EndOfText,
}

impl TextTransformer {
    /// Reads the tower, whose tensors are at the checkpoint's root.
    pub(crate) fn new(
        config: &TextTransformerSpec,
        embed_dim: usize,
        vs: VarBuilder,
    ) -> Result<Self> {
        let width = config.transformer.width;
        let randn = |stdev| Init::Randn { mean: 0.0, stdev };
        Ok(Self {
            token_embedding: vs.pp("token_embedding").get_with_hints(
                (config.vocabulary, width),
                "weight",
                randn(0.02),
            )?,
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
            end_of_text: config.end_of_text,
        })
    }

    /// Converts token ids, each list with its end-of-text token, to features `[batch, embed_dim]`,
    /// not yet of unit length.
    ///
    /// Attention is causal: nothing after the end of a text affects its feature. So the stack runs
    /// only to the length of the longest text, and shorter ones are padded with id 0.
    pub(crate) fn forward(&self, ids: &[impl AsRef<[u32]>]) -> Result<Tensor> {
        let device = self.token_embedding.device();
        let ends: Vec<usize> = ids
            .iter()
            .map(|ids| self.end_of_text.position(ids.as_ref()))
            .collect();
        let length = ends.iter().max().map_or(1, |end| end + 1);
        let (batch, width) = (ids.len(), self.token_embedding.dim(1)?);
        let mut padded = vec![0u32; batch * length];
        for (row, ids) in padded.chunks_exact_mut(length).zip(ids) {
            for (slot, id) in row.iter_mut().zip(ids.as_ref()) {
                *slot = *id;
            }
        }
        let padded = Tensor::from_vec(padded, batch * length, device)?;
        let x = self
            .token_embedding
            .index_select(&padded, 0)?
            .reshape((batch, length, width))?
            .broadcast_add(&self.positional_embedding.narrow(0, 0, length)?)?;
        let mask = causal_mask(length, x.dtype(), device)?;
        let x = self.transformer.forward(&x, Some(&mask))?;
        let rows: Vec<u32> = ends
            .iter()
            .enumerate()
            .map(|(i, end)| (i * length + end) as u32)
            .collect();
        let rows = Tensor::from_vec(rows, batch, device)?;
        // The norm is per token, so it can wait until one token per text is left.
        let x = x.reshape((batch * length, width))?.index_select(&rows, 0)?;
        self.ln_final.forward(&x)?.matmul(&self.projection)
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
    use crate::clip::spec::TransformerSpec;
    use crate::clip::spec::activation::Activation;

    fn config() -> TextTransformerSpec {
        TextTransformerSpec {
            vocabulary: 16,
            context_length: 10,
            end_of_text: EndOfText::Highest,
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
        let tower = TextTransformer::new(&config(), 4, vs).unwrap();
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
        let tower = TextTransformer::new(&config(), 4, vs).unwrap();
        let out = tower.forward(&[[14u32, 3, 15]]).unwrap();
        let gradients = out.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        for variable in variables.all_vars() {
            assert!(gradients.get(&variable).is_some(), "{:?}", variable.shape());
        }
    }
}
