//! Makes rows of the library's files: each file is let go once its row is made, because a million take
//! hundreds of megabytes.

use std::collections::{HashMap, HashSet};

use crate::app::catalogue::row::Row;
use crate::core::file_kind::FileKind;
use crate::core::ids::FolderId;
use crate::core::stack;
use crate::core::stack::StackFile;
use crate::store::{OverviewFile, StackedFile};

/// The rows without their tags, in the order of their paths.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// The folder of the library of each row.
    pub(super) folders: Vec<FolderId>,
    pub(super) cameras: Cameras,
}

/// The cameras, each once.
#[derive(Default)]
pub(super) struct Cameras {
    pub(super) names: Vec<String>,
    places: HashMap<String, u16>,
}

impl Cameras {
    fn place(&mut self, name: String) -> Option<u16> {
        if let Some(place) = self.places.get(&name) {
            return Some(*place);
        }
        let place = u16::try_from(self.names.len()).ok()?;
        self.names.push(name.clone());
        self.places.insert(name, place);
        Some(place)
    }
}

impl Rows {
    /// Adds the row of a file.
    pub(super) fn add(&mut self, file: OverviewFile) {
        self.folders.push(file.folder_id);
        self.rows.push(Row {
            id: file.id,
            camera: file.camera.and_then(|name| self.cameras.place(name)),
            kinds: FileKind::of(&file.path).bit(),
            path: file.path,
            captured: file.captured,
            size_bytes: file.size_bytes,
            photo: file.photo_id.zip(file.hash),
            failed: file.failed,
            incomplete: file.incomplete,
            others: Box::default(),
            tags: Vec::new(),
        });
    }

    /// Makes one row of the files of each stack.
    pub(super) fn stack(&mut self) {
        let looked: Vec<StackFile<'_>> = self
            .rows
            .iter()
            .map(|row| StackFile {
                path: &row.path,
                taken_ms: (!row.captured.is_guess()).then_some(row.captured.time.wall_ms),
                failed: row.failed,
            })
            .collect();
        let stacks = stack::stacks(&looked);
        let mut hidden: HashSet<usize> = HashSet::new();
        for stack in stacks {
            if let Some((face, others)) = stack.split_first() {
                self.join(*face, others);
                hidden.extend(others);
            }
        }
        if hidden.is_empty() {
            return;
        }
        let mut at = 0..;
        self.rows
            .retain(|_| at.next().is_none_or(|at| !hidden.contains(&at)));
        let mut at = 0..;
        self.folders
            .retain(|_| at.next().is_none_or(|at| !hidden.contains(&at)));
        self.keep_cameras_on_show();
    }

    /// Gives the row at `face` the other files of its stack.
    fn join(&mut self, face: usize, others: &[usize]) {
        let rows = others.iter().filter_map(|at| self.rows.get(*at));
        // A time that another file of the stack has is better than a guess.
        let known = rows
            .clone()
            .map(|row| row.captured)
            .find(|captured| !captured.is_guess());
        let kinds = rows.clone().fold(0, |all, row| all | row.kinds);
        let files = rows.map(|row| StackedFile {
            path: row.path.clone(),
            photo_id: row.photo_id(),
        });
        let files: Box<[StackedFile]> = files.collect();
        if let Some(row) = self.rows.get_mut(face) {
            row.kinds |= kinds;
            row.captured = known
                .filter(|_| row.captured.is_guess())
                .unwrap_or(row.captured);
            row.others = files;
        }
    }

    /// Forgets the cameras of files that others show.
    fn keep_cameras_on_show(&mut self) {
        let before = std::mem::take(&mut self.cameras).names;
        for row in &mut self.rows {
            let name = row.camera.and_then(|at| before.get(usize::from(at)));
            row.camera = name.and_then(|name| self.cameras.place(name.clone()));
        }
    }
}
