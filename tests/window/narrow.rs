//! Controls that stay in reach in a narrow window, or with large text, which is the same.

use eframe::egui::Role;
use egui_kittest::kittest::Queryable;
use taglens::app::{PathCommand, PathPurpose};
use taglens::words::Language;

use crate::driven::Driven;

#[test]
fn nothing_covers_the_filter() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    // The first is 1024 pixels with text of twice the size.
    for width in [512.0, 640.0, 800.0, 1280.0] {
        driven.harness.set_size([width, 600.0].into());
        driven.step();
        driven.step();
        let filter = driven.harness.get_by_label("Filter").rect();
        let choices = driven.harness.get_all_by_role(Role::ComboBox);
        let choices: Vec<_> = choices.map(|choice| choice.rect()).collect();
        assert_eq!(choices.len(), 2, "order and groups");
        for choice in choices {
            assert!(!choice.intersects(filter), "{width}: {choice} on {filter}");
        }
    }
}

#[test]
fn the_buttons_of_the_path_dialog_are_in_reach() {
    for (language, cancel) in [
        (Language::English, "Cancel"),
        (Language::German, "Abbrechen"),
    ] {
        let mut driven = Driven::start_in(language);
        driven.until("the empty library", |app| app.library.loaded);
        driven.app().apply(PathCommand::Ask(PathPurpose::AddFolder));
        driven.harness.set_size([512.0, 350.0].into());
        driven.settle();
        let window = driven.harness.ctx.content_rect();
        let cancel = driven.harness.get_by_label(cancel).rect();
        assert!(window.contains_rect(cancel), "{cancel} in {window}");
    }
}
