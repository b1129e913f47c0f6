//! What cameras and programs write into photos: EXIF, IPTC and XMP.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::embedded(bytes));
