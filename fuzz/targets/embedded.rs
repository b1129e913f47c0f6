//! What cameras and programs write into photos: EXIF, IPTC and XMP.
#![no_main]

use libfuzzer_sys::fuzz_target;
use taglens::decode::About;
use taglens::sidecar::Embedded;

fuzz_target!(|bytes: &[u8]| {
    let _ = Embedded::of_bytes(bytes);
    let about = About::of(bytes);
    let _ = (about.exposure(), about.place());
});
