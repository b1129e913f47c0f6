//! The field for a tag: completion by keyboard, new labels, recent tags. And the sheet of shortcuts.

use eframe::egui::{Key, Modifiers};
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;

#[test]
fn a_tag_is_completed_by_keyboard_and_offered_again() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven.click_containing("cat.jpg:");
    assert!(driven.sees("Automatic") && !driven.sees("Confirmed"));
    driven.press(NONE, Key::T);
    driven.write("coffe");
    driven.until_seen("Create “coffe”");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    driven.until("the completed tag", |app| app.steps().0.is_some());
    assert_eq!(driven.state("cat.jpg", "coffee"), Some(TagState::Accepted));
    assert_eq!(driven.state("cat.jpg", "coffe"), None);
    // It stands apart from what the machine alone applied.
    driven.until_seen("Confirmed");
    assert!(driven.sees("Automatic"));

    // Up leads back to the text.
    driven.write("Mitzi");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::ArrowUp);
    driven.press(NONE, Key::Enter);
    driven.until("the new label", |app| {
        let label = app.library.catalogue.label("Mitzi");
        let label = label.map(|l| &app.library.catalogue.labels[l]);
        label.is_some_and(|l| l.in_vocabulary && l.accepted == 1)
    });
    driven.press(NONE, Key::Escape);

    driven.click_containing("rocket.jpg:");
    assert!(!driven.sees("Recent"));
    driven.press(NONE, Key::T);
    driven.until_seen("Recent");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    driven.until("the latest tag again", |app| {
        let label = app.library.catalogue.label("Mitzi");
        let label = label.map(|l| &app.library.catalogue.labels[l]);
        label.is_some_and(|l| l.accepted == 2)
    });
}

#[test]
fn a_question_mark_shows_the_shortcuts() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.press(NONE, Key::Questionmark);
    driven.until_seen("Keyboard shortcuts");
    assert!(driven.sees("Pause or resume"), "the actions by their names");
    driven.press(NONE, Key::Escape);
    driven.until_gone("Keyboard shortcuts");
}
