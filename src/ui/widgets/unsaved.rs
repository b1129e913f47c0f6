//! Draws what is not saved: a bar over every screen, and a question before the window closes.

use std::time::Instant;

use eframe::egui::{self, Label, RichText, Ui};

use crate::app::SaveCommand;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// Draws the bar while something is not saved.
pub(crate) fn bar(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let now = Instant::now();
    let Some(trouble) = cx.app.decisions.saving.trouble(now) else {
        // Nothing else draws a window in which nothing happens.
        if let Some(left) = cx.app.decisions.saving.late_in(now) {
            ui.ctx().request_repaint_after(left);
        }
        return;
    };
    let p = theme::palette(ui);
    egui::Panel::top("unsaved")
        .frame(theme::bar(&p))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                if theme::primary(ui, tr!("unsaved-retry")).clicked() {
                    cx.ask(SaveCommand::Retry);
                }
                let text = tr!("unsaved-retrying", trouble = &trouble);
                ui.add(Label::new(RichText::new(text).color(p.problem)).wrap());
            });
        });
}

/// Asks whether to close the window although something is not saved.
pub(crate) fn question(ui: &Ui, cx: &mut DrawContext<'_>) {
    if !cx.app.window.quit {
        return;
    }
    let Some(trouble) = cx.app.decisions.saving.trouble(Instant::now()) else {
        return;
    };
    let modal = egui::Modal::new(egui::Id::unique("unsaved"));
    let frame = egui::Frame::popup(ui.style()).inner_margin(theme::LARGE);
    let modal = modal.frame(frame).show(ui.ctx(), |ui| {
        let room = ui.ctx().content_rect().width() - sizes::BESIDE_DIALOG;
        ui.set_width(sizes::PATH_DIALOG.min(room));
        ui.heading(tr!("unsaved-heading"));
        ui.add(Label::new(&trouble).wrap());
        ui.label(tr!("unsaved-text"));
        ui.add_space(theme::SMALL);
        ui.horizontal(|ui| {
            if theme::primary(ui, tr!("unsaved-stay")).clicked() {
                cx.ask(SaveCommand::Stay);
            }
            if ui.button(tr!("unsaved-quit")).clicked() {
                cx.ask(SaveCommand::GiveUp);
            }
        });
    });
    if modal.should_close() {
        cx.ask(SaveCommand::Stay);
    }
}
