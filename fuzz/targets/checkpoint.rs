//! Checkpoints: safetensors, and PyTorch's archives and pickles.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::temp_dir().join(format!("taglens-fuzz-{}.bin", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    if std::fs::write(&*FILE, bytes).is_ok()
        && let Ok(tensors) = taglens::clip::read_tensors(&FILE)
    {
        // Nothing can be larger than the file, of which a tensor may show a part again.
        for tensor in tensors.values() {
            assert!(tensor.elem_count() <= bytes.len());
        }
    }
});
