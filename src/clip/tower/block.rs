//! The residual attention block, and the stack of blocks that both Transformers share.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::clip::spec::TransformerSpec;
use crate::clip::spec::activation::Activation;
use crate::clip::tower::attention::Attention;
use crate::clip::tower::layer_norm::LayerNorm;
use crate::clip::tower::linear::{Epilogue, Linear};

/// Pre-norm residual block: attention, then a two-layer MLP.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    ln_1: LayerNorm,
    attention: Attention,
    ln_2: LayerNorm,
    mlp: Mlp,
}

/// Two linear layers with a non-linearity between them.
#[derive(Clone, Debug)]
pub(crate) struct Mlp {
    c_fc: Linear,
    c_proj: Linear,
    activation: Activation,
}

impl Mlp {
    /// Reads `c_fc` and `c_proj`.
    pub(crate) fn new(config: &TransformerSpec, vs: VarBuilder) -> Result<Self> {
        let (width, hidden) = (config.width, config.mlp_width);
        // The original's initialisation, for training.
        let spread = (width as f64).powf(-0.5);
        let out_spread = spread * (2.0 * config.layers as f64).powf(-0.5);
        Ok(Self {
            c_fc: Linear::load(width, hidden, spread / 2f64.sqrt(), vs.pp("c_fc"))?,
            c_proj: Linear::load(hidden, width, out_spread, vs.pp("c_proj"))?,
            activation: config.activation,
        })
    }

    /// `[…, width]` to the same shape.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let activation = Epilogue::Activation(self.activation);
        self.c_proj.forward(&self.c_fc.forward_with(x, activation)?)
    }
}

impl Block {
    /// Reads `ln_1`, `attn`, `ln_2`, `mlp.c_fc` and `mlp.c_proj`.
    pub(crate) fn new(config: &TransformerSpec, vs: VarBuilder) -> Result<Self> {
        let width = config.width;
        let ln = |name| LayerNorm::new(width, config.layer_norm_eps, vs.pp(name));
        Ok(Self {
            ln_1: ln("ln_1")?,
            attention: Attention::new(width, config.heads, config.layers, vs.pp("attn"))?,
            ln_2: ln("ln_2")?,
            mlp: Mlp::new(config, vs.pp("mlp"))?,
        })
    }

    /// `x` is `[batch, tokens, width]`; for `mask` see [`Attention::forward`].
    pub(crate) fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let x = (x + self.attention.forward(&self.ln_1.forward(x)?, mask)?)?;
        &x + self.mlp.forward(&self.ln_2.forward(&x)?)?
    }
}

/// A stack of [`Block`]s.
#[derive(Clone, Debug)]
pub(crate) struct Transformer {
    blocks: Vec<Block>,
}

impl Transformer {
    /// Reads `resblocks.0`, `resblocks.1`, …
    pub(crate) fn new(config: &TransformerSpec, vs: VarBuilder) -> Result<Self> {
        let vs = vs.pp("resblocks");
        let blocks = (0..config.layers)
            .map(|i| Block::new(config, vs.pp(i)))
            .collect::<Result<_>>()?;
        Ok(Self { blocks })
    }

    /// For rotary positions, see [`Attention::rotate`].
    pub(crate) fn rotate(&mut self, cos: &Tensor, sin: &Tensor) {
        let attentions = self.blocks.iter_mut().map(|block| &mut block.attention);
        attentions.for_each(|attention| attention.rotate(cos, sin));
    }

    /// `x` is `[batch, tokens, width]`; for `mask` see [`Attention::forward`].
    pub(crate) fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        self.blocks
            .iter()
            .try_fold(x.clone(), |x, block| block.forward(&x, mask))
    }
}
