//! A sidecar that gets a keyword: what is accepted reads back, and is not edited twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use taglens::sidecar::{Keyword, Properties, Request, edit, read_keywords, review};

fuzz_target!(|bytes: &[u8]| {
    let _ = (read_keywords(bytes), review(bytes, None));
    let Ok(keyword) = Keyword::new(["animal", "dog"]) else {
        return;
    };
    let properties = Properties::default();
    let wanted = [keyword];
    let request = Request {
        wanted: &wanted,
        confidences: &[],
        previously: None,
        properties: &properties,
    };
    let Ok(edited) = edit(bytes, &request) else {
        return;
    };
    let again = Request {
        previously: Some(&edited.record),
        ..request
    };
    let twice = edit(&edited.bytes, &again).expect("what was written reads back");
    assert_eq!(twice.bytes, edited.bytes);
});
