//! The way of an export: for which program, and whether it writes into photos.

use eframe::egui::{self, RichText, Ui};

use crate::app::ExportCommand;
use crate::services::export::Program;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme;

/// The choice without a program.
const ANY: &str = "Any program";

/// What the user reads once before anything is written into photos.
const WARNING: [&str; 4] = [
    "What changes: the keywords in the metadata of JPEG, PNG, WebP, TIFF and DNG files. The picture and all \
     other data stay, byte for byte. Taglens writes each photo beside the old one and compares both before \
     it replaces anything. What cannot be changed safely gets a sidecar.",
    "How to go back: History, on this screen, restores the photos of each export that it lists, to the byte, as \
     long as no other program has changed them since.",
    "Keep a backup of your photos, as always. Begin with a few selected photos.",
    "Nothing is written now. Preview shows for each photo the keywords and the size of the change.",
];

/// Draws the choice of a program with what it reads, the switch, and the warning.
pub(crate) fn show(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        programs(ui, cx);
        ui.separator();
        switch(ui, cx);
    });
    if let Some(program) = cx.app.settings.sidecars.program {
        advice(ui, cx, program);
    }
    if cx.app.export.warns {
        warning(ui, cx);
    }
}

fn programs(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let chosen = cx.app.settings.sidecars.program;
    let name = |program: Option<Program>| program.map_or(ANY, |p| p.facts().name);
    ui.label("Export for");
    let list = egui::ComboBox::from_id_salt("program").selected_text(name(chosen));
    let list = list.show_ui(ui, |ui| {
        let all = Program::ALL.into_iter().map(Some);
        for one in std::iter::once(None).chain(all) {
            let is_chosen = one == chosen;
            if ui.selectable_label(is_chosen, name(one)).clicked() && !is_chosen {
                cx.ask(ExportCommand::Program(one));
            }
        }
    });
    let spoken = format!("Export for {}", name(chosen));
    list.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, spoken.clone()));
}

fn switch(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let export = &cx.app.export;
    let mut on = export.library.may_embed;
    let switch = egui::Checkbox::new(&mut on, "Write into photos");
    let switch = ui.add_enabled(!export.running, switch);
    let hint = "Off: exports of this library never change a photo";
    if switch.on_hover_text(hint).changed() {
        cx.ask(ExportCommand::Embed(on));
    }
}

/// What the program reads, and whether the export as it is set reaches it.
fn advice(ui: &mut Ui, cx: &DrawContext<'_>, program: Program) {
    for line in program.advice() {
        ui.add(egui::Label::new(RichText::new(line).weak()).wrap());
    }
    if program.facts().preset.embed && !cx.app.export.library.may_embed {
        let p = theme::palette(ui);
        let text = format!(
            "Sidecars alone are not enough for {}: switch on “Write into photos”.",
            program.facts().name
        );
        ui.add(egui::Label::new(RichText::new(text).color(p.problem)).wrap());
    }
}

fn warning(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let p = theme::palette(ui);
    theme::card(&p).show(ui, |ui| {
        ui.label(RichText::new("Let Taglens write keywords into your photos?").strong());
        for line in WARNING {
            ui.add(egui::Label::new(line).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            if ui.button("Leave photos untouched").clicked() {
                cx.ask(ExportCommand::AnswerWarning(false));
            }
            if ui.button("Allow for this library").clicked() {
                cx.ask(ExportCommand::AnswerWarning(true));
            }
        });
    });
}
