//! The menus and the status bar.

use std::time::Duration;

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Command, ScreenId, Work};
use crate::core::count;
use crate::indexer::Phase;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::sizes;
use crate::ui::widgets::menu;

/// Draws one menu for each group of the table of actions.
pub(crate) fn menus(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let (undo, redo) = cx.app.steps();
    for group in ["File", "Edit", "View", "Library", "Help"] {
        ui.menu_button(group, |ui| {
            for action in Action::ALL.iter().filter(|a| a.group() == group) {
                let text = match action {
                    Action::Undo => named(action, &undo),
                    Action::Redo => named(action, &redo),
                    _ => action.title().to_owned(),
                };
                menu::action(ui, cx, *action, &text);
            }
        });
    }
}

fn named(action: &Action, step: &Option<String>) -> String {
    match step {
        Some(step) => format!("{} {step}", action.title()),
        None => action.title().to_owned(),
    }
}

/// Draws the indexer's progress, the model, and the last message.
pub(crate) fn status(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal(|ui| {
        let summary = &app.library.catalogue.summary;
        let text = match &app.work {
            None => match app.library.catalogue.folders.is_empty() {
                true => "Ready".to_owned(),
                false => "Starting…".to_owned(),
            },
            Some(Work { paused: true, .. }) => "Paused".to_owned(),
            Some(Work { now, paused: false }) => match now.phase {
                Phase::Scanning => {
                    format!("Scanning folders: {} found", count::photos(now.found))
                }
                Phase::Embedding => {
                    let left = now
                        .left
                        .map_or_else(String::new, |d| format!(", {} left", time(d)));
                    let (done, total) = (count::number(now.done), count::number(now.total));
                    format!(
                        "Reading {done} of {total}, {:.0} photos/s{left}",
                        now.per_second
                    )
                }
                Phase::Tagging => "Updating tags".to_owned(),
                Phase::ReadingAbout => "Reading capture dates".to_owned(),
                Phase::Idle => "Up to date".to_owned(),
            },
        };
        ui.label(RichText::new(text).small());
        if let Some(Work { now, paused }) = &app.work {
            let working = now.phase != Phase::Idle;
            if working && now.total > now.done {
                let share = now.done as f32 / now.total.max(1) as f32;
                ui.add(
                    egui::ProgressBar::new(share)
                        .desired_width(sizes::PROGRESS_WIDTH)
                        .desired_height(sizes::PROGRESS_HEIGHT),
                );
            }
            if working || *paused {
                let name = if *paused { "Resume" } else { "Pause" };
                if ui.small_button(name).clicked() {
                    cx.ask(Command::Do(Action::TogglePause));
                }
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let model = match app.computing.description.is_empty() {
                true => app.computing.engine.model.as_str(),
                false => app.computing.description.as_str(),
            };
            ui.label(RichText::new(model).small().weak());
            if summary.failed > 0 {
                let text = format!("{} failed", count::number(summary.failed));
                if ui.small_button(text).clicked() {
                    cx.ask(Command::Show(ScreenId::Activity));
                }
            }
            if let Some(message) = app.messages.list.last().filter(|_| app.messages.unread > 0) {
                let text = RichText::new(&message.text).small();
                let label = egui::Label::new(text)
                    .truncate()
                    .sense(egui::Sense::click());
                if ui.add(label).clicked() {
                    cx.ask(Command::Show(ScreenId::Activity));
                }
            }
        });
    });
}

/// A duration in words.
pub(crate) fn time(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
