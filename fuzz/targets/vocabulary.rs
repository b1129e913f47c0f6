//! The three forms of a vocabulary.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::vocabulary(bytes));
