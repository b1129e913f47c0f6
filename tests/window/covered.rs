//! What appears by itself, or under a resting pointer, covers nothing that one looks at.

use eframe::egui::{Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use taglens::app::{Command, LabelCommand, ScreenId};

use crate::driven::Driven;
use crate::scale;
use crate::seen_texts::Seen;

fn covered(driven: &Driven) -> Vec<String> {
    let (mut seen, mut faults) = (Seen::default(), Vec::new());
    for clipped in &driven.harness.output().shapes {
        seen.add(&clipped.shape, clipped.clip_rect, &mut faults);
    }
    seen.covered
}

#[test]
fn a_toast_covers_nothing() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    scale::add_parts(&driven);
    driven.drop_folder();
    driven.until_seen("Dismiss");
    for screen in ScreenId::ALL {
        driven.app().apply(Command::Show(screen));
        if screen == ScreenId::Labels {
            let label = LabelCommand::Open(Some("cat".into()));
            driven.app().apply(label);
            driven.until("the histogram", |app| app.labels.scores.is_some());
        }
        for size in [[1024.0, 700.0], [512.0, 350.0]] {
            driven.harness.set_size(size.into());
            driven.step();
            driven.step();
            assert!(driven.sees("Dismiss"), "{screen:?}: the toast stays");
            assert_eq!(covered(&driven), [""; 0], "{screen:?} at {}", size[0]);
        }
    }
}

#[test]
fn the_hint_of_a_row_leaves_its_neighbours_in_sight() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    for row in ["photos, 3 photos", "cat, 1 photo"] {
        let rect = driven.harness.get_by_label(row).rect();
        driven
            .harness
            .hover_at(rect.left_center() + vec2(40.0, 0.0));
        driven.settle();
        let below = driven.app().library.catalogue.labels.len();
        assert!(below > 1, "there are neighbours");
        let names: Vec<String> = covered(&driven);
        assert_eq!(names, [""; 0], "below {row}");
        driven
            .harness
            .key_press_modifiers(Modifiers::NONE, eframe::egui::Key::Escape);
    }
}
