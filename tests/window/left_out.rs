//! What scans leave out is counted in *Activity*, where videos can be included.

use std::path::Path;

use taglens::app::{Command, ScreenId};

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
