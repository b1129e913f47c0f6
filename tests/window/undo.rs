//! What was one step for the user is undone as one.

use eframe::egui::{Key, Modifiers};
use taglens::app::{App, Row};
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

fn tagged() -> Driven {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven
}

#[test]
fn the_label_made_for_a_tag_is_undone_with_it() {
    let mut driven = tagged();
    let is_label = |app: &App| {
        let mut labels = app.library.catalogue.labels.iter();
        labels.any(|l| l.name == "Mitzi" && l.in_vocabulary)
    };
    driven.click_containing("cat.jpg:");
    driven.press(NONE, Key::T);
    driven.write("Mitzi");
    driven.press(NONE, Key::Enter);
    driven.until("the new label", |app| {
        is_label(app) && app.steps().0.is_some()
    });
    driven.press(NONE, Key::Escape);
    driven.press(CTRL, Key::Z);
    driven.until("neither tag nor label", |app| !is_label(app));
    assert_eq!(driven.state("cat.jpg", "Mitzi"), None);
    assert_eq!(driven.app().steps().0, None, "it was one step");
    driven.press(CTRL | Modifiers::SHIFT, Key::Z);
    driven.until("both again", |app| {
        let catalogue = &app.library.catalogue;
        let label = catalogue.label("Mitzi").map(|l| &catalogue.labels[l]);
        label.is_some_and(|l| l.in_vocabulary && l.accepted == 1)
    });
}

#[test]
fn all_suggestions_of_a_photo_are_accepted_and_undone_as_one() {
    let mut driven = tagged();
    driven.press(CTRL, Key::Num2);
    driven.click("By photo");
    // The first photo with several suggestions.
    let suggested = |row: &Row| {
        let tags = row.tags.iter();
        tags.filter(|t| t.state == TagState::Suggested).count()
    };
    let rows = driven.app().library.catalogue.rows.iter();
    let queue: Vec<usize> = rows.map(suggested).filter(|n| *n > 0).collect();
    let at = queue.iter().position(|n| *n > 1).expect("a photo with two");
    for _ in 0..at {
        driven.press(NONE, Key::ArrowRight);
    }
    let before = driven.app().library.catalogue.suggestions();
    driven.click("Accept all");
    driven.until("the step", |app| app.steps().0.is_some());
    let left = driven.app().library.catalogue.suggestions();
    assert_eq!(left, before - queue[at]);
    driven.press(NONE, Key::U);
    driven.until("all of them again", |app| {
        app.library.catalogue.suggestions() == before
    });
    assert_eq!(driven.app().steps().0, None, "it was one step");
}
