//! A photo's bytes, through every decoder, to square and thumbnail.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use taglens::core::encoder::Preprocessing;
use taglens::decode::{Limits, prepare_bytes};

fuzz_target!(|bytes: &[u8]| {
    let preprocessing = Preprocessing::clip(224);
    let _ = prepare_bytes(Path::new("photo"), bytes, &preprocessing, &Limits::default());
});
