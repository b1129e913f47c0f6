//! The towers as lists of kernels.

pub(crate) mod convolution;
pub(crate) mod transformer;
