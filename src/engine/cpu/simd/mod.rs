//! What the processor can do, and the functions that are written once for each level of it.

pub(crate) mod level;
pub(crate) mod math;
