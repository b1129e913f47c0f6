//! The menus and the status bar.

use std::time::Duration;

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, App, Command, Menu, ScreenId, Work};
use crate::indexer::Phase;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::menu;
use crate::words::{decimal, phrase, tr};

/// Draws one menu for each group of the table of actions; returns their buttons.
pub(crate) fn menus(ui: &mut Ui, cx: &mut DrawContext<'_>) -> Vec<egui::Response> {
    let (undo, redo) = cx.app.steps();
    theme::flat(ui, |ui| {
        let buttons = Menu::ALL.into_iter().map(|group| {
            let menu = ui.menu_button(group.title(), |ui| {
                for action in Action::ALL.iter().filter(|a| a.group() == group) {
                    let text = match action {
                        Action::Undo => named(action, &undo),
                        Action::Redo => named(action, &redo),
                        _ => action.title().to_owned(),
                    };
                    menu::action(ui, cx, *action, &text);
                }
            });
            menu.response
        });
        buttons.collect()
    })
}

fn named(action: &Action, step: &Option<String>) -> String {
    match step {
        Some(step) => tr!("action-step", action = action.title(), step = step),
        None => action.title().to_owned(),
    }
}

/// Draws the indexer's progress, the model, and the last message.
pub(crate) fn status(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal(|ui| {
        let summary = &app.library.catalogue.summary;
        ui.label(RichText::new(work(app)).small());
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
                let name = if *paused {
                    tr!("status-resume")
                } else {
                    tr!("status-pause")
                };
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
            match app.is_calibrating() {
                true => {
                    let text = tr!("status-calibrating", model = model);
                    let label = ui.label(RichText::new(text).small().weak());
                    label.on_hover_text(tr!("status-calibrating-why"));
                }
                false => drop(ui.label(RichText::new(model).small().weak())),
            }
            if summary.failed > 0 {
                let text = tr!("status-failed", count = summary.failed);
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

/// What the indexer does, in words.
fn work(app: &App) -> String {
    match &app.work {
        None => match app.library.catalogue.folders.is_empty() {
            true => tr!("status-ready").to_owned(),
            false => tr!("status-starting").to_owned(),
        },
        Some(Work { paused: true, .. }) => tr!("status-paused").to_owned(),
        Some(Work { now, paused: false }) => match now.phase {
            Phase::Scanning => {
                tr!(
                    "status-scanning",
                    photos = phrase!("photos", count = now.found)
                )
            }
            Phase::Embedding => {
                let speed = decimal(now.per_second, 0);
                let (done, total) = (now.done, now.total);
                match now.left.map(time) {
                    Some(left) => tr!(
                        "status-reading-left",
                        done = done,
                        total = total,
                        speed = speed,
                        left = left
                    ),
                    None => tr!("status-reading", done = done, total = total, speed = speed),
                }
            }
            Phase::Tagging => tr!("status-tagging").to_owned(),
            Phase::ReadingAgain => tr!("status-again").to_owned(),
            Phase::Idle => tr!("status-idle").to_owned(),
        },
    }
}

/// A duration in words.
pub(crate) fn time(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..60 => tr!("time-seconds", seconds = seconds),
        60..3600 => tr!("time-minutes", minutes = seconds / 60),
        _ => tr!(
            "time-hours",
            hours = seconds / 3600,
            minutes = seconds % 3600 / 60
        ),
    }
}
