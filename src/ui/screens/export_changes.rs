//! The changes of an export: a row for each file, with a diff that folds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use eframe::egui::{self, Align2, FontId, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use crate::app::{App, FileChange};
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::tile;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::bidi;
use crate::words::{phrase, tr};

/// The rows whose diffs are open.
#[derive(Default)]
pub(crate) struct ChangeList {
    open: HashSet<PathBuf>,
}

impl ChangeList {
    /// Draws the changes, of which only the visible ones are drawn; `more` are not listed.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &mut DrawContext<'_>,
        changes: &[FileChange],
        more: usize,
    ) {
        let mut tops = Vec::with_capacity(changes.len());
        let mut height = 0.0;
        for change in changes {
            tops.push(height);
            height += sizes::CHANGE_ROW;
            if self.open.contains(&change.change.target) {
                let lines = change.change.diff.lines().count();
                height += lines as f32 * sizes::DIFF_LINE + theme::MEDIUM;
            }
        }
        let area = ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("changes");
        area.show_viewport(ui, |ui, view| {
            let end = if more > 0 { sizes::CHANGE_ROW } else { 0.0 };
            ui.set_height(height + end);
            let origin = ui.max_rect().min;
            let width = ui.available_width() - sizes::SCROLL_BAR;
            let first = tops.partition_point(|top| *top <= view.min.y);
            for at in first.saturating_sub(1)..changes.len() {
                let (Some(change), Some(top)) = (changes.get(at), tops.get(at)) else {
                    break;
                };
                if *top > view.max.y {
                    break;
                }
                let corner = origin + vec2(0.0, *top);
                let row = Rect::from_min_size(corner, vec2(width, sizes::CHANGE_ROW));
                self.row(ui, cx, row, change);
                if self.open.contains(&change.change.target) {
                    diff(ui, row.left_bottom(), &change.change.diff);
                }
            }
            if more > 0 {
                let text = tr!("and-more", count = more);
                let at = origin + vec2(sizes::ROW_TRIANGLE, height + sizes::CHANGE_ROW * 0.5);
                let font = FontId::proportional(sizes::TEXT_BODY);
                let p = theme::palette(ui);
                ui.painter()
                    .text(at, Align2::LEFT_CENTER, text, font, p.muted);
            }
        });
    }

    fn row(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, rect: Rect, change: &FileChange) {
        let p = theme::palette(ui);
        let id = ui.scope_id().with(&change.change.target);
        let response = ui.interact(rect, id, Sense::click());
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, theme::RADIUS, p.hovered);
        }
        let open = self.open.contains(&change.change.target);
        let middle = rect.center().y;
        let font = FontId::proportional(sizes::TEXT_BODY);
        let triangle = if open { "⏷" } else { "⏵" };
        let at = pos2(rect.min.x + sizes::ROW_MARGIN, middle);
        ui.painter()
            .text(at, Align2::LEFT_CENTER, triangle, font, p.muted);
        let edge = rect.height() - theme::SMALL;
        let at = pos2(rect.min.x + sizes::ROW_TRIANGLE + theme::SMALL, middle);
        let image = Rect::from_min_size(pos2(at.x, middle - edge * 0.5), vec2(edge, edge));
        let catalogue = &cx.app.library.catalogue;
        let row = catalogue.row_at(&change.photo);
        if let Some(row) = row.and_then(|at| catalogue.rows.get(at)) {
            tile::picture(ui, image, row, cx.thumbnails);
        }
        let name = relative(cx.app, &change.photo);
        let place = cx.app.export.library.may_embed.then(|| place(change));
        let words = keywords(change);
        let rest = Rect::from_min_max(pos2(image.max.x + theme::MEDIUM, rect.min.y), rect.max);
        let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rest));
        inner.spacing_mut().item_spacing = vec2(theme::MEDIUM, 0.0);
        inner.add_space(theme::SMALL);
        let path = RichText::new(bidi::visual(&name)).small();
        inner.add(egui::Label::new(path).truncate().selectable(false));
        if let Some(place) = &place {
            let place = RichText::new(place).small().color(p.muted);
            inner.add(egui::Label::new(place).truncate().selectable(false));
        }
        let mut line = egui::text::LayoutJob::default();
        for (text, added) in &words {
            let colour = if *added { p.added } else { p.problem };
            let font = FontId::proportional(sizes::TEXT_BODY);
            let format = egui::TextFormat::simple(font, colour);
            line.append(text, 0.0, format);
        }
        inner.add(egui::Label::new(line).truncate().selectable(false));
        let spoken: String = words.iter().map(|(text, _)| text.as_str()).collect();
        let place = place.map(|place| format!(", {place}")).unwrap_or_default();
        let spoken = format!("{name}: {}{place}", spoken.trim());
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::Button, true, open, spoken.clone())
        });
        let hint = tr!("export-show-diff");
        if response.on_hover_text(hint).clicked() && !self.open.remove(&change.change.target) {
            self.open.insert(change.change.target.clone());
        }
    }
}

