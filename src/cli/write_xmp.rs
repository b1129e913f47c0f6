//! `taglens tag --write-xmp`: tags of a one-off run into sidecars, without a library.

use std::path::Path;

use serde::Serialize;

use crate::cli::export::{naming, properties};
use crate::cli::options::Tag;
use crate::cli::setup;
use crate::indexer::keywords::Keywords;
use crate::sidecar::plan;
use crate::sidecar::{Kind, Request, SidecarError};

/// What became of a photo's sidecar, as it is printed.
#[derive(Serialize)]
pub struct Sidecar {
    path: String,
    /// `unchanged`, `edited` or `created`; with a dry run, what would become of it.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl Sidecar {
    /// The change, where it was not made.
    pub fn diff(&self) -> Option<&str> {
        self.diff.as_deref()
    }
}

/// Writes a photo's labels into its sidecar; with a dry run, says how that would change it.
///
/// Nothing is remembered: keywords that are there count as the person's, and none is taken out.
pub fn write<'a>(
    tag: &Tag,
    photo: &Path,
    labels: impl IntoIterator<Item = (&'a str, f32)>,
    keywords: &Keywords<'_>,
) -> Result<Sidecar, SidecarError> {
    let (wanted, confidences): (Vec<_>, Vec<_>) = labels
        .into_iter()
        .filter_map(|(label, confidence)| Some((keywords.keyword(label)?.clone(), confidence)))
        .unzip();
    let request = Request {
        wanted: &wanted,
        confidences: &confidences,
        previously: None,
        properties: &properties(&tag.keywords),
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
