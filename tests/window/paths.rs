//! Folders and files by path, where the system has no dialog or a person would rather type.

use eframe::egui::{Key, Modifiers};
use taglens::app::{Command, PathCommand, PathPurpose, ScreenId};

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;

#[test]
fn a_folder_is_added_by_keys_alone() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.click("Type a path");
    let parent = driven.photos.parent().unwrap().to_path_buf();
    driven.press(Modifiers::COMMAND, Key::A);
    driven.write(&format!("{}/pho", parent.display()));
    driven.until_seen("photos");
    // Nothing of that name lies there, and so it is not tried.
    driven.press(NONE, Key::Enter);
    assert!(driven.sees("There is no folder “pho”."));
    driven.press(NONE, Key::Tab);
    assert!(driven.sees("Add “photos”"), "what is there completes it");
    driven.press(NONE, Key::Enter);
    assert!(!driven.sees("Add “photos”"), "it is closed");
    driven.until("the photos", |app| app.library.catalogue.rows.len() == 3);
    let photos = driven.photos.clone();
    assert_eq!(driven.app().recent(), [photos]);
}

#[test]
fn labels_are_exported_and_imported_by_path() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven.app().apply(Command::Show(ScreenId::Labels));
    let file = driven.photos.join("labels.toml");
    driven
        .app()
        .apply(PathCommand::Ask(PathPurpose::ExportLabels));
    driven.step();
    driven.press(Modifiers::COMMAND, Key::A);
    driven.write(&file.display().to_string());
    driven.press(NONE, Key::Enter);
    // It is there before it is written in full.
    driven.until("the file", |app| {
        let mut said = app.messages.list.iter();
        said.any(|m| m.text.starts_with("Labels exported to"))
    });
    std::fs::write(&file, "whiskers\n").unwrap();
    driven
        .app()
        .apply(PathCommand::Ask(PathPurpose::ImportLabels));
    driven.step();
    // Down to what the folder has, which is the file alone.
    driven.press(Modifiers::COMMAND, Key::A);
    driven.write(&format!("{}/lab", driven.photos.display()));
    driven.until_seen("labels.toml");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    driven.until("the labels of the file", |app| {
        app.library.catalogue.label("whiskers").is_some()
    });
    driven
        .app()
        .apply(PathCommand::Ask(PathPurpose::ImportLabels));
    driven.step();
    assert!(driven.sees("Import labels from a file"));
    driven.press(NONE, Key::Escape);
    assert!(!driven.sees("Import labels from a file"));
}
