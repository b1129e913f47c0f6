//! The review of suggestions, label by label or photo by photo.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use eframe::egui::{
    self, Align2, FontId, Key, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2,
};

use crate::app::{
    Action, App, Command, DecideCommand, LabelCommand, LabelInfo, ReviewCommand, Row,
};
use crate::core::count;
use crate::core::ids::PhotoId;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::inspector;
use crate::ui::screens::list_row;
use crate::ui::screens::review_mode;
use crate::ui::screens::review_photo::ByPhoto;
use crate::ui::screens::screen::Screen;
use crate::ui::screens::tile;
use crate::ui::shortcuts;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::wall;

/// The photos on a page, which are decided together.
const SHOWN: usize = 60;
/// How long a page must be visible before it can be decided.
const LOOK: Duration = Duration::from_millis(400);

/// The photos crossed out on the current page.
#[derive(Default)]
pub(crate) struct Review {
    label: String,
    crossed: HashSet<PhotoId>,
    at: usize,
    anchor: usize,
    large: bool,
    /// The photos on the page with their rows. They keep their order.
    page: Vec<(PhotoId, usize)>,
    /// The number of candidates, on this page and beyond.
    total: usize,
    /// The revision and label for which the page was filled.
    found_for: (u64, String),
    by_photo: ByPhoto,
    /// The action requested by keys, menus or the palette.
    asked: Option<Action>,
    /// When the page last changed its photos, in seconds.
    turned_at: f64,
}

impl Screen for Review {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        let labels = app.library.catalogue.labels.iter();
        // Specific labels come before the general ones that follow from them.
        let mut labels: Vec<&LabelInfo> = labels.filter(|l| l.suggested > 0).collect();
        labels.sort_by_key(|l| (l.tree.has_children, std::cmp::Reverse(l.suggested), &l.name));
        let queue: Vec<(usize, &str)> = labels
            .iter()
            .map(|l| (l.suggested, l.name.as_str()))
            .collect();
        if queue.is_empty() {
            ui.vertical_centered(|ui| {
                ui.add_space(ui.available_height() * sizes::EMPTY_ABOVE_SHARE);
                ui.heading("Nothing to review");
                ui.label("Tags that Taglens is not sure of will wait here for your word.");
                if ui.button("Back to the photos").clicked() {
                    cx.ask(Command::Do(Action::ShowPhotos));
                }
            });
            return;
        }
        let asked = self.asked.take();
        if app.review.by_photo {
            self.by_photo.show(ui, cx, asked);
            return;
        }
        let wanted = app.review.label.as_deref();
        let wanted = wanted.filter(|w| queue.iter().any(|q| q.1 == *w));
        let first = queue.first().map(|q| q.1);
        // The current label stays, however the numbers of the others change.
        let last = queue.iter().map(|q| q.1).find(|name| *name == self.label);
        let label = wanted.or(last).or(first).unwrap_or_default().to_owned();
        if label != self.label {
            self.label.clone_from(&label);
            self.crossed.clear();
            self.page.clear();
            (self.at, self.anchor) = (0, 0);
        }
        egui::Panel::left("review-queue")
            .resizable(false)
            .exact_size(sizes::REVIEW_QUEUE)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show_separator_line(false)
            .show(ui, |ui| {
                review_mode::switch(ui, cx);
                ui.spacing_mut().item_spacing.y = 0.0;
                let list = ScrollArea::vertical().auto_shrink([false, false]);
                list.show_rows(ui, sizes::ROW, queue.len(), |ui, range| {
                    for (count, name) in queue.get(range).unwrap_or_default() {
                        let line = list_row::pick(ui, name, *count, *name == label, 0.0, false);
                        if line.clicked() {
                            cx.ask(ReviewCommand::Label(Some((*name).to_owned())));
                        }
                    }
                });
            });
        self.find(ui, app, &label);
        self.head(ui, cx, &label);
        let columns = wall::columns(ui, tile(app));
        self.keys(ui, cx, &label, asked, columns);
        let focused = self.page.get(self.at);
        let focused = focused.and_then(|(_, i)| app.library.catalogue.rows.get(*i));
        if let Some(row) = focused.filter(|_| self.large) {
            let rect = ui.available_rect_before_wrap();
            inspector::large(ui, cx, rect, row);
        } else {
            self.large = false;
            self.tiles(ui, cx, &label);
        }
    }
}

