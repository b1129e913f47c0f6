//! CLIP (Radford et al. 2021, <https://arxiv.org/abs/2103.00020>) on candle.
//!
//! A checkpoint is opened by [`ClipModel::open`], which reads the architecture off the tensor
//! names and shapes. The encoders are usable alone too, over any `VarBuilder`: training hands
//! them variables, and they then keep to differentiable operations.

pub mod activation;
pub mod attention;
pub mod block;
pub mod cbow;
pub mod checkpoint;
pub mod config;
pub mod config_file;
pub(crate) mod depthwise;
pub mod efficientnet;
pub mod error;
pub mod layer_norm;
pub mod layout;
pub mod linear;
pub mod load_options;
pub mod loss;
pub mod names;
pub mod nhwc;
pub mod parts;
pub mod resnet;
pub mod text;
pub mod tokenizer;
pub mod tower;
pub mod vit;
pub mod weights;
pub mod zero_shot;

pub use checkpoint::{fingerprint, read_tensors};
pub use config::ClipConfig;
pub use error::ModelError;
pub use load_options::{CpuEngine, LoadOptions};
pub use parts::ClipParts;
