//! Draws toasts.

use std::collections::HashMap;
use std::time::Duration;

use eframe::egui::{self, Align, Align2, Area, Id, Layout, Order, RichText, Ui, vec2};

use crate::app::{Offer, ScreenId, Toast, ToastCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::theme::{self, sizes};
use crate::words::tr;

/// How long a toast without *Undo* stays.
const STAYS: Duration = Duration::from_secs(6);
/// The most toasts to show, the latest.
const SHOWN: usize = 3;

/// When each toast was first seen.
#[derive(Default)]
pub(crate) struct ToastList {
    since: HashMap<u64, f64>,
}

impl ToastList {
    /// Draws them below the screen, of which they cover nothing. A photo that fills the screen keeps
    /// its size: there they lie on it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let toasts = cx.app.window.toasts.list();
        self.since
            .retain(|id, _| toasts.iter().any(|t| t.id == *id));
        if toasts.is_empty() {
            return;
        }
        let p = theme::palette(ui);
        let window = &cx.app.window;
        if window.full_screen || (window.large && window.screen == ScreenId::Photos) {
            let area = Area::new(Id::unique("toasts"))
                .order(Order::Foreground)
                .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -sizes::TOAST_ABOVE));
            area.show(ui.ctx(), |ui| {
                theme::raised_card(&p).show(ui, |ui| {
                    let room = ui.ctx().content_rect().width() - sizes::BESIDE_DIALOG;
                    ui.set_width(sizes::TOAST.min(room));
                    self.list(ui, cx);
                });
            });
        } else {
            let frame = theme::bar(&p).fill(p.raised);
            let panel = egui::Panel::bottom("toasts").frame(frame);
            panel.show(ui, |ui| self.list(ui, cx));
        }
    }

    fn list(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let toasts = cx.app.window.toasts.list();
        let low = ui.ctx().content_rect().height() < sizes::LOW_WINDOW;
        let hidden = toasts.len().saturating_sub(if low { 1 } else { SHOWN });
        if hidden > 0 {
            let all = tr!("toasts-dismiss-all", count = toasts.len());
            if ui.button(all).clicked() {
                cx.ask(ToastCommand::DismissAll);
            }
        }
        let now = ui.input(|i| i.time);
        for toast in toasts.iter().skip(hidden) {
            let left = STAYS.as_secs_f64() - (now - *self.since.entry(toast.id).or_insert(now));
            if toast.offer.is_none() {
                if left <= 0.0 {
                    cx.ask(ToastCommand::Dismiss(toast.id));
                    continue;
                }
                let left = Duration::from_secs_f64(left.clamp(0.0, STAYS.as_secs_f64()));
                ui.ctx().request_repaint_after(left);
            }
            row(ui, cx, toast);
        }
    }
}

/// Draws a toast: its text, and what one can do at the end of the line.
fn row(ui: &mut Ui, cx: &mut DrawContext<'_>, toast: &Toast) {
    let end_first = Layout::right_to_left(Align::Center);
    ui.horizontal(|ui| ui.with_layout(end_first, |ui| parts(ui, cx, toast)));
}

fn parts(ui: &mut Ui, cx: &mut DrawContext<'_>, toast: &Toast) {
    let close = ui.button(RichText::new("✖").small());
    close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, tr!("toast-dismiss")));
    if close.on_hover_text(tr!("toast-dismiss")).clicked() {
        cx.ask(ToastCommand::Dismiss(toast.id));
    }
    if toast.offer.is_some() && theme::primary(ui, tr!("undo")).clicked() {
        cx.ask(ToastCommand::Undo(toast.id));
    }
    if toast.offer == Some(Offer::Scale) && ui.button(tr!("toast-show")).clicked() {
        cx.ask(ToastCommand::Show(toast.id));
    }
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(egui::Label::new(&toast.text).wrap());
    });
}
