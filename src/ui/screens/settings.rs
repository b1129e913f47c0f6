//! The settings.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{
    ComputeCommand, FolderCommand, LabelCommand, SetCommand, ThemeChoice, ViewCommand,
};
use crate::engine::DeviceChoice;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::export;
use crate::ui::screens::models;
use crate::ui::screens::screen::Screen;
use crate::ui::theme::{self, sizes};
use crate::words::{Language, decimal, tr};

/// The settings.
#[derive(Default)]
pub(crate) struct Settings;

impl Screen for Settings {
    fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.id_salt("settings").show(ui, |ui| {
            ui.heading(tr!("screen-settings"));
            card(ui, tr!("settings-appearance"), |ui| look(ui, cx));
            card(ui, tr!("settings-sidecars"), |ui| sidecars(ui, cx));
            card(ui, tr!("settings-performance"), |ui| computing(ui, cx));
            card(ui, tr!("label-prompts"), |ui| wording(ui, cx));
            card(ui, tr!("screen-photos"), |ui| photos(ui, cx));
            card(ui, tr!("settings-model"), |ui| models::list(ui, cx));
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
    ui.horizontal_wrapped(|ui| language(ui, cx));
    if let Some(now) = app.library.catalogue.labels_language() {
        ui.horizontal_wrapped(|ui| names_of_labels(ui, cx, now));
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(tr!("settings-theme"));
        let mut theme = app.settings.theme;
        ui.selectable_value(&mut theme, ThemeChoice::System, tr!("settings-system"));
        ui.selectable_value(&mut theme, ThemeChoice::Light, tr!("settings-light"));
        ui.selectable_value(&mut theme, ThemeChoice::Dark, tr!("settings-dark"));
        if theme != app.settings.theme {
            cx.ask(SetCommand::Theme(theme));
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(tr!("settings-text-size"));
        for scale in sizes::TEXT_SCALES {
            let name = tr!("percent", share = decimal(scale * 100.0, 0));
            let chosen = (app.settings.text.text_scale - scale).abs() < 1e-2;
            if ui.selectable_label(chosen, name).clicked() {
                cx.ask(SetCommand::TextScale(scale));
            }
        }
    });
}

/// The choice of the language, with the system's first.
fn language(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let set = cx.app.settings.text.language;
    ui.label(tr!("settings-language"));
    let name = |language: Option<Language>| language.map_or(tr!("settings-system"), Language::name);
    let list = egui::ComboBox::from_id_salt("language").selected_text(name(set));
    let list = list.show_ui(ui, |ui| {
        let all = Language::ALL.into_iter().map(Some);
        for one in std::iter::once(None).chain(all) {
            if ui.selectable_label(one == set, name(one)).clicked() && one != set {
                cx.ask(SetCommand::Language(one));
            }
        }
    });
    let spoken = tr!("settings-language-set", language = name(set));
    list.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, spoken.clone()));
    if cx.app.language() == Language::Chinese && !theme::has_glyphs(ui, Language::Chinese.name()) {
        // In English, because Chinese would be squares.
        let p = theme::palette(ui);
        let text =
            "There is no font with Chinese characters here. Install one, such as Noto Sans CJK.";
        ui.add(egui::Label::new(RichText::new(text).color(p.problem)).wrap());
    }
}

/// The choice of the language of the built-in labels.
fn names_of_labels(ui: &mut Ui, cx: &mut DrawContext<'_>, now: Language) {
    ui.label(tr!("settings-label-names"));
    let list = egui::ComboBox::from_id_salt("label-names").selected_text(now.name());
    let list = list.show_ui(ui, |ui| {
        for one in Language::ALL {
            if ui.selectable_label(one == now, one.name()).clicked() && one != now {
                cx.ask(LabelCommand::Names(one));
            }
        }
    });
    let spoken = tr!("settings-label-names-set", language = now.name());
    let response = list
        .response
        .on_hover_text(tr!("settings-label-names-hint"));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, spoken.clone()));
}

