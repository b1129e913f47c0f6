//! One photo large: to its neighbours, to its pixels, to the whole screen, and back.

use eframe::egui::{Key, Modifiers};

use crate::driven::Driven;

const NONE: Modifiers = Modifiers::NONE;

#[test]
fn keys_and_buttons_lead_through_the_loupe_and_out_of_it() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven.click_containing("cat.jpg:");
    let from = driven.app().selection.cursor().unwrap();
    driven.press(NONE, Key::Space);
    assert!(driven.app().window.large);
    driven.until_seen(&format!("{} of 3", from + 1));
    driven.settle();

    // These photos are smaller than the view, so that only keys make them larger.
    assert!(driven.sees("100 %"));
    driven.press(NONE, Key::Plus);
    driven.until_seen("Whole photo");
    driven.press(NONE, Key::Z);
    driven.until_seen("100 %");
    driven.press(NONE, Key::Plus);
    driven.until_seen("Whole photo");
    driven.press(NONE, Key::Minus);
    driven.until_seen("100 %");

    driven.press(NONE, Key::Home);
    driven.until_seen("1 of 3");
    driven.press(NONE, Key::ArrowRight);
    driven.until_seen("2 of 3");
    let third = driven.app().row(2).unwrap().name();
    driven.click(&third);
    driven.until_seen("3 of 3");
    driven.press(NONE, Key::ArrowLeft);
    driven.until_seen("2 of 3");

    driven.press(NONE, Key::F11);
    assert!(driven.app().window.full_screen && !driven.sees("Full screen"));
    // A tag can be typed there.
    driven.press(NONE, Key::T);
    driven.write("loupe test");
    driven.press(NONE, Key::Enter);
    let catalogue = &driven.app().library.catalogue;
    let label = catalogue.label("loupe test").unwrap();
    let tagged = catalogue.rows.iter().filter(|r| r.tag(label).is_some());
    assert_eq!(tagged.count(), 1);
    driven.press(NONE, Key::Escape);
    driven.press(NONE, Key::Escape);
    let window = &driven.app().window;
    assert!(window.large && !window.full_screen, "{window:?}");
    driven.press(NONE, Key::Escape);
    assert!(!driven.app().window.large);
}
