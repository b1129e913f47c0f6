//! The list of models, and downloads.

use eframe::egui::{self, RichText, Ui};

use crate::app::{ComputeCommand, DownloadPhase, DownloadState, ModelInfo};
use crate::ui::bars;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::words::{decimal, tr};

/// Draws all models.
pub(crate) fn list(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let text = tr!("models-hint");
    ui.label(RichText::new(text).weak());
    for model in &cx.app.computing.models {
        ui.add_space(theme::SMALL);
        entry(ui, cx, model);
    }
}

/// Draws a model: its name, its uses, and a button to use or download it.
pub(crate) fn entry(ui: &mut Ui, cx: &mut DrawContext<'_>, model: &ModelInfo) {
    let app = cx.app;
    let chosen = app.computing.engine.model.as_str() == model.name;
    ui.horizontal(|ui| {
        ui.label(RichText::new(&model.name).strong());
        if let Some(size_mb) = model.size_mb.filter(|_| !model.installed) {
            ui.label(RichText::new(size(size_mb)).weak().small());
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if chosen {
                ui.label(RichText::new(format!("✔ {}", tr!("model-in-use"))).weak());
            } else if model.installed {
                let button = ui.button(tr!("model-use"));
                let name = tr!("model-use-this", model = &model.name);
                button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                if button.clicked() {
                    cx.ask(ComputeCommand::Model(model.name.clone()));
                }
            } else if app
                .computing
                .download
                .as_ref()
                .is_some_and(|d| d.model == model.name && running(d))
            {
                if ui.button(tr!("cancel")).clicked() {
                    cx.ask(ComputeCommand::CancelDownload);
                }
            } else {
                let fetch = ui.add_enabled(
                    !app.computing.downloading,
                    egui::Button::new(tr!("model-download")),
                );
                let name = tr!("model-download-this", model = &model.name);
                fetch.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                if fetch.clicked() {
                    cx.ask(ComputeCommand::Download(model.name.clone()));
                }
            }
        });
    });
    if let Some(state) = app
        .computing
        .download
        .as_ref()
        .filter(|d| d.model == model.name)
    {
        progress(ui, state);
    }
    let description = RichText::new(model.description.to_string()).small().weak();
    ui.add(egui::Label::new(description).wrap());
}

fn running(state: &DownloadState) -> bool {
    !matches!(
        state.phase,
        DownloadPhase::Done | DownloadPhase::Cancelled | DownloadPhase::Failed { .. }
    )
}

/// Draws the progress of the download.
fn progress(ui: &mut Ui, state: &DownloadState) {
    let p = theme::palette(ui);
    let share = |done: u64, total: u64| done as f32 / total.max(1) as f32;
    let bar = |ui: &mut Ui, share: f32, text: String| {
        ui.add(egui::ProgressBar::new(share).desired_height(sizes::PROGRESS_HEIGHT));
        ui.label(RichText::new(text).small().weak());
    };
    match &state.phase {
        DownloadPhase::Asking => {
            ui.label(RichText::new(tr!("download-connecting")).small().weak());
        }
        DownloadPhase::Fetching {
            done_bytes,
            total_bytes,
            bytes_per_second,
            left,
        } => {
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            let mut text = tr!(
                "download-progress",
                done = decimal(megabytes(*done_bytes), 0),
                total = decimal(megabytes(*total_bytes), 0),
                speed = decimal(bytes_per_second / 1e6, 1)
            );
            if let Some(left) = left {
                text = tr!("download-left", progress = text, left = bars::time(*left));
            }
            bar(ui, share(*done_bytes, *total_bytes), text);
        }
        DownloadPhase::Retrying { reason } => {
            let text = tr!("download-retrying", reason = reason);
            ui.add(egui::Label::new(RichText::new(text).small().weak()).wrap());
        }
        DownloadPhase::Checking {
            done_bytes,
            total_bytes,
        } => bar(
            ui,
            share(*done_bytes, *total_bytes),
            tr!("download-verifying").into(),
        ),
        DownloadPhase::Installing => {
            ui.label(RichText::new(tr!("download-installing")).small().weak());
        }
        DownloadPhase::Done => {}
        DownloadPhase::Cancelled => {
            let text = tr!("download-cancelled");
            ui.label(RichText::new(text).small().weak());
        }
        DownloadPhase::Failed { reason } => {
            let text = RichText::new(reason.to_string()).small().color(p.problem);
            ui.add(egui::Label::new(text).wrap());
        }
    }
}

/// A size in words.
fn size(size_mb: u32) -> String {
    match size_mb {
        0..1000 => tr!("size-mb", size = size_mb),
        _ => tr!("size-gb", size = decimal(f64::from(size_mb) / 1000.0, 1)),
    }
}
