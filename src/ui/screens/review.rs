//! The review of suggestions, label by label or photo by photo.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use eframe::egui::{self, Key, RichText, ScrollArea, Ui, vec2};

use crate::app::review_session;
use crate::app::{Action, App, DecideCommand, LabelCommand, ReviewCommand, Row};
use crate::core::ids::PhotoId;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::inspector;
use crate::ui::screens::list_row;
use crate::ui::screens::review_mode;
use crate::ui::screens::review_photo::ByPhoto;
use crate::ui::screens::review_queue;
use crate::ui::screens::review_tile::Candidate;
use crate::ui::screens::screen::Screen;
use crate::ui::shortcuts;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::wall;
use crate::words::tr;

/// How long a page must be visible before it can be decided.
const LOOK: Duration = Duration::from_millis(400);

/// The photos on the current page, and those that are unlike the others.
#[derive(Default)]
pub(crate) struct Review {
    label: String,
    /// Whether most photos on the page are probably right: then the wrong ones are marked, and
    /// otherwise the right ones.
    accepts: bool,
    marked: HashSet<PhotoId>,
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
        let asked = self.asked.take();
        if app.library.catalogue.suggestions() == 0 {
            return review_queue::nothing(ui, cx);
        }
        if app.review.by_photo {
            self.by_photo.show(ui, cx, asked);
            return;
        }
        let queue = review_queue::labels(app);
        if queue.is_empty() {
            return review_queue::done(ui, cx);
        }
        let wanted = app.review.label.as_deref();
        let wanted = wanted.filter(|w| queue.iter().any(|q| q.1 == *w));
        let first = queue.first().map(|q| q.1);
        // The current label stays, however the numbers of the others change.
        let last = queue.iter().map(|q| q.1).find(|name| *name == self.label);
        let label = wanted.or(last).or(first).unwrap_or_default().to_owned();
        if label != self.label {
            self.label.clone_from(&label);
            self.marked.clear();
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
        let turned = kept.is_empty();
        let known: HashSet<PhotoId> = kept.iter().copied().collect();
        let new = found.into_iter().filter(|p| !known.contains(p));
        let page = kept.into_iter().chain(new).take(review_session::PAGE);
        self.page = page.filter_map(|p| Some((p, *places.get(&p)?))).collect();
        self.marked.retain(|p| places.contains_key(p));
        if turned {
            self.accepts = self.are_mostly_right(app, label);
        }
        let last = self.page.len().saturating_sub(1);
        let place = |photo: Option<PhotoId>| self.page.iter().position(|(p, _)| Some(*p) == photo);
        (self.at, self.anchor) = (
            place(at).unwrap_or(self.at.min(last)),
            place(anchor).unwrap_or(self.anchor.min(last)),
        );
    }

