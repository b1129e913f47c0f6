//! The folders in the side bar, as a tree that folds.

use std::collections::HashSet;
use std::path::PathBuf;

use eframe::egui::{ScrollArea, Ui};

use crate::app::{FolderInfo, FolderNode, ViewCommand};
use crate::store::FolderState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::{context_menus, list_row};
use crate::ui::theme::sizes;
use crate::ui::widgets::hint;
use crate::words::tr;

/// The folders that are not as at first: the library's are open, those below them folded.
#[derive(Default)]
pub(crate) struct FolderList {
    toggled: HashSet<PathBuf>,
}

impl FolderList {
    /// Draws all photos and the tree.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let library = &cx.app.library;
        let total = library.catalogue.rows.len();
        let all = library.filter.folder.is_none();
        if list_row::pick(ui, tr!("all-photos"), total, all, 0.0, false).clicked() {
            cx.ask(ViewCommand::Folder(None));
        }
        let nodes = library.catalogue.tree.nodes();
        let shown = self.shown(nodes);
        // Rows have no space between them.
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .auto_shrink([false, true])
            .max_height(ui.available_height() * sizes::FOLDERS_SHARE)
            .id_salt("folders")
            .show_rows(ui, sizes::ROW, shown.len(), |ui, range| {
                for at in shown.get(range).unwrap_or_default() {
                    if let Some(node) = nodes.get(*at) {
                        self.row(ui, cx, node, node.end > at + 1);
                    }
                }
            });
    }

    /// The places of the nodes below open ones.
    fn shown(&self, nodes: &[FolderNode]) -> Vec<usize> {
        let mut shown = Vec::new();
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            shown.push(at);
            at = match self.is_open(node) {
                true => at + 1,
                false => node.end.max(at + 1),
            };
        }
        shown
    }

    fn is_open(&self, node: &FolderNode) -> bool {
        (node.depth == 0) != self.toggled.contains(&node.path)
    }

    fn row(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, node: &FolderNode, folds: bool) {
        let library = &cx.app.library;
        let mut folders = library.catalogue.folders.iter();
        let info = folders.find(|info| info.folder.path == node.path);
        let root = library.catalogue.folders.iter();
        let root = info.or_else(|| root.clone().find(|info| info.folder.id == node.root));
        let active = root.is_none_or(|info| info.folder.state == FolderState::Active);
        let triangle = match (folds, self.is_open(node)) {
            (true, true) => "⏷ ",
            (true, false) => "⏵ ",
            (false, _) => "",
        };
        let state = match info.filter(|_| !active) {
            Some(info) => format!(" ({})", info.state_name()),
            None => String::new(),
        };
        let text = format!("{triangle}{}{state}", node.name());
        let chosen = library.filter.folder.as_ref() == Some(&node.path);
        let indent = node.depth as f32 * sizes::ROW_INDENT;
        let row = list_row::pick(ui, &text, node.rows.len(), chosen, indent, !active);
        let row = hint::beside(row, describe(node, info));
        if folds && (row.double_clicked() || list_row::on_triangle(&row, indent)) {
            if !self.toggled.remove(&node.path) {
                self.toggled.insert(node.path.clone());
            }
        } else if row.clicked() {
            cx.ask(ViewCommand::Folder((!chosen).then(|| node.path.clone())));
        }
        match info {
            Some(info) => context_menus::folder(&row, cx, info),
            None => context_menus::subfolder(&row, cx, &node.path),
        }
    }
}

/// What is known of a folder, in lines.
fn describe(node: &FolderNode, info: Option<&FolderInfo>) -> String {
    let mut lines = vec![node.path.to_string_lossy().into_owned()];
    let mut parts = vec![tr!("photos", count = node.rows.len())];
    if node.waiting > 0 {
        parts.push(tr!("folder-waiting", count = node.waiting));
    }
    if node.failed > 0 {
        parts.push(tr!("status-failed", count = node.failed));
    }
    parts.extend(info.map(|info| info.state_name().to_owned()));
    lines.push(parts.join(" · "));
    lines.join("\n")
}
