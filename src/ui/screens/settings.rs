//! The settings.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{ComputeCommand, FolderCommand, SetCommand, ThemeChoice, ViewCommand};
use crate::engine::DeviceChoice;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::export;
use crate::ui::screens::models;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};

/// The choice that leaves the device to Taglens.
const FASTEST: &str = "Fastest available";

/// The settings.
#[derive(Default)]
pub(crate) struct Settings;

impl Screen for Settings {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("settings").show(ui, |ui| {
            ui.heading("Settings");
            card(ui, "Appearance", |ui| look(ui, cx));
            card(ui, "Sidecars", |ui| sidecars(ui, cx));
            card(ui, "Performance", |ui| computing(ui, cx));
            card(ui, "Prompts", |ui| wording(ui, cx));
            card(ui, "Photos", |ui| photos(ui, cx));
            card(ui, "Model", |ui| models::list(ui, cx));
        });
    }
}

fn card(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui)) {
    let p = theme::palette(ui);
    theme::card(&p).show(ui, |ui| {
        ui.set_width(ui.available_width().min(sizes::SETTINGS_CARD));
        ui.label(RichText::new(title).strong());
        add(ui);
    });
}

fn look(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal_wrapped(|ui| {
        ui.label("Theme");
        let mut theme = app.settings.theme;
        ui.selectable_value(&mut theme, ThemeChoice::System, "System");
        ui.selectable_value(&mut theme, ThemeChoice::Light, "Light");
        ui.selectable_value(&mut theme, ThemeChoice::Dark, "Dark");
        if theme != app.settings.theme {
            cx.ask(SetCommand::Theme(theme));
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.label("Text size");
        let names = ["Small", "Normal", "Large", "Huge"];
        for (scale, name) in sizes::TEXT_SCALES.into_iter().zip(names) {
            let chosen = (app.settings.text_scale - scale).abs() < 1e-2;
            if ui.selectable_label(chosen, name).clicked() {
                cx.ask(SetCommand::TextScale(scale));
            }
        }
    });
}

/// Which files are shown as one photo.
fn photos(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut stacks = cx.app.library.catalogue.has_stacks;
    if ui
        .checkbox(&mut stacks, "Group files of the same photo")
        .changed()
    {
        cx.ask(ViewCommand::Stacks(stacks));
    }
    let text = "A raw file and its JPEG, a photo and its short video, and Apple's edited copies share \
                one tile and the same tags. Each keeps its own sidecar.";
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
    let mut videos = cx.app.library.catalogue.has_videos;
    if ui.checkbox(&mut videos, "Include videos").changed() {
        cx.ask(FolderCommand::Videos(videos));
    }
    let text = "MP4, MOV and M4V files are tagged by their first picture.";
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
}

fn sidecars(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal_wrapped(|ui| export::naming(ui, cx));
    keywords(ui, cx);
    let mut auto = app.settings.sidecars.auto_export;
    if ui
        .checkbox(&mut auto, "Write sidecars automatically")
        .changed()
    {
        cx.ask(SetCommand::AutoExport(auto));
    }
    let text = "Sidecars follow every change of tags. You can undo each export on the Export screen. \
                When this is off, nothing is written until you export. Photos are never written automatically.";
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
}

/// Where keywords go. What other programs need seldom is folded away.
fn keywords(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let set = &cx.app.settings.sidecars;
    let (mut properties, mut synonyms) = (set.properties, set.synonyms);
    let p = &mut properties;
    ui.checkbox(
        &mut p.hierarchical,
        "Hierarchies for Lightroom and darktable",
    );
    ui.checkbox(&mut p.digikam, "Tag tree for digiKam");
    let more = egui::CollapsingHeader::new("More for other programs");
    more.id_salt("properties").show(ui, |ui| {
        ui.checkbox(&mut p.parents, "Parent keywords");
        ui.checkbox(&mut synonyms, "Synonyms");
        ui.checkbox(&mut p.microsoft, "Windows tags");
        ui.checkbox(&mut p.mediapro, "Catalog sets for Media Pro");
        ui.checkbox(&mut p.acdsee, "Categories for ACDSee");
        let state = ui.checkbox(&mut p.state, "Which tags you confirmed");
        state.on_hover_text("Without this, a new library treats all tags in sidecars as yours");
        ui.checkbox(&mut p.confidence, "Confidence of each tag");
    });
    if properties != set.properties {
        cx.ask(SetCommand::Properties(properties));
    }
    if synonyms != set.synonyms {
        cx.ask(SetCommand::Synonyms(synonyms));
    }
}

fn computing(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal_wrapped(|ui| {
        ui.label("Device");
        let set = app.settings.computing.device();
        let known = app
            .computing
            .devices
            .iter()
            .find(|d| d.id.parse() == Ok(set));
        let text = match (set, known) {
            (DeviceChoice::Auto, _) => FASTEST,
            (_, Some(device)) => &device.description,
            (_, None) => &app.settings.computing.device,
        };
        let device = egui::ComboBox::from_id_salt("device")
            .selected_text(text)
            .width(sizes::DEVICE_CHOICE);
        device.show_ui(ui, |ui| {
            let mut choice = |ui: &mut Ui, choice: DeviceChoice, description: &str| {
                let chosen = choice == set;
                if ui.selectable_label(chosen, description).clicked() && !chosen {
                    cx.ask(ComputeCommand::Device(choice));
                }
            };
            choice(ui, DeviceChoice::Auto, FASTEST);
            for device in &app.computing.devices {
                if let Ok(id) = device.id.parse() {
                    choice(ui, id, &device.description);
                }
            }
            if app.computing.devices.is_empty() {
                ui.label(RichText::new("Looking for devices…").weak());
            }
        });
    });
    let mut fast = app.settings.computing.fast;
    let precision = ui.checkbox(&mut fast, "Use lower precision where it is faster");
    let precision = precision.on_hover_text("Tags hardly change, but all photos are read again");
    if precision.changed() {
        cx.ask(ComputeCommand::Fast(fast));
    }
    ui.horizontal_wrapped(|ui| {
        ui.label("Reading threads");
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let set = app.settings.computing.threads;
        let text = match set {
            0 => "Automatic".to_owned(),
            n => n.to_string(),
        };
        let threads = egui::ComboBox::from_id_salt("threads").selected_text(text);
        threads.show_ui(ui, |ui| {
            for n in 0..=cores.min(16) {
                let text = if n == 0 {
                    "Automatic".to_owned()
                } else {
                    n.to_string()
                };
                if ui.selectable_label(n == set, text).clicked() && n != set {
                    cx.ask(ComputeCommand::Threads(n));
                }
            }
        });
    });
}

/// Draws the prompt templates as text, which is applied when the field is left.
fn wording(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let chosen = cx.app.computing.engine.templates.join("\n");
    let id = ui.scope_id().with("templates");
    let mut text: String = ui.data_mut(|d| d.get_temp(id)).unwrap_or(chosen.clone());
    ui.label("Prompt templates, one per line. {} stands for the label.");
    let field = egui::TextEdit::multiline(&mut text)
        .desired_rows(3)
        .desired_width(f32::INFINITY)
        .hint_text("The model's own, for example: a photo of the small {}.");
    let field = ui.add(field);
    let name = "Prompt templates";
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, name));
    if field.has_focus() {
        ui.data_mut(|d| d.insert_temp(id, text));
    } else if field.lost_focus() {
        ui.data_mut(|d| d.remove::<String>(id));
        if text != chosen {
            cx.ask(ComputeCommand::Templates(text));
        }
    }
    let text = "They set how a label is described to the model. Tags update at once, and no photo is \
                read again.";
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
    if !chosen.is_empty() && ui.button("Use the model's own").clicked() {
        cx.ask(ComputeCommand::Templates(String::new()));
    }
}
