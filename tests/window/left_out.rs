//! What scans leave out is counted in *Activity*, where videos can be included.

use std::path::Path;
use std::time::Instant;

use taglens::app::{Command, ScreenId, SelectCommand};
use taglens::indexer::Phase;

use crate::driven::Driven;

#[test]
fn what_was_left_out_is_counted_and_videos_can_be_included() {
    let mut driven = Driven::start();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decode");
    std::fs::copy(seeds.join("mjpeg.mov"), driven.photos.join("IMG_1.MOV")).unwrap();
    for name in ["poster.psd", "Invoice.pdf", "notes.txt"] {
        std::fs::write(driven.photos.join(name), "no photo").unwrap();
    }
    driven.drop_photos(3);
    driven.app().apply(Command::Show(ScreenId::Activity));
    driven.step();
    let others = "1 file of a kind that is not supported (1 psd) · 2 files that are no photos";
    driven.until_seen(&format!("1 video · {others}"));
    driven.click("Include videos");
    driven.until("the video", |app| {
        app.library.catalogue.summary.embedded == 4
    });
    driven.until_seen(others);
    assert!(!driven.sees("Include videos"));
}

#[test]
fn a_photo_that_cannot_be_read_says_why_beside_it() {
    let mut driven = Driven::start();
    driven.drop_folder();
    std::fs::write(driven.photos.join("a.jpg"), b"\xff\xd8\xff\xe0 cut off").unwrap();
    driven.until("the broken photo", |app| {
        let idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
        idle && app.library.catalogue.rows.len() == 4
    });
    let reason = "the file is truncated";
    assert!(!driven.sees_containing(reason));
    driven.app().apply(SelectCommand::Only(0));
    let start = Instant::now();
    while !driven.sees_containing(reason) {
        assert!(start.elapsed().as_secs() < 60, "no reason is told");
        driven.step();
    }
}
