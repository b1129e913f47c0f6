//! The epilogue of a product, in WGSL.

use crate::clip::spec::activation::Activation;

/// The operation on a product's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Epilogue {
    /// Nothing.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// A Transformer's non-linearity.
    Activation(Activation),
}

impl Epilogue {
    /// The WGSL function that it needs.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Self::Identity | Self::Relu | Self::Relu6 => "",
            // Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: to 1.5e-7.
            Self::Activation(Activation::Gelu) => {
                "fn gelu(x: vec4<f32>) -> vec4<f32> {
    let y = abs(x) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3275911 * y);
    let polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
        + 0.254829592) * t;
    let erf = 1.0 - polynomial * exp(-min(y * y, vec4<f32>(80.0)));
    return 0.5 * x * (1.0 + sign(x) * erf);
}"
            }
            Self::Activation(Activation::QuickGelu) => {
                "fn quick_gelu(x: vec4<f32>) -> vec4<f32> {
    return x / (1.0 + exp(min(-1.702 * x, vec4<f32>(80.0))));
}"
            }
            Self::Activation(Activation::GeluTanh) => {
                "fn gelu_tanh(x: vec4<f32>) -> vec4<f32> {
    let scaled = 1.5957691 * x * (1.0 + 0.044715 * x * x);
    return x / (1.0 + exp(min(-scaled, vec4<f32>(80.0))));
}"
            }
        }
    }

    /// The WGSL expression for `x`.
    pub(crate) fn apply(self, x: &str) -> String {
        match self {
            Self::Identity => x.to_owned(),
            Self::Relu => format!("max({x}, vec4<f32>())"),
            Self::Relu6 => format!("clamp({x}, vec4<f32>(), vec4<f32>(6.0))"),
            Self::Activation(Activation::Gelu) => format!("gelu({x})"),
            Self::Activation(Activation::QuickGelu) => format!("quick_gelu({x})"),
            Self::Activation(Activation::GeluTanh) => format!("gelu_tanh({x})"),
        }
    }
}
