//! Models from the Hugging Face hub, or from a server that stands in for it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model_store::Validate;
use crate::model_store::catalogue::Entry;
use crate::model_store::error::ZooError;
use crate::model_store::fetch::Hub;
use crate::model_store::store::{Installation, Installed, ModelStore, Part};

const HUB: &str = "https://huggingface.co";
/// The one configuration file that goes with the catalogue's weights. The `config.json` of these
/// repositories describes another layout, or timm's image encoder.
const CONFIG: &str = "open_clip_config.json";

/// How to reach the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullOptions {
    /// The hub's address, without a slash at its end.
    pub endpoint: String,
    /// The hub cache: a folder shared with other programs that use the hub.
    pub cache: PathBuf,
    /// Proves who asks, for models whose terms have to be accepted.
    pub token: Option<String>,
    /// Takes files from the cache only.
    pub offline: bool,
    /// How often a broken connection is tried, at least once. Each attempt goes on where the one
    /// before it broke off.
    pub attempts: u32,
    /// Wait after the first broken attempt; after the second twice that, and so on.
    pub pause: Duration,
    /// How long nothing may come before the download counts as stuck.
    pub stall_timeout: Duration,
    /// Whether an installed model of that name is replaced.
    pub replace: bool,
}

impl PullOptions {
    /// What the environment says: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN` and
    /// `HF_HUB_OFFLINE`, as
    /// <https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables>
    /// describes them.
    pub fn from_env() -> Result<Self, ZooError> {
        let home = directories::BaseDirs::new().map(|d| d.home_dir().to_path_buf());
        Self::from_variables(&|name| std::env::var(name).ok(), home.as_deref())
    }

    fn from_variables(
        variable: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, ZooError> {
        let variable = |name: &str| {
            variable(name)
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        let cache = variable("HF_HUB_CACHE")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(variable("HF_HOME")?).join("hub")))
            .or_else(|| Some(home?.join(".cache").join("huggingface").join("hub")))
            .ok_or(ZooError::NoCache)?;
        let on = |v: String| ["1", "on", "yes", "true"].contains(&v.to_lowercase().as_str());
        let token = variable("HF_TOKEN").or_else(|| hf_hub::Cache::new(cache.clone()).token());
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned());
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token,
            offline: variable("HF_HUB_OFFLINE").is_some_and(on),
            ..Self::new(cache)
        })
    }

    /// The public hub, with that cache and no token.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            endpoint: HUB.to_owned(),
            cache: cache.into(),
            token: None,
            offline: false,
            attempts: 4,
            pause: Duration::from_secs(2),
            stall_timeout: Duration::from_secs(60),
            replace: false,
        }
    }
}

/// How far a pull has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes arrive. A resumed download starts with what is there already.
    Downloading {
        /// The file's name on the hub.
        file: String,
        /// Bytes on disk.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The connection broke; the next attempt follows.
    Retrying {
        /// The file's name on the hub.
        file: String,
        /// What happened, as a sentence.
        reason: String,
    },
    /// The digest is being computed.
    Checking {
        /// The file's name on the hub.
        file: String,
        /// Bytes that have been read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The model is read and put into the models folder.
    Installing,
}

/// Hears how far a pull has come, several times a second also where nothing comes. `Break` ends it.
pub type Watcher<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// Downloads a model of the catalogue and installs it under the entry's name.
///
/// What has been downloaded stays in the hub cache if a later step fails: pulling again goes on
/// from there. The weights are linked from the cache where the file system can, else copied.
pub fn pull(
    store: &ModelStore,
    entry: &'static Entry,
    options: &PullOptions,
    progress: &mut Watcher<'_>,
    validate: Validate<'_>,
) -> Result<Installed, ZooError> {
    store.check_free(entry.name, options.replace)?;
    let hub = Hub {
        options,
        repository: entry.repository,
        model: entry.name,
    };
    let (weights, fetched) = fetch_weights(&hub, entry, progress)?;
    let extension = Path::new(weights)
        .extension()
        .unwrap_or_default()
        .to_string_lossy();
    let mut parts = vec![Part {
        from: fetched.path,
        name: format!("model.{extension}"),
        shareable: true,
        sha256: Some(fetched.sha256),
    }];
    match hub.fetch(CONFIG, progress) {
        Ok(config) => parts.push(Part {
            from: config.path,
            name: CONFIG.to_owned(),
            shareable: true,
            sha256: Some(config.sha256),
        }),
        // The architecture is in the weights, the rest in the catalogue.
        Err(ZooError::NotFound { .. } | ZooError::Offline { .. }) => {}
        Err(e) => return Err(e),
    }
    if progress(Progress::Installing).is_break() {
        return Err(ZooError::Cancelled {
            name: entry.name.to_owned(),
        });
    }
    let what = Installation {
        name: entry.name.to_owned(),
        source: hub.url(weights),
        parts,
        entry: Some(entry),
        quick_gelu: Some(entry.quick_gelu),
        licence: Some(entry.licence.to_owned()),
        replace: options.replace,
    };
    store.install(what, validate)
}

/// The weights under the first of the names that the repository has.
fn fetch_weights(
    hub: &Hub<'_>,
    entry: &'static Entry,
    progress: &mut Watcher<'_>,
) -> Result<(&'static str, crate::model_store::fetch::Fetched), ZooError> {
    let mut missing = None;
    for &file in entry.weights {
        match hub.fetch(file, progress) {
            Ok(fetched) => return Ok((file, fetched)),
            // The first name is the one to advise.
            Err(e @ (ZooError::NotFound { .. } | ZooError::Offline { .. })) => {
                missing.get_or_insert(e);
            }
            Err(e) => return Err(e),
        }
    }
    Err(missing.unwrap_or(ZooError::Unknown {
        name: entry.name.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(set: &[(&str, &str)], home: Option<&str>) -> Result<PullOptions, ZooError> {
        let variable = |name: &str| {
            set.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        PullOptions::from_variables(&variable, home.map(Path::new))
    }

    #[test]
    fn the_environment_is_read_as_the_hub_documents_it() {
        let plain = options(&[], Some("/home/me")).unwrap();
        assert_eq!(plain, PullOptions::new("/home/me/.cache/huggingface/hub"));
        let set = [
            ("HF_ENDPOINT", "http://localhost:1/"),
            ("HF_HOME", "/hf"),
            ("HF_TOKEN", " hf_x\n"),
            ("HF_HUB_OFFLINE", "YES"),
        ];
        let given = options(&set, None).unwrap();
        assert_eq!(given.endpoint, "http://localhost:1");
        assert_eq!(given.cache, Path::new("/hf/hub"));
        assert_eq!(given.token.as_deref(), Some("hf_x"));
        assert!(given.offline);
        let cache = options(&[("HF_HUB_CACHE", "/c"), ("HF_HOME", "/hf")], None).unwrap();
        assert_eq!(cache.cache, Path::new("/c"));
        assert!(
            !options(&[("HF_HUB_OFFLINE", "0")], Some("/h"))
                .unwrap()
                .offline
        );
        assert!(matches!(options(&[], None), Err(ZooError::NoCache)));
    }
}
