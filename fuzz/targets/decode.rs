//! A photo's bytes, through every decoder, to square and thumbnail.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::decode(bytes));
