//! The way of an export: for which program, and whether it writes into photos.

use eframe::egui::{self, RichText, Ui};

use crate::app::ExportCommand;
use crate::services::export::Program;
use crate::ui::draw_context::DrawContext;
use crate::ui::theme;
use crate::words::tr;

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
    let name =
        |program: Option<Program>| program.map_or(tr!("export-any-program"), |p| p.facts().name);
    ui.label(tr!("export-for"));
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
    let spoken = tr!("export-for-program", program = name(chosen));
    list.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, spoken.clone()));
}

fn switch(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let export = &cx.app.export;
    let mut on = export.library.may_embed;
    let name = tr!("export-into-photos");
    let switch = theme::checkbox_if(ui, !export.running, &mut on, name);
    let hint = tr!("export-into-photos-hint");
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
        let text = tr!("export-sidecars-not-enough", program = program.facts().name);
        ui.add(egui::Label::new(RichText::new(text).color(p.problem)).wrap());
    }
}

fn warning(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let p = theme::palette(ui);
    theme::card(&p).show(ui, |ui| {
        ui.label(RichText::new(tr!("export-warning")).strong());
        // The user reads this once before anything is written into photos.
        for line in [
            tr!("export-warning-changes"),
            tr!("export-warning-back"),
            tr!("export-warning-backup"),
            tr!("export-warning-now"),
        ] {
            ui.add(egui::Label::new(line).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            if ui.button(tr!("export-warning-no")).clicked() {
                cx.ask(ExportCommand::AnswerWarning(false));
            }
            if ui.button(tr!("export-warning-yes")).clicked() {
                cx.ask(ExportCommand::AnswerWarning(true));
            }
        });
    });
}
