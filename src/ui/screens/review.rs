//! Suggestions, label by label or photo by photo.

use std::collections::HashSet;
use std::path::PathBuf;

use eframe::egui::{
    self, Align2, FontId, Key, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2,
};

use crate::app::{Action, App, Command, DecideCommand, LabelCommand, LabelInfo, ReviewCommand};
use crate::core::photo::ContentHash;
use crate::ui::commands::Commands;
use crate::ui::screens::grid;
use crate::ui::screens::inspector;
use crate::ui::screens::review_photo::ByPhoto;
use crate::ui::screens::sidebar;
use crate::ui::theme;
use crate::ui::widgets::textures::Textures;
use crate::ui::widgets::wall;

/// Candidates that are decided on at once.
const SHOWN: usize = 60;

/// What was crossed out on the page that is shown.
#[derive(Default)]
pub(crate) struct Review {
    label: String,
    crossed: HashSet<i64>,
    at: usize,
    anchor: usize,
    large: bool,
    /// Candidates as they were at a revision, for a label.
    candidates: Vec<usize>,
    found_for: (u64, String),
    by_photo: ByPhoto,
}

impl Review {
    /// Whether the keys of that action mean something else here.
    pub(crate) fn takes(action: Action) -> bool {
        matches!(
            action,
            Action::Accept
                | Action::Reject
                | Action::Preview
                | Action::SelectAll
                | Action::SelectNone
        )
    }

