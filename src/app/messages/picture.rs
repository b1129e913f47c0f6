//! Pictures for the eye.

use crate::core::about::About;

/// A decoded picture: RGB, 8 bits a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    /// In pixels.
    pub(crate) width: usize,
    /// In pixels.
    pub(crate) height: usize,
    /// `height × width × 3`.
    pub(crate) rgb: Vec<u8>,
}

/// A file's large picture, and what is known of the photo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preview {
    /// The picture, scaled down.
    pub(crate) picture: Picture,
    /// What is known.
    pub(crate) facts: Facts,
}

/// What a file says of its photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// Width of the whole photo, upright, in pixels.
    pub(crate) width: u32,
    /// Its height.
    pub(crate) height: u32,
    /// What the camera noted.
    pub(crate) about: About,
}
