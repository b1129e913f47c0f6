//! Matrix products: in 32 bits, and in 8 bits for `--precision fast`.

pub(crate) mod linear;
pub(crate) mod packed;
pub(crate) mod product;
pub(crate) mod quantised;
pub(crate) mod quantised_rows;
pub(crate) mod tile;
pub(crate) mod tile_i8;
pub(crate) mod tile_taps;
