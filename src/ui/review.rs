//! Suggestions, label by label.

use std::collections::HashSet;

use eframe::egui::{self, Align2, FontId, Rect, RichText, ScrollArea, Sense, Stroke, Ui, vec2};

use super::textures::Textures;
use super::{grid, sidebar, theme};
use crate::app::{App, Command};
use crate::photo::ContentHash;

/// Candidates that are shown at once.
const SHOWN: usize = 60;

/// What was crossed out on the page that is shown.
#[derive(Default)]
pub struct Review {
    label: String,
    rejected: HashSet<i64>,
    at: usize,
}

impl Review {
    /// Draws it.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        app: &App,
        textures: &mut Textures<ContentHash>,
        out: &mut Vec<Command>,
    ) {
        let mut queue: Vec<(usize, &str)> = app
            .catalogue
            .labels
            .iter()
            .filter(|l| l.suggested > 0)
            .map(|l| (l.suggested, l.name.as_str()))
            .collect();
        queue.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        if queue.is_empty() {
            ui.vertical_centered(|ui| {
                ui.add_space(ui.available_height() * 0.35);
                ui.heading("Nothing to review");
                ui.label("Tags that Taglens is not sure of will wait here for your word.");
            });
            return;
        }
        let wanted = app
            .reviewing
            .as_deref()
            .filter(|w| queue.iter().any(|q| q.1 == *w));
        let label = wanted
            .or(queue.first().map(|q| q.1))
            .unwrap_or_default()
            .to_owned();
        if label != self.label {
            self.label.clone_from(&label);
            self.rejected.clear();
            self.at = 0;
        }
        egui::Panel::left("review-queue")
            .resizable(false)
            .exact_size(220.0)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show_separator_line(false)
            .show(ui, |ui| {
                sidebar::heading(ui, "To review", |ui| {
                    ui.label(RichText::new(app.catalogue.suggestions().to_string()).weak());
                });
                ui.spacing_mut().item_spacing.y = 0.0;
                ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        for (count, name) in &queue {
                            if sidebar::pick(ui, name, *count, *name == label, 0.0, false).clicked()
                            {
                                out.push(Command::ReviewLabel(Some((*name).to_owned())));
                            }
                        }
                    });
            });
        let candidates = app.candidates(&label);
        let page: Vec<usize> = candidates.iter().take(SHOWN).copied().collect();
        self.head(ui, app, &label, &page, candidates.len(), out);
        self.keys(ui, app, &label, &page, out);
        self.tiles(ui, app, &page, textures);
    }

    fn head(
        &mut self,
        ui: &mut Ui,
        app: &App,
        label: &str,
        page: &[usize],
        total: usize,
        out: &mut Vec<Command>,
    ) {
        ui.horizontal_wrapped(|ui| {
            ui.heading(format!("Is this “{label}”?"));
            let shown = match total > page.len() {
                true => format!("{} of {total}", page.len()),
                false => total.to_string(),
            };
            ui.label(RichText::new(format!("{shown} photos, the likeliest first")).weak());
        });
        ui.horizontal_wrapped(|ui| {
            let keep = page.len() - self.rejected.len().min(page.len());
            let text = match self.rejected.len() {
                0 => format!("Accept all {keep}"),
                n => format!("Accept {keep}, reject {n}"),
            };
            if theme::primary(ui, &text).clicked() {
                out.push(self.settle(app, label, page, true));
            }
            if ui.button("Reject all").clicked() {
                out.push(self.settle(app, label, page, false));
            }
            let text =
                "Click a photo to cross it out. A accepts, X rejects the one marked, U undoes.";
            ui.label(RichText::new(text).weak().small());
        });
    }

    fn settle(&mut self, app: &App, label: &str, page: &[usize], accept: bool) -> Command {
        let rows = page.iter().filter_map(|i| app.catalogue.rows.get(*i));
        let photos: Vec<i64> = rows.filter_map(|r| Some(r.photo?.0)).collect();
        let (rejected, accepted) = photos
            .into_iter()
            .partition(|p| !accept || self.rejected.contains(p));
        self.rejected.clear();
        Command::Settle {
            label: label.to_owned(),
            accepted,
            rejected,
        }
    }

    fn keys(&mut self, ui: &Ui, app: &App, label: &str, page: &[usize], out: &mut Vec<Command>) {
        if ui.ctx().text_edit_focused() || page.is_empty() {
            return;
        }
        let last = page.len() - 1;
        self.at = self.at.min(last);
        ui.input(|i| {
            use egui::Key;
            if i.key_pressed(Key::ArrowRight) {
                self.at = (self.at + 1).min(last);
            }
            if i.key_pressed(Key::ArrowLeft) {
                self.at = self.at.saturating_sub(1);
            }
            let accepted = match (i.key_pressed(Key::A), i.key_pressed(Key::X)) {
                (true, _) if !i.modifiers.any() => Some(true),
                (_, true) if !i.modifiers.any() => Some(false),
                _ => None,
            };
            let row = page.get(self.at).and_then(|i| app.catalogue.rows.get(*i));
            if let (Some(_), Some((photo, _))) = (accepted, row.and_then(|r| r.photo)) {
                out.push(Command::Decide {
                    photos: vec![photo],
                    label: label.to_owned(),
                    accepted,
                });
            }
        });
    }

    fn tiles(
        &mut self,
        ui: &mut Ui,
        app: &App,
        page: &[usize],
        textures: &mut Textures<ContentHash>,
    ) {
        let p = theme::palette(ui);
        let size = app.settings.tile;
        let columns = ((ui.available_width() / (size + theme::MEDIUM)) as usize).max(1);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("candidates")
            .show_rows(ui, size, page.len().div_ceil(columns), |ui, lines| {
                for line in lines {
                    ui.horizontal(|ui| {
                        for (place, i) in page.iter().enumerate().skip(line * columns).take(columns)
                        {
                            let Some(row) = app.catalogue.rows.get(*i) else {
                                continue;
                            };
                            let Some((photo, _)) = row.photo else {
                                continue;
                            };
                            let (rect, response) =
                                ui.allocate_exact_size(vec2(size, size), Sense::click());
                            grid::picture(ui, rect.shrink(4.0), row, textures);
                            let crossed = self.rejected.contains(&photo);
                            if crossed {
                                ui.painter()
                                    .rect_filled(rect, 6.0, p.ground.gamma_multiply(0.6));
                                let font = FontId::proportional(34.0);
                                let at = rect.center();
                                ui.painter()
                                    .text(at, Align2::CENTER_CENTER, "✖", font, p.problem);
                            }
                            self.frame(ui, rect, place, response.hovered());
                            let name = row.name();
                            response.widget_info(|| {
                                let kind = egui::Role::CheckBox;
                                egui::WidgetInfo::selected(kind, true, !crossed, name.clone())
                            });
                            if response.clicked() {
                                self.at = place;
                                if !self.rejected.remove(&photo) {
                                    self.rejected.insert(photo);
                                }
                            }
                        }
                    });
                }
            });
    }

    fn frame(&self, ui: &Ui, rect: Rect, place: usize, hovered: bool) {
        let p = theme::palette(ui);
        if place == self.at || hovered {
            let width = if place == self.at { 2.0 } else { 1.0 };
            let stroke = Stroke::new(width, p.accent);
            ui.painter()
                .rect_stroke(rect, 8.0, stroke, egui::StrokeKind::Inside);
        }
    }
}
