//! A file of the library and the labels on its photo, with the other files of a stack.

use std::path::PathBuf;

use crate::app::catalogue::label::LabelInfo;
use crate::core::capture::Captured;
use crate::core::ids::{FileId, FolderId, PhotoId};
use crate::core::photo::ContentHash;
use crate::store::{StackedFile, TagState};

/// A label on a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tag {
    /// Its index in [`Catalogue::labels`](crate::app::Catalogue::labels).
    pub(crate) label: usize,
    /// The machine's confidence; `None` if there is only a decision.
    pub confidence: Option<f32>,
    /// Whether the machine alone would apply it.
    pub(crate) given: bool,
    /// The state from machine and user.
    pub state: TagState,
    /// Whether the user decided.
    pub(crate) decided: bool,
    /// Whether the photo also has a label below it, which is more specific.
    pub(crate) implied: bool,
}

/// A file, or a stack of files that is shown by this one.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id in the library, which it keeps when it moves.
    pub(crate) id: FileId,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// The folder of the library.
    pub(crate) folder_id: FolderId,
    /// When its photo was taken; a guess if nothing says it.
    pub(crate) captured: Captured,
    /// Its length.
    pub(crate) size_bytes: u64,
    /// Its photo and content; `None` if it was not read yet.
    pub photo: Option<(PhotoId, ContentHash)>,
    /// Whether it cannot be read.
    pub(crate) failed: bool,
    /// Whether a part of its picture is missing.
    pub(crate) incomplete: bool,
    /// The other files of the same photo. Their decisions are among `tags`.
    pub(crate) others: Box<[StackedFile]>,
    /// Accepted labels first, then suggested, then rejected; the most specific first, each by
    /// falling confidence.
    pub tags: Vec<Tag>,
}

impl Row {
    /// Its photo; `None` if it has not been read yet.
    pub fn photo_id(&self) -> Option<PhotoId> {
        self.photo.map(|(id, _)| id)
    }

    /// The contents of the other files.
    pub(crate) fn other_photos(&self) -> impl Iterator<Item = PhotoId> {
        let others = self.others.iter().filter_map(|file| file.photo_id);
        others.filter(move |photo| Some(*photo) != self.photo_id())
    }

    /// The paths of all its files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(self.others.iter().map(|file| &file.path))
    }

    /// The file's name for display.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// The photo's tag for a label.
    pub fn tag(&self, label: usize) -> Option<&Tag> {
        self.tags.iter().find(|t| t.label == label)
    }

    /// The highest confidence of an accepted or suggested label.
    pub(crate) fn confidence(&self) -> f32 {
        let shown = self.tags.iter().filter(|t| t.state != TagState::Rejected);
        shown
            .filter_map(|t| t.confidence)
            .fold(0.0, |a, b| a.max(b))
    }

    pub(crate) fn sort_tags(&mut self) {
        self.tags.sort_by(|a, b| {
            let confidence = |t: &Tag| t.confidence.unwrap_or(1.0);
            (a.state as u8, a.implied)
                .cmp(&(b.state as u8, b.implied))
                .then(confidence(b).total_cmp(&confidence(a)))
        });
    }
}

/// Marks the tags that follow from others on the same photo.
pub(crate) fn imply(tags: &mut [Tag], labels: &[LabelInfo]) {
    for at in 0..tags.len() {
        let Some(tag) = tags
            .get(at)
            .copied()
            .filter(|t| t.state == TagState::Accepted)
        else {
            continue;
        };
        let mut above = labels.get(tag.label).and_then(|l| l.tree.parent);
        while let Some(parent) = above {
            if let Some(implied) = tags.iter_mut().find(|t| t.label == parent) {
                implied.implied = true;
            }
            above = labels.get(parent).and_then(|l| l.tree.parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::{row, tag};

    #[test]
    fn what_says_most_comes_first() {
        let mut labels = ["animal", "cat", "sofa"].map(LabelInfo::new);
        labels[1].tree.parent = Some(0);
        let mut row = row("/a.jpg", Some(1), 0);
        row.tags = vec![
            tag(0, 0.99, TagState::Accepted),
            tag(1, 0.9, TagState::Accepted),
            tag(2, 0.95, TagState::Suggested),
        ];
        imply(&mut row.tags, &labels);
        row.sort_tags();
        let order: Vec<usize> = row.tags.iter().map(|t| t.label).collect();
        assert_eq!(order, [1, 0, 2]);
    }
}
