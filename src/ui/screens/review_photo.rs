//! The review of suggestions photo by photo.

use eframe::egui::{self, Key, RichText, ScrollArea, Ui};

use crate::app::{Action, App, DecideCommand, Row, Tag};
use crate::core::ids::{FileId, PhotoId};
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::inspector;
use crate::ui::screens::review_mode;
use crate::ui::screens::tag_field::TagField;
use crate::ui::shortcuts;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::chip;
use crate::words::tr;

/// The current photo and suggestion.
#[derive(Default)]
pub(crate) struct ByPhoto {
    /// The rows with suggestions at a revision.
    queue: Vec<usize>,
    found_for: Option<u64>,
    /// The row's file, because places change as photos leave the queue.
    id: Option<FileId>,
    at: usize,
    tag: usize,
    field: TagField,
}

impl ByPhoto {
    /// Draws it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, asked: Option<Action>) {
        let app = cx.app;
        self.find(app);
        let Some(row) = self
            .queue
            .get(self.at)
            .and_then(|i| app.library.catalogue.rows.get(*i))
        else {
            return;
        };
        let suggested = suggested(row);
        self.tag = self.tag.min(suggested.len().saturating_sub(1));
        self.keys(ui, cx, row, &suggested, asked);
        egui::Panel::right("review-photo")
            .resizable(false)
            .exact_size(sizes::REVIEW_TAGS)
            .show_separator_line(false)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show(ui, |ui| {
                review_mode::switch(ui, cx);
                ui.add_space(theme::MEDIUM);
                let area = ScrollArea::vertical().auto_shrink([false, false]);
                area.id_salt("review-tags")
                    .show(ui, |ui| self.tags(ui, cx, row, &suggested));
            });
        ui.horizontal(|ui| {
            if ui
                .button(tr!("previous"))
                .on_hover_text(tr!("key-left"))
                .clicked()
            {
                self.go(app, -1);
            }
            if ui
                .button(tr!("next"))
                .on_hover_text(tr!("key-right"))
                .clicked()
            {
                self.go(app, 1);
            }
            let text = tr!("of", some = self.at + 1, all = self.queue.len());
            ui.label(RichText::new(text).weak());
            ui.add(egui::Label::new(row.name()).truncate());
        });
        let rect = ui.available_rect_before_wrap();
        inspector::large(ui, cx, rect.shrink(theme::SMALL), row);
    }

    fn find(&mut self, app: &App) {
        if self.found_for == Some(app.library.revision) {
            return;
        }
        self.found_for = Some(app.library.revision);
        let rows = app.library.catalogue.rows.iter().enumerate();
        let waits = |row: &Row| row.tags.iter().any(|t| t.state == TagState::Suggested);
        self.queue = rows.filter(|(_, r)| waits(r)).map(|(i, _)| i).collect();
        let id = |i: &usize| app.library.catalogue.rows.get(*i).map(|r| r.id);
        if let Some(at) = self.queue.iter().position(|i| id(i) == self.id) {
            self.at = at;
        } else {
            // The photo has left the queue, and the next has taken its place.
            self.at = self.at.min(self.queue.len().saturating_sub(1));
            self.tag = 0;
            self.id = self.queue.get(self.at).and_then(id);
        }
    }

    fn go(&mut self, app: &App, by: isize) {
        let last = self.queue.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.tag = 0;
        let row = self
            .queue
            .get(self.at)
            .and_then(|i| app.library.catalogue.rows.get(*i));
        self.id = row.map(|r| r.id);
    }

    fn keys(
        &mut self,
        ui: &Ui,
        cx: &mut DrawContext<'_>,
        row: &Row,
        tags: &[Tag],
        asked: Option<Action>,
    ) {
        let word = match asked {
            Some(Action::Accept) => Some(true),
            Some(Action::Reject) => Some(false),
            _ => None,
        };
        if let (Some(word), Some(tag)) = (word, tags.get(self.tag)) {
            decide(cx, row, tag, Some(word));
        }
        if !shortcuts::reach_screen(ui) {
            return;
        }
        let input = ui.input(|i| i.clone());
        let pressed = |key: Key| input.key_pressed(key) && !input.modifiers.any();
        if pressed(Key::ArrowRight) {
            self.go(cx.app, 1);
        }
        if pressed(Key::ArrowLeft) {
            self.go(cx.app, -1);
        }
        if pressed(Key::ArrowDown) {
            self.tag = (self.tag + 1).min(tags.len().saturating_sub(1));
        }
        if pressed(Key::ArrowUp) {
            self.tag = self.tag.saturating_sub(1);
        }
    }

    fn tags(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, row: &Row, suggested: &[Tag]) {
        let p = theme::palette(ui);
        let photo: Vec<PhotoId> = row.photo_id().into_iter().collect();
        self.field.show(ui, cx, &photo);
        ui.label(RichText::new(tr!("tags-suggested")).strong());
        for (i, tag) in suggested.iter().enumerate() {
            let fill = if i == self.tag { p.raised } else { p.ground };
            let line = egui::Frame::new()
                .fill(fill)
                .corner_radius(theme::RADIUS)
                .inner_margin(theme::SMALL);
            line.show(ui, |ui| {
                ui.set_width(ui.available_width());
                self::line(ui, cx, row, tag);
            });
        }
        ui.horizontal_wrapped(|ui| {
            for (accept, name) in [(true, tr!("accept-all")), (false, tr!("reject-all"))] {
                if ui.button(name).clicked() {
                    decide_all(cx, row, suggested, accept);
                }
            }
        });
        ui.label(RichText::new(tr!("review-photo-keys")).weak().small());
        let accepted = row.tags.iter().filter(|t| t.state == TagState::Accepted);
        let accepted: Vec<&Tag> = accepted.collect();
        if !accepted.is_empty() {
            ui.add_space(theme::MEDIUM);
            ui.label(RichText::new(tr!("tags")).strong());
            for tag in accepted {
                line(ui, cx, row, tag);
            }
        }
    }
}

