//! Labels: the vocabulary that photos are tagged with.
//!
//! A [`Vocabulary`] comes from a file of one label a line, from a Lightroom keyword list or from
//! TOML; Taglens brings one of its own ([`Vocabulary::builtin`], `assets/vocabulary.toml`).
//!
//! The three forms are told apart by their content, never by the file's name:
//! - TOML, where a line opens a `[[…]]` table or sets one of the known keys;
//! - else a Lightroom keyword list, where a line begins with a tab, or stands in `{…}` or `[…]`;
//! - else one label a line.
//!
//! What a person may have got wrong is collected and reported together, each problem with its
//! line, and nothing is half read: a [`VocabularyError`] means that there is no vocabulary.

mod error;
mod label;
pub mod matrix;
mod name;
mod parse;
mod scorer;
mod vocabulary;

pub use error::{Problem, VocabularyError};
pub use label::Label;
pub use matrix::{Matrix, ShapeError};
pub use scorer::{Calibration, Score, Scorer};
pub use vocabulary::{Summary, Vocabulary};
