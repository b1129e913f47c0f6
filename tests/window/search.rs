//! The search box, the folders, and the filters.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use taglens::app::Row;
use taglens::store::TagState;

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;

/// A window over `photos` with `cat.jpg` and `coffee.jpg`, and `photos/2024/space` with `rocket.jpg`.
fn nested() -> Driven {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    let below = driven.photos.join("2024/space");
    std::fs::create_dir_all(&below).unwrap();
    let rocket = "rocket.jpg";
    std::fs::rename(driven.photos.join(rocket), below.join(rocket)).unwrap();
    driven.drop_photos(3);
    driven
}

fn shown(driven: &mut Driven) -> Vec<String> {
    let app = driven.app();
    let places = 0..app.library.shown.len();
    places.filter_map(|p| Some(app.row(p)?.name())).collect()
}

#[test]
fn folders_are_a_tree_that_folds_and_each_filters() {
    let mut driven = nested();
    // The library's folder is open, the one below it is folded.
    assert!(driven.sees("photos, 3 photos") && driven.sees("2024, 1 photo"));
    assert!(!driven.sees("space, 1 photo"));
    let fold = driven.harness.get_by_label("2024, 1 photo").rect();
    driven.press_at(fold.left_center() + eframe::egui::vec2(26.0, 0.0));
    assert!(driven.sees("space, 1 photo"), "its triangle opens it");
    assert_eq!(shown(&mut driven).len(), 3, "and does not filter");
    driven.click("space, 1 photo");
    assert_eq!(shown(&mut driven), ["rocket.jpg"]);
    driven.click("2024, 1 photo");
    assert_eq!(shown(&mut driven), ["rocket.jpg"], "with those below");
    driven.click("All photos, 3 photos");
    assert_eq!(shown(&mut driven).len(), 3);
}

#[test]
fn the_search_box_completes_and_finds_by_names() {
    let mut driven = nested();
    // A filter is completed by the keyboard.
    driven.press(Modifiers::COMMAND, Key::F);
    driven.write("tag:ca");
    driven.press(NONE, Key::Tab);
    assert_eq!(shown(&mut driven), ["cat.jpg"]);
    driven.write("folder:spa");
    driven.press(NONE, Key::ArrowDown);
    driven.press(NONE, Key::Enter);
    assert_eq!(shown(&mut driven).len(), 0, "both filters hold");
    // Names stand in sections beside the search by meaning, which Enter is.
    driven.fill("Search", "ro");
    assert!(driven.sees("What photos show: “ro”"));
    driven.click("Files: rocket.jpg");
    assert_eq!(driven.app().current().unwrap().name(), "rocket.jpg");
    assert_eq!(shown(&mut driven).len(), 3, "among all");
    driven.fill("Search", "202");
    driven.click("Folders: 2024");
    assert_eq!(shown(&mut driven), ["rocket.jpg"]);
    driven.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    driven.fill("Search", "cat");
    driven.click("Labels: cat");
    assert_eq!(shown(&mut driven), ["cat.jpg"]);
    driven.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    // Escape closes the list and leaves the photos alone.
    driven.fill("Search", "coffee");
    driven.press(NONE, Key::Escape);
    assert!(!driven.sees("Files: coffee.jpg"));
    assert_eq!(shown(&mut driven).len(), 3);
}

#[test]
fn a_search_by_meaning_shows_the_best_first_and_the_rest_on_request() {
    let mut driven = nested();
    driven.fill("Search", "a cup of coffee");
    driven.press(NONE, Key::Enter);
    driven.until("the search", |app| app.library.filter.hits.is_some());
    let first = shown(&mut driven);
    assert!(first.len() < 3 && first[0] == "coffee.jpg", "{first:?}");
    driven.click("Show less similar photos");
    let all = shown(&mut driven);
    assert!(all.len() == 3 && all.starts_with(&first), "{all:?}");
    assert!(!driven.sees("Show less similar photos"));
}

#[test]
fn filters_agree_with_their_numbers_and_are_saved() {
    let mut driven = nested();
    let rows = &driven.app().library.catalogue.rows;
    let is_suggested = |row: &&Row| row.tags.iter().any(|t| t.state == TagState::Suggested);
    let suggested = rows.iter().filter(is_suggested).count();
    assert!(suggested > 0);
    driven.click("Filter");
    driven.click_containing(&format!("With suggestions, {suggested} "));
    assert_eq!(shown(&mut driven).len(), suggested);
    driven.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    driven.click_containing("cat.jpg:");
    driven.click("Accept cat");
    driven.click("Filter");
    driven.click("Confirmed, 1 photo");
    assert_eq!(shown(&mut driven), ["cat.jpg"]);
    driven.click("Filter");
    driven.click("Save search");
    // Gone from above the photos, and there again from the side bar.
    driven.click_containing("Confirmed  ✖");
    assert_eq!(shown(&mut driven).len(), 3);
    driven.click("Confirmed");
    assert_eq!(shown(&mut driven), ["cat.jpg"]);
}
