//! The editor of the vocabulary.

use eframe::egui::{self, RichText, ScrollArea, Sense, Ui};

use crate::app::VocabularyInfo;
use crate::app::{Action, App, Command, LabelCommand, LabelInfo, Learn};
use crate::core::photo::ContentHash;
use crate::services::explain::VocabularyReport;
use crate::services::learning::LearningState;
use crate::tagging::{Edit, Vocabulary};
use crate::ui::commands::Commands;
use crate::ui::screens::label_scores;
use crate::ui::screens::sidebar;
use crate::ui::theme;
use crate::ui::widgets::textures::Textures;

/// Height of a row of the list, in points.
const ROW: f32 = 24.0;

/// What is being typed.
#[derive(Default)]
pub(crate) struct Labels {
    find: String,
    new: String,
    trial: String,
    as_text: bool,
    text: String,
    text_for: Option<String>,
    problems: Vec<String>,
    /// The label that was brought into view, and what part of the list is in view.
    shown: Option<String>,
    in_view: (f32, f32),
    form_for: Option<(String, u64)>,
    form: Form,
}

#[derive(Default)]
struct Form {
    name: String,
    synonyms: String,
    prompts: String,
    negatives: String,
    merge: String,
    parent: String,
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.map(str::to_owned).collect()
}

