//! Drives the whole window by what a screen reader would say of it, on a library of its own with the
//! built-in model: first start, folder, tags, labels, review, export.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod boxes;
mod columns;
mod covered;
mod driven;
mod embed;
mod label_names;
mod languages;
mod left_out;
mod loupe;
mod menus;
mod multilingual;
mod narrow;
mod paths;
mod pictures;
mod scale;
mod search;
mod seen_texts;
mod selection;
mod tag_field;
mod undo;
mod unsaved;

use std::path::Path;

use driven::Driven;
use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use taglens::app::{Action, ExportState, ScreenId, ThemeChoice};
use taglens::indexer::Phase;
use taglens::store::TagState;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

#[test]
fn from_the_first_start_to_sidecars() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    assert!(driven.sees("Choose a folder") && driven.sees("Try the sample photos"));
    driven.drop_folder();
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Accepted));
    decisions(&mut driven);
    labels(&mut driven);
    review(&mut driven);
    export(&mut driven);
}

/// In the inspector: reject, undo, redo, accept, and a tag that no list has.
fn decisions(driven: &mut Driven) {
    driven.click_containing("cat.jpg:");
    driven.click("Reject cat");
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
    driven.until("the step to undo", |app| app.steps().0.is_some());
    driven.press(CTRL, Key::Z);
    driven.until("the undo", |app| app.steps().1.is_some());
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Accepted));
    driven.press(CTRL | Modifiers::SHIFT, Key::Z);
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
    driven.click("Accept cat");
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Accepted));

    driven.press(NONE, Key::T);
    driven.write("Mitzi");
    driven.press(NONE, Key::Enter);
    driven.until("the new label", |app| {
        let label = app
            .library
            .catalogue
            .label("Mitzi")
            .map(|l| &app.library.catalogue.labels[l]);
        label.is_some_and(|l| l.in_vocabulary && l.accepted == 1)
    });
}

/// In the editor: a threshold is dragged, a label is renamed, and one is added.
fn labels(driven: &mut Driven) {
    driven.click("Labels");
    assert!(driven.sees("Try a label"));
    driven.click("cat, 1 photo");
    driven.until("the histogram", |app| app.labels.scores.is_some());
    let slider = driven.harness.get_by_label("Threshold of cat").rect();
    driven.harness.drag_at(slider.center());
    driven.step();
    let mut last = None;
    for share in [0.6, 0.8, 0.9] {
        let at = slider.left_center() + vec2(slider.width() * share, 0.0);
        driven.harness.hover_at(at);
        driven.step();
        let app = driven.app();
        let count = app
            .labels
            .scores
            .as_ref()
            .unwrap()
            .count_from(app.labels.dragged.unwrap());
        assert!(
            last.is_none_or(|last| count <= last),
            "more is asked, fewer reach it"
        );
        last = Some(count);
    }
    driven
        .harness
        .drop_at(slider.left_center() + vec2(slider.width() * 0.9, 0.0));
    driven.until("the threshold", |app| {
        let cat = app
            .library
            .catalogue
            .label("cat")
            .map(|l| &app.library.catalogue.labels[l]);
        cat.and_then(|l| l.threshold)
            .is_some_and(|t| (t - 0.9).abs() < 0.02)
    });
    driven.fill("Name of the label", "kitty");
    driven.press(NONE, Key::Enter);
    driven.until("the new name with its decisions", |app| {
        let kitty = app
            .library
            .catalogue
            .label("kitty")
            .map(|l| &app.library.catalogue.labels[l]);
        kitty.is_some_and(|l| l.accepted == 1) && app.library.catalogue.label("cat").is_none()
    });
    driven.fill("New label", "espresso cup, space rocket");
    driven.press(NONE, Key::Enter);
    driven.until("two more labels", |app| {
        let known = |name| app.library.catalogue.label(name).is_some();
        known("espresso cup") && known("space rocket")
    });
    driven.until("rest", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Idle)
    });
    // What was added is in view, though it comes last of many.
    let rect = |driven: &Driven, name: &str| {
        let row = driven.harness.query_all_by_label_contains(name).next();
        row.map(|row| row.rect().center())
    };
    let [cup, rocket] = ["espresso cup,", "space rocket,"].map(|name| rect(driven, name).unwrap());
    driven.carry(cup, |_| rocket);
    let depth = |app: &mut taglens::app::App| {
        let cup = app.library.catalogue.labels.iter();
        let mut cup = cup.filter(|l| l.short == "espresso cup" && l.in_vocabulary);
        cup.next().map(|l| l.tree.depth)
    };
    driven.until("the cup below the rocket", |app| depth(app) == Some(1));
    let cup = rect(driven, "espresso cup,").unwrap();
    driven.carry(cup, |driven| {
        let place = driven.harness.get_by_label("Drop here for the top level");
        place.rect().center()
    });
    driven.until("the cup at the top", |app| depth(app) == Some(0));

    // What is there already is shown, not waited for.
    driven.fill("New label", "kitty");
    driven.press(NONE, Key::Enter);
    driven.until("the label that there was", |app| {
        app.labels.editing.as_deref() == Some("kitty") && app.labels.scores.is_some()
    });
}

