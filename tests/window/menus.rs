//! The menus of a right click: they do what the menus at the top do, to what was clicked.

use eframe::egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable;
use taglens::app::ScreenId;
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;

fn tagged() -> Driven {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven
}

/// Opens the menu of what is called so, or else of the first thing in whose name that stands.
fn open(driven: &mut Driven, label: &str) {
    let exact = driven.harness.query_all_by_label(label).next();
    let mut others = driven.harness.query_all_by_label_contains(label);
    let first = exact.or_else(|| others.next());
    first.unwrap().click_secondary();
    drop(others);
    driven.step();
}

/// Chooses an entry of the open menu; what else is called so was drawn before.
fn choose(driven: &mut Driven, entry: &str) {
    let found = driven.harness.query_all_by_label_contains(entry);
    let last = found.last();
    last.unwrap_or_else(|| panic!("there is no entry {entry}"))
        .click();
    driven.step();
}

#[test]
fn a_photos_menu_acts_on_the_selected_photos_or_on_the_one_clicked() {
    let mut driven = tagged();
    driven.click_containing("cat.jpg:");
    open(&mut driven, "cat.jpg:");
    choose(&mut driven, "Copy tags");
    // Another than the selected photo is selected, alone.
    open(&mut driven, "rocket.jpg:");
    assert_eq!(driven.app().current().unwrap().name(), "rocket.jpg");
    assert_eq!(driven.app().selection.len(), 1);
    choose(&mut driven, "Paste tags");
    assert_eq!(driven.state("rocket.jpg", "cat"), Some(TagState::Accepted));
    assert_ne!(driven.state("coffee.jpg", "cat"), Some(TagState::Accepted));
    // A menu takes Escape, and the selection stays.
    driven.press(Modifiers::COMMAND, Key::A);
    open(&mut driven, "coffee.jpg:");
    driven.press(NONE, Key::Escape);
    assert_eq!(driven.app().selection.len(), 3);
    // Those that are selected stay so, and the entry is about all of them.
    open(&mut driven, "coffee.jpg:");
    let entry = driven.harness.query_all_by_label_contains("Copy path");
    entry.last().unwrap().click();
    driven.harness.step();
    let mut copied = Vec::new();
    for _ in 0..3 {
        driven.harness.step();
        let commands = &driven.harness.output().platform_output.commands;
        copied.extend(commands.iter().filter_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.lines().count()),
            _ => None,
        }));
    }
    assert_eq!(copied, [3]);
}

#[test]
fn labels_and_tags_are_renamed_merged_and_deleted_by_their_menus() {
    let mut driven = tagged();
    open(&mut driven, "cat, 1 photo");
    choose(&mut driven, "Rename…");
    assert_eq!(driven.app().window.screen, ScreenId::Labels);
    driven.write("kitty");
    driven.press(NONE, Key::Enter);
    driven.until("the new name", |app| {
        let labels = &app.library.catalogue;
        labels.label("kitty").is_some() && labels.label("cat").is_none()
    });
    driven.press(Modifiers::COMMAND, Key::Num1);
    driven.click_containing("cat.jpg:");
    open(&mut driven, "kitty, accepted");
    choose(&mut driven, "Merge into…");
    // The rest of the name is completed.
    driven.write("do");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    driven.until("one label of two", |app| {
        app.library
            .catalogue
            .labels
            .iter()
            .all(|l| l.short != "kitty")
    });
    driven.press(Modifiers::COMMAND, Key::Num3);
    open(&mut driven, "dog,");
    choose(&mut driven, "Delete label");
    driven.until("one label less", |app| {
        let mut labels = app.library.catalogue.labels.iter();
        !labels.any(|l| l.in_vocabulary && l.short == "dog")
    });
    driven.press(Modifiers::COMMAND, Key::Z);
    driven.until("the label again", |app| {
        let mut labels = app.library.catalogue.labels.iter();
        labels.any(|l| l.in_vocabulary && l.short == "dog")
    });
}

#[test]
fn a_label_is_moved_below_one_whose_name_is_completed() {
    let mut driven = tagged();
    open(&mut driven, "cat, 1 photo");
    choose(&mut driven, "Rename…");
    driven.press(NONE, Key::Escape);
    driven.click("Move under…");
    driven.write("do");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    // What is a cat is a dog now.
    driven.until("the label below the other", |app| {
        let catalogue = &app.library.catalogue;
        let dog = catalogue.label("dog").unwrap();
        let mut rows = catalogue.rows.iter();
        let cat = rows.find(|row| row.name() == "cat.jpg").unwrap();
        cat.tag(dog)
            .is_some_and(|tag| tag.state == TagState::Accepted)
    });
}

#[test]
fn a_pressed_completion_counts_rather_than_the_name_in_the_field() {
    let mut driven = tagged();
    open(&mut driven, "cat, 1 photo");
    choose(&mut driven, "Merge into…");
    driven.write("cake");
    driven.step();
    let choices = driven.harness.query_all_by_label("birthday cake");
    let place = choices.last().unwrap().rect().center();
    driven.press_at(place);
    driven.until("the merged label", |app| {
        app.library.catalogue.label("cat").is_some_and(|at| {
            let label = &app.library.catalogue.labels[at];
            label.short == "birthday cake"
        })
    });
}
