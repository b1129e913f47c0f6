//! CLIP's encoders and the starter's image tower on the CPU, over raw slices.
//!
//! candle computes one operation at a time, each into new memory. Here a block is a handful of
//! passes over buffers that are kept: weights are packed once, when they are read, into the order
//! in which the kernels read them (`packed`); a product's bias, activation and residual are applied
//! to its tile while that is in cache (`product`, `tile`); a head's attention never leaves the
//! cache (`attention`). Nothing is padded, and unneeded rows are not computed: the last block runs
//! only for class tokens and ends of texts (`block`), and texts share the rows of a common
//! beginning (`prefix`).
//!
//! An EfficientNet's blocks are computed a few lines at a time (`inverted`, with `pointwise` and
//! `depthwise`; `stem` starts from the bytes), a residual network's layer by layer (`trunk` over
//! `map`; `winograd` computes the 3×3 convolutions, `pool` the attention at the end).
//!
//! With `--precision fast`, the image tower's linear layers use 8 bits (`quantised`,
//! `quantised_rows`, `tile_i8`; `patches` starts from the bytes), and so do a residual network's
//! convolutions behind the second (`byte_trunk` of `byte_conv` over `byte_map`, `tile_taps`;
//! `channels` has their expected statistics).
//!
//! Each kernel exists once for each `Level` of instructions; the best is chosen at run time, and
//! `TAGLENS_CPU` can lower it. Unsafe code is in the kernels and where threads write to one matrix
//! (`memory::Shared`). Callers cut slices to what kernels read, and `Shared::block` checks what
//! they write.

mod arenas;
mod convnet;
mod load;
mod matmul;
mod memory;
mod model;
mod simd;
#[cfg(test)]
mod testing;
mod transformer;

pub use matmul::linear::Precision;
pub use model::CpuModel;