impl Labels {
    /// Draws it.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        app: &App,
        textures: &mut Textures<ContentHash>,
        out: &mut Commands,
    ) {
        self.head(ui, app, out);
        if self.as_text {
            self.text(ui, app, out);
            return;
        }
        egui::Panel::left("label-list")
            .resizable(false)
            .exact_size(250.0)
            .show_separator_line(false)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show(ui, |ui| self.list(ui, app, out));
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("label-form")
            .show(ui, |ui| {
                self.trial(ui, out);
                let label = app.labels.editing.as_ref().and_then(|name| {
                    let mut labels = app.library.catalogue.labels.iter();
                    labels.find(|l| l.name == *name)
                });
                if let Some(label) = label {
                    self.form(ui, app, label, out);
                    learning(ui, app, label, out);
                }
                if let Some(scores) = &app.labels.scores {
                    label_scores::histogram(ui, app, scores, label, out);
                    label_scores::best(ui, app, scores, textures, out);
                } else if let Some(report) = app.labels.report.as_ref().filter(|_| label.is_none())
                {
                    check(ui, report, out);
                } else if label.is_none() {
                    ui.label(
                        RichText::new("Choose a label to change it, or try a new one.").weak(),
                    );
                } else {
                    ui.label(RichText::new("Comparing it with your photos…").weak());
                }
            });
    }

    fn head(&mut self, ui: &mut Ui, app: &App, out: &mut Commands) {
        ui.horizontal_wrapped(|ui| {
            ui.heading("Labels");
            egui::ComboBox::from_id_salt("vocabulary")
                .selected_text(&app.library.catalogue.vocabulary_name)
                .show_ui(ui, |ui| {
                    let own = app.library.catalogue.own_vocabulary();
                    if ui.selectable_label(own.is_none(), "Built-in").clicked() {
                        out.push(LabelCommand::Use(None));
                    }
                    for VocabularyInfo { name, in_use } in &app.library.catalogue.vocabularies {
                        if ui.selectable_label(*in_use, name).clicked() {
                            out.push(LabelCommand::Use(Some(name.clone())));
                        }
                    }
                });
            let count = app
                .library
                .catalogue
                .labels
                .iter()
                .filter(|l| l.in_vocabulary);
            ui.label(RichText::new(format!("{} labels", count.count())).weak());
            if ui.selectable_label(!self.as_text, "As a tree").clicked() {
                self.as_text = false;
            }
            if ui.selectable_label(self.as_text, "As text").clicked() {
                self.as_text = true;
            }
            let check = ui.button("Check");
            let check = check.on_hover_text("Find labels that match nothing, or too much alike");
            if check.clicked() {
                out.push(Command::Do(Action::CheckLabels));
            }
            if ui.button("Import…").clicked() {
                out.push(LabelCommand::ChooseImport);
            }
            if ui.button("Export…").clicked() {
                out.push(LabelCommand::ChooseExport);
            }
        });
    }

    fn list(&mut self, ui: &mut Ui, app: &App, out: &mut Commands) {
        let new = egui::TextEdit::singleline(&mut self.new)
            .hint_text("New label, or a pasted list")
            .desired_width(f32::INFINITY);
        let new = ui.add(new);
        new.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "New label"));
        // A pasted list comes into the one-line field as words between line ends or commas.
        if new.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) {
            let names = self.new.split(['\n', ',', ';']).map(str::trim);
            let edits: Vec<Edit> = names
                .filter(|n| !n.is_empty())
                .map(|n| Edit::Add {
                    name: n.to_owned(),
                    parent: None,
                })
                .collect();
            if !edits.is_empty() {
                out.push(LabelCommand::Edit(edits));
            }
            self.new.clear();
            new.request_focus();
        }
        if egui::DragAndDrop::has_payload_of_type::<String>(ui.ctx()) {
            // In the place of the field, so that nothing moves under a label that is carried.
            let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
            let text = egui::Label::new("Drop here for the top level").selectable(false);
            let place = ui.add_sized(size, text);
            if let Some(label) = place.dnd_release_payload::<String>() {
                let (label, parent) = ((*label).clone(), None);
                out.push(LabelCommand::Edit(vec![Edit::SetParent { label, parent }]));
            }
        } else {
            let find = egui::TextEdit::singleline(&mut self.find)
                .hint_text("Find")
                .desired_width(f32::INFINITY);
            ui.add(find);
        }
        let find = self.find.trim().to_lowercase();
        let labels = &app.library.catalogue.labels;
        let fits = |l: &LabelInfo| find.is_empty() || l.name.to_lowercase().contains(&find);
        let shown = labels.iter().filter(|l| l.in_vocabulary && fits(l));
        let shown: Vec<&LabelInfo> = shown.collect();
        // The rows stand close together.
        ui.spacing_mut().item_spacing.y = 0.0;
        let height = ui.available_height();
        let mut area = ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("label-list");
        // A label that was added or found elsewhere is brought into view, once.
        if self.shown != app.labels.editing
            && let Some(at) = shown
                .iter()
                .position(|l| app.labels.editing.as_ref() == Some(&l.name))
        {
            self.shown.clone_from(&app.labels.editing);
            let top = at as f32 * ROW;
            if top < self.in_view.0 || top + ROW > self.in_view.1 {
                area = area.vertical_scroll_offset((top - height / 2.0).max(0.0));
            }
        }
        let scrolled = area.show_rows(ui, ROW, shown.len(), |ui, range| {
            for label in shown.get(range).unwrap_or_default() {
                let chosen = app.labels.editing.as_ref() == Some(&label.name);
                let indent = label.tree.depth as f32 * 14.0;
                let count = match app
                    .labels
                    .dragged
                    .zip(app.labels.scores.as_ref())
                    .filter(|_| chosen)
                {
                    Some((threshold, scores)) => scores.count_from(threshold),
                    None => label.accepted,
                };
                let row = sidebar::pick(ui, &label.short, count, chosen, indent, count == 0);
                let row = row.interact(Sense::click_and_drag());
                row.dnd_set_drag_payload(label.name.clone());
                if let Some(dropped) = row.dnd_release_payload::<String>()
                    && *dropped != label.name
                {
                    out.push(LabelCommand::Edit(vec![Edit::SetParent {
                        label: (*dropped).clone(),
                        parent: Some(label.name.clone()),
                    }]));
                }
                if row.clicked() {
                    out.push(LabelCommand::Open(Some(label.name.clone())));
                }
            }
        });
        let top = scrolled.state.clamped_offset().y;
        self.in_view = (top, top + scrolled.inner_rect.height());
    }

    fn trial(&mut self, ui: &mut Ui, out: &mut Commands) {
        ui.horizontal(|ui| {
            let field = egui::TextEdit::singleline(&mut self.trial)
                .hint_text("Try any text: which photos would it be given to?")
                .desired_width((ui.available_width() - 170.0).clamp(120.0, 420.0));
            let field = ui.add(field);
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Try a label")
            });
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let text = self.trial.trim().to_owned();
            if (ui.button("Try").clicked() || enter) && !text.is_empty() {
                out.push(LabelCommand::Try(text.clone()));
            }
            if ui.button("Add it").clicked() && !text.is_empty() {
                let (name, parent) = (text, None);
                out.push(LabelCommand::Edit(vec![Edit::Add { name, parent }]));
                self.trial.clear();
            }
        });
        ui.separator();
    }

    fn form(&mut self, ui: &mut Ui, app: &App, label: &LabelInfo, out: &mut Commands) {
        let key = (label.name.clone(), fingerprint(label));
        if self.form_for.as_ref() != Some(&key) {
            self.form_for = Some(key);
            self.form = Form {
                name: label.short.clone(),
                synonyms: label.texts.synonyms.join("\n"),
                prompts: label.texts.prompts.join("\n"),
                negatives: label.texts.negatives.join("\n"),
                merge: String::new(),
                parent: String::new(),
            };
        }
        let id = label.name.clone();
        let form = &mut self.form;
        ui.horizontal_wrapped(|ui| {
            let field = egui::TextEdit::singleline(&mut form.name).desired_width(200.0);
            let field = ui.add(field);
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Name of the label")
            });
            if form.name.trim() != label.short && ui.button("Rename").clicked() {
                out.push(LabelCommand::Edit(vec![Edit::Rename {
                    label: id.clone(),
                    name: form.name.trim().to_owned(),
                }]));
            }
            let mut export = label.export;
            if ui.checkbox(&mut export, "Export").changed() {
                let label = id.clone();
                out.push(LabelCommand::Edit(vec![Edit::SetExport { label, export }]));
            }
            if ui.button("Delete").clicked() {
                out.push(LabelCommand::Edit(vec![Edit::Delete { label: id.clone() }]));
            }
        });
        ui.columns(3, |columns| {
            let fields = [
                ("Synonyms, one a line", &mut form.synonyms),
                ("Prompts", &mut form.prompts),
                ("Not to be taken for", &mut form.negatives),
            ];
            for (ui, (title, text)) in columns.iter_mut().zip(fields) {
                ui.label(RichText::new(title).small().weak());
                let field = egui::TextEdit::multiline(text)
                    .desired_rows(3)
                    .desired_width(f32::INFINITY);
                ui.add(field)
                    .widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, title));
            }
        });
        let mut edits = Vec::new();
        let label_id = || id.clone();
        if lines(&form.synonyms) != label.texts.synonyms {
            edits.push(Edit::SetSynonyms {
                label: label_id(),
                synonyms: lines(&form.synonyms),
            });
        }
        if lines(&form.prompts) != label.texts.prompts {
            edits.push(Edit::SetPrompts {
                label: label_id(),
                prompts: lines(&form.prompts),
            });
        }
        if lines(&form.negatives) != label.texts.negatives {
            edits.push(Edit::SetNegatives {
                label: label_id(),
                negatives: lines(&form.negatives),
            });
        }
        ui.horizontal_wrapped(|ui| {
            if !edits.is_empty() && theme::primary(ui, "Apply").clicked() {
                out.push(LabelCommand::Edit(edits));
            }
            let field = egui::TextEdit::singleline(&mut form.parent)
                .hint_text("Put below…")
                .desired_width(110.0);
            if ui.add(field).lost_focus() && app.library.catalogue.label(&form.parent).is_some() {
                out.push(LabelCommand::Edit(vec![Edit::SetParent {
                    label: id.clone(),
                    parent: Some(std::mem::take(&mut form.parent)),
                }]));
            }
            if label.tree.parent.is_some() && ui.button("To the top").clicked() {
                out.push(LabelCommand::Edit(vec![Edit::SetParent {
                    label: id.clone(),
                    parent: None,
                }]));
            }
            let field = egui::TextEdit::singleline(&mut form.merge)
                .hint_text("Merge into…")
                .desired_width(110.0);
            if ui.add(field).lost_focus() && app.library.catalogue.label(&form.merge).is_some() {
                out.push(LabelCommand::Edit(vec![Edit::Merge {
                    from: id.clone(),
                    into: std::mem::take(&mut form.merge),
                }]));
            }
        });
        ui.separator();
    }

    fn text(&mut self, ui: &mut Ui, app: &App, out: &mut Commands) {
        let current = &app.library.catalogue.vocabulary_text;
        if self.text_for.as_ref() != Some(current) {
            self.text_for = Some(current.clone());
            self.text.clone_from(current);
            self.problems.clear();
        }
        ui.horizontal_wrapped(|ui| {
            let changed = self.text != *current;
            let apply = ui.add_enabled(
                changed && self.problems.is_empty(),
                egui::Button::new("Apply"),
            );
            if apply.clicked() {
                out.push(LabelCommand::SetText(self.text.clone()));
            }
            if changed && ui.button("Discard").clicked() {
                self.text.clone_from(current);
                self.problems.clear();
            }
            ui.label(RichText::new("One label a line, tabs nest; or TOML for more.").weak());
        });
        for problem in self.problems.iter().take(5) {
            let p = theme::palette(ui);
            ui.label(RichText::new(problem).color(p.problem));
        }
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("vocabulary-text")
            .show(ui, |ui| {
                let field = egui::TextEdit::multiline(&mut self.text)
                    .code_editor()
                    .desired_width(f32::INFINITY)
                    .desired_rows(30);
                if ui.add(field).changed() {
                    self.problems = match Vocabulary::parse(&self.text) {
                        Ok(_) => Vec::new(),
                        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
                    };
                }
            });
    }
}