/// All suggestions for a label are accepted at once, taken back, and one is rejected by its key.
fn review(driven: &mut Driven) {
    driven.press(CTRL, Key::Num2);
    let before = driven.app().library.catalogue.suggestions();
    assert!(before > 0, "three photos have something that is not sure");
    driven.click_containing("Accept all");
    let after = driven.app().library.catalogue.suggestions();
    assert!(after < before, "{after} of {before} are left");
    driven.until("the step to undo", |app| app.steps().0.is_some());
    driven.press(NONE, Key::U);
    driven.until("the undo", |app| app.steps().1.is_some());
    let before = driven.app().library.catalogue.suggestions();
    assert!(before > after, "{before} again");
    driven.press(NONE, Key::X);
    assert_eq!(driven.app().library.catalogue.suggestions(), before - 1);
    driven.click("By photo");
    assert!(driven.sees("Next"));
    driven.press(NONE, Key::A);
    assert_eq!(driven.app().library.catalogue.suggestions(), before - 2);
    driven.click("By label");
}

/// The preview writes nothing; then sidecars are written, read, and taken back.
fn export(driven: &mut Driven) {
    driven.click("Export");
    driven.click("Preview");
    driven.until("the preview", |app| {
        matches!(app.export.state, Some(ExportState::Preview { .. })) && !app.export.running
    });
    let sidecar = driven.photos.join("cat.jpg.xmp");
    assert!(!sidecar.exists(), "a preview writes nothing");
    // A row says what changes, in words; the diff is behind it.
    driven.until_seen_containing("photos/cat.jpg: + ");
    let has = |driven: &Driven, text: &str| {
        let mut found = driven.harness.query_all_by_label_contains(text);
        found.next().is_some()
    };
    assert!(has(driven, "+ Mitzi"));
    // Only what was confirmed.
    driven.click("Confirmed tags only");
    driven.click("Preview");
    driven.until("the other preview", |app| {
        matches!(app.export.state, Some(ExportState::Preview { .. })) && !app.export.running
    });
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        let mut tags = driven.row(name).tags.into_iter();
        let confirmed = tags.any(|t| t.decided && t.state == TagState::Accepted);
        assert_eq!(has(driven, &format!("{name}: + ")), confirmed, "{name}");
    }
    driven.click("Confirmed tags only");
    driven.click("Preview");
    driven.until("the first preview again", |app| {
        matches!(app.export.state, Some(ExportState::Preview { .. })) && !app.export.running
    });
    {
        let mut found = driven.harness.query_all_by_label_contains("Write ");
        let write = found
            .find(|node| node.accesskit_node().label().as_deref() != Some("Write into photos"));
        write.unwrap().click();
    }
    driven.step();
    driven.until("the export", |app| {
        matches!(app.export.state, Some(ExportState::Done { .. })) && !app.export.running
    });
    let text = std::fs::read_to_string(&sidecar).unwrap();
    assert!(text.contains("Mitzi") && text.contains("kitty"), "{text}");
    let exiftool = std::process::Command::new("exiftool")
        .args(["-s3", "-XMP-dc:Subject"])
        .arg(&sidecar)
        .output();
    match exiftool {
        Ok(out) => {
            let read = String::from_utf8_lossy(&out.stdout).into_owned();
            assert!(read.contains("Mitzi"), "exiftool reads: {read}");
        }
        Err(_) => assert!(
            std::env::var_os("TAGLENS_REQUIRE_GPU").is_none(),
            "exiftool is not here"
        ),
    }
    driven.until_seen("History: 1 export");
    driven.click("History: 1 export");
    driven.until_seen("Undo");
    driven.click("Undo");
    driven.until("the export undone", |app| {
        !app.export.running && !sidecar.exists()
    });
    driven.until_gone("History: 1 export");
}

