//! What a person does is done to the photos in sight that are selected, and to no others.

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use taglens::app::{Grouping, Order, SetCommand, ViewCommand};
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const PHOTOS: [&str; 3] = ["cat.jpg", "coffee.jpg", "rocket.jpg"];

fn tagged() -> Driven {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven
}

/// The photos that have a label.
fn with(driven: &mut Driven, label: &str) -> Vec<&'static str> {
    let has = |name: &&str| driven.state(name, label) == Some(TagState::Accepted);
    PHOTOS.into_iter().filter(has).collect()
}

fn click_with(driven: &mut Driven, modifiers: Modifiers, label: &str) {
    let mut found = driven.harness.get_all_by_label_contains(label);
    found.next().unwrap().click_modifiers(modifiers);
    drop(found);
    driven.step();
}

#[test]
fn a_filter_takes_hidden_photos_out_of_the_selection() {
    let mut driven = tagged();
    driven.click_containing("cat.jpg:");
    driven.fill("Search", "-tag:cat");
    driven.press(NONE, Key::Enter);
    assert_eq!(driven.app().library.shown.len(), 2);
    driven.press(NONE, Key::T);
    driven.write("puppy");
    driven.press(NONE, Key::Enter);
    assert_eq!(with(&mut driven, "puppy"), [""; 0], "none is selected");
    // What stays in sight stays selected.
    driven.click_containing("rocket.jpg:");
    driven.fill("Search", "");
    driven.press(NONE, Key::Enter);
    driven.press(NONE, Key::T);
    driven.write("puppy");
    driven.press(NONE, Key::Enter);
    assert_eq!(with(&mut driven, "puppy"), ["rocket.jpg"]);
}

#[test]
fn the_head_of_a_group_selects_its_photos() {
    let mut driven = tagged();
    driven.app().apply(ViewCommand::Group(Grouping::Folder));
    driven.step();
    let head = format!("Select {}, 3 photos", driven.photos.display());
    driven.click(&head);
    assert_eq!(driven.app().selection.len(), 3);
    driven.click_containing("cat.jpg:");
    assert_eq!(driven.app().selection.len(), 1);
}

#[test]
fn keys_decide_nothing_on_screens_without_photos() {
    let mut driven = tagged();
    driven.press(CTRL, Key::A);
    let before = driven.app().library.catalogue.suggestions();
    assert!(before > 0, "three photos have something that is not sure");
    for screen in ["Labels", "Export", "Activity", "Settings"] {
        driven.click_containing(screen);
        for key in [Key::A, Key::X] {
            driven.press(NONE, key);
            let now = driven.app().library.catalogue.suggestions();
            assert_eq!(now, before, "{key:?} on {screen}");
        }
    }
    // In the menu the command stands, dimmed.
    driven.click("Edit");
    let mut entries = driven
        .harness
        .query_all_by_label_contains("Accept suggestions");
    assert!(entries.any(|entry| entry.accesskit_node().is_disabled()));
}

#[test]
fn what_is_typed_after_t_goes_into_the_field_and_nowhere_else() {
    let mut driven = tagged();
    driven.press(CTRL, Key::A);
    driven.press(CTRL, Key::I);
    assert!(!driven.sees("Add a tag"), "the inspector is hidden");
    let before = driven.app().library.catalogue.suggestions();
    // Faster than frames are drawn.
    for letters in ["ta", "x"] {
        for letter in letters.chars() {
            let key = Key::from_name(&letter.to_string().to_uppercase()).unwrap();
            let events = &mut driven.harness.input_mut().events;
            events.push(egui::Event::Key {
                key,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers: NONE,
            });
            events.push(egui::Event::Text(letter.to_string()));
        }
        driven.harness.step();
    }
    driven.step();
    driven.write("i");
    driven.press(NONE, Key::Enter);
    assert_eq!(driven.app().library.catalogue.suggestions(), before);
    assert_eq!(with(&mut driven, "axi"), PHOTOS);
}

