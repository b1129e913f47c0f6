//! A file of decisions that is taken into a library: all of it or nothing, and never a panic.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("taglens-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    folder
});

fuzz_target!(|bytes: &[u8]| taglens::fuzzing::decisions(bytes, &FOLDER).expect("a file can be written"));
