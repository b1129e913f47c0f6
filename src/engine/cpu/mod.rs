//! CLIP's encoders and the starter's image side on the CPU, over raw slices.
//!
//! candle computes an operation at a time, each into fresh memory. Here a block is a handful of
//! passes over buffers that are kept: weights are packed once, when they are read, into the order
//! in which the kernels take them (`packed`); a product's bias, activation and residual are done
//! to its tile while that is in cache (`product`, `tile`); a head's attention never leaves the
//! cache (`attention`). Nothing is padded and nothing is computed for rows that nobody asks for:
//! the last block runs for class tokens and ends of texts only (`block`), and texts share the rows
//! of what they begin with (`prefix`).
//!
//! An EfficientNet's blocks are computed a few lines at a time (`inverted`, of `pointwise` and
//! `depthwise`; `stem` begins at the bytes), a residual network's layer by layer (`trunk` over
//! `map`; `winograd` does the 3×3 convolutions, `pool` the attention at the end).
//!
//! For `--precision fast` the image side's linear layers take 8 bits (`quantised`,
//! `quantised_rows`, `tile_i8`), and so do the convolutions of a residual network's blocks
//! (`byte_trunk` of `byte_conv` over `byte_map`, `tile_taps`; `channels` is what is known of them
//! beforehand).
//!
//! Each kernel exists once for each `Level` of instructions; which is best is found out when the
//! program runs, and `TAGLENS_CPU` can ask for less. Unsafe code is in the kernels and where
//! threads write to one matrix (`memory::Shared`); whoever calls them cuts slices to what they
//! read, and `Shared::block` checks what they write.

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
