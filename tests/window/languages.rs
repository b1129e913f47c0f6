//! Every screen in every language, with text of usual and of twice the size: no text is cut off at the
//! edge of its control, of its panel or of the window.

use eframe::egui::{Key, Modifiers, Rect, Role, Shape, epaint};
use egui_kittest::kittest::{NodeT, Queryable};
use taglens::app::{
    Action, Command, LabelCommand, PathCommand, PathPurpose, ScreenId, SelectCommand, SetCommand,
};
use taglens::words::Language;

use crate::driven::Driven;
use crate::seen_texts::Seen;

/// 1024×700 pixels, and the same in points with text of twice the size.
const SIZES: [[f32; 2]; 2] = [[1024.0, 700.0], [512.0, 350.0]];
/// Points by which antialiasing and rounding exceed an edge.
const SLACK: f32 = 1.5;

#[test]
fn no_text_is_cut_off_in_english() {
    every_screen(Language::English);
}

#[test]
fn no_text_is_cut_off_in_german() {
    every_screen(Language::German);
}

#[test]
fn no_text_is_cut_off_in_french() {
    every_screen(Language::French);
}

#[test]
fn no_text_is_cut_off_in_spanish() {
    every_screen(Language::Spanish);
}

#[test]
fn no_text_is_cut_off_in_chinese() {
    every_screen(Language::Chinese);
}

fn every_screen(language: Language) {
    let mut driven = Driven::start_in(language);
    let mut faults = Vec::new();
    driven.until("the empty library", |app| app.library.loaded);
    look(&mut driven, "welcome", &mut faults);
    driven.app().apply(PathCommand::Ask(PathPurpose::AddFolder));
    look(&mut driven, "path dialog", &mut faults);
    driven.app().apply(PathCommand::Cancel);
    driven.drop_folder();
    for screen in ScreenId::ALL {
        driven.app().apply(Command::Show(screen));
        look(&mut driven, &format!("{screen:?}"), &mut faults);
    }
    let label = driven.app().library.catalogue.labels[0].name.clone();
    driven.app().apply(LabelCommand::Open(Some(label)));
    driven.until("the histogram", |app| app.labels.scores.is_some());
    look(&mut driven, "a label", &mut faults);
    driven.app().apply(Command::Show(ScreenId::Photos));
    driven.app().apply(SelectCommand::Only(0));
    look(&mut driven, "a selected photo", &mut faults);
    driven.app().apply(Action::SelectAll);
    look(&mut driven, "selected photos", &mut faults);
    driven.app().apply(Action::Accept);
    look(&mut driven, "a toast", &mut faults);
    driven.app().apply(Action::Preview);
    look(&mut driven, "a large photo", &mut faults);
    driven.app().apply(Action::PreviewExport);
    driven.until("the preview", |app| app.export.state.is_some());
    look(&mut driven, "the preview of an export", &mut faults);
    driven.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    look(&mut driven, "the palette", &mut faults);
    faults.dedup();
    assert!(
        faults.is_empty(),
        "{} texts are cut off:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Adds what is wrong on the screen in both sizes.
fn look(driven: &mut Driven, place: &str, faults: &mut Vec<String>) {
    for size in SIZES {
        driven.harness.set_size(size.into());
        driven.step();
        driven.step();
        let found = cut_off(driven);
        faults.extend(
            found
                .into_iter()
                .map(|text| format!("{place} at {}: {text}", size[0])),
        );
    }
}

/// The texts on the screen that do not fit.
fn cut_off(driven: &Driven) -> Vec<String> {
    let all = [Role::Button, Role::CheckBox, Role::ComboBox].into_iter();
    let all = all.flat_map(|role| driven.harness.query_all_by_role(role));
    let controls: Vec<(String, Rect)> = all
        .map(|node| {
            (
                node.accesskit_node().label().unwrap_or_default(),
                node.rect(),
            )
        })
        .collect();
    let mut faults = Vec::new();
    let mut seen = Seen::default();
    for clipped in &driven.harness.output().shapes {
        of_shape(&clipped.shape, clipped.clip_rect, &controls, &mut faults);
        seen.add(&clipped.shape, clipped.clip_rect, &mut faults);
    }
    let fields = driven.harness.query_all_by_role(Role::TextInput);
    for field in fields.map(|node| node.rect()) {
        let cut = seen.cut.iter().filter(|(_, at)| field.contains(*at));
        faults.extend(cut.map(|(hint, _)| format!("{hint:?} is cut in its field at {field}")));
    }
    faults
}

fn of_shape(shape: &Shape, clip: Rect, controls: &[(String, Rect)], faults: &mut Vec<String>) {
    match shape {
        Shape::Vec(shapes) => shapes
            .iter()
            .for_each(|shape| of_shape(shape, clip, controls, faults)),
        Shape::Text(text) => of_text(text, clip, controls, faults),
        _ => {}
    }
}

fn of_text(
    text: &epaint::TextShape,
    clip: Rect,
    controls: &[(String, Rect)],
    faults: &mut Vec<String>,
) {
    let rect = text.galley.rect.translate(text.pos.to_vec2());
    let words = &text.galley.job.text;
    // What scrolling has moved out of view is not there.
    let is_in_view = rect.y_range().intersects(clip.y_range()) && clip.is_positive();
    if !is_in_view || words.trim().is_empty() {
        return;
    }
    if rect.max.x > clip.max.x + SLACK || rect.min.x < clip.min.x - SLACK {
        faults.push(format!("{words:?} at {rect} leaves {clip}"));
    }
    let mut own = controls.iter().filter(|(name, control)| {
        name.contains(words.trim()) && control.expand(SLACK).contains(rect.left_center())
    });
    if let Some((_, control)) = own.next()
        && rect.max.x > control.max.x + SLACK
    {
        faults.push(format!(
            "{words:?} at {rect} leaves its control at {control}"
        ));
    }
}

#[test]
fn the_language_is_changed_at_once_and_kept() {
    let mut driven = Driven::start();
    driven.draw_with_fonts_of_the_system();
    driven.until("the empty library", |app| app.library.loaded);
    driven.click("Settings");
    driven.click("Language: System");
    driven.click("Deutsch");
    assert!(driven.sees("Einstellungen") && driven.sees("Sprache: Deutsch"));
    let file = driven.photos.parent().unwrap().join("data/window.json");
    driven.until("the settings' file", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"language\": \"de\""))
    });
    driven.app().apply(SetCommand::Language(None));
    driven.step();
    assert!(driven.sees("Settings"));
}