#[test]
fn the_inspector_decides_for_what_it_shows() {
    let mut driven = tagged();
    driven.click_containing("cat.jpg:");
    click_with(&mut driven, CTRL, "rocket.jpg:");
    assert!(driven.sees("2 photos selected"));
    driven.click("Reject cat for both photos");
    let rejected =
        |driven: &mut Driven, name| driven.state(name, "cat") == Some(TagState::Rejected);
    assert!(rejected(&mut driven, "cat.jpg") && rejected(&mut driven, "rocket.jpg"));
    assert!(!rejected(&mut driven, "coffee.jpg"));
    // One that is taken out of the selection is not shown, and nothing is done to it.
    click_with(&mut driven, CTRL, "rocket.jpg:");
    driven.click("Accept cat");
    driven.press(NONE, Key::T);
    driven.write("puppy");
    driven.press(NONE, Key::Enter);
    assert_eq!(with(&mut driven, "puppy"), ["cat.jpg"]);
    assert_eq!(with(&mut driven, "cat"), ["cat.jpg"]);
    // Shown large, a photo is alone however many are selected.
    driven.press(CTRL, Key::A);
    driven.press(NONE, Key::Space);
    driven.press(NONE, Key::T);
    driven.write("alone");
    driven.press(NONE, Key::Enter);
    assert_eq!(with(&mut driven, "alone").len(), 1);
}

#[test]
fn what_lies_on_top_takes_escape() {
    let mut driven = tagged();
    driven.press(CTRL, Key::A);
    let selected = |driven: &mut Driven| driven.app().chosen().len();
    let before = driven.app().library.catalogue.suggestions();
    let open = |driven: &Driven| {
        let mut entries = driven
            .harness
            .query_all_by_label_contains("Switch between light and dark");
        entries.next().is_some()
    };
    driven.click("View");
    assert!(open(&driven), "the menu is open");
    driven.press(NONE, Key::A);
    assert_eq!(driven.app().library.catalogue.suggestions(), before);
    driven.press(NONE, Key::Escape);
    assert!(!open(&driven) && selected(&mut driven) == 3, "the menu");
    driven.press(CTRL, Key::F);
    driven.press(NONE, Key::Escape);
    assert_eq!(selected(&mut driven), 3, "the search box");
    driven.press(NONE, Key::T);
    driven.press(NONE, Key::Escape);
    assert_eq!(selected(&mut driven), 3, "the field for a tag");
    driven.press(CTRL | Modifiers::SHIFT, Key::P);
    driven.press(NONE, Key::Escape);
    assert!(
        !driven.sees("Command") && selected(&mut driven) == 3,
        "the palette"
    );
    driven.press(NONE, Key::Escape);
    assert_eq!(selected(&mut driven), 0);
}

#[test]
fn a_rectangle_selects_the_photos_that_it_touches() {
    let mut driven = tagged();
    let rect = |driven: &Driven, name: &str| {
        let mut tiles = driven.harness.get_all_by_label_contains(name);
        tiles.next().unwrap().rect()
    };
    // From one photo to the next: a drag on a photo draws a rectangle as well.
    let [cat, coffee] = ["cat.jpg:", "coffee.jpg:"].map(|name| rect(&driven, name));
    driven.carry(cat.center(), |_| coffee.center());
    assert_eq!(driven.app().selection.len(), 2);
    let rocket = rect(&driven, "rocket.jpg:").center();
    driven.carry(rocket, |_| rocket + egui::vec2(5.0, 40.0));
    assert_eq!(driven.app().selection.len(), 1);
    assert_eq!(driven.app().chosen().len(), 1);
}

#[test]
fn a_label_is_carried_to_photos() {
    let mut driven = tagged();
    let rect = |driven: &Driven, name: &str| {
        let mut found = driven.harness.get_all_by_label_contains(name);
        found.next().unwrap().rect().center()
    };
    driven.click_containing("coffee.jpg:");
    click_with(&mut driven, CTRL, "rocket.jpg:");
    let label = rect(&driven, "cat, 1 photo");
    // Onto one of the selected photos: all of them get it.
    driven.carry(label, |driven| rect(driven, "rocket.jpg:"));
    assert_eq!(with(&mut driven, "cat"), PHOTOS);
    assert_eq!(driven.app().selection.len(), 2, "the selection stays");
}

#[test]
fn dates_beside_the_photos_scroll_to_them() {
    let mut driven = tagged();
    assert!(!driven.sees_containing("Date: "), "names are no dates");
    driven.app().apply(ViewCommand::Sort(Order::Newest));
    driven.app().apply(SetCommand::Tile(400.0));
    driven.step();
    assert!(driven.sees_containing("Date: "));
    let dates = driven.harness.get_all_by_label_contains("Date: ").next();
    let end = dates.unwrap().rect().center_bottom() - egui::vec2(0.0, 2.0);
    let last = |driven: &Driven| {
        let last = driven.harness.query_all_by_label_contains(".jpg:").last();
        last.unwrap().rect().max.y
    };
    let before = last(&driven);
    driven.press_at(end);
    assert!(last(&driven) < before, "scrolled to the end");
}
