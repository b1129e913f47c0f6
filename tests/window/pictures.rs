//! A handful of pictures of both themes, compared with those in `tests/snapshots`.
//!
//! They need a graphics driver, be it a software one. `UPDATE_SNAPSHOTS=1 cargo test --test window`
//! makes them anew; look at them before they are kept.

use egui_kittest::SnapshotOptions;
use taglens::app::{Action, Command, ScreenId, SetCommand, ThemeChoice};

use crate::driven::Driven;

/// Drivers differ a little in how they smooth edges.
fn options() -> SnapshotOptions {
    SnapshotOptions::new().threshold(1.2).max_failed_pixels(400)
}

#[test]
fn both_themes_look_as_they_should() {
    if taglens::engine::gpu::adapters().is_empty() {
        let required = std::env::var_os("TAGLENS_REQUIRE_GPU").is_some();
        assert!(!required, "there is no graphics driver to draw with");
        eprintln!("skipped: there is no graphics driver to draw with");
        return;
    }
    let mut driven = Driven::start();
    driven.harness.set_size([1100.0, 700.0].into());
    driven.until("the empty library", |app| app.library.loaded);
    for (theme, name) in [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")] {
        driven.app().apply(SetCommand::Theme(theme));
        driven.step();
        driven
            .harness
            .snapshot_options(format!("welcome_{name}"), &options());
    }
    driven.drop_folder();
    // The inspector has paths and dates, which differ from one time to the next.
    driven.app().apply(Command::Do(Action::ToggleInspector));
    for (theme, name) in [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")] {
        driven.app().apply(SetCommand::Theme(theme));
        driven.app().apply(Command::Show(ScreenId::Photos));
        driven.settle();
        driven
            .harness
            .snapshot_options(format!("photos_{name}"), &options());
    }
}