/// Draws a tag with the buttons to decide on it.
fn line(ui: &mut Ui, cx: &mut DrawContext<'_>, row: &Row, tag: &Tag) {
    let catalogue = &cx.app.library.catalogue;
    let Some(label) = catalogue.labels.get(tag.label) else {
        return;
    };
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            let room = ui.available_width() - sizes::REVIEW_TAG_BUTTONS;
            ui.set_max_width(room.max(sizes::CHIP_LEAST));
            chip::show(ui, catalogue, tag, None);
        });
        if let Some(word) = inspector::word(ui, tag, &label.name) {
            decide(cx, row, tag, Some(word));
        }
    });
}

fn suggested(row: &Row) -> Vec<Tag> {
    let tags = row.tags.iter().filter(|t| t.state == TagState::Suggested);
    tags.copied().collect()
}

/// Decides on several tags as one step.
fn decide_all(cx: &mut DrawContext<'_>, row: &Row, tags: &[Tag], accepted: bool) {
    let labels = &cx.app.library.catalogue.labels;
    let names = tags.iter().filter_map(|tag| labels.get(tag.label));
    let labels = names.map(|label| label.name.clone()).collect();
    if let Some((photo, _)) = row.photo {
        cx.ask(DecideCommand::Labels {
            photo,
            labels,
            accepted,
        });
    }
}

fn decide(cx: &mut DrawContext<'_>, row: &Row, tag: &Tag, accepted: Option<bool>) {
    let label = cx.app.library.catalogue.labels.get(tag.label);
    if let (Some((photo, _)), Some(label)) = (row.photo, label) {
        cx.ask(DecideCommand::Label {
            photos: vec![photo],
            label: label.name.clone(),
            accepted,
        });
    }
}
