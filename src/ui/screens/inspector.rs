//! All about the photo at hand.

use std::path::PathBuf;

use eframe::egui::{self, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use crate::app::{
    Action, App, Command, DecideCommand, InspectCommand, Row, SetCommand, Tag, ViewCommand, day,
};
use crate::core::photo::ContentHash;
use crate::store::TagState;
use crate::ui::commands::Commands;
use crate::ui::screens::grid;
use crate::ui::theme;
use crate::ui::widgets::bidi;
use crate::ui::widgets::chip;
use crate::ui::widgets::textures::Textures;
use crate::ui::widgets::wall;

/// Suggestions for a word that is being typed.
const COMPLETIONS: usize = 6;

/// What is typed into the inspector.
#[derive(Default)]
pub(crate) struct Inspector {
    tag: String,
    focus: bool,
}

impl Inspector {
    /// Has the field for a new tag take the keyboard.
    pub(crate) fn focus_tag(&mut self) {
        self.focus = true;
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
        let Some(row) = app.current() else {
            ui.add_space(theme::LARGE);
            ui.vertical_centered(|ui| {
                ui.label(RichText::new("Select a photo to see all about it.").weak());
            });
            return;
        };
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("inspector")
            .show(ui, |ui| {
                // The scroll bar floats over the edge.
                ui.set_max_width(ui.available_width() - theme::MEDIUM);
                let width = ui.available_width();
                let (rect, response) =
                    ui.allocate_exact_size(vec2(width, width * 0.72), Sense::click());
                large(ui, rect, row, textures, previews);
                if response.on_hover_text("Space shows it large").clicked() {
                    out.push(Command::Do(Action::Preview));
                }
                ui.label(RichText::new(bidi::visual(&row.name())).strong());
                let folder = row.path.parent().map(|p| p.to_string_lossy().into_owned());
                let folder = folder.unwrap_or_default();
                ui.label(RichText::new(bidi::visual(&folder)).small().weak());
                if app.selection.rows.len() > 1 {
                    let text = format!("{} photos selected", app.selection.rows.len());
                    ui.label(RichText::new(text).strong());
                }
                ui.separator();
                self.tags(ui, app, row, out);
                self.add(ui, app, out);
                ui.separator();
                // Below what is pressed: it grows when the file has been read.
                facts(ui, app, row);
                ui.separator();
                similar(ui, app, row, textures, out);
            });
    }

    fn tags(&self, ui: &mut Ui, app: &App, row: &Row, out: &mut Commands) {
        let Some((photo, _)) = row.photo else {
            ui.label(RichText::new("Its tags show up once it was read.").weak());
            return;
        };
        let groups = [
            (TagState::Accepted, "Tags"),
            (TagState::Suggested, "Suggested"),
            (TagState::Rejected, "Rejected"),
        ];
        for (state, title) in groups {
            let tags: Vec<&Tag> = row.tags.iter().filter(|t| t.state == state).collect();
            if tags.is_empty() {
                if state == TagState::Accepted {
                    ui.label(RichText::new("No tags yet.").weak());
                }
                continue;
            }
            ui.label(RichText::new(title).small().strong());
            for tag in tags {
                let Some(label) = app.library.catalogue.labels.get(tag.label) else {
                    continue;
                };
                let decide = |accepted| DecideCommand::Label {
                    photos: app.chosen_or(photo),
                    label: label.name.clone(),
                    accepted,
                };
                ui.horizontal(|ui| {
                    let chip = ui
                        .scope(|ui| {
                            ui.set_max_width((ui.available_width() - 70.0).max(60.0));
                            chip::show(ui, &app.library.catalogue, tag)
                        })
                        .inner;
                    if chip.on_hover_text("Why this tag?").clicked() {
                        out.push(InspectCommand::Why(photo, label.name.clone()));
                    }
                    if let Some(word) = word(ui, tag, &label.name) {
                        out.push(decide(Some(word)));
                    }
                    if tag.decided {
                        let clear = named(ui, "⟲", &format!("Let Taglens decide {}", label.name));
                        if clear.clicked() {
                            out.push(decide(None));
                        }
                    }
                });
                let why = app.inspector.explained.as_ref();
                if let Some(why) = why.filter(|e| e.photo == photo && e.label == label.name) {
                    let p = theme::palette(ui);
                    theme::card(&p).fill(p.raised).show(ui, |ui| {
                        for line in &why.lines {
                            ui.label(RichText::new(line).small());
                        }
                    });
                }
            }
        }
    }

    fn add(&mut self, ui: &mut Ui, app: &App, out: &mut Commands) {
        let field = egui::TextEdit::singleline(&mut self.tag)
            .hint_text("Add a tag (T)")
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Add a tag"));
        if std::mem::take(&mut self.focus) {
            field.request_focus();
        }
        let typed = self.tag.trim().to_lowercase();
        if field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) && !typed.is_empty()
        {
            out.push(DecideCommand::Tag(std::mem::take(&mut self.tag)));
            field.request_focus();
            return;
        }
        if typed.is_empty() {
            return;
        }
        let labels = app.library.catalogue.labels.iter();
        let mut matching: Vec<&str> = labels
            .map(|l| l.name.as_str())
            .filter(|n| n.to_lowercase().contains(&typed))
            .collect();
        matching.sort_by_key(|n| (!n.to_lowercase().starts_with(&typed), n.len()));
        for name in matching.into_iter().take(COMPLETIONS) {
            if ui.selectable_label(false, name).clicked() {
                out.push(DecideCommand::Tag(name.to_owned()));
                self.tag.clear();
                break;
            }
        }
    }
}

