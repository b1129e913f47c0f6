//! What is written for a photo: its sidecar, or the photo itself.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use crate::decode::{Limits, load_whole};
use crate::services::export::summary::InPhoto;
use crate::sidecar::{
    EmbedPlan, Keyword, Kind, Plan, Prior, Record, Refusal, SidecarError, Written,
};

/// A planned file.
pub(crate) enum Output {
    /// A sidecar.
    Sidecar(Box<Plan>),
    /// The photo.
    Photo(Box<EmbedPlan>),
}

impl Output {
    /// The effect on the file.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sidecar(plan) => plan.kind(),
            Self::Photo(plan) => plan.kind(),
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Sidecar(plan) => plan.path(),
            Self::Photo(plan) => plan.path(),
        }
    }

    /// Whether it is the photo.
    pub(crate) fn is_photo(&self) -> bool {
        matches!(self, Self::Photo(_))
    }

    /// The size of the change, if the file is the photo.
    pub(crate) fn in_photo(&self) -> Option<InPhoto> {
        match self {
            Self::Sidecar(_) => None,
            Self::Photo(plan) => {
                let (changed, longer) = plan.size();
                Some(InPhoto { changed, longer })
            }
        }
    }

    /// The data for undo, as long as the file is as planned from.
    pub(crate) fn prior(&self) -> Prior {
        match self {
            Self::Sidecar(plan) => plan.prior(),
            Self::Photo(plan) => plan.prior(),
        }
    }

    /// The record to store after the write.
    pub(crate) fn record(&self) -> &Record {
        match self {
            Self::Sidecar(plan) => plan.record(),
            Self::Photo(plan) => plan.record(),
        }
    }

    /// The change for the user to look at: a unified diff, of a photo its keywords.
    pub(crate) fn preview(&self) -> String {
        match self {
            Self::Sidecar(plan) => plan.diff(),
            Self::Photo(plan) => preview(plan),
        }
    }

    /// Compares the old and the new picture ahead of [`Self::commit`], if the file is the photo.
    pub(crate) fn compare_pictures(&mut self) {
        if let Self::Photo(plan) = self {
            plan.compare_pictures(&same_picture);
        }
    }

    /// Writes the file, as [`Plan::commit`] does.
    ///
    /// # Errors
    /// If it is not written; it is as it was.
    pub(crate) fn commit(
        self,
        journal: impl FnMut(&Prior, &Record) -> io::Result<()>,
    ) -> Result<Written, SidecarError> {
        match self {
            Self::Sidecar(plan) => plan.commit(journal),
            Self::Photo(plan) => plan.commit(&same_picture, journal),
        }
    }
}

fn preview(plan: &EmbedPlan) -> String {
    let path = plan.path().display();
    let (changed, more) = plan.size();
    let size = match more {
        0 => "the file stays as long as it is".to_owned(),
        more if more < 0 => format!("the file becomes {} bytes shorter", -more),
        more => format!("the file becomes {more} bytes longer"),
    };
    let mut text = format!(
        "--- {path}\n+++ {path}\n@@ keywords inside the photo: {changed} bytes change, {size} @@\n"
    );
    let [added, removed] = plan.keywords();
    for (mark, keywords) in [('-', removed), ('+', added)] {
        for keyword in keywords.iter().map(Keyword::path) {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{mark}{}", keyword.join("|"));
        }
    }
    text
}

/// Decodes both files of a photo and compares their pixels.
fn same_picture(name: &Path, old: &[u8], new: &[u8]) -> Result<(), Refusal> {
    let limits = Limits::default();
    let before = load_whole(name, old, &limits).map_err(|fault| Refusal::Undecodable {
        reason: fault.to_string(),
    })?;
    let unsound = |reason: String| Refusal::Unsound { reason };
    let after = load_whole(name, new, &limits).map_err(|fault| unsound(fault.to_string()))?;
    match before == after {
        true => Ok(()),
        false => Err(unsound("its picture differs".to_owned())),
    }
}
