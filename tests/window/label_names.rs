//! Labels with other names keep what was decided on them, there and back.

use eframe::egui::{Key, Modifiers};
use taglens::app::{Command, DecideCommand, LabelCommand, ScreenId, SelectCommand, SetCommand};
use taglens::store::TagState;
use taglens::tagging::Edit;
use taglens::words::Language;

use crate::driven::Driven;

const CTRL: Modifiers = Modifiers::COMMAND;

/// Accepts the label for the photo.
fn accept(driven: &mut Driven, photo: &str, label: &str) {
    let row = driven.row(photo);
    let photos = vec![row.photo.expect("a photo that was read").0];
    driven.app().apply(DecideCommand::Label {
        photos,
        label: label.to_owned(),
        accepted: Some(true),
    });
    driven.until("the decision", |app| app.steps().0.is_some());
}

fn until_confirmed(driven: &mut Driven, photo: &str, label: &str) {
    let photo = photo.to_owned();
    driven.until(&format!("{label} confirmed"), |app| {
        let catalogue = &app.library.catalogue;
        let mut rows = catalogue.rows.iter().filter(|r| r.name() == photo);
        let at = catalogue.labels.iter().position(|l| l.name == label);
        let tag = rows.next().zip(at).and_then(|(row, at)| row.tag(at));
        tag.is_some_and(|t| t.decided && t.state == TagState::Accepted)
            && at.is_some_and(|at| catalogue.labels[at].in_vocabulary)
    });
}

#[test]
fn decisions_return_with_the_old_name_when_a_rename_is_undone() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    accept(&mut driven, "rocket.jpg", "tower");
    driven.app().apply(LabelCommand::Edit(vec![Edit::Rename {
        label: "tower".into(),
        name: "launch pad".into(),
    }]));
    until_confirmed(&mut driven, "rocket.jpg", "launch pad");
    driven.press(CTRL, Key::Z);
    until_confirmed(&mut driven, "rocket.jpg", "tower");
    driven.press(CTRL | Modifiers::SHIFT, Key::Z);
    until_confirmed(&mut driven, "rocket.jpg", "launch pad");
}

#[test]
fn a_new_library_has_its_labels_in_the_language_of_the_window() {
    let mut driven = Driven::start_in(Language::German);
    driven.draw_with_fonts_of_the_system();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    assert_eq!(driven.state("cat.jpg", "Katze"), Some(TagState::Accepted));
    accept(&mut driven, "rocket.jpg", "Turm");
    driven.app().apply(Command::Show(ScreenId::Settings));
    driven.step();
    driven.click("Namen der eingebauten Labels: Deutsch");
    driven.click("Français");
    until_confirmed(&mut driven, "rocket.jpg", "tour");
    driven.until_seen("Namen der eingebauten Labels: Français");
    driven.until("the French tags", |app| {
        let catalogue = &app.library.catalogue;
        let mut rows = catalogue.rows.iter().filter(|r| r.name() == "cat.jpg");
        let cat = rows.next().zip(catalogue.label("chat"));
        cat.is_some_and(|(row, chat)| row.tag(chat).is_some())
    });
    driven.press(CTRL, Key::Z);
    until_confirmed(&mut driven, "rocket.jpg", "Turm");
    // The form says what the model reads.
    driven.app().apply(LabelCommand::Open(Some("Turm".into())));
    driven.until_seen("Das Modell liest: tower");
}

#[test]
fn an_empty_library_follows_the_window_and_another_one_keeps_its_names() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    let to = |language| SetCommand::Language(Some(language));
    driven.app().apply(to(Language::Spanish));
    driven.until("Spanish labels", |app| {
        app.library.catalogue.label("perro").is_some()
    });
    driven.drop_folder();
    driven.app().apply(SelectCommand::Only(0));
    driven.app().apply(to(Language::English));
    driven.step();
    driven.app().apply(Command::Show(ScreenId::Settings));
    driven.step();
    assert!(driven.sees("Names of built-in labels: Español"));
}
