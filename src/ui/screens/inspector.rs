//! The inspector of the selected photos.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use crate::app::{Action, App, Command, InspectCommand, Row, SetCommand, Tag, ViewCommand};
use crate::core::capture::{Captured, CapturedFrom};
use crate::core::text;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::inspector_tags::TagList;
use crate::ui::screens::tag_field::TagField;
use crate::ui::screens::tile;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::bidi;
use crate::ui::widgets::sign_button::sign_button;
use crate::ui::widgets::wall;
use crate::words::{decimal, tr};

/// The most photos to show of several.
const SEVERAL: usize = 6;

/// The typed text, and the tags shown.
#[derive(Default)]
pub(crate) struct Inspector {
    tags: TagList,
    /// The field for a new tag.
    pub(crate) field: TagField,
}

impl Inspector {
    /// Whether a tag is being typed, or is about to be.
    pub(crate) fn is_typing(&self) -> bool {
        self.field.is_typing()
    }

    /// Draws it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        self.field.begin();
        self.tags.update(app);
        if self.tags.is_counting() {
            ui.ctx().request_repaint();
            let selected = tr!("photos-selected", count = app.selection.len());
            ui.label(RichText::new(selected).strong());
            ui.label(RichText::new(tr!("tags-counting")).weak());
            return;
        }
        let at_hand = self.tags.photos().len() + self.tags.unread();
        if at_hand == 0 {
            ui.add_space(theme::LARGE);
            ui.vertical_centered(|ui| {
                ui.label(RichText::new(tr!("inspector-none")).weak());
            });
            return;
        }
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("inspector")
            .show(ui, |ui| {
                // The scroll bar floats over the edge.
                ui.set_max_width(ui.available_width() - theme::MEDIUM);
                let one = (at_hand == 1).then(|| self.one(app)).flatten();
                match one {
                    Some(row) => head(ui, cx, row),
                    None => self.several(ui, cx),
                }
                ui.separator();
                // On top, where it does not move with the tags.
                self.field.show(ui, cx, self.tags.photos());
                self.tags.show(ui, cx);
                let Some(row) = one else {
                    return;
                };
                ui.separator();
                // Below the buttons, because it grows when the file has been read.
                others(ui, app, row);
                facts(ui, app, row);
                ui.separator();
                similar(ui, cx, row);
            });
    }

    /// The file, if only one is selected.
    fn one<'a>(&self, app: &'a App) -> Option<&'a Row> {
        let selected = |row: &&Row| app.window.large || app.selection.contains(row);
        let current = app.current().filter(selected);
        current.or_else(|| app.row_of(*self.tags.photos().first()?))
    }

    /// Draws the number of selected photos, and the first of them.
    fn several(&self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let (photos, unread) = (self.tags.photos(), self.tags.unread());
        let edge = (ui.available_width() - 2.0 * theme::MEDIUM) / sizes::SMALL_PICTURES - 0.5;
        let shown = photos.len().min(SEVERAL);
        wall::show(
            ui,
            shown,
            vec2(edge, edge * sizes::SMALL_PICTURE_ASPECT),
            |ui, place, rect| {
                if let Some(row) = photos.get(place).and_then(|p| cx.app.row_of(*p)) {
                    tile::picture(ui, rect, row, cx.thumbnails);
                }
            },
        );
        let selected = tr!("photos-selected", count = photos.len() + unread);
        ui.label(RichText::new(selected).strong());
        if unread > 0 && !photos.is_empty() {
            let text = tr!("inspector-unread", count = unread);
            ui.label(RichText::new(text).weak().small());
        }
    }
}

/// Draws the only selected photo, with its path.
fn head(ui: &mut Ui, cx: &mut DrawContext<'_>, row: &Row) {
    let width = ui.available_width();
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, width * sizes::PICTURE_ASPECT), Sense::click());
    large(ui, cx, rect, row);
    if response.on_hover_text(tr!("inspector-enlarge")).clicked() {
        cx.ask(Command::Do(Action::Preview));
    }
    ui.label(RichText::new(bidi::visual(&row.name())).strong());
    let folder = row.path.parent().map(|p| p.to_string_lossy().into_owned());
    let folder = folder.unwrap_or_default();
    ui.label(RichText::new(bidi::visual(&folder)).small().weak());
}

/// Draws the names of the photo's other files, with that of a video that is not in the library.
fn others(ui: &mut Ui, app: &App, row: &Row) {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let facts = app.inspector.facts(&row.path);
    let video = facts.and_then(|facts| facts.video.as_deref());
    let video = video.filter(|video| row.paths().all(|path| path != video));
    let others = row.paths().skip(1).map(PathBuf::as_path);
    let names: Vec<String> = others.chain(video).map(name).collect();
    if !names.is_empty() {
        let text = tr!("inspector-with", files = names.join(", "));
        let text = RichText::new(bidi::visual(&text)).small().weak();
        ui.add(egui::Label::new(text).wrap());
    }
}

