//! From a file to the upright 8-bit RGB square that an image encoder takes.
//!
//! [`load`] decodes, [`fit`] scales and crops, [`prepare_photo`] does both. What comes out equals what
//! Pillow and torchvision make of the same file (`tests/golden/preprocess_reference.py`), with
//! four rules where Pillow alone would spoil a picture: transparency is laid over white, 16-bit
//! grey is scaled rather than clipped, colours with an RGB profile become sRGB (`icc`), and a file
//! that ends after a third of its lines shows those, with the rest grey.
//!
//! Files come from anywhere. Dimensions are read from the header and checked against [`Limits`]
//! before anything of their size is allocated; the decoders, which are other people's code, run
//! where a panic of theirs becomes a [`Fault`]; and all threads together keep to one budget of
//! memory for files and one for pictures, which counts what decoders allocate beside the pixels.
//!
//! An encoder's square takes a hundredth of a photo's pixels. JPEGs large enough are decoded at
//! 1/8, 1/4 or 1/2 of their size (`scaled`), such that the shorter side keeps at least twice the
//! encoder's input; what is cropped is measured on the whole picture, and turning upright comes
//! last (`view`). A thumbnail comes from the same decode. Only sound and ordinary files go that
//! way, and those that merely end early; the others are judged by the decoder of whole pictures.

mod about;
mod budget;
mod colour;
mod error;
mod exif_blocks;
mod file;
mod fit;
mod format;
mod gif;
mod heif;
mod icc;
mod jpeg;
mod jxl;
mod limits;
mod load;
mod orientation;
mod png;
mod prepare;
mod raster;
mod raw;
mod scaled;
mod tiff;
mod view;

pub(crate) use about::{read_about, read_about_file};
pub(crate) use error::DecodeError;
pub use error::Fault;
pub(crate) use file::read_file;
pub(crate) use fit::fit;
pub use limits::Limits;
pub use load::load;
pub(crate) use prepare::encode_thumbnail;
pub use prepare::{Prepared, Scaling, Wanted, prepare, prepare_photo};
