//! The models folder: `DATA/models/NAME/` with the weights, configuration files and
//! `taglens-model.json`, and `DATA/default-model.json` for the one in use.

mod staging;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model_store::Validate;
use crate::model_store::catalogue::Entry;
use crate::model_store::error::{ZooError, at};
use crate::model_store::templates as wording;

use staging::Staging;
pub(crate) use staging::sha256_hex;

const MANIFEST: &str = "taglens-model.json";
const DEFAULT: &str = "default-model.json";
const MAX_NAME: usize = 64;

/// What `taglens-model.json` says about an installed model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The model's name, which is also its folder's.
    pub name: String,
    /// Where it came from: the hub's address, or the path that was imported.
    pub source: String,
    /// The file to load: the weights, or the index of weights in several files.
    pub weights: String,
    /// Every file that was installed, the weights first.
    pub files: Vec<ManifestFile>,
    /// Name of the catalogue's entry, if it came from there.
    pub entry: Option<String>,
    /// Whether the activation is QuickGELU, if the catalogue or the user said.
    pub quick_gelu: Option<bool>,
    /// The weights' licence, if known.
    pub licence: Option<String>,
    /// When it was installed, in seconds since 1970-01-01 UTC.
    pub installed_unix_s: u64,
}

/// One file of an installed model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name in the model's folder.
    pub name: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 digest in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The catalogue's entry that this model was pulled as.
    pub fn zoo_entry(&self) -> Option<&'static Entry> {
        Entry::find(self.entry.as_deref()?)
    }
}

/// A model in the models folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// What is known about it.
    pub manifest: Manifest,
    /// Its folder.
    pub folder: PathBuf,
}

impl Installed {
    /// The file to load.
    pub fn weights(&self) -> PathBuf {
        self.folder.join(&self.manifest.weights)
    }

    /// Sum of its files' lengths, in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.manifest.files.iter().map(|f| f.size_bytes).sum()
    }
}

/// The models folder and the choice of the model in use.
#[derive(Clone, Debug)]
pub struct ModelStore {
    data: PathBuf,
}

/// A file to install, and whether the original may be shared instead of copied.
pub(crate) struct Part {
    pub(crate) from: PathBuf,
    /// Its name in the model's folder.
    pub(crate) name: String,
    /// Nobody changes the original in place, so that a hard link will do.
    pub(crate) shareable: bool,
    /// Its digest, where that has been computed already.
    pub(crate) sha256: Option<String>,
}

/// What is to be installed.
pub(crate) struct Installation {
    pub(crate) name: String,
    pub(crate) source: String,
    /// The weights, or their index, first.
    pub(crate) parts: Vec<Part>,
    pub(crate) entry: Option<&'static Entry>,
    pub(crate) quick_gelu: Option<bool>,
    pub(crate) licence: Option<String>,
    pub(crate) replace: bool,
}

#[derive(Serialize, Deserialize)]
struct DefaultModel {
    model: String,
}

impl ModelStore {
    /// The models in Taglens' data folder. Nothing is created before something is installed.
    pub fn new(data_folder: impl Into<PathBuf>) -> Self {
        Self {
            data: data_folder.into(),
        }
    }

    /// Taglens' data folder, which may not be there yet.
    pub fn data_folder(&self) -> &Path {
        &self.data
    }

    fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// Whether a model of that name is installed, readable or not.
    pub fn contains(&self, name: &str) -> bool {
        check_name(name).is_ok() && self.models().join(name).exists()
    }

