//! Small libraries for tests.

use std::path::PathBuf;

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::folder_tree::FolderTree;
use crate::app::catalogue::index::Index;
use crate::app::catalogue::label::LabelInfo;
use crate::app::catalogue::quick_filter::Facets;
use crate::app::catalogue::row::{Row, Tag};
use crate::app::catalogue::tag_index::TagIndex;
use crate::core::capture::Captured;
use crate::core::file_kind::FileKind;
use crate::core::ids::{FileId, FolderId, PhotoId};
use crate::core::photo::ContentHash;
use crate::store::{Folder, FolderState, TagState};

/// A row without tags.
pub(crate) fn row(path: &str, photo: Option<i64>, modified_ns: i64) -> Row {
    Row {
        id: FileId::new(photo.unwrap_or(-1)),
        path: PathBuf::from(path),
        captured: Captured::guess(path.as_ref(), modified_ns),
        size_bytes: 1000,
        photo: photo.map(|p| (PhotoId::new(p), ContentHash::new([p as u8; 32]))),
        failed: false,
        camera: None,
        kinds: FileKind::of(path.as_ref()).bit(),
        incomplete: false,
        others: Box::default(),
        tags: Vec::new(),
    }
}

/// A tag of the machine's, or of the user's if it is rejected.
pub(crate) fn tag(label: usize, confidence: f32, state: TagState) -> Tag {
    Tag {
        label,
        confidence: Some(confidence),
        given: state == TagState::Accepted,
        state,
        decided: state == TagState::Rejected,
        implied: false,
    }
}

/// A folder of the library.
pub(crate) fn folder(id: i64, path: &str) -> FolderInfo {
    FolderInfo {
        passed_over: Default::default(),
        folder: Folder {
            id: FolderId::new(id),
            path: PathBuf::from(path),
            state: FolderState::Active,
        },
        count: 0,
    }
}

/// A library of these rows and labels.
pub(crate) fn catalogue(rows: Vec<Row>, labels: &[&str]) -> Catalogue {
    let in_vocabulary = |name: &&str| LabelInfo {
        in_vocabulary: true,
        ..LabelInfo::new(name)
    };
    let mut catalogue = Catalogue {
        index: Index::of(&rows),
        tag_index: TagIndex::of(&rows, labels.len()),
        tree: FolderTree::of(&[folder(1, "/")], &rows),
        facets: Facets::of(&rows, Vec::new()),
        rows,
        labels: labels.iter().map(in_vocabulary).collect(),
        ..Catalogue::default()
    };
    catalogue.count();
    catalogue
}

/// Photos 1 to 4, with the labels dog and cat: a certain dog, a possible dog and a cat, nothing, a
/// rejected dog.
pub(crate) fn dogs_and_cats() -> Catalogue {
    let mut rows = vec![
        row("/a/1.jpg", Some(1), 40_000_000),
        row("/a/2.jpg", Some(2), 10_000_000),
        row("/b/3.jpg", Some(3), 30_000_000),
        row("/b/4.jpg", Some(4), 20_000_000),
    ];
    rows[0].tags.push(tag(0, 0.9, TagState::Accepted));
    rows[1].tags.push(tag(0, 0.4, TagState::Suggested));
    rows[1].tags.push(tag(1, 0.95, TagState::Accepted));
    rows[3].tags.push(tag(0, 0.99, TagState::Rejected));
    catalogue(rows, &["dog", "cat"])
}
