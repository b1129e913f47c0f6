//! What this decoder refuses, and what a file may lack.

/// The file is not for this decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct Odd;

/// What a file may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) enum Missing {
    /// It must be sound up to the end of the image.
    Nothing,
    /// The end of the image; and data, if a third of the lines is there.
    Data,
}
