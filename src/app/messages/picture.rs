//! Pictures for display.

use std::path::PathBuf;

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

/// A file's large picture, and the facts about the photo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preview {
    /// The picture, scaled down.
    pub(crate) picture: Picture,
    /// The facts.
    pub(crate) facts: Facts,
}

/// The facts that a file contains about its photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// Width of the whole photo, upright, in pixels.
    pub(crate) width: u32,
    /// Its height.
    pub(crate) height: u32,
    /// Whether a part of the picture is missing.
    pub(crate) incomplete: bool,
    /// The camera's data.
    pub(crate) about: About,
    /// The short video beside it, as a phone makes one with a photo.
    pub(crate) video: Option<PathBuf>,
}
