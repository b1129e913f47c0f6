//! A file of decisions that is taken into a library: all of it or nothing, and never a panic.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("taglens-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the library");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let (library, file) = (FOLDER.join("library.sqlite"), FOLDER.join("decisions.jsonl"));
    if std::fs::write(&file, bytes).is_ok() {
        let library = library.to_string_lossy();
        let file = file.to_string_lossy();
        let arguments = ["taglens", "--quiet", "--library", &*library, "decisions", "import", &*file];
        let _ = taglens::cli::run_arguments(&arguments);
    }
});
