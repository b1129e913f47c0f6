//! The three forms of a vocabulary.
#![no_main]

use libfuzzer_sys::fuzz_target;
use taglens::tagging::Vocabulary;

fuzz_target!(|text: &str| {
    match Vocabulary::parse(text) {
        Ok(vocabulary) => assert!(!vocabulary.labels().is_empty()),
        Err(error) => assert!(!error.problems.is_empty()),
    }
});
