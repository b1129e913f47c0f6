//! The vocabulary editor: the list, the form of a label, and the problems found.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::VocabularyInfo;
use crate::app::{Action, Command, LabelCommand, LabelField};
use crate::app::{PathCommand, PathPurpose};
use crate::services::explain::VocabularyReport;
use crate::tagging::Edit;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::label_form::{self, LabelForm};
use crate::ui::screens::label_list::LabelList;
use crate::ui::screens::label_scores;
use crate::ui::screens::label_text::LabelText;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::hint;
use crate::words::{decimal, tr};

/// The state of the editor's parts.
#[derive(Default)]
pub(crate) struct Labels {
    list: LabelList,
    form: LabelForm,
    trial: String,
    as_text: bool,
    text: LabelText,
}

impl Screen for Labels {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        self.head(ui, cx);
        if self.as_text {
            self.text.show(ui, cx);
            return;
        }
        egui::Panel::left("label-list")
            .resizable(false)
            .exact_size(sizes::LABEL_LIST)
            .show_separator_line(false)
            .frame(egui::Frame::new().inner_margin(theme::LIST_MARGIN))
            .show(ui, |ui| self.list.show(ui, cx));
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("label-form")
            .show(ui, |ui| {
                self.trial(ui, cx);
                let label = app.labels.editing.as_ref().and_then(|name| {
                    let mut labels = app.library.catalogue.labels.iter();
                    labels.find(|l| l.name == *name)
                });
                if let Some(label) = label {
                    self.form.show(ui, cx, label);
                    label_form::learning(ui, cx, label);
                }
                if let Some(scores) = &app.labels.scores {
                    label_scores::histogram(ui, cx, scores, label);
                    label_scores::best(ui, cx, scores);
                } else if let Some(report) = app.labels.report.as_ref().filter(|_| label.is_none())
                {
                    check(ui, cx, report);
                } else if label.is_none() {
                    ui.label(RichText::new(tr!("labels-select")).weak());
                } else {
                    ui.label(RichText::new(tr!("labels-comparing")).weak());
                }
            });
    }
}

impl Labels {
    /// Gives a field of the open label the keyboard.
    pub(crate) fn want(&mut self, field: LabelField) {
        self.as_text = false;
        self.form.want(field);
    }

    fn head(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        ui.horizontal_wrapped(|ui| {
            ui.heading(tr!("screen-labels"));
            let own = app.library.catalogue.own_vocabulary();
            egui::ComboBox::from_id_salt("vocabulary")
                .selected_text(own.unwrap_or(tr!("labels-built-in")))
                .show_ui(ui, |ui| {
                    if ui
                        .selectable_label(own.is_none(), tr!("labels-built-in"))
                        .clicked()
                    {
                        cx.ask(LabelCommand::Use(None));
                    }
                    for VocabularyInfo { name, in_use } in &app.library.catalogue.vocabularies {
                        if ui.selectable_label(*in_use, name).clicked() {
                            cx.ask(LabelCommand::Use(Some(name.clone())));
                        }
                    }
                });
            let labels = app.library.catalogue.labels.iter();
            let in_use = labels.filter(|l| l.in_vocabulary);
            ui.label(RichText::new(tr!("labels-count", count = in_use.count())).weak());
            if ui
                .selectable_label(!self.as_text, tr!("labels-tree"))
                .clicked()
            {
                self.as_text = false;
            }
            if ui
                .selectable_label(self.as_text, tr!("labels-text"))
                .clicked()
            {
                self.as_text = true;
            }
            let check = ui.button(tr!("labels-check"));
            let check = check.on_hover_text(tr!("labels-check-hint"));
            if check.clicked() {
                cx.ask(Command::Do(Action::CheckLabels));
            }
            if ui.button(tr!("labels-import")).clicked() {
                cx.ask(LabelCommand::ChooseImport);
            }
            if ui.button(tr!("labels-export")).clicked() {
                cx.ask(LabelCommand::ChooseExport);
            }
            ui.menu_button(tr!("labels-by-path"), |ui| {
                for (purpose, name) in [
                    (PathPurpose::ImportLabels, tr!("labels-import-path")),
                    (PathPurpose::ExportLabels, tr!("labels-export-path")),
                ] {
                    if ui.button(name).clicked() {
                        cx.ask(PathCommand::Ask(purpose));
                        ui.close();
                    }
                }
            });
        });
    }

    fn trial(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let room = ui.available_width() - sizes::TRIAL_BESIDE;
            let width = room.clamp(sizes::TRIAL_LEAST, sizes::TRIAL_MOST);
            let hints = [
                tr!("labels-try-hint"),
                tr!("labels-try-field"),
                tr!("labels-try"),
            ];
            let field = egui::TextEdit::singleline(&mut self.trial)
                .hint_text(hint::fitting(ui, width, &hints))
                .desired_width(width);
            let field = ui.add(field);
            field.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("labels-try-field"))
            });
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let text = self.trial.trim().to_owned();
            if (ui.button(tr!("labels-try")).clicked() || enter) && !text.is_empty() {
                cx.ask(LabelCommand::Try(text.clone()));
            }
            if ui.button(tr!("labels-add")).clicked() && !text.is_empty() {
                let (name, parent) = (text, None);
                cx.ask(LabelCommand::Edit(vec![Edit::Add { name, parent }]));
                self.trial.clear();
            }
        });
        ui.separator();
    }
}

/// Draws the problems of the vocabulary.
fn check(ui: &mut Ui, cx: &mut DrawContext<'_>, report: &VocabularyReport) {
    let mut open = |ui: &mut Ui, name: &String| {
        if ui.link(name).clicked() {
            cx.ask(LabelCommand::Open(Some(name.clone())));
        }
    };
    ui.label(RichText::new(tr!("labels-similar")).strong());
    if report.near_duplicates.is_empty() {
        ui.label(RichText::new(tr!("labels-distinct")).weak());
    }
    for (a, b, cosine) in &report.near_duplicates {
        ui.horizontal_wrapped(|ui| {
            open(ui, a);
            ui.label(tr!("and"));
            open(ui, b);
            ui.label(
                RichText::new(tr!("labels-similarity", similarity = decimal(*cosine, 2)))
                    .weak()
                    .small(),
            );
        });
    }
    ui.add_space(theme::MEDIUM);
    let text = tr!("labels-unmatched", count = report.photos);
    ui.label(RichText::new(text).strong());
    if report.unmatched.is_empty() {
        ui.label(RichText::new(tr!("labels-all-match")).weak());
    }
    ui.horizontal_wrapped(|ui| {
        for name in &report.unmatched {
            open(ui, name);
        }
    });
}
