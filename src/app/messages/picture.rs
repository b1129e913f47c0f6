//! Pictures for the eye.

use crate::decode::About;

/// A decoded picture: RGB, 8 bits a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// `height × width × 3`.
    pub rgb: Vec<u8>,
}

/// A file's large picture, and what is known of the photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The picture, scaled down.
    pub picture: Picture,
    /// What is known.
    pub facts: Facts,
}

/// What a file says of its photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Width of the whole photo, upright, in pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// What the camera noted.
    pub about: About,
}
