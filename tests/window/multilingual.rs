//! Labels in several languages, with a random SigLIP 2 that has a tokenizer of its own.

use std::path::Path;

use eframe::egui::Key;
use taglens::indexer::Phase;
use taglens::words::Language;

use crate::NONE;
use crate::driven::Driven;

/// Opens the window on SigLIP 2, and indexes three photos.
fn with_siglip() -> Driven {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/siglip");
    let mut driven = Driven::start_with(Language::English, model.to_str().unwrap());
    driven.draw_with_fonts_of_the_system();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    driven
}

#[test]
fn labels_of_any_script_are_scored() {
    let words = ["Straßenbahn", "猫", "قطة", "ประตู"];
    let mut driven = with_siglip();
    driven.click("Labels");
    driven.fill("New label", &words.join(", "));
    driven.press(NONE, Key::Enter);
    driven.until("the labels", |app| {
        words
            .iter()
            .all(|word| app.library.catalogue.label(word).is_some())
    });
    driven.until("rest", |app| {
        app.work.is_some_and(|work| work.now.phase == Phase::Idle)
    });
    // Three photos do not show yet what is usual for a model that nobody measured.
    driven.until_seen_containing(", calibrating");
    let mut last = None;
    let mut curves = Vec::new();
    for word in words {
        driven.click_containing(&format!("{word},"));
        driven.until("its scores", |app| {
            app.labels.scores.is_some() && app.labels.scores != last
        });
        last.clone_from(&driven.app().labels.scores);
        let scores = last.as_ref().unwrap();
        assert_eq!(scores.count_from(0.0), 3, "{word}");
        let curve: Vec<usize> = (0..=10_000)
            .map(|n| scores.count_from(n as f32 / 10_000.0))
            .collect();
        curves.push(curve);
    }
    // Other words are other token numbers, and so other confidences.
    curves.sort();
    curves.dedup();
    assert_eq!(curves.len(), words.len());
    assert_eq!(driven.app().library.catalogue.summary.embedded, 3);
}