    /// Every model, by name; an error stands for one whose manifest cannot be read.
    pub fn list(&self) -> Result<Vec<Result<Installed, ZooError>>, ZooError> {
        let folder = self.models();
        let listing = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing.map_err(at("list", &folder))?,
        };
        let mut names = Vec::new();
        for entry in listing {
            let entry = entry.map_err(at("list", &folder))?;
            // Half-made and half-removed models have names with a dot in front.
            match entry.file_name().into_string() {
                Ok(name) if check_name(&name).is_ok() && entry.path().is_dir() => names.push(name),
                _ => {}
            }
        }
        names.sort();
        Ok(names.iter().map(|name| self.info(name)).collect())
    }

    /// What is known about one model.
    pub fn info(&self, name: &str) -> Result<Installed, ZooError> {
        check_name(name)?;
        let folder = self.models().join(name);
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                return Err(ZooError::NotInstalled {
                    name: name.to_owned(),
                });
            }
            text => text.map_err(at("read", &path))?,
        };
        let damaged = |reason: String| ZooError::Manifest {
            path: path.clone(),
            reason,
        };
        let mut manifest: Manifest =
            serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        let file_names = manifest
            .files
            .iter()
            .map(|f| &f.name)
            .chain([&manifest.weights]);
        for file in file_names {
            if Path::new(file).file_name() != Some(file.as_ref()) {
                return Err(damaged(format!("\"{file}\" is not a file's name")));
            }
        }
        // Folders can be renamed by hand: the folder's name is the one that works.
        name.clone_into(&mut manifest.name);
        Ok(Installed { manifest, folder })
    }

    /// Deletes a model; if it was the one in use, none is any more.
    pub fn remove(&self, name: &str) -> Result<(), ZooError> {
        check_name(name)?;
        let folder = self.models().join(name);
        if !folder.is_dir() {
            return Err(ZooError::NotInstalled {
                name: name.to_owned(),
            });
        }
        if self.default_model().ok().flatten().as_deref() == Some(name) {
            self.clear_default()?;
        }
        // Renamed first, so that an interrupted removal leaves no half model under its name.
        Staging::new(&self.models(), name)?.take_away(&folder)
    }

    /// Makes an installed model the one that is used when none is named.
    pub fn set_default(&self, name: &str) -> Result<(), ZooError> {
        self.info(name)?;
        let choice = DefaultModel {
            model: name.to_owned(),
        };
        staging::write_json(&self.data.join(DEFAULT), &choice)
    }

    /// The prompt templates that labels are set into, where the person chose some; none stands for
    /// the model's own.
    pub fn templates(&self) -> Result<Vec<String>, ZooError> {
        wording::read(&self.data)
    }

    /// Chooses prompt templates; with none, the model's own are used again.
    pub fn set_templates(&self, templates: &[String]) -> Result<(), ZooError> {
        staging::write_json(&self.data.join(wording::FILE), &templates)
    }

    /// Forgets which model was chosen.
    pub fn clear_default(&self) -> Result<(), ZooError> {
        let path = self.data.join(DEFAULT);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(at("remove", &path)),
        }
    }

    /// The model that is used when none is named, if one was chosen and is still installed.
    pub fn default_model(&self) -> Result<Option<String>, ZooError> {
        let path = self.data.join(DEFAULT);
        let text = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(at("read", &path))?,
        };
        let choice: DefaultModel =
            serde_json::from_slice(&text).map_err(|e| ZooError::Manifest {
                path,
                reason: e.to_string(),
            })?;
        Ok(Some(choice.model).filter(|name| self.contains(name)))
    }

    /// Refuses what [`ModelStore::install`] would refuse after the work is done.
    pub(crate) fn check_free(&self, name: &str, replace: bool) -> Result<(), ZooError> {
        check_name(name)?;
        if self.contains(name) && !replace {
            return Err(ZooError::Exists {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Puts the parts into a folder beside the models, has it read, and renames it into place:
    /// whatever happens before, nothing of it is seen.
    pub(crate) fn install(
        &self,
        what: Installation,
        validate: Validate<'_>,
    ) -> Result<Installed, ZooError> {
        self.check_free(&what.name, what.replace)?;
        let staging = Staging::new(&self.models(), &what.name)?;
        let mut files = Vec::with_capacity(what.parts.len());
        for part in &what.parts {
            files.push(staging.add(part)?);
        }
        let manifest = Manifest {
            name: what.name.clone(),
            source: what.source,
            weights: files.first().map(|f| f.name.clone()).unwrap_or_default(),
            files,
            entry: what.entry.map(|e| e.name.to_owned()),
            quick_gelu: what.quick_gelu,
            licence: what.licence,
            installed_unix_s: std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| d.as_secs()),
        };
        staging::write_json(&staging.folder().join(MANIFEST), &manifest)?;
        validate(staging.folder()).map_err(|reason| ZooError::Invalid {
            name: what.name.clone(),
            reason,
        })?;
        let folder = self.models().join(&what.name);
        staging.put_in_place(&folder, what.replace)?;
        Ok(Installed { manifest, folder })
    }
}

/// Whether a model can have this name: it becomes a folder's, on any system.
pub(crate) fn check_name(name: &str) -> Result<(), ZooError> {
    const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let stem = name.split('.').next().unwrap_or("");
    let fine = name.len() <= MAX_NAME
        && edge(name.chars().next())
        && edge(name.chars().last())
        && name.chars().all(inside)
        && !RESERVED.iter().any(|r| stem.eq_ignore_ascii_case(r));
    if fine {
        Ok(())
    } else {
        Err(ZooError::Name {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(store: &ModelStore, name: &str, bytes: &[u8]) -> Result<Installed, ZooError> {
        install_as(store, name, bytes, false, &|_| Ok(()))
    }

    fn install_as(
        store: &ModelStore,
        name: &str,
        bytes: &[u8],
        replace: bool,
        validate: Validate<'_>,
    ) -> Result<Installed, ZooError> {
        let scratch = tempfile::tempdir().unwrap();
        let from = scratch.path().join("weights");
        fs::write(&from, bytes).unwrap();
        let part = Part {
            from,
            name: "model.safetensors".to_owned(),
            shareable: true,
            sha256: None,
        };
        let what = Installation {
            name: name.to_owned(),
            source: "a test".to_owned(),
            parts: vec![part],
            entry: None,
            quick_gelu: Some(true),
            licence: None,
            replace,
        };
        store.install(what, validate)
    }

    fn names(store: &ModelStore) -> Vec<String> {
        let list = store.list().unwrap();
        list.into_iter().map(|m| m.unwrap().manifest.name).collect()
    }

    fn leftovers(data: &Path) -> usize {
        let dotted = |e: &fs::DirEntry| e.file_name().to_string_lossy().starts_with('.');
        let listing = fs::read_dir(data.join("models")).unwrap();
        listing.map(Result::unwrap).filter(dotted).count()
    }

    #[test]
    fn a_model_is_installed_listed_used_and_removed() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        assert!(store.list().unwrap().is_empty());
        assert_eq!(store.default_model().unwrap(), None);

        let installed = install(&store, "b", b"weights").unwrap();
        install(&store, "a", b"other").unwrap();
        assert_eq!(names(&store), ["a", "b"]);
        assert_eq!(store.info("b").unwrap(), installed);
        assert_eq!(installed.size_bytes(), 7);
        assert_eq!(fs::read(installed.weights()).unwrap(), b"weights");
        assert_eq!(installed.manifest.quick_gelu, Some(true));

        store.set_default("b").unwrap();
        assert_eq!(store.default_model().unwrap().as_deref(), Some("b"));
        assert!(matches!(
            store.set_default("c"),
            Err(ZooError::NotInstalled { .. })
        ));
        store.remove("b").unwrap();
        assert_eq!(store.default_model().unwrap(), None);
        assert_eq!(names(&store), ["a"]);
        assert!(matches!(
            store.remove("b"),
            Err(ZooError::NotInstalled { .. })
        ));
        assert_eq!(leftovers(data.path()), 0);
    }

    #[test]
    fn an_unusable_model_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        let refuse = |folder: &Path| {
            assert!(folder.join(MANIFEST).is_file());
            Err("no tensor `text_projection`".to_owned())
        };
        let error = install_as(&store, "m", b"x", false, &refuse).unwrap_err();
        assert!(error.to_string().contains("text_projection"), "{error}");
        assert!(names(&store).is_empty());
        assert_eq!(leftovers(data.path()), 0);
    }

    #[test]
    fn a_model_is_replaced_only_on_demand() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        install(&store, "m", b"old").unwrap();
        assert!(matches!(
            install(&store, "m", b"new"),
            Err(ZooError::Exists { .. })
        ));
        let read = || fs::read(store.info("m").unwrap().weights()).unwrap();
        assert_eq!(read(), b"old");
        let refused = install_as(&store, "m", b"new", true, &|_| Err("bad".to_owned()));
        assert!(refused.is_err());
        assert_eq!(read(), b"old");
        install_as(&store, "m", b"new", true, &|_| Ok(())).unwrap();
        assert_eq!(read(), b"new");
        assert_eq!(leftovers(data.path()), 0);
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        let long = "x".repeat(65);
        let bad = [
            "", ".", "..", "../x", "a/b", "a\\b", "/x", "C:x", ".hidden", "a.", "nul", "é", "a b",
            &long,
        ];
        for name in bad {
            assert!(check_name(name).is_err(), "{name:?}");
            let store = ModelStore::new("nowhere");
            assert!(
                matches!(store.info(name), Err(ZooError::Name { .. })),
                "{name:?}"
            );
            assert!(
                matches!(store.remove(name), Err(ZooError::Name { .. })),
                "{name:?}"
            );
        }
        for name in ["a", "vit-b-32-openai", "My_Model.v2", "0"] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_damaged_manifest_is_named_and_can_be_removed() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path());
        for (name, text) in [
            ("broken", "{".to_owned()),
            ("escaping", {
                let m = install(&store, "fine", b"x").unwrap().manifest;
                serde_json::to_string(&Manifest {
                    weights: "../../x".to_owned(),
                    ..m
                })
                .unwrap()
            }),
        ] {
            let folder = data.path().join("models").join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(MANIFEST), text).unwrap();
            let error = store.info(name).unwrap_err();
            assert!(matches!(error, ZooError::Manifest { .. }), "{error}");
            assert!(store.list().unwrap().iter().any(Result::is_err));
            store.remove(name).unwrap();
        }
        assert_eq!(names(&store), ["fine"]);
    }
}
