//! What the window does while the library cannot be written.

use std::time::Duration;

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

#[test]
fn what_cannot_be_saved_is_kept_told_and_tried_again() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    // A library that is not in its place is not written; its photos can still be seen.
    let library = driven.photos.with_file_name("library.sqlite");
    let away = driven.photos.with_file_name("away.sqlite");
    std::fs::rename(&library, &away).unwrap();
    driven.click_containing("cat.jpg:");
    driven.click("Reject cat");
    driven.until_seen_containing("1 change not saved: ");
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
    // The window stays usable: undo, and more decisions.
    driven.press(CTRL, Key::Z);
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Accepted));
    driven.click("Reject cat");
    driven.press(NONE, Key::T);
    driven.write("Mitzi");
    driven.press(NONE, Key::Enter);
    driven.until_seen_containing("changes not saved: ");
    driven.click("Retry now");
    driven.until_seen_containing("changes not saved: ");
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
    assert_eq!(driven.state("cat.jpg", "Mitzi"), Some(TagState::Accepted));

    // It does not close without a question.
    driven.press(CTRL, Key::Q);
    driven.until_seen("Quit without saving?");
    driven.click("Keep Taglens open");
    assert!(!driven.sees("Quit without saving?") && !driven.app().window.quit);

    // It is tried again by itself, and everything is there.
    std::fs::rename(&away, &library).unwrap();
    driven.until_gone("Retry now");
    driven.until("the library with all of it", |app| {
        app.library.catalogue.label("Mitzi").is_some_and(|l| {
            let label = &app.library.catalogue.labels[l];
            label.in_vocabulary && label.accepted == 1
        })
    });
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
}

/// What is added to the cat's sidecar, as the preview shows it.
fn previewed(driven: &Driven) -> Option<String> {
    let mut rows = driven.harness.query_all_by_label_contains(CHANGE);
    let row = rows.next()?.accesskit_node().label()?;
    row.split_once(CHANGE).map(|(_, added)| added.to_owned())
}

const CHANGE: &str = "photos/cat.jpg: + ";

#[test]
fn an_export_waits_until_decisions_are_saved() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven.press(CTRL, Key::E);
    driven.until_seen_containing(CHANGE);
    let has_cat = |added: String| {
        added
            .split("+ ")
            .any(|keyword| keyword.trim().ends_with("cat"))
    };
    assert!(previewed(&driven).is_some_and(has_cat));
    driven.press(CTRL, Key::Num1);

    // Another program writes in the library for a moment, so that the decision has to wait.
    let library = driven.photos.with_file_name("library.sqlite");
    let other = rusqlite::Connection::open(library).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    driven.click_containing("cat.jpg:");
    driven.click("Reject cat");
    driven.press(CTRL, Key::E);
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(50));
        driven.step();
        assert!(driven.app().export.running, "it waits");
    }
    other.execute_batch("COMMIT").unwrap();
    driven.until("the preview", |app| !app.export.running);
    driven.until_seen_containing(CHANGE);
    assert!(!previewed(&driven).is_some_and(has_cat));
}
