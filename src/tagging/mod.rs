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
//!   of how it stands among a fixed [`Crowd`] of others, and of how often such a label is right
//!   ([`Label::likely_share`]); and of that a [`Band`]: given, suggested, or neither.
//! - [`learn()`] moves the log-odds to where a person's [`Decision`]s want them.
//!
//! [`Judge`] does it for one photo and all labels, [`LabelModel::score_all`] for one label and all
//! photos of a library, [`Panel`] for several.

pub mod learning;
pub mod scoring;
pub mod vocabulary;

pub use learning::learn::{self, Decision, Learned, learn};
pub use scoring::crowd::Crowd;
pub use scoring::explain::{self, Explanation};
pub use scoring::judge::{Judge, Verdict};
pub use scoring::label_model::{Assessment, LabelModel, Spread};
pub use scoring::matrix::{Matrix, ShapeError};
pub use scoring::panel::Panel;
pub use scoring::reference::{Preparation, Reference, View, Views};
pub use scoring::rule::{Band, Rule, Standing, Usual};
pub use vocabulary::document::{Change, Document, DocumentError, Edit, to_lightroom};
pub use vocabulary::error::{Problem, VocabularyError};
pub use vocabulary::label::Label;
pub use vocabulary::list::{Summary, Vocabulary};
pub use vocabulary::prior::DEFAULT_PRIOR;