/// Drawn once, decided on once, undone as one, and still decided on when each file is by itself.
#[test]
fn the_files_of_one_photo_are_one_tile() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    // A raw file by its name; it is read as what it contains.
    let mut raw = std::fs::read(driven.photos.join("cat.jpg")).unwrap();
    raw.push(0);
    std::fs::write(driven.photos.join("cat.CR2"), raw).unwrap();
    driven.drop_folder();
    let rows = |app: &mut taglens::app::App| app.library.catalogue.rows.len();
    assert_eq!(rows(driven.app()), 3);
    driven.click_containing("cat.jpg, 2 files:");
    assert!(driven.sees("With cat.CR2"));
    driven.click("Reject cat");
    driven.until("the step to undo", |app| app.steps().0.is_some());
    driven.press(CTRL, Key::Z);
    driven.until("the undo", |app| app.steps().1.is_some());
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Accepted));
    driven.press(CTRL | Modifiers::SHIFT, Key::Z);
    assert_eq!(driven.state("cat.jpg", "cat"), Some(TagState::Rejected));
    driven.click("Settings");
    driven.scroll_to("Group files of the same photo");
    driven.click("Group files of the same photo");
    driven.until("a photo for each file", |app| rows(app) == 4);
    for name in ["cat.jpg", "cat.CR2"] {
        assert_eq!(
            driven.state(name, "cat"),
            Some(TagState::Rejected),
            "{name}"
        );
    }
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decode");
    std::fs::copy(seeds.join("h264.mp4"), driven.photos.join("clip.mp4")).unwrap();
    driven.click("Include videos");
    driven.until("the video", |app| rows(app) == 5);
    driven.click("Include videos");
    driven.until("no video", |app| rows(app) == 4);
}

#[test]
fn keys_and_screens() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    for (key, screen) in [
        (Key::Num2, ScreenId::Review),
        (Key::Num3, ScreenId::Labels),
        (Key::Num4, ScreenId::Export),
        (Key::Num5, ScreenId::Activity),
        (Key::Comma, ScreenId::Settings),
        (Key::Num1, ScreenId::Photos),
    ] {
        driven.press(CTRL, key);
        assert_eq!(driven.app().window.screen, screen);
    }
    driven.press(NONE, Key::ArrowRight);
    driven.press(NONE, Key::ArrowRight);
    assert_eq!(driven.app().selection.cursor(), Some(1));
    driven.press(CTRL, Key::A);
    assert_eq!(driven.app().selection.len(), 3);
    driven.press(NONE, Key::Space);
    assert!(driven.app().window.large);
    driven.press(NONE, Key::Escape);
    assert!(!driven.app().window.large);

    // Words find photos by their meaning, and filters narrow them down.
    driven.press(CTRL, Key::F);
    driven.write("a cup of coffee");
    driven.press(NONE, Key::Enter);
    driven.until("the search", |app| app.library.filter.hits.is_some());
    assert_eq!(driven.app().row(0).unwrap().name(), "coffee.jpg");
    driven.fill("Search", "tag:cat");
    driven.press(NONE, Key::Enter);
    assert_eq!(driven.app().library.shown.len(), 1);
    driven.click_containing("tag:cat  ✖");
    assert_eq!(driven.app().library.shown.len(), 3);

    driven.click("Settings");
    wording(&mut driven);
    driven.scroll_to("Light");
    driven.click("Light");
    assert_eq!(driven.app().settings.theme, ThemeChoice::Light);
    driven.click("Write sidecars automatically");
    let sidecar = driven.photos.join("cat.jpg.xmp");
    driven.until("sidecars written automatically", |_| sidecar.exists());
}

