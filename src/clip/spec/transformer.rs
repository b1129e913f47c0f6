//! What the Transformers of both sides share.

use crate::clip::spec::activation::Activation;

/// A stack of residual attention blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerSpec {
    /// Channels of the residual stream.
    pub width: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads; they divide the width.
    pub heads: usize,
    /// Channels of the MLP's hidden layer.
    pub mlp_width: usize,
    /// The MLP's non-linearity.
    pub activation: Activation,
    /// Added to the variance in every layer norm.
    pub layer_norm_eps: f64,
}
