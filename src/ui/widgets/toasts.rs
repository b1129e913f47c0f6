//! Draws toasts over the screens.

use std::collections::HashMap;
use std::time::Duration;

use eframe::egui::{self, Align2, Area, Id, Order, RichText, Ui, vec2};

use crate::app::{Offer, ToastCommand};
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
    /// Draws them.
    pub(crate) fn show(&mut self, ui: &Ui, cx: &mut DrawContext<'_>) {
        let toasts = cx.app.window.toasts.list();
        self.since
            .retain(|id, _| toasts.iter().any(|t| t.id == *id));
        if toasts.is_empty() {
            return;
        }
        let p = theme::palette(ui);
        let now = ui.input(|i| i.time);
        let area = Area::new(Id::unique("toasts"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -sizes::TOAST_ABOVE));
        area.show(ui.ctx(), |ui| {
            let hidden = toasts.len().saturating_sub(SHOWN);
            if hidden > 0 {
                let all = tr!("toasts-dismiss-all", count = toasts.len());
                ui.vertical_centered(|ui| {
                    if ui.button(all).clicked() {
                        cx.ask(ToastCommand::DismissAll);
                    }
                });
            }
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
                theme::raised_card(&p).show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.scope(|ui| {
                            ui.set_max_width(sizes::TOAST);
                            ui.add(egui::Label::new(&toast.text).wrap());
                        });
                        if toast.offer == Some(Offer::Scale)
                            && ui.button(tr!("toast-show")).clicked()
                        {
                            cx.ask(ToastCommand::Show(toast.id));
                        }
                        if toast.offer.is_some() && theme::primary(ui, tr!("undo")).clicked() {
                            cx.ask(ToastCommand::Undo(toast.id));
                        }
                        let close = ui.button(RichText::new("✖").small());
                        close.widget_info(|| {
                            egui::WidgetInfo::labeled(
                                egui::Role::Button,
                                true,
                                tr!("toast-dismiss"),
                            )
                        });
                        if close.on_hover_text(tr!("toast-dismiss")).clicked() {
                            cx.ask(ToastCommand::Dismiss(toast.id));
                        }
                    });
                });
            }
        });
    }
}
