//! CLIP's Transformers on the CPU, over raw slices.
//!
//! candle computes an operation at a time, each into fresh memory. Here a block is a handful of
//! passes over buffers that are kept: weights are packed once, when they are read, into the order
//! in which the kernels take them (`packed`); a product's bias, activation and residual are done
//! to its tile while that is in cache (`product`, `tile`); a head's attention never leaves the
//! cache (`attention`). Nothing is padded and nothing is computed for rows that nobody asks for:
//! the last block runs for class tokens and ends of texts only (`block`), and texts share the rows
//! of what they begin with (`prefix`).
//!
//! For `--precision fast` the image side's linear layers take 8 bits (`quantised`,
//! `quantised_rows`, `tile_i8`).
//!
//! Each kernel exists once for each `Level` of instructions; which is best is found out when the
//! program runs, and `TAGLENS_CPU` can ask for less. Unsafe code is in the kernels and where
//! threads write to one matrix (`memory::Shared`); whoever calls them cuts slices to what they
//! read, and `Shared::block` checks what they write.

mod arenas;
mod attention;
mod block;
pub(crate) mod level;
mod linear;
mod load;
pub(crate) mod math;
pub(crate) mod memory;
mod norm;
pub(crate) mod packed;
mod prefix;
pub(crate) mod product;
mod quantised;
mod quantised_rows;
#[cfg(test)]
mod testing;
mod text;
mod tile;
mod tile_i8;
mod vit;

pub(crate) use level::Level;
pub(crate) use linear::Precision;
pub(crate) use load::Kernels;
pub(crate) use text::Text;
pub(crate) use vit::Vit;
