//! The photographs that come with the program, to try it with.

use std::path::{Path, PathBuf};

/// `resources/NOTICE.md` names the authors.
const SAMPLES: [(&str, &[u8]); 3] = [
    ("cat.jpg", include_bytes!("../../../assets/samples/cat.jpg")),
    (
        "rocket.jpg",
        include_bytes!("../../../assets/samples/rocket.jpg"),
    ),
    (
        "coffee.jpg",
        include_bytes!("../../../assets/samples/coffee.jpg"),
    ),
];

/// Writes the samples into a folder of the program, below `data_folder`.
///
/// # Errors
/// If they cannot be written.
pub(crate) fn unpack(data_folder: &Path) -> std::io::Result<PathBuf> {
    let folder = data_folder.join("Sample photos");
    std::fs::create_dir_all(&folder)?;
    for (name, bytes) in SAMPLES {
        let path = folder.join(name);
        if !path.exists() {
            std::fs::write(path, bytes)?;
        }
    }
    Ok(folder)
}