#[test]
fn what_another_thread_says_is_in_the_language_of_the_window() {
    let mut driven = Driven::start_in(Language::German);
    driven.until("the empty library", |app| app.library.loaded);
    let below_a_file = driven.photos.join("cat.jpg/labels.toml");
    driven.app().apply(LabelCommand::Export(below_a_file));
    driven.until("the refusal in German", |app| {
        let said = app.messages.list.last();
        said.is_some_and(|message| message.text.contains("kann nicht geschrieben werden"))
    });
}

#[test]
fn a_text_that_leaves_its_control_is_seen() {
    let mut faults = Vec::new();
    let ctx = eframe::egui::Context::default();
    let mut output = ctx.run_ui(Default::default(), |ui| {
        let font = eframe::egui::FontId::proportional(14.0);
        let galley =
            ui.painter()
                .layout_no_wrap("much too long".into(), font, eframe::egui::Color32::RED);
        let text = epaint::TextShape::new([10.0, 10.0].into(), galley, eframe::egui::Color32::RED);
        let window = Rect::from_min_size([0.0, 0.0].into(), [500.0, 500.0].into());
        let narrow = Rect::from_min_size([8.0, 0.0].into(), [30.0, 40.0].into());
        of_text(&text, window, &[], &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        let of_others = ("another".to_owned(), narrow);
        of_text(&text, window, &[of_others], &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        let its_own = ("much too long".to_owned(), narrow);
        of_text(&text, window, &[its_own], &mut faults);
        of_text(&text, narrow, &[], &mut faults);
        assert_eq!(faults.len(), 2, "{faults:?}");
    });
    output.textures_delta.clear();
}