impl Review {
    /// Whether the action's keys have another meaning here.
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

    /// Requests one of those actions.
    pub(crate) fn ask(&mut self, action: Action) {
        self.asked = Some(action);
    }

    /// Updates the page's photos if the library has changed. Those on it stay in their order and
    /// others follow, so that nothing moves under the pointer or the keyboard.
    fn find(&mut self, ui: &Ui, app: &App, label: &str) {
        let key = (app.library.revision, label.to_owned());
        if self.found_for == key {
            return;
        }
        self.found_for = key;
        let rows = &app.library.catalogue.rows;
        let candidates = app.library.candidates(label).into_iter();
        let mut places: HashMap<PhotoId, usize> = HashMap::new();
        let mut found = Vec::new();
        for row in candidates {
            if let Some(photo) = rows.get(row).and_then(Row::photo_id)
                && places.insert(photo, row).is_none()
            {
                found.push(photo);
            }
        }
        self.total = found.len();
        let photo = |page: &[(PhotoId, usize)], at: usize| page.get(at).map(|(photo, _)| *photo);
        let (at, anchor) = (photo(&self.page, self.at), photo(&self.page, self.anchor));
        let kept = self.page.iter().map(|(photo, _)| *photo);
        let kept: Vec<PhotoId> = kept.filter(|p| places.contains_key(p)).collect();
        if kept.is_empty() {
            self.turned_at = ui.input(|i| i.time);
        }
        let known: HashSet<PhotoId> = kept.iter().copied().collect();
        let new = found.into_iter().filter(|p| !known.contains(p));
        let page = kept.into_iter().chain(new).take(SHOWN);
        self.page = page.filter_map(|p| Some((p, *places.get(&p)?))).collect();
        self.crossed.retain(|p| places.contains_key(p));
        let last = self.page.len().saturating_sub(1);
        let place = |photo: Option<PhotoId>| self.page.iter().position(|(p, _)| Some(*p) == photo);
        (self.at, self.anchor) = (
            place(at).unwrap_or(self.at.min(last)),
            place(anchor).unwrap_or(self.anchor.min(last)),
        );
    }

    /// Whether the page has just changed its photos. A second key press is then meant for the
    /// previous ones.
    fn has_just_turned(&self, ui: &Ui) -> bool {
        ui.input(|i| i.time) - self.turned_at < LOOK.as_secs_f64()
    }

    fn head(&self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &str) {
        let (total, page) = (self.total, self.page.len());
        let turned = self.has_just_turned(ui);
        ui.horizontal_wrapped(|ui| {
            ui.heading(format!("Is this “{label}”?"));
            let shown = match total > page {
                true => format!("{page} of {}", count::photos(total)),
                false => count::photos(total),
            };
            ui.label(RichText::new(format!("{shown}, the likeliest first")).weak());
        });
        ui.horizontal_wrapped(|ui| {
            let on_page = |(photo, _): &&(PhotoId, usize)| self.crossed.contains(photo);
            let crossed = self.page.iter().filter(on_page).count();
            let text = match (crossed, page - crossed) {
                (0, all) => format!("Accept all {all}"),
                (n, rest) => format!("Accept {rest}, reject {n}"),
            };
            let button = theme::primary(ui, &text).on_hover_text("Enter");
            if button.clicked() && !turned {
                cx.ask(self.settle(label, true));
            }
            if ui.button("Reject all").clicked() && !turned {
                cx.ask(self.settle(label, false));
            }
            let edit = ui.button("Edit the label");
            if edit.on_hover_text("Its texts and its threshold").clicked() {
                cx.ask(LabelCommand::Open(Some(label.to_owned())));
            }
            let text = "Click crosses out · A accept · X reject · U undo · Space large";
            ui.label(RichText::new(text).weak().small());
        });
        if let Some(learned) = cx.app.decisions.learned.get(label) {
            let p = theme::palette(ui);
            ui.label(RichText::new(learned.describe()).color(p.added).small());
        }
    }