/// Prompt templates are taken up where they have a place for the label, and tags follow.
fn wording(driven: &mut Driven) {
    const FIELD: &str = "Prompt templates";
    let confidences = |driven: &mut Driven| -> Vec<Option<f32>> {
        let tags = driven.row("cat.jpg").tags;
        tags.iter().map(|t| t.confidence).collect()
    };
    let before = confidences(driven);
    driven.scroll_to(FIELD);
    driven.fill(FIELD, "a drawing of something");
    driven.press(NONE, Key::Tab);
    assert!(driven.app().computing.engine.templates.is_empty());
    let said = driven.app().messages.list.last().unwrap().text.clone();
    assert!(said.contains("a drawing of something"), "{said}");
    driven.fill(FIELD, "an old painting of a {}");
    driven.press(NONE, Key::Tab);
    assert_eq!(
        driven.app().computing.engine.templates,
        ["an old painting of a {}"]
    );
    driven.until("other tags", |app| {
        let idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
        let cat = app
            .library
            .catalogue
            .rows
            .iter()
            .find(|r| r.name() == "cat.jpg");
        let now: Vec<Option<f32>> = cat.unwrap().tags.iter().map(|t| t.confidence).collect();
        idle && now != before
    });
    driven.scroll_to("Use the model's own");
    driven.click("Use the model's own");
    assert!(driven.app().computing.engine.templates.is_empty());
    let first = confidences(driven);
    driven.until("the tags there were", |app| {
        let cat = app
            .library
            .catalogue
            .rows
            .iter()
            .find(|r| r.name() == "cat.jpg");
        let now: Vec<Option<f32>> = cat.unwrap().tags.iter().map(|t| t.confidence).collect();
        now != first
    });
}

#[test]
fn the_palette_reaches_every_command() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    // These open a dialog of the system, end the program, or write files.
    let elsewhere = [
        Action::ChooseFolder,
        Action::TypeFolder,
        Action::Quit,
        Action::TrySamples,
        Action::Palette,
    ];
    for action in Action::ALL.iter().filter(|a| !elsewhere.contains(a)) {
        driven.press(CTRL | Modifiers::SHIFT, Key::P);
        assert!(driven.sees("Command"), "the palette is open for {action:?}");
        driven.write(action.title());
        let found = driven
            .harness
            .query_all_by_label_contains(action.title())
            .next();
        assert!(found.is_some(), "{action:?} is found by its title");
        // What cannot be done now says why, and is not what Enter does.
        if let Some(reason) = driven.app().refusal(*action) {
            let mut reasons = driven.harness.query_all_by_label_contains(reason);
            assert!(reasons.next().is_some(), "{action:?} says why: {reason}");
            drop(reasons);
            driven.press(NONE, Key::Escape);
        } else {
            driven.press(NONE, Key::Enter);
        }
        assert!(!driven.sees("Command"), "{action:?} closes the palette");
        // What it may have opened.
        driven.press(NONE, Key::Escape);
    }
    // The last ones leave traces: light was made dark, or dark light.
    assert_ne!(driven.app().settings.theme, ThemeChoice::System);
}