/// Draws why the file cannot be read, and the facts about it and the camera's data.
fn facts(ui: &mut Ui, app: &App, row: &Row) {
    let mut failures = app.messages.failures.iter();
    if let Some(failure) = failures.find(|f| row.failed && f.path == row.path) {
        let reason = RichText::new(bidi::visual(&text::sentence(&failure.reason))).small();
        ui.add(egui::Label::new(reason.color(theme::palette(ui).problem)).wrap());
    }
    let size = match row.size_bytes {
        0..1_000_000 => tr!("size-kb", size = row.size_bytes.div_ceil(1000)),
        bytes => tr!("size-mb", size = decimal(bytes as f64 / 1e6, 1)),
    };
    let Some(facts) = app.inspector.facts(&row.path) else {
        let about = format!("{} · {size}", captured(&row.captured));
        ui.label(RichText::new(about).small().weak());
        return;
    };
    let about = &facts.about;
    let size = format!("{} × {} · {size}", facts.width, facts.height);
    let lines = [
        Some(captured(&row.captured)),
        Some(size),
        facts
            .incomplete
            .then(|| tr!("inspector-incomplete").to_owned()),
        about.equipment(),
        about.exposure(),
        about.place(),
    ];
    for line in lines.into_iter().flatten() {
        ui.add(egui::Label::new(RichText::new(line).small().weak()).wrap());
    }
}

/// When a photo was taken, and how that is known.
fn captured(captured: &Captured) -> String {
    match captured.from {
        CapturedFrom::Exif | CapturedFrom::Xmp | CapturedFrom::Sidecar => {
            tr!("captured", time = captured.time.shown())
        }
        CapturedFrom::Name => tr!("captured-by-name", day = captured.time.day()),
        CapturedFrom::Modified => tr!("captured-changed", day = captured.time.day()),
    }
}

/// Draws similar photos, which are searched for only while they are shown.
fn similar(ui: &mut Ui, cx: &mut DrawContext<'_>, row: &Row) {
    let app = cx.app;
    let shown = app.settings.similar;
    ui.horizontal(|ui| {
        let arrow = if shown { "⏷" } else { "⏵" };
        let title = ui.selectable_label(false, format!("{arrow} {}", tr!("similar-photos")));
        if title.clicked() {
            cx.ask(SetCommand::SimilarPhotos(!shown));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let all = ui
                .small_button(tr!("similar-all"))
                .on_hover_text(tr!("action-find-similar"));
            if all.clicked() {
                cx.ask(Command::Do(Action::FindSimilar));
            }
        });
    });
    let Some(photo) = row.photo_id().filter(|_| shown) else {
        return;
    };
    let found = app
        .inspector
        .neighbours
        .as_ref()
        .filter(|n| n.photo == photo);
    let Some(found) = found else {
        // Asking again during a search would keep the window redrawing.
        if !app.inspector.seeking {
            cx.ask(InspectCommand::Neighbours(photo));
        }
        ui.label(RichText::new(tr!("similar-searching")).weak().small());
        return;
    };
    if found.photos.is_empty() {
        ui.label(RichText::new(tr!("similar-none")).weak().small());
    }
    let edge = (ui.available_width() - 2.0 * theme::MEDIUM) / sizes::SMALL_PICTURES - 0.5;
    wall::show(
        ui,
        found.photos.len(),
        vec2(edge, edge * sizes::SMALL_PICTURE_ASPECT),
        |ui, place, rect| {
            let Some(other) = found.photos.get(place).and_then(|p| app.row_of(*p)) else {
                return;
            };
            let salt = ui.scope_id().with(("similar", place));
            let response = ui.interact(rect, salt, Sense::click());
            tile::picture(ui, rect, other, cx.thumbnails);
            let name = other.name();
            response.widget_info(|| {
                egui::WidgetInfo::labeled(
                    egui::Role::Button,
                    true,
                    tr!("similar-photo", name = &name),
                )
            });
            if response.on_hover_text(other.name()).clicked()
                && let Some(photo) = other.photo_id()
            {
                cx.ask(ViewCommand::Photo(photo));
            }
        },
    );
}

/// Draws a button for each possible decision on a tag, and returns the one pressed.
pub(crate) fn word(ui: &mut Ui, tag: &Tag, label: &str) -> Option<bool> {
    let accepted = tag.decided && tag.state == TagState::Accepted;
    let yes = !accepted && sign_button(ui, "✔", &tr!("tag-accept", label = label)).clicked();
    let rejected = tag.state == TagState::Rejected;
    let no = !rejected && sign_button(ui, "✖", &tr!("tag-reject", label = label)).clicked();
    (yes || no).then_some(yes)
}

/// Draws the file's large picture, or its thumbnail until that arrives or if that has pixels enough. The
/// graphics card leaves out pixels of much larger pictures, which roughens fine patterns.
pub(crate) fn large(ui: &mut Ui, cx: &mut DrawContext<'_>, rect: Rect, row: &Row) {
    // Its facts are wanted in any case.
    let preview = cx.previews.get(&row.path);
    let wanted = rect.width().min(rect.height()) * ui.pixels_per_point();
    let thumbnail = row.photo.map(|(_, hash)| cx.thumbnails.get(&hash));
    let enough =
        matches!(thumbnail, Some(Ok(Some(texture))) if texture.size_vec2().min_elem() >= wanted);
    match preview {
        Ok(Some(texture)) if !enough => {
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            let fitted = Rect::from_center_size(rect.center(), size * scale);
            let radius = egui::CornerRadius::same(theme::RADIUS);
            egui::Image::new(texture)
                .corner_radius(radius)
                .paint_at(ui, fitted);
        }
        _ => tile::picture(ui, rect, row, cx.thumbnails),
    }
}
