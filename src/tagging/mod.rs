//! Labels: the vocabulary that photos are tagged with, and the scoring of photos.
//!
//! A [`Vocabulary`] comes from a file of one label a line, from a Lightroom keyword list or from
//! TOML. One is built in ([`Vocabulary::builtin`], `assets/vocabulary.toml`).
//!
//! The content determines the format, never the file's name:
//! - TOML, if a line opens a `[[…]]` table or sets one of the known keys;
//! - else a Lightroom keyword list, if a line begins with a tab, or is enclosed in `{…}` or `[…]`;
//! - else one label a line.
//!
//! All problems are reported together, each with its line, and nothing is half read: a
//! [`VocabularyError`] means that there is no vocabulary. A [`Document`] is the text for editing,
//! and keeps what the edits do not touch.
//!
//! From an embedding to a tag, each step depends on the photo and one label only, so adding a label
//! or photos changes no decision:
//! - [`Reference`] prepares the photo with the model's reference vectors, once per photo.
//! - [`LabelModel`] compares it with the label's vector and its negatives; the score ranks photos
//!   for a label and labels on a photo. It includes the distribution of the label's similarities in
//!   the library ([`Spread`]).
//! - [`Rule`] computes a confidence from how far the similarity exceeds what is usual for the
//!   label, from its rank in a fixed [`Cohort`] of others, and from how often such a label is right
//!   ([`Label::likely_share`]). The confidence gives a [`Band`]: applied, suggested, or neither.
//! - [`learn()`] adjusts the log-odds to the user's [`Decision`]s.
//!
//! [`Judge`] does this for one photo and all labels, [`LabelModel::score_all`] for one label and
//! all photos of a library, [`LabelBatch`] for several labels.

pub(crate) mod learning;
pub(crate) mod scoring;
pub(crate) mod vocabulary;

pub use learning::learn::{Decision, learn};
pub(crate) use scoring::byte_rows::ByteRows;
pub use scoring::constants::constants;
pub(crate) use scoring::explain::Explanation;
pub use scoring::judge::{Judge, Verdict};
pub(crate) use scoring::label_batch::LabelBatch;
pub(crate) use scoring::label_model::Assessment;
pub use scoring::label_model::LabelModel;
pub use scoring::matrix::Matrix;
pub(crate) use scoring::matrix::ShapeError;
pub use scoring::reference::{Preparation, Reference, Views};
pub use scoring::rule::{Band, Rule, Standing};
pub use vocabulary::document::{Change, Edit, NewNames};
pub(crate) use vocabulary::document::{Document, DocumentError};
pub(crate) use vocabulary::error::VocabularyError;
pub(crate) use vocabulary::label::Label;
pub use vocabulary::list::Vocabulary;
pub use vocabulary::prior::DEFAULT_PRIOR;