/// What the file is and what the camera noted.
fn facts(ui: &mut Ui, app: &App, row: &Row) {
    let size = match row.size_bytes {
        0..1_000_000 => format!("{} kB", row.size_bytes.div_ceil(1000)),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    };
    let Some(facts) = app.inspector.facts(&row.path) else {
        let about = format!("{} · {size}", day(row.modified_ns));
        ui.label(RichText::new(about).small().weak());
        return;
    };
    let about = &facts.about;
    let taken = match &about.taken {
        Some(taken) => format!("Taken {taken}"),
        None => format!("Changed {}", day(row.modified_ns)),
    };
    let size = format!("{} × {} · {size}", facts.width, facts.height);
    let camera = match (&about.camera, &about.lens) {
        (Some(camera), Some(lens)) => Some(format!("{camera} · {lens}")),
        (camera, lens) => camera.clone().or_else(|| lens.clone()),
    };
    let lines = [
        Some(taken),
        Some(size),
        camera,
        about.exposure(),
        about.place(),
    ];
    for line in lines.into_iter().flatten() {
        ui.add(egui::Label::new(RichText::new(line).small().weak()).wrap());
    }
}

/// Photos like this one; looked for only while they are shown.
fn similar(
    ui: &mut Ui,
    app: &App,
    row: &Row,
    textures: &mut Textures<ContentHash>,
    out: &mut Commands,
) {
    let shown = app.settings.similar;
    ui.horizontal(|ui| {
        let arrow = if shown { "⏷" } else { "⏵" };
        let title = ui.selectable_label(false, format!("{arrow} Similar photos"));
        if title.clicked() {
            out.push(SetCommand::SimilarPhotos(!shown));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let all = ui.small_button("All").on_hover_text("Find similar photos");
            if all.clicked() {
                out.push(Command::Do(Action::FindSimilar));
            }
        });
    });
    let Some((photo, _)) = row.photo.filter(|_| shown) else {
        return;
    };
    let found = app
        .inspector
        .neighbours
        .as_ref()
        .filter(|n| n.photo == photo);
    let Some(found) = found else {
        // Asking while an answer is computed would keep the window drawing.
        if !app.inspector.seeking {
            out.push(InspectCommand::Neighbours(photo));
        }
        ui.label(RichText::new("Looking for them…").weak().small());
        return;
    };
    if found.photos.is_empty() {
        ui.label(RichText::new("None yet.").weak().small());
    }
    let edge = (ui.available_width() - 2.0 * theme::MEDIUM) / 3.0 - 0.5;
    wall::show(
        ui,
        found.photos.len(),
        vec2(edge, edge * 0.75),
        |ui, place, rect| {
            let Some(other) = found.photos.get(place).and_then(|p| app.row_of(*p)) else {
                return;
            };
            let salt = ui.scope_id().with(("similar", place));
            let response = ui.interact(rect, salt, Sense::click());
            grid::picture(ui, rect, other, textures);
            let name = other.name();
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Similar: {name}"))
            });
            if response.on_hover_text(other.name()).clicked()
                && let Some((photo, _)) = other.photo
            {
                out.push(ViewCommand::Photo(photo));
            }
        },
    );
}

/// A person's word on a tag, by a button for each that is not said yet.
pub(crate) fn word(ui: &mut Ui, tag: &Tag, label: &str) -> Option<bool> {
    let accepted = tag.decided && tag.state == TagState::Accepted;
    let yes = !accepted && named(ui, "✔", &format!("Accept {label}")).clicked();
    let rejected = tag.state == TagState::Rejected;
    let no = !rejected && named(ui, "✖", &format!("Reject {label}")).clicked();
    (yes || no).then_some(yes)
}

/// A small button with a name for those who do not see it.
pub(crate) fn named(ui: &mut Ui, sign: &str, name: &str) -> egui::Response {
    let response = ui.small_button(sign).on_hover_text(name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    response
}

/// The file's large picture, or its thumbnail until that is here.
pub(crate) fn large(
    ui: &mut Ui,
    rect: Rect,
    row: &Row,
    textures: &mut Textures<ContentHash>,
    previews: &mut Textures<PathBuf>,
) {
    match previews.get(&row.path) {
        Ok(Some(texture)) => {
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            let fitted = Rect::from_center_size(rect.center(), size * scale);
            let radius = egui::CornerRadius::same(theme::RADIUS);
            egui::Image::new(texture)
                .corner_radius(radius)
                .paint_at(ui, fitted);
        }
        Ok(None) | Err(()) => grid::picture(ui, rect, row, textures),
    }
}
