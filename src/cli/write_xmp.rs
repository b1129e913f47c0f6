//! `taglens tag --write-xmp`: writes the tags of a one-off run into sidecars, without a library.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use crate::cli::export::{naming, properties};
use crate::cli::options::Tag;
use crate::cli::setup;
use crate::indexer::{source_rows, sources};
use crate::keywords::{By, KeywordPath, Labels};
use crate::sidecar::plan;
use crate::sidecar::{Keyword, Kind, Request, SidecarError, Terms};

/// The result for a photo's sidecar in the output.
#[derive(Serialize)]
pub(crate) struct Sidecar {
    path: String,
    /// `unchanged`, `edited` or `created`; with a dry run, what would happen.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl Sidecar {
    /// The change, if it was not made.
    pub(crate) fn diff(&self) -> Option<&str> {
        self.diff.as_deref()
    }
}

/// Writes a photo's labels into its sidecar; with a dry run, shows the change.
///
/// Nothing is recorded: existing keywords count as the user's, and none is removed.
pub(crate) fn write<'a>(
    tag: &Tag,
    photo: &Path,
    tags: impl IntoIterator<Item = (&'a str, f32)>,
    labels: &Labels,
) -> Result<Sidecar, SidecarError> {
    let confidences: HashMap<String, f32> = tags
        .into_iter()
        .map(|(label, sure)| (label.to_owned(), sure))
        .collect();
    let wanted = sources::wanted(photo, naming(tag.keywords.naming), &confidences, labels)?;
    let sure: Vec<f32> = wanted
        .iter()
        .map(|(_, label)| *confidences.get(label).unwrap_or(&1.0))
        .collect();
    let synonyms: Vec<KeywordPath> = match tag.keywords.synonyms {
        true => wanted
            .iter()
            .flat_map(|(_, label)| labels.synonyms(label))
            .collect(),
        false => Vec::new(),
    };
    let state: Vec<String> = wanted
        .iter()
        .map(|(path, _)| path)
        .chain(&synonyms)
        .map(|path| source_rows::mark(By::Machine, path))
        .collect();
    let synonyms: Vec<String> = synonyms.iter().map(KeywordPath::to_string).collect();
    let keywords: Vec<Keyword> = wanted
        .iter()
        .filter_map(|(path, _)| source_rows::keyword(path))
        .collect();
    let request = Request {
        wanted: &keywords,
        confidences: &sure,
        previously: None,
        properties: &properties(&tag.keywords),
        terms: Terms {
            state: &state,
            synonyms: &synonyms,
            ..Terms::default()
        },
    };
    let plan = plan(photo, &request, naming(tag.keywords.naming))?;
    let (kind, path) = (plan.kind(), setup::shown(plan.path()));
    let diff = match tag.dry_run {
        true => Some(plan.diff()).filter(|diff| !diff.is_empty()),
        false => {
            plan.commit(|_, _| Ok(()))?;
            None
        }
    };
    Ok(Sidecar {
        path,
        state: match kind {
            Kind::Unchanged => "unchanged",
            Kind::Edit => "edited",
            Kind::Create => "created",
            Kind::Delete => "deleted",
        },
        diff,
    })
}