/// Which files are shown as one photo.
fn photos(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let mut stacks = cx.app.library.catalogue.has_stacks;
    if theme::checkbox(ui, &mut stacks, tr!("settings-stacks")).changed() {
        cx.ask(ViewCommand::Stacks(stacks));
    }
    let text = tr!("settings-stacks-hint");
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
    let mut videos = cx.app.library.catalogue.has_videos;
    if theme::checkbox(ui, &mut videos, tr!("settings-videos")).changed() {
        cx.ask(FolderCommand::Videos(videos));
    }
    let text = tr!("settings-videos-hint");
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
}

fn sidecars(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    ui.horizontal_wrapped(|ui| export::naming(ui, cx));
    keywords(ui, cx);
    let mut auto = app.settings.sidecars.auto_export;
    if theme::checkbox(ui, &mut auto, tr!("settings-auto-export")).changed() {
        cx.ask(SetCommand::AutoExport(auto));
    }
    let text = tr!("settings-auto-export-hint");
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
}

/// Where keywords go. What other programs need seldom is folded away.
fn keywords(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let set = &cx.app.settings.sidecars;
    let (mut properties, mut synonyms) = (set.properties, set.synonyms);
    let p = &mut properties;
    theme::checkbox(ui, &mut p.hierarchical, tr!("settings-hierarchical"));
    theme::checkbox(ui, &mut p.digikam, tr!("settings-digikam"));
    let more = egui::CollapsingHeader::new(tr!("settings-more"));
    more.id_salt("properties").show(ui, |ui| {
        theme::checkbox(ui, &mut p.parents, tr!("settings-parents"));
        theme::checkbox(ui, &mut synonyms, tr!("settings-synonyms"));
        theme::checkbox(ui, &mut p.microsoft, tr!("settings-windows"));
        theme::checkbox(ui, &mut p.mediapro, tr!("settings-mediapro"));
        theme::checkbox(ui, &mut p.acdsee, tr!("settings-acdsee"));
        let state = theme::checkbox(ui, &mut p.state, tr!("settings-confirmed"));
        state.on_hover_text(tr!("settings-confirmed-hint"));
        theme::checkbox(ui, &mut p.confidence, tr!("settings-confidence"));
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
        ui.label(tr!("settings-device"));
        let set = app.settings.computing.device();
        let known = app
            .computing
            .devices
            .iter()
            .find(|d| d.id.parse() == Ok(set));
        let text = match (set, known) {
            (DeviceChoice::Auto, _) => tr!("settings-fastest"),
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
            choice(ui, DeviceChoice::Auto, tr!("settings-fastest"));
            for device in &app.computing.devices {
                if let Ok(id) = device.id.parse() {
                    choice(ui, id, &device.description);
                }
            }
            if app.computing.devices.is_empty() {
                ui.label(RichText::new(tr!("settings-devices-wait")).weak());
            }
        });
    });
    let mut fast = app.settings.computing.fast;
    let precision = theme::checkbox(ui, &mut fast, tr!("settings-fast"));
    let precision = precision.on_hover_text(tr!("settings-fast-hint"));
    if precision.changed() {
        cx.ask(ComputeCommand::Fast(fast));
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(tr!("settings-threads"));
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let set = app.settings.computing.threads;
        let text = match set {
            0 => tr!("settings-automatic").to_owned(),
            n => n.to_string(),
        };
        let threads = egui::ComboBox::from_id_salt("threads").selected_text(text);
        threads.show_ui(ui, |ui| {
            for n in 0..=cores.min(16) {
                let text = if n == 0 {
                    tr!("settings-automatic").to_owned()
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
    ui.label(tr!("settings-templates-label"));
    let field = egui::TextEdit::multiline(&mut text)
        .desired_rows(3)
        .desired_width(f32::INFINITY)
        .hint_text(tr!("settings-templates-example"));
    let field = ui.add(field);
    let name = tr!("settings-templates");
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, name));
    if field.has_focus() {
        ui.data_mut(|d| d.insert_temp(id, text));
    } else if field.lost_focus() {
        ui.data_mut(|d| d.remove::<String>(id));
        if text != chosen {
            cx.ask(ComputeCommand::Templates(text));
        }
    }
    let text = tr!("settings-templates-hint");
    ui.add(egui::Label::new(RichText::new(text).weak().small()).wrap());
    if !chosen.is_empty() && ui.button(tr!("settings-templates-reset")).clicked() {
        cx.ask(ComputeCommand::Templates(String::new()));
    }
}
