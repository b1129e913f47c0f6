//! Decodes files into the upright 8-bit RGB square that an image encoder takes.
//!
//! [`load`] decodes, [`fit`] scales and crops, [`prepare_photo`] does both. The result equals that
//! of Pillow and torchvision (`tests/golden/preprocess_reference.py`), with four exceptions where
//! Pillow would spoil a picture: transparency is laid over white, 16-bit grey is scaled rather than
//! clipped, colours with an RGB profile become sRGB (`icc`), and a file that ends after a third of
//! its lines shows those, with the rest grey.
//!
//! Files come from anywhere. Dimensions are read from the header and checked against [`Limits`]
//! before anything of their size is allocated. A panic of a decoder, which is third-party code,
//! becomes a [`Fault`]. All threads share one memory budget for files and one for pictures, which
//! includes the decoders' own buffers.
//!
//! An encoder's square has a hundredth of a photo's pixels. Large JPEGs are decoded at 1/8, 1/4 or
//! 1/2 of their size (`scaled`), so that the shorter side keeps at least twice the encoder's input.
//! The crop is measured on the whole picture, and turning upright comes last (`view`). The same
//! decode gives the thumbnail. This applies only to sound, ordinary files and to incomplete ones;
//! the decoder of whole pictures judges the others.

mod about;
mod blocks;
mod bmp;
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
#[cfg(feature = "jxl")]
mod jxl;
mod lens;
mod limits;
mod load;
mod movie;
mod notes;
mod numbers;
mod orientation;
mod picture_hash;
mod plain_text;
mod png;
mod prepare;
mod raster;
mod raw;
mod raw_size;
mod scaled;
#[cfg(test)]
mod test_boxes;
#[cfg(test)]
mod test_directories;
mod tiff;
#[cfg(feature = "videos")]
mod video;
mod view;
mod x3f;

pub(crate) use about::{read_about, read_about_file};
pub(crate) use error::DecodeError;
pub use error::Fault;
pub(crate) use file::read_file;
pub(crate) use fit::fit;
pub use limits::Limits;
pub use load::load;
pub(crate) use load::load_whole;
pub(crate) use picture_hash::identity;
pub(crate) use prepare::encode_thumbnail;
pub use prepare::{Prepared, Scaling, Wanted, prepare, prepare_photo};