    /// Draws it.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        app: &App,
        textures: &mut Textures<ContentHash>,
        previews: &mut Textures<PathBuf>,
        out: &mut Commands,
    ) {
        let labels = app.library.catalogue.labels.iter();
        // Things come before the kinds that they are of, which follow from them.
        let mut labels: Vec<&LabelInfo> = labels.filter(|l| l.suggested > 0).collect();
        labels.sort_by_key(|l| (l.tree.has_children, std::cmp::Reverse(l.suggested), &l.name));
        let queue: Vec<(usize, &str)> = labels
            .iter()
            .map(|l| (l.suggested, l.name.as_str()))
            .collect();
        if queue.is_empty() {
            ui.vertical_centered(|ui| {
                ui.add_space(ui.available_height() * 0.35);
                ui.heading("Nothing to review");
                ui.label("Tags that Taglens is not sure of will wait here for your word.");
                if ui.button("Back to the photos").clicked() {
                    out.push(Command::Do(Action::ShowPhotos));
                }
            });
            return;
        }
        if app.review.by_photo {
            self.by_photo.show(ui, app, textures, previews, out);
            return;
        }
        let wanted = app.review.label.as_deref();
        let wanted = wanted.filter(|w| queue.iter().any(|q| q.1 == *w));
        let first = queue.first().map(|q| q.1);
        let label = wanted.or(first).unwrap_or_default().to_owned();
        if label != self.label {
            self.label.clone_from(&label);
            self.crossed.clear();
            (self.at, self.anchor) = (0, 0);
        }
        egui::Panel::left("review-queue")
            .resizable(false)
            .exact_size(220.0)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show_separator_line(false)
            .show(ui, |ui| {
                ways(ui, app, out);
                ui.spacing_mut().item_spacing.y = 0.0;
                let list = ScrollArea::vertical().auto_shrink([false, false]);
                list.show_rows(ui, sidebar::ROW, queue.len(), |ui, range| {
                    for (count, name) in queue.get(range).unwrap_or_default() {
                        let line = sidebar::pick(ui, name, *count, *name == label, 0.0, false);
                        if line.clicked() {
                            out.push(ReviewCommand::Label(Some((*name).to_owned())));
                        }
                    }
                });
            });
        let key = (app.library.revision, label.clone());
        if self.found_for != key {
            self.candidates = app.library.candidates(&label);
            self.found_for = key;
        }
        let page: Vec<usize> = self.candidates.iter().take(SHOWN).copied().collect();
        self.at = self.at.min(page.len().saturating_sub(1));
        self.head(ui, app, &label, &page, out);
        let columns = wall::columns(ui, tile(app));
        self.keys(ui, app, &label, &page, columns, out);
        let focused = page
            .get(self.at)
            .and_then(|i| app.library.catalogue.rows.get(*i));
        if let Some(row) = focused.filter(|_| self.large) {
            let rect = ui.available_rect_before_wrap();
            inspector::large(ui, rect, row, textures, previews);
        } else {
            self.large = false;
            self.tiles(ui, app, &label, &page, textures);
        }
    }

    fn head(&self, ui: &mut Ui, app: &App, label: &str, page: &[usize], out: &mut Commands) {
        let total = self.candidates.len();
        ui.horizontal_wrapped(|ui| {
            ui.heading(format!("Is this “{label}”?"));
            let shown = match total > page.len() {
                true => format!("{} of {total} photos", page.len()),
                false if total == 1 => "1 photo".to_owned(),
                false => format!("{total} photos"),
            };
            ui.label(RichText::new(format!("{shown}, the likeliest first")).weak());
        });
        ui.horizontal_wrapped(|ui| {
            let crossed = self.crossed.len().min(page.len());
            let text = match (crossed, page.len() - crossed) {
                (0, all) => format!("Accept all {all}"),
                (n, rest) => format!("Accept {rest}, reject {n}"),
            };
            let button = theme::primary(ui, &text).on_hover_text("Enter");
            if button.clicked() {
                out.push(self.settle(app, label, page, true));
            }
            if ui.button("Reject all").clicked() {
                out.push(self.settle(app, label, page, false));
            }
            let edit = ui.button("Edit the label");
            if edit.on_hover_text("Its texts and its threshold").clicked() {
                out.push(LabelCommand::Open(Some(label.to_owned())));
            }
            let text = "Click crosses out · A accept · X reject · U undo · Space large";
            ui.label(RichText::new(text).weak().small());
        });
        if let Some(learned) = app.decisions.learned.get(label) {
            let p = theme::palette(ui);
            ui.label(RichText::new(learned.describe()).color(p.added).small());
        }
    }

    fn settle(&self, app: &App, label: &str, page: &[usize], accept: bool) -> DecideCommand {
        let rows = page
            .iter()
            .filter_map(|i| app.library.catalogue.rows.get(*i));
        let photos: Vec<i64> = rows.filter_map(|r| Some(r.photo?.0)).collect();
        let (rejected, accepted) = photos
            .into_iter()
            .partition(|p| !accept || self.crossed.contains(p));
        DecideCommand::Settle {
            label: label.to_owned(),
            accepted,
            rejected,
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        app: &App,
        label: &str,
        page: &[usize],
        columns: usize,
        out: &mut Commands,
    ) {
        if ui.ctx().text_edit_focused() || page.is_empty() {
            return;
        }
        let last = page.len() - 1;
        let photo = |at: usize| {
            let row = page
                .get(at)
                .and_then(|i| app.library.catalogue.rows.get(*i));
            row.and_then(|r| Some(r.photo?.0))
        };
        let input = ui.input(|i| i.clone());
        let pressed = |key: Key| input.key_pressed(key) && !input.modifiers.command;
        let before = self.at;
        let down = (self.at + columns).min(last);
        for (key, to) in [
            (Key::ArrowRight, (self.at + 1).min(last)),
            (Key::ArrowLeft, self.at.saturating_sub(1)),
            (Key::ArrowDown, down),
            (Key::ArrowUp, self.at.saturating_sub(columns)),
            (Key::Home, 0),
            (Key::End, last),
        ] {
            if pressed(key) {
                self.at = to;
            }
        }
        if self.at != before {
            match input.modifiers.shift {
                true => self.cross_to(&photo),
                false => self.anchor = self.at,
            }
        }
        if pressed(Key::Space) {
            self.large = !self.large;
        }
        if pressed(Key::Escape) {
            match self.large {
                true => self.large = false,
                false => self.crossed.clear(),
            }
        }
        if input.modifiers.command && input.key_pressed(Key::A) {
            self.crossed = (0..=last).filter_map(photo).collect();
        }
        if pressed(Key::Enter) && ui.ctx().memory(|m| m.focused()).is_none() {
            out.push(self.settle(app, label, page, true));
        }
        if let (Some(word), Some(photo)) = (word_key(pressed), photo(self.at)) {
            self.crossed.remove(&photo);
            out.push(DecideCommand::Label {
                photos: vec![photo],
                label: label.to_owned(),
                accepted: Some(word),
            });
        }
    }

    /// Crosses out all from where shift was first held to the place at hand.
    fn cross_to(&mut self, photo: &impl Fn(usize) -> Option<i64>) {
        let (from, to) = (self.anchor.min(self.at), self.anchor.max(self.at));
        self.crossed.extend((from..=to).filter_map(photo));
    }

    fn tiles(
        &mut self,
        ui: &mut Ui,
        app: &App,
        label: &str,
        page: &[usize],
        textures: &mut Textures<ContentHash>,
    ) {
        let p = theme::palette(ui);
        let label = app.library.catalogue.label(label);
        let photo = |at: usize| {
            let row = page
                .get(at)
                .and_then(|i| app.library.catalogue.rows.get(*i));
            row.and_then(|r| Some(r.photo?.0))
        };
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("candidates").show(ui, |ui| {
            wall::show(ui, page.len(), tile(app), |ui, place, rect| {
                let row = page
                    .get(place)
                    .and_then(|i| app.library.catalogue.rows.get(*i));
                let (Some(row), Some(id)) = (row, photo(place)) else {
                    return;
                };
                let salt = ui.scope_id().with(("candidate", id));
                let response = ui.interact(rect, salt, Sense::click());
                let image = Rect::from_min_max(rect.min, pos2(rect.max.x, rect.max.y - 18.0));
                grid::picture(ui, image.shrink(4.0), row, textures);
                let crossed = self.crossed.contains(&id);
                if crossed {
                    let veil = p.ground.gamma_multiply(0.6);
                    ui.painter().rect_filled(rect, theme::RADIUS, veil);
                    let font = FontId::proportional(34.0);
                    let at = image.center();
                    ui.painter()
                        .text(at, Align2::CENTER_CENTER, "✖", font, p.problem);
                }
                let tag = label.and_then(|l| row.tag(l));
                let name = row.name();
                let text = match tag.and_then(|t| t.confidence) {
                    Some(c) => format!("{:.0} %  {name}", c * 100.0),
                    None => name.clone(),
                };
                let at = pos2(rect.min.x + 5.0, image.max.y);
                grid::line(ui, at, rect.width() - 10.0, &text, 11.5, p.muted);
                if place == self.at || response.hovered() {
                    let width = if place == self.at { 2.0 } else { 1.0 };
                    let stroke = Stroke::new(width, p.accent);
                    let inside = egui::StrokeKind::Inside;
                    ui.painter()
                        .rect_stroke(rect, theme::RADIUS, stroke, inside);
                }
                response.widget_info(|| {
                    let kind = egui::Role::CheckBox;
                    egui::WidgetInfo::selected(kind, true, !crossed, name.clone())
                });
                if response.double_clicked() {
                    self.crossed.remove(&id);
                    self.large = true;
                } else if response.clicked() {
                    self.at = place;
                    if ui.input(|i| i.modifiers.shift) {
                        self.cross_to(&photo);
                    } else {
                        self.anchor = place;
                        if !self.crossed.remove(&id) {
                            self.crossed.insert(id);
                        }
                    }
                }
            });
        });
    }
}

fn tile(app: &App) -> egui::Vec2 {
    vec2(app.settings.tile, app.settings.tile + 18.0)
}

/// A person's word on what is at hand, by its key.
pub(crate) fn word_key(pressed: impl Fn(Key) -> bool) -> Option<bool> {
    let keys = [(Key::A, true), (Key::X, false)];
    keys.into_iter()
        .find(|(key, _)| pressed(*key))
        .map(|(_, word)| word)
}

/// The two ways to review.
pub(crate) fn ways(ui: &mut Ui, app: &App, out: &mut Commands) {
    ui.horizontal(|ui| {
        for (by_photo, name) in [(false, "By label"), (true, "By photo")] {
            if ui
                .selectable_label(app.review.by_photo == by_photo, name)
                .clicked()
            {
                out.push(ReviewCommand::ByPhoto(by_photo));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = format!("{} left", app.library.catalogue.suggestions());
            ui.label(RichText::new(text).weak().small());
        });
    });
}
