//! A sidecar that gets a keyword: what is accepted reads back, and is not edited twice.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::sidecar(bytes));
