//! Controls that stay in reach in a narrow window, or with large text, which is the same.

use eframe::egui::Role;
use egui_kittest::kittest::Queryable;

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