/// Which file is written: the photo, with the size of the change, or its sidecar, and why.
fn place(change: &FileChange) -> String {
    match (change.change.in_photo, &change.why_beside) {
        (Some(size), _) => {
            let bytes = |n: usize| phrase!("bytes", count = n);
            let length = usize::try_from(size.longer.unsigned_abs()).unwrap_or(usize::MAX);
            let changed = bytes(size.changed);
            match size.longer {
                // A packet where there was none: no byte that was there changes.
                n if usize::try_from(n) == Ok(size.changed) => {
                    tr!("export-in-photo-added", changed = changed)
                }
                0 => tr!("export-in-photo-same", changed = changed),
                1.. => tr!(
                    "export-in-photo-longer",
                    changed = changed,
                    by = bytes(length)
                ),
                _ => tr!(
                    "export-in-photo-shorter",
                    changed = changed,
                    by = bytes(length)
                ),
            }
        }
        (None, Some(why)) => tr!("export-in-sidecar", why = why),
        (None, None) => tr!("export-in-old-sidecar").to_owned(),
    }
}

/// The keywords that are added or removed, each with its sign.
fn keywords(change: &FileChange) -> Vec<(String, bool)> {
    let added = names(&change.change.added);
    let added = added.map(|name| (format!("+ {name}   "), true));
    let removed = names(&change.change.removed);
    let removed = removed.map(|name| (format!("− {name}   "), false));
    let mut all: Vec<(String, bool)> = added.chain(removed).collect();
    if all.is_empty() {
        all.push((tr!("export-other-changes").to_owned(), true));
    }
    all
}

/// The keywords as people say them: the last part of `animal|mammal|cat`, and each only once. The diff
/// has the whole.
fn names(keywords: &[String]) -> impl Iterator<Item = &str> {
    let mut said = HashSet::new();
    let names = keywords.iter().map(|k| k.rsplit('|').next().unwrap_or(k));
    names.filter(move |name| said.insert(*name))
}

/// The path of a photo from its library folder on.
fn relative(app: &App, photo: &Path) -> String {
    let folders = app.library.catalogue.folders.iter();
    let root = folders.map(|info| info.folder.path.as_path());
    let root = root
        .filter(|root| photo.starts_with(root))
        .max_by_key(|r| r.as_os_str().len());
    let base = root.and_then(Path::parent);
    let path = base.and_then(|base| photo.strip_prefix(base).ok());
    path.unwrap_or(photo).to_string_lossy().into_owned()
}

/// Draws the visible lines of a diff.
fn diff(ui: &Ui, corner: egui::Pos2, text: &str) {
    let p = theme::palette(ui);
    let clip = ui.clip_rect();
    let mut y = corner.y;
    for line in text.lines() {
        if y > clip.max.y {
            break;
        }
        if y + sizes::DIFF_LINE >= clip.min.y {
            let colour = match line.as_bytes().first() {
                Some(b'+') => p.added,
                Some(b'-') => p.problem,
                _ => p.muted,
            };
            let font = FontId::monospace(sizes::TEXT_MONOSPACE);
            let at = pos2(corner.x + sizes::ROW_TRIANGLE, y);
            ui.painter().text(at, Align2::LEFT_TOP, line, font, colour);
        }
        y += sizes::DIFF_LINE;
    }
}
