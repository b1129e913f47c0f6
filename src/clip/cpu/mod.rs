//! CLIP on the CPU in f32.
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
