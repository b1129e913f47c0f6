//! The welcome page, and the screen of messages.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Command, FolderCommand, Severity};
use crate::core::text;
use crate::folders::PassedOver;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::models;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// The full models offered on the welcome page.
const OFFERED: usize = 2;
/// The most labels whose changes are listed.
const LABELS_SHOWN: usize = 100;

/// Draws the page for users without a folder.
pub(crate) fn welcome(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.vertical_centered(|ui| {
                let above = ui.available_height() * sizes::WELCOME_ABOVE_SHARE;
                ui.add_space(above.clamp(theme::LARGE, sizes::WELCOME_ABOVE_MOST));
                let heading = RichText::new(tr!("welcome-heading")).strong();
                ui.label(heading.size(sizes::TEXT_WELCOME));
                let text = tr!("welcome-text");
                ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
                ui.add_space(theme::LARGE);
                ui.scope(|ui| {
                    ui.spacing_mut().button_padding = sizes::WELCOME_BUTTON;
                    if theme::primary(ui, tr!("welcome-choose")).clicked() {
                        cx.ask(Command::Do(Action::ChooseFolder));
                    }
                });
                if ui.link(tr!("welcome-type")).clicked() {
                    cx.ask(Command::Do(Action::TypeFolder));
                }
                ui.label(RichText::new(tr!("welcome-drop")).small().weak());
                ui.add_space(theme::MEDIUM);
                if ui.button(tr!("action-try-samples")).clicked() {
                    cx.ask(Command::Do(Action::TrySamples));
                }
                if !app.settings.recent.is_empty() {
                    ui.add_space(theme::LARGE);
                    ui.label(RichText::new(tr!("welcome-recent")).small().strong());
                    for folder in &app.settings.recent {
                        let name = folder.to_string_lossy();
                        if ui.link(name).clicked() {
                            cx.ask(FolderCommand::Add(vec![folder.clone()]));
                        }
                    }
                }
                ui.add_space(theme::LARGE);
                let p = theme::palette(ui);
                theme::card(&p).show(ui, |ui| {
                    ui.set_width(ui.available_width().min(sizes::WELCOME_CARD));
                    ui.label(RichText::new(tr!("welcome-model")).strong());
                    let text = tr!("welcome-model-text");
                    ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
                    ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                        let full = app.computing.models.iter().filter(|m| m.size_mb.is_some());
                        for model in full.take(OFFERED) {
                            ui.add_space(theme::SMALL);
                            models::entry(ui, cx, model);
                        }
                    });
                    if ui.link(tr!("welcome-models")).clicked() {
                        cx.ask(Command::Do(Action::ShowSettings));
                    }
                });
            });
        });
}

/// The screen of messages and failed photos.
#[derive(Default)]
pub(crate) struct Activity;

impl Screen for Activity {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let app = cx.app;
        let p = theme::palette(ui);
        ui.heading(tr!("screen-activity"));
        if app.messages.unread > 0 {
            cx.ask(Command::ReadMessages);
        }
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("activity")
            .show(ui, |ui| {
                let failed = app.messages.failures.len();
                if failed == 0 {
                    ui.label(RichText::new(tr!("activity-no-failures")).weak());
                } else {
                    let text = tr!("activity-failures", count = failed);
                    ui.label(RichText::new(text).strong());
                }
                for failure in app.messages.failures.iter().take(300) {
                    ui.add(egui::Label::new(text::sentence(&failure.reason)).wrap());
                }
                if failed > 300 {
                    ui.label(tr!("and-more", count = failed - 300));
                }
                ui.separator();
                passed_over(ui, cx);
                scale(ui, cx);
                ui.label(RichText::new(tr!("activity-messages")).strong());
                if app.messages.list.is_empty() {
                    ui.label(RichText::new(tr!("activity-no-messages")).weak());
                }
                for message in app.messages.list.iter().rev() {
                    let text = RichText::new(&message.text);
                    let text = match message.severity {
                        Severity::Problem => text.color(p.problem),
                        Severity::Info => text,
                    };
                    ui.add(egui::Label::new(text).wrap());
                }
            });
    }
}

/// Draws what the scans left out, with a button that includes the videos.
fn passed_over(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut all = PassedOver::default();
    for folder in &cx.app.library.catalogue.folders {
        all.merge(&folder.passed_over);
    }
    let unsupported = all.unsupported_count() - all.videos();
    let mut parts = Vec::new();
    if all.videos() > 0 {
        parts.push(tr!("passed-over-videos", count = all.videos()));
    }
    if unsupported > 0 {
        let kinds = all.unsupported_kinds();
        let text = tr!(
            "passed-over-unsupported",
            count = unsupported,
            kinds = kinds
        );
        parts.push(text);
    }
    if all.ignored > 0 {
        parts.push(tr!("passed-over-ignored", count = all.ignored));
    }
    if all.other > 0 {
        parts.push(tr!("passed-over-other", count = all.other));
    }
    if parts.is_empty() {
        return;
    }
    ui.label(RichText::new(tr!("passed-over-heading")).strong());
    ui.add(egui::Label::new(parts.join(" · ")).wrap());
    if all.videos() > 0 && ui.button(tr!("settings-videos")).clicked() {
        cx.ask(FolderCommand::Videos(true));
    }
    ui.separator();
}

/// Draws the last adjustment of tags to the library, with what it changed.
fn scale(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let Some(report) = &cx.app.messages.scale else {
        return;
    };
    ui.label(RichText::new(tr!("scale-heading")).strong());
    ui.add(egui::Label::new(report.describe()).wrap());
    let shown = report.labels.iter().take(LABELS_SHOWN);
    let changes: Vec<String> = shown.map(ToString::to_string).collect();
    let more = report.labels.len().saturating_sub(LABELS_SHOWN);
    let mut text = changes.join(", ");
    if more > 0 {
        text = tr!("scale-more", labels = text, count = more);
    }
    ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
    let (name, undone) = match report.undone {
        true => (tr!("scale-again"), false),
        false => (tr!("scale-undo"), true),
    };
    if ui.button(name).clicked() {
        cx.ask(Command::UndoScale(undone));
    }
    ui.separator();
}