fn fingerprint(label: &LabelInfo) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    label.texts.hash(&mut hasher);
    hasher.finish()
}

/// How the label learns, and the ways to stop that.
fn learning(ui: &mut Ui, app: &App, label: &LabelInfo, out: &mut Commands) {
    let Some(learning) = &label.learning else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let mut active = learning.active;
        if ui.checkbox(&mut active, "Learns from decisions").changed() {
            out.push(LabelCommand::Learn(
                label.name.clone(),
                Learn::Active(active),
            ));
        }
        let what = match learning.state() {
            LearningState::Off => "switched off",
            LearningState::TooFewDecisions => "three decisions are needed",
            LearningState::Waiting => "about to be looked at",
            LearningState::InForce => "in force",
            LearningState::NoGain => {
                "without it the decisions are foreseen better, so it is not used"
            }
        };
        let text = format!(
            "{} accepted, {} rejected: {what}",
            learning.accepted, learning.rejected
        );
        ui.label(RichText::new(text).weak());
        if learning.teaching > 0 {
            let forget = ui.button("Forget what was learned");
            let forget = forget.on_hover_text("Your decisions stay; they teach the label no more.");
            if forget.clicked() {
                out.push(LabelCommand::Learn(label.name.clone(), Learn::Reset));
            }
        }
    });
    if let Some(learned) = app.decisions.learned.get(&label.name) {
        let p = theme::palette(ui);
        ui.label(RichText::new(learned.describe()).color(p.added).small());
    }
}

/// What is odd about the vocabulary.
fn check(ui: &mut Ui, report: &VocabularyReport, out: &mut Commands) {
    let mut open = |ui: &mut Ui, name: &String| {
        if ui.link(name).clicked() {
            out.push(LabelCommand::Open(Some(name.clone())));
        }
    };
    ui.label(RichText::new("Hardly told apart").strong());
    if report.near_duplicates.is_empty() {
        ui.label(RichText::new("No two labels mean the same to the model.").weak());
    }
    for (a, b, cosine) in &report.near_duplicates {
        ui.horizontal_wrapped(|ui| {
            open(ui, a);
            ui.label("and");
            open(ui, b);
            ui.label(
                RichText::new(format!("similarity {cosine:.2}"))
                    .weak()
                    .small(),
            );
        });
    }
    ui.add_space(theme::MEDIUM);
    let text = format!("On none of the {} photos", report.photos);
    ui.label(RichText::new(text).strong());
    if report.unmatched.is_empty() {
        ui.label(RichText::new("Every label is on some photo.").weak());
    }
    ui.horizontal_wrapped(|ui| {
        for name in &report.unmatched {
            open(ui, name);
        }
    });
}
