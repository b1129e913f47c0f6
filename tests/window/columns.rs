//! The buttons of the inspector's rows stand in columns, however wide the rows' texts are.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::driven::Driven;

#[test]
fn rows_keep_their_columns_and_the_inspector_its_width() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven.click_containing("cat.jpg:");
    let width = |driven: &Driven| driven.harness.get_by_label("Add a tag").rect().width();
    let before = width(&driven);
    // Decided rows have one button more.
    driven.click("Reject animal");
    for word in [
        "whiskers",
        "a tag with a name that is much too long for its row",
    ] {
        driven.press(Modifiers::NONE, Key::T);
        driven.write(word);
        driven.press(Modifiers::NONE, Key::Enter);
        driven.until_seen(&format!("Reject {word}"));
    }
    driven.settle();
    assert!(
        (width(&driven) - before).abs() < 1.0,
        "{before}: {}",
        width(&driven)
    );
    let rejects = driven.harness.query_all_by_role(Role::Button);
    let rejects = rejects.filter(|node| {
        let name = node.accesskit_node().label();
        name.is_some_and(|name| name.starts_with("Reject "))
    });
    let lefts: Vec<f32> = rejects.map(|node| node.rect().min.x).collect();
    assert!(lefts.len() > 3, "{lefts:?}");
    let is_in_column = |left: &f32| (left - lefts[0]).abs() < 1.0;
    assert!(lefts.iter().all(is_in_column), "{lefts:?}");
}
