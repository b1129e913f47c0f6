//! The processor's instruction set, and the functions compiled for each level of it.

pub(crate) mod level;
pub(crate) mod math;
