//! Finds the checkpoint in a folder.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::clip::error::ModelError;

/// The usual names, the preferred first. OpenCLIP's come before the plain ones: if a folder has
/// both, `model.safetensors` may be only timm's image tower.
const NAMES: &[&str] = &[
    "open_clip_model.safetensors",
    "open_clip_model.safetensors.index.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "open_clip_pytorch_model.bin",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];

const EXTENSIONS: [&str; 3] = ["safetensors", "pt", "bin"];

/// A larger file is not an index (that of the largest CLIP has some 200 kB).
const MAX_INDEX_BYTES: u64 = 16 << 20;

/// The files of a checkpoint.
pub(super) struct Found {
    /// The checkpoint, or its index.
    pub(crate) main: PathBuf,
    /// The files with tensors.
    pub(crate) files: Vec<PathBuf>,
    /// The tensors that an index lists.
    pub(crate) listed: Vec<String>,
}

pub(super) fn find(path: &Path) -> Result<Found, ModelError> {
    let metadata = std::fs::metadata(path).map_err(|e| ModelError::io(path, e))?;
    let main = if metadata.is_dir() {
        in_folder(path)?
    } else {
        path.to_owned()
    };
    if main.extension().is_some_and(|e| e == "json") {
        return from_index(main);
    }
    Ok(Found {
        files: vec![main.clone()],
        main,
        listed: Vec::new(),
    })
}

fn in_folder(folder: &Path) -> Result<PathBuf, ModelError> {
    let usual = NAMES.iter().map(|name| folder.join(name));
    if let Some(path) = usual.into_iter().find(|p| p.is_file()) {
        return Ok(path);
    }
    let entries = std::fs::read_dir(folder).map_err(|e| ModelError::io(folder, e))?;
    let files: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.is_file())
        .collect();
    for extension in EXTENSIONS {
        let mut such = files
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == extension));
        match (such.next(), such.next()) {
            (Some(only), None) => return Ok(only.clone()),
            (Some(_), Some(_)) => break,
            _ => {}
        }
    }
    Err(ModelError::NoCheckpoint {
        path: folder.to_owned(),
    })
}

#[derive(Deserialize)]
struct ShardIndex {
    weight_map: BTreeMap<String, String>,
}

fn from_index(main: PathBuf) -> Result<Found, ModelError> {
    let length = std::fs::metadata(&main)
        .map_err(|e| ModelError::io(&main, e))?
        .len();
    if length > MAX_INDEX_BYTES {
        return Err(ModelError::format(&main, "it is too large for an index"));
    }
    let text = std::fs::read_to_string(&main).map_err(|e| ModelError::io(&main, e))?;
    let index: ShardIndex =
        serde_json::from_str(&text).map_err(|e| ModelError::format(&main, e))?;
    let folder = main.parent().unwrap_or(Path::new(""));
    let names: BTreeSet<&String> = index.weight_map.values().collect();
    let mut files = Vec::new();
    for name in names {
        // Only a file name: an index must not point outside its folder.
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(_)), None) => files.push(folder.join(name)),
            _ => {
                let reason = format!("it names `{name}`, which is no file beside it");
                return Err(ModelError::format(&main, reason));
            }
        }
    }
    Ok(Found {
        files,
        listed: index.weight_map.into_keys().collect(),
        main,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn prefers_the_usual_names() {
        let folder = tempfile::tempdir().unwrap();
        let main = |folder: &Path| find(folder).map(|f| f.main.file_name().unwrap().to_owned());
        assert!(main(folder.path()).is_err());
        for name in [
            "b.pt",
            "a.safetensors",
            "model.safetensors",
            "open_clip_model.safetensors",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
            assert_eq!(main(folder.path()).unwrap(), name);
        }
        let two = tempfile::tempdir().unwrap();
        fs::write(two.path().join("a.safetensors"), "").unwrap();
        fs::write(two.path().join("b.safetensors"), "").unwrap();
        assert!(matches!(
            main(two.path()),
            Err(ModelError::NoCheckpoint { .. })
        ));
    }

    #[test]
    fn an_index_stays_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors.index.json");
        for (file, good) in [
            ("a.safetensors", true),
            ("../a", false),
            ("/a", false),
            ("", false),
        ] {
            let json = format!(r#"{{"metadata":{{}},"weight_map":{{"t":"{file}"}}}}"#);
            fs::write(&path, json).unwrap();
            assert_eq!(find(folder.path()).is_ok(), good, "{file}");
        }
        fs::write(&path, "{").unwrap();
        assert!(matches!(find(&path), Err(ModelError::Format { .. })));
    }
}
