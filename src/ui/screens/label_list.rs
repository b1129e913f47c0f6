//! The list of the vocabulary's labels.

use eframe::egui::{self, ScrollArea, Sense, Ui};

use crate::app::{App, LabelCommand, LabelInfo};
use crate::tagging::Edit;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::{context_menus, list_row};
use crate::ui::theme::sizes;
use crate::words::tr;

/// The typed texts, and the visible part of the list.
#[derive(Default)]
pub(crate) struct LabelList {
    find: String,
    new: String,
    /// The label that was scrolled to.
    shown: Option<String>,
    /// The visible range, in points.
    in_view: (f32, f32),
}

impl LabelList {
    /// Draws it.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        self.new_labels(ui, cx);
        self.find_or_drop(ui, cx);
        let find = self.find.trim().to_lowercase();
        let labels = &cx.app.library.catalogue.labels;
        let fits = |l: &LabelInfo| find.is_empty() || l.name.to_lowercase().contains(&find);
        let shown = labels.iter().filter(|l| l.in_vocabulary && fits(l));
        let shown: Vec<&LabelInfo> = shown.collect();
        // Rows have no space between them.
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("label-list");
        if let Some(offset) = self.scroll(cx.app, &shown, ui.available_height()) {
            area = area.vertical_scroll_offset(offset);
        }
        let scrolled = area.show_rows(ui, sizes::ROW, shown.len(), |ui, range| {
            for label in shown.get(range).unwrap_or_default() {
                row(ui, cx, label);
            }
        });
        let top = scrolled.state.clamped_offset().y;
        self.in_view = (top, top + scrolled.inner_rect.height());
    }

    /// Draws the field for new labels.
    fn new_labels(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let new = egui::TextEdit::singleline(&mut self.new)
            .hint_text(tr!("labels-new-hint"))
            .desired_width(f32::INFINITY);
        let new = ui.add(new);
        new.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr!("labels-new"))
        });
        // In the one-line field, a pasted list becomes words between line ends or commas.
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
                cx.ask(LabelCommand::Edit(edits));
            }
            self.new.clear();
            new.request_focus();
        }
    }

    /// Draws the search field; while a label is dragged, a place to drop it for the top level.
    fn find_or_drop(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        if egui::DragAndDrop::has_payload_of_type::<String>(ui.ctx()) {
            // Of the field's size, so that nothing moves under a dragged label.
            let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
            let text = egui::Label::new(tr!("labels-drop-top")).selectable(false);
            let place = ui.add_sized(size, text);
            if let Some(label) = place.dnd_release_payload::<String>() {
                let (label, parent) = ((*label).clone(), None);
                cx.ask(LabelCommand::Edit(vec![Edit::SetParent { label, parent }]));
            }
        } else {
            let find = egui::TextEdit::singleline(&mut self.find)
                .hint_text(tr!("labels-find"))
                .desired_width(f32::INFINITY);
            ui.add(find);
        }
    }

    /// Returns where to scroll: to a label that was added or found elsewhere, once.
    fn scroll(&mut self, app: &App, shown: &[&LabelInfo], height: f32) -> Option<f32> {
        if self.shown == app.labels.editing {
            return None;
        }
        let is_edited = |l: &&LabelInfo| app.labels.editing.as_ref() == Some(&l.name);
        let at = shown.iter().position(is_edited)?;
        self.shown.clone_from(&app.labels.editing);
        let top = at as f32 * sizes::ROW;
        let is_seen = top >= self.in_view.0 && top + sizes::ROW <= self.in_view.1;
        (!is_seen).then(|| (top - height / 2.0).max(0.0))
    }
}

/// Draws a label, which can be opened and dragged, and on which others can be dropped.
fn row(ui: &mut Ui, cx: &mut DrawContext<'_>, label: &LabelInfo) {
    let app = cx.app;
    let chosen = app.labels.editing.as_ref() == Some(&label.name);
    let indent = label.tree.depth as f32 * sizes::ROW_INDENT;
    let count = match app
        .labels
        .dragged
        .zip(app.labels.scores.as_ref())
        .filter(|_| chosen)
    {
        Some((threshold, scores)) => scores.count_from(threshold),
        None => label.accepted,
    };
    let row = list_row::pick(ui, &label.short, count, chosen, indent, count == 0);
    let row = row.interact(Sense::click_and_drag());
    context_menus::label(&row, cx, label);
    row.dnd_set_drag_payload(label.name.clone());
    if let Some(dropped) = row.dnd_release_payload::<String>()
        && *dropped != label.name
    {
        cx.ask(LabelCommand::Edit(vec![Edit::SetParent {
            label: (*dropped).clone(),
            parent: Some(label.name.clone()),
        }]));
    }
    if row.clicked() {
        cx.ask(LabelCommand::Open(Some(label.name.clone())));
    }
}