    fn settle(&self, label: &str, accept: bool) -> DecideCommand {
        let photos = self.page.iter().map(|(photo, _)| *photo);
        let (rejected, accepted) = photos.partition(|p| !accept || self.crossed.contains(p));
        DecideCommand::Settle {
            label: label.to_owned(),
            accepted,
            rejected,
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        cx: &mut DrawContext<'_>,
        label: &str,
        asked: Option<Action>,
        columns: usize,
    ) {
        let Some(last) = self.page.len().checked_sub(1) else {
            return;
        };
        if let Some(action) = asked {
            self.act(cx, action, label);
        }
        if !shortcuts::reach_screen(ui) {
            return;
        }
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
                true => self.cross_to(),
                false => self.anchor = self.at,
            }
        }
        let enter = pressed(Key::Enter) && shortcuts::is_pressed_anew(ui, Key::Enter);
        let free = ui.ctx().memory(|m| m.focused()).is_none();
        if enter && free && !self.has_just_turned(ui) {
            cx.ask(self.settle(label, true));
        }
    }

    /// Carries out an action from keys, menus or the palette.
    fn act(&mut self, cx: &mut DrawContext<'_>, action: Action, label: &str) {
        match action {
            Action::Preview => self.large = !self.large,
            Action::SelectNone if self.large => self.large = false,
            Action::SelectNone => self.crossed.clear(),
            Action::SelectAll => self.crossed = self.page.iter().map(|(p, _)| *p).collect(),
            Action::Accept | Action::Reject => {
                let Some((photo, _)) = self.page.get(self.at) else {
                    return;
                };
                self.crossed.remove(photo);
                cx.ask(DecideCommand::Label {
                    photos: vec![*photo],
                    label: label.to_owned(),
                    accepted: Some(action == Action::Accept),
                });
            }
            _ => {}
        }
    }

    /// Crosses out everything from where Shift was first held to the current place.
    fn cross_to(&mut self) {
        let (from, to) = (self.anchor.min(self.at), self.anchor.max(self.at));
        let range = self.page.get(from..=to).unwrap_or_default();
        self.crossed.extend(range.iter().map(|(photo, _)| *photo));
    }

    fn tiles(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &str) {
        let app = cx.app;
        let p = theme::palette(ui);
        let label = app.library.catalogue.label(label);
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("candidates").show(ui, |ui| {
            wall::show(ui, self.page.len(), tile(app), |ui, place, rect| {
                let Some((id, row)) = self.page.get(place).copied() else {
                    return;
                };
                let Some(row) = app.library.catalogue.rows.get(row) else {
                    return;
                };
                let salt = ui.scope_id().with(("candidate", id));
                let response = ui.interact(rect, salt, Sense::click());
                let end = pos2(rect.max.x, rect.max.y - sizes::CANDIDATE_CAPTION);
                let image = Rect::from_min_max(rect.min, end);
                tile::picture(ui, image.shrink(theme::SMALL), row, cx.thumbnails);
                let crossed = self.crossed.contains(&id);
                if crossed {
                    ui.painter()
                        .rect_filled(rect, theme::RADIUS, theme::veil(&p));
                    let font = FontId::proportional(sizes::TEXT_CROSS);
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
                let at = pos2(rect.min.x + sizes::CANDIDATE_MARGIN, image.max.y);
                let room = rect.width() - 2.0 * sizes::CANDIDATE_MARGIN;
                tile::line(ui, at, room, &text, sizes::TEXT_SMALL, p.muted);
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
                        self.cross_to();
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
    vec2(
        app.settings.tile,
        app.settings.tile + sizes::CANDIDATE_CAPTION,
    )
}
