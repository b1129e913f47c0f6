//! Imports models from disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model_store::catalogue::Entry;
use crate::model_store::error::{ModelStoreError, at};
use crate::model_store::install::{Installation, Validate};
use crate::model_store::manifest::Installed;
use crate::model_store::names::is_file_name;
use crate::model_store::progress::Watcher;
use crate::model_store::staging::Part;
use crate::model_store::store::ModelStore;

/// A JSON file that maps the tensors of weights in several files to these files.
const INDEX: &str = "model.safetensors.index.json";
/// The usual names of whole CLIP models in repositories of the hub, the better first. In timm's
/// repositories `model.safetensors` is only the image encoder, so open_clip's names come first.
const WELL_KNOWN: &[&str] = &[
    "open_clip_model.safetensors",
    INDEX,
    "model.safetensors",
    "open_clip_pytorch_model.bin",
    "pytorch_model.bin",
];
const EXTENSIONS: &[&str] = &["safetensors", "pt", "pth", "bin"];
/// What may lie beside the weights and affects what they compute.
const CONFIGS: &[&str] = &[
    "open_clip_config.json",
    "open_clip_model_config.json",
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

/// The index of the largest CLIP has some 200 kB.
const MAX_INDEX_BYTES: u64 = 16 << 20;

/// The user's options for importing a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImportOptions {
    /// Its name; by default that of the file or folder, as far as it is valid.
    pub(crate) name: Option<String>,
    /// Whether the activation is QuickGELU, if no configuration file says so.
    pub(crate) quick_gelu: Option<bool>,
    /// Whether to replace a model of that name.
    pub(crate) replace: bool,
}

/// Copies a model into the models folder: a file with weights (`.safetensors`, `.pt`, `.pth`,
/// `.bin`), the index of weights in several files, or a folder with one of these. Configuration
/// files beside it are copied too.
///
/// The model is copied, not linked, because its owner may change the original.
pub(crate) fn import(
    store: &ModelStore,
    path: &Path,
    options: &ImportOptions,
    validate: Validate,
    progress: &mut Watcher<'_>,
) -> Result<Installed, ModelStoreError> {
    // A name in the catalogue adds the catalogue's facts about that model.
    let name = match &options.name {
        Some(name) => name.clone(),
        None => name_from(path),
    };
    store.check_free(&name, options.replace)?;
    let entry = Entry::find(&name);
    let is_folder = fs::metadata(path).map_err(at("read", path))?.is_dir();
    let weights = if is_folder {
        find_weights(path)?
    } else {
        path.to_path_buf()
    };
    let mut parts = weight_parts(&weights)?;
    let beside = weights.parent().unwrap_or(Path::new(""));
    for config in CONFIGS {
        let from = beside.join(config);
        if from.is_file() {
            parts.push(part(from, config));
        }
    }
    let source = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let what = Installation {
        name,
        source: source.display().to_string(),
        parts,
        entry,
        quick_gelu: options.quick_gelu.or(entry
            .and_then(|e| e.reading)
            .map(|reading| reading.quick_gelu)),
        licence: entry.map(|e| e.licence.to_owned()),
        replace: options.replace,
    };
    store.install(what, validate, progress)
}

fn part(from: PathBuf, name: &str) -> Part {
    Part {
        from,
        name: name.to_owned(),
        shareable: false,
        sha256: None,
    }
}

/// The file's name without its extension, with hyphens for invalid characters.
fn name_from(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let stem = if path.is_dir() {
        path.file_name()
    } else {
        path.file_stem()
    };
    let stem = stem.unwrap_or_default().to_string_lossy().to_lowercase();
    let fitting = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = stem
        .chars()
        .take(64)
        .map(|c| if fitting(c) { c } else { '-' })
        .collect();
    name.trim_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned()
}

fn extension(path: &Path) -> Option<String> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    EXTENSIONS
        .contains(&extension.as_str())
        .then_some(extension)
}

fn find_weights(folder: &Path) -> Result<PathBuf, ModelStoreError> {
    if let Some(known) = WELL_KNOWN
        .iter()
        .map(|n| folder.join(n))
        .find(|p| p.is_file())
    {
        return Ok(known);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at("list", folder))? {
        let path = entry.map_err(at("list", folder))?.path();
        if path.is_file() && extension(&path).is_some() {
            found.push(path);
        }
    }
    found.sort();
    let reason = match found.len() {
        1 => return found.pop().ok_or_else(|| none_in(folder)),
        0 => return Err(none_in(folder)),
        n => format!("holds {n} files of weights: import one of them"),
    };
    Err(ModelStoreError::Weights {
        path: folder.to_path_buf(),
        reason,
    })
}

fn none_in(folder: &Path) -> ModelStoreError {
    ModelStoreError::Weights {
        path: folder.to_path_buf(),
        reason: "holds no weights: a .safetensors, .pt, .pth or .bin file is needed".to_owned(),
    }
}

