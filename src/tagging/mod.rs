//! Labels: the vocabulary that photos are tagged with, and the decisions which photo gets which.
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
//! A [`Document`] is the same text to be edited, which keeps what the edits do not touch.
//!
//! From an embedding to a tag, in steps that each depend on the photo and one label only, so that
//! adding a label or photos changes nothing that was decided:
//! - [`Reference`] makes the photo ready, by what comes with the model: once a photo.
//! - [`LabelModel`] compares it with the label's vector and with what is easily taken for it;
//!   the score ranks photos for a label and labels on a photo.
//!   How the label's similarities lie in the library ([`Spread`]) is part of it.
//! - [`Rule`] makes a confidence of how far the similarity stands above what is usual for the label,
//!   of how it stands among a fixed [`Cohort`] of others, and of how often such a label is right
//!   ([`Label::likely_share`]); and of that a [`Band`]: given, suggested, or neither.
//! - [`learn()`] moves the log-odds to where a person's [`Decision`]s want them.
//!
//! [`Judge`] does it for one photo and all labels, [`LabelModel::score_all`] for one label and all
//! photos of a library, [`LabelBatch`] for several.

pub(crate) mod learning;
pub(crate) mod scoring;
pub(crate) mod vocabulary;

pub use learning::learn::{Decision, learn};
pub(crate) use scoring::explain::Explanation;
pub use scoring::judge::{Judge, Verdict};
pub(crate) use scoring::label_batch::LabelBatch;
pub(crate) use scoring::label_model::Assessment;
pub use scoring::label_model::LabelModel;
pub use scoring::matrix::Matrix;
pub(crate) use scoring::matrix::ShapeError;
pub use scoring::reference::{Preparation, Reference, Views};
pub use scoring::rule::{Band, Rule};
pub use vocabulary::document::{Change, Edit};
pub(crate) use vocabulary::document::{Document, DocumentError};
pub(crate) use vocabulary::error::VocabularyError;
pub(crate) use vocabulary::label::Label;
pub use vocabulary::list::Vocabulary;
pub use vocabulary::prior::DEFAULT_PRIOR;
