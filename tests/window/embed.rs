//! Exports that write into photos: off until asked, shown before, and undone to the byte.

use egui_kittest::kittest::{NodeT, Queryable};
use taglens::app::{App, Command, ExportState, ScreenId};

use crate::driven::Driven;

/// A window on the export of three photos, of which one cannot be written.
fn exporting() -> Driven {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    let rocket = driven.photos.join("rocket.jpg");
    let picture = image::open(&rocket).unwrap();
    picture.save(driven.photos.join("rocket.gif")).unwrap();
    std::fs::remove_file(rocket).unwrap();
    driven.drop_folder();
    driven.click("Export");
    driven.until_seen("Write into photos");
    driven
}

fn contents(driven: &Driven) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(&driven.photos).unwrap();
    let mut files: Vec<_> = files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn has_ended(app: &App, is_it: impl Fn(&ExportState) -> bool) -> bool {
    app.export.state.as_ref().is_some_and(is_it) && !app.export.running
}

fn preview(driven: &mut Driven) {
    driven.click("Preview");
    driven.until("the preview", |app| {
        has_ended(app, |state| matches!(state, ExportState::Preview { .. }))
    });
}

fn allow(driven: &mut Driven) {
    driven.click("Write into photos");
    driven.click("Allow for this library");
    driven.until_gone("Allow for this library");
    driven.until_seen_containing("Tags are written as keywords into your photos");
}

#[test]
fn photos_are_written_only_after_a_warning_and_a_preview_and_come_back_to_the_byte() {
    let mut driven = exporting();
    let before = contents(&driven);
    // The warning says what is written, how to undo it, and to keep a backup; no is the first answer.
    driven.click("Write into photos");
    for part in [
        "byte for byte",
        "History",
        "Keep a backup",
        "Nothing is written now",
    ] {
        assert!(driven.sees_containing(part), "{part}");
    }
    driven.click("Leave photos untouched");
    assert!(!driven.sees("Leave photos untouched"));
    preview(&mut driven);
    assert!(driven.sees("Write 3 sidecars"), "nobody has allowed more");
    allow(&mut driven);
    assert!(
        !driven.sees("Write 3 sidecars"),
        "that preview was of sidecars"
    );

    preview(&mut driven);
    // Which photo is written inside, and by how much it grows; which gets a sidecar, and why.
    driven.until_seen_containing("inside the photo: ");
    let has = |driven: &Driven, parts: [&str; 3]| {
        let found = driven.harness.query_all_by_label_contains(parts[0]);
        let names = found.filter_map(|node| node.accesskit_node().label());
        let mut names: Vec<String> = names.collect();
        names.retain(|name| parts.iter().all(|part| name.contains(part)));
        names.len()
    };
    assert_eq!(
        has(
            &driven,
            ["cat.jpg: + ", "inside the photo: ", " bytes are added"]
        ),
        1
    );
    let why = "in a sidecar: keywords are not written into GIF files";
    assert_eq!(has(&driven, ["rocket.gif: + ", why, ""]), 1);
    assert!(driven.sees_containing("2 photos and 1 sidecar to write"));
    assert!(contents(&driven) == before, "a preview writes nothing");

    driven.click("Write 2 photos and 1 sidecar");
    driven.until("the export", |app| {
        has_ended(app, |state| matches!(state, ExportState::Done { .. }))
    });
    assert!(driven.sees_containing("2 photos and 1 sidecar written."));
    let after = contents(&driven);
    let names: Vec<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["cat.jpg", "coffee.jpg", "rocket.gif", "rocket.gif.xmp"]
    );
    for (name, bytes) in before.iter().filter(|(name, _)| name.ends_with(".jpg")) {
        let (_, new) = after.iter().find(|(other, _)| other == name).unwrap();
        let has_keywords = new.windows(8).any(|part| part == b"<rdf:li>");
        assert!(new != bytes && has_keywords, "{name}");
        let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
        assert!(decoded(new) == decoded(bytes), "{name}");
    }
    preview(&mut driven);
    assert!(
        driven.sees_containing("Nothing to write."),
        "a second export changes nothing"
    );

    driven.until_seen("History: 1 export");
    driven.click("History: 1 export");
    driven.until_seen("Undo");
    driven.click("Undo");
    let photos = driven.photos.clone();
    driven.until("the export undone", |app| {
        !app.export.running && !photos.join("rocket.gif.xmp").exists()
    });
    driven.until_seen_containing("3 files restored.");
    assert!(contents(&driven) == before, "to the byte");
}

#[test]
fn the_library_remembers_and_the_warning_comes_once() {
    let mut driven = exporting();
    allow(&mut driven);
    driven.click("Write into photos");
    driven.until_seen_containing("your photos are never touched");
    driven.click("Write into photos");
    driven.until_seen_containing("Tags are written as keywords into your photos");
    assert!(!driven.sees("Allow for this library"), "said once");
    // It is the library's, not the window's.
    let settings = driven.photos.with_file_name("data").join("window.json");
    let settings = std::fs::read_to_string(settings).unwrap_or_default();
    assert!(!settings.contains("embed"), "{settings}");
    driven.app().apply(Command::Show(ScreenId::Photos));
    driven.step();
    driven.click("Export");
    driven.until_seen_containing("Tags are written as keywords into your photos");
}

#[test]
fn a_program_says_what_it_reads_and_sets_what_it_needs() {
    let mut driven = exporting();
    driven.click("Export for Any program");
    driven.until_seen("Lightroom Classic");
    driven.click("Lightroom Classic");
    driven.until_seen("Export for Lightroom Classic");
    assert!(driven.sees_containing("only inside the file, and of raw files IMG.xmp"));
    assert!(driven.sees_containing("Sidecars alone are not enough"));
    preview(&mut driven);
    assert!(
        driven.sees("Write 3 sidecars"),
        "a program alone allows nothing"
    );
    allow(&mut driven);
    assert!(!driven.sees_containing("Sidecars alone are not enough"));
    preview(&mut driven);
    assert!(driven.sees("Write 2 photos and 1 sidecar"));
    driven.click("Export for Lightroom Classic");
    driven.until_seen("darktable");
    driven.click("darktable");
    driven.until_seen("Export for darktable");
    assert!(driven.sees_containing("The photos can stay untouched"));
    assert!(
        !driven.sees("Write 2 photos and 1 sidecar"),
        "that was another export"
    );
    assert!(!driven.photos.join("cat.jpg.xmp").exists());
}

#[test]
fn confirmed_tags_only_says_before_the_preview_that_it_removes_keywords_written_earlier() {
    let mut driven = exporting();
    preview(&mut driven);
    driven.click("Write 3 sidecars");
    driven.until("the export", |app| {
        has_ended(app, |state| matches!(state, ExportState::Done { .. }))
    });
    let removed = "keywords of all other tags are removed where Taglens wrote them";
    assert!(!driven.sees_containing(removed));
    driven.click("Confirmed tags only");
    assert!(
        driven.sees_containing(removed),
        "before anything is written"
    );
    // It says the truth: nothing was confirmed, so that every keyword goes.
    preview(&mut driven);
    driven.click("Write 3 sidecars");
    driven.until("the second export", |app| {
        has_ended(app, |state| matches!(state, ExportState::Done { .. }))
    });
    for (name, bytes) in contents(&driven) {
        let has_keywords = bytes.windows(8).any(|part| part == b"<rdf:li>");
        assert!(!name.ends_with(".xmp") || !has_keywords, "{name}");
    }
    driven.click("Confirmed tags only");
    assert!(!driven.sees_containing(removed));
}