/// The weights and, if they are an index, its files.
fn weight_parts(weights: &Path) -> Result<Vec<Part>, ModelStoreError> {
    let wrong = |reason: String| ModelStoreError::Weights {
        path: weights.to_path_buf(),
        reason,
    };
    if weights
        .file_name()
        .is_some_and(|n| n.to_string_lossy().ends_with(".safetensors.index.json"))
    {
        let length = fs::metadata(weights).map_err(at("read", weights))?.len();
        if length > MAX_INDEX_BYTES {
            return Err(wrong("is too large for an index of weights".to_owned()));
        }
        let text = fs::read(weights).map_err(at("read", weights))?;
        let index: Index = serde_json::from_slice(&text)
            .map_err(|e| wrong(format!("is not an index of weights: {e}")))?;
        let files: std::collections::BTreeSet<String> = index.weight_map.into_values().collect();
        let folder = weights.parent().unwrap_or(Path::new(""));
        let mut parts = vec![part(weights.to_path_buf(), INDEX)];
        for file in files {
            // The index is not trusted: it must not point outside the folder.
            if !is_file_name(&file) || file == INDEX {
                return Err(wrong(format!(
                    "names \"{file}\", which is not a file beside it"
                )));
            }
            parts.push(part(folder.join(&file), &file));
        }
        return Ok(parts);
    }
    let Some(extension) = extension(weights) else {
        let reason = "is not a file of weights; use .safetensors, .pt, .pth or .bin";
        return Err(wrong(reason.to_owned()));
    };
    Ok(vec![part(
        weights.to_path_buf(),
        &format!("model.{extension}"),
    )])
}

#[derive(serde::Deserialize)]
struct Index {
    weight_map: std::collections::BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(
        store: &ModelStore,
        path: &Path,
        options: &ImportOptions,
    ) -> Result<Installed, ModelStoreError> {
        let go_on = &mut |_| std::ops::ControlFlow::Continue(());
        import(store, path, options, &|_| Ok(()), go_on)
    }

    fn named(name: &str) -> ImportOptions {
        ImportOptions {
            name: Some(name.to_owned()),
            ..ImportOptions::default()
        }
    }

    #[test]
    fn files_and_folders_are_imported_whole() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        let from = tempfile::tempdir().unwrap();
        let file = from.path().join("My CLIP (1).PT");
        fs::write(&file, b"weights").unwrap();
        let installed = take(&store, &file, &ImportOptions::default()).unwrap();
        assert_eq!(installed.manifest.name, "my-clip--1");
        assert_eq!(installed.manifest.weights, "model.pt");
        assert_eq!(installed.manifest.quick_gelu, None);

        fs::write(from.path().join("open_clip_config.json"), b"{}").unwrap();
        fs::write(from.path().join("model.safetensors"), b"image encoder").unwrap();
        fs::write(from.path().join("open_clip_model.safetensors"), b"both").unwrap();
        let installed = take(&store, from.path(), &named("vit-b-32-openai")).unwrap();
        assert_eq!(fs::read(installed.weights()).unwrap(), b"both");
        assert!(installed.folder.join("open_clip_config.json").is_file());
        assert_eq!(installed.manifest.quick_gelu, Some(true));
        assert_eq!(installed.manifest.licence.as_deref(), Some("MIT"));
        assert_eq!(fs::read(&file).unwrap(), b"weights", "the original stays");
    }

    #[test]
    fn weights_in_several_files_come_along() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        let from = tempfile::tempdir().unwrap();
        let index = from.path().join(INDEX);
        fs::write(
            &index,
            br#"{"weight_map":{"a":"s1.safetensors","b":"s2.safetensors","c":"s1.safetensors"}}"#,
        )
        .unwrap();
        fs::write(from.path().join("s1.safetensors"), b"1").unwrap();
        let error = take(&store, from.path(), &named("m")).unwrap_err();
        assert!(error.to_string().contains("s2.safetensors"), "{error}");
        fs::write(from.path().join("s2.safetensors"), b"2").unwrap();
        let installed = take(&store, from.path(), &named("m")).unwrap();
        assert_eq!(installed.manifest.weights, INDEX);
        assert_eq!(installed.manifest.files.len(), 3);

        fs::write(&index, br#"{"weight_map":{"a":"../s1.safetensors"}}"#).unwrap();
        let error = take(&store, from.path(), &named("n")).unwrap_err();
        assert!(matches!(error, ModelStoreError::Weights { .. }), "{error}");
        assert_eq!(store.list().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_model_is_refused_by_name() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        let from = tempfile::tempdir().unwrap();
        let text = from.path().join("notes.txt");
        fs::write(&text, b"x").unwrap();
        let import = |path: &Path, name: &str| take(&store, path, &named(name));
        assert!(
            import(&text, "m")
                .unwrap_err()
                .to_string()
                .contains("notes.txt")
        );
        assert!(
            import(from.path(), "m")
                .unwrap_err()
                .to_string()
                .contains("no weights")
        );
        assert!(matches!(
            import(&text, "../m"),
            Err(ModelStoreError::Name { .. })
        ));
        assert!(matches!(
            import(Path::new("nowhere.pt"), "m"),
            Err(ModelStoreError::Io { .. })
        ));
        fs::write(from.path().join("a.bin"), b"x").unwrap();
        fs::write(from.path().join("b.bin"), b"x").unwrap();
        assert!(
            import(from.path(), "m")
                .unwrap_err()
                .to_string()
                .contains("2 files")
        );
        assert!(store.list().unwrap().is_empty());
    }
}