    /// Whether most photos on the page probably have the label.
    fn are_mostly_right(&self, app: &App, label: &str) -> bool {
        let catalogue = &app.library.catalogue;
        let label = catalogue.label(label);
        let rows = self
            .page
            .iter()
            .filter_map(|(_, at)| catalogue.rows.get(*at));
        let confidence = |row: &Row| label.and_then(|l| row.tag(l)?.confidence).unwrap_or(0.0);
        let right: f32 = rows.map(confidence).sum();
        2.0 * right >= self.page.len() as f32
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
            ui.heading(tr!("review-heading", label = label));
            let shown = match total > page {
                true => tr!("review-some", page = page, count = total),
                false => tr!("review-all", count = total),
            };
            ui.label(RichText::new(shown).weak());
        });
        ui.horizontal_wrapped(|ui| {
            let on_page = |(photo, _): &&(PhotoId, usize)| self.marked.contains(photo);
            let marked = self.page.iter().filter(on_page).count();
            let (accepted, rejected) = match self.accepts {
                true => (page - marked, marked),
                false => (marked, page - marked),
            };
            let text = match (accepted, rejected) {
                (all, 0) => tr!("review-accept-all", count = all),
                (0, all) => tr!("review-reject-all", count = all),
                (some, rest) => tr!("review-split", accepted = some, rejected = rest),
            };
            let button = theme::primary(ui, &text).on_hover_text(tr!("key-enter"));
            if button.clicked() && !turned {
                cx.ask(self.settle(label));
            }
            for accept in [true, false] {
                let text = match accept {
                    true => tr!("review-accept-all", count = page),
                    false => tr!("review-reject-all", count = page),
                };
                let is_first = if accept { rejected == 0 } else { accepted == 0 };
                if !is_first && ui.button(text).clicked() && !turned {
                    cx.ask(self.settle_all(label, accept));
                }
            }
            if ui.button(tr!("edit-label")).clicked() {
                cx.ask(LabelCommand::Open(Some(label.to_owned())));
            }
            let text = match self.accepts {
                true => tr!("review-keys-wrong"),
                false => tr!("review-keys-right"),
            };
            ui.label(RichText::new(text).weak().small());
        });
        if let Some(learned) = cx.app.decisions.learned.get(label) {
            let p = theme::palette(ui);
            ui.label(RichText::new(learned.describe()).color(p.added).small());
        }
    }

    /// Decides the page: the marked photos differ from the others.
    fn settle(&self, label: &str) -> DecideCommand {
        let photos = self.page.iter().map(|(photo, _)| *photo);
        let (accepted, rejected) = photos.partition(|p| self.accepts != self.marked.contains(p));
        DecideCommand::Settle {
            label: label.to_owned(),
            accepted,
            rejected,
        }
    }

    /// Decides the page, whatever is marked.
    fn settle_all(&self, label: &str, accept: bool) -> DecideCommand {
        DecideCommand::Label {
            photos: self.page.iter().map(|(photo, _)| *photo).collect(),
            label: label.to_owned(),
            accepted: Some(accept),
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
                true => self.mark_to(),
                false => self.anchor = self.at,
            }
        }
        let enter = pressed(Key::Enter) && shortcuts::is_pressed_anew(ui, Key::Enter);
        let free = ui.ctx().memory(|m| m.focused()).is_none();
        if enter && free && !self.has_just_turned(ui) {
            cx.ask(self.settle(label));
        }
    }

    /// Carries out an action from keys, menus or the palette.
    fn act(&mut self, cx: &mut DrawContext<'_>, action: Action, label: &str) {
        match action {
            Action::Preview => self.large = !self.large,
            Action::SelectNone if self.large => self.large = false,
            Action::SelectNone => self.marked.clear(),
            Action::SelectAll => self.marked = self.page.iter().map(|(p, _)| *p).collect(),
            Action::Accept | Action::Reject => {
                let Some((photo, _)) = self.page.get(self.at) else {
                    return;
                };
                self.marked.remove(photo);
                cx.ask(DecideCommand::Label {
                    photos: vec![*photo],
                    label: label.to_owned(),
                    accepted: Some(action == Action::Accept),
                });
            }
            _ => {}
        }
    }

    /// Marks everything from where Shift was first held to the current place.
    fn mark_to(&mut self) {
        let (from, to) = (self.anchor.min(self.at), self.anchor.max(self.at));
        let range = self.page.get(from..=to).unwrap_or_default();
        self.marked.extend(range.iter().map(|(photo, _)| *photo));
    }

    fn tiles(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>, label: &str) {
        let app = cx.app;
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
                let tag = label.and_then(|l| row.tag(l));
                let candidate = Candidate {
                    row,
                    confidence: tag.and_then(|t| t.confidence),
                    accepted: self.accepts != self.marked.contains(&id),
                    is_marked: self.marked.contains(&id),
                    is_focused: place == self.at,
                };
                let response = candidate.show(ui, cx, rect);
                if response.double_clicked() {
                    self.marked.remove(&id);
                    self.large = true;
                } else if response.clicked() {
                    self.at = place;
                    if ui.input(|i| i.modifiers.shift) {
                        self.mark_to();
                    } else {
                        self.anchor = place;
                        if !self.marked.remove(&id) {
                            self.marked.insert(id);
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
