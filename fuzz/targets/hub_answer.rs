//! Headers of a hub: what is taken from them is fit for file names, and redirects stay on the web.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::hub_answer(bytes));
