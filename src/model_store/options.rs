//! How to reach the hub.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model_store::error::ModelStoreError;

const HUB: &str = "https://huggingface.co";

/// How to reach the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullOptions {
    /// The hub's address, without a final slash.
    pub endpoint: String,
    /// The hub cache: a folder shared with other programs that use the hub.
    pub cache: PathBuf,
    /// The token for models with terms to accept. Sent only to the endpoint, to no server that it
    /// redirects to.
    pub token: Option<String>,
    /// Whether to use only the cache.
    pub offline: bool,
    /// How often to try a broken connection, at least once. Each attempt continues where the last
    /// one stopped.
    pub attempts: u32,
    /// The pause after the first broken attempt; after the second twice that, and so on.
    pub pause: Duration,
    /// The time without data after which a download counts as stuck.
    pub stall_timeout: Duration,
    /// Whether to replace an installed model of that name.
    pub replace: bool,
}

impl PullOptions {
    /// Reads the environment: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN` and
    /// `HF_HUB_OFFLINE`, as
    /// <https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables>
    /// describes them.
    pub fn from_env() -> Result<Self, ModelStoreError> {
        let home = directories::BaseDirs::new().map(|d| d.home_dir().to_path_buf());
        Self::from_variables(&|name| std::env::var(name).ok(), home.as_deref())
    }

    fn from_variables(
        variable: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, ModelStoreError> {
        let variable = |name: &str| {
            variable(name)
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        let cache = variable("HF_HUB_CACHE")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(variable("HF_HOME")?).join("hub")))
            .or_else(|| Some(home?.join(".cache").join("huggingface").join("hub")))
            .ok_or(ModelStoreError::NoCache)?;
        let on = |v: String| ["1", "on", "yes", "true"].contains(&v.to_lowercase().as_str());
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned());
        // A login is for the public hub; only HF_TOKEN is meant for another server.
        let is_hub = endpoint.trim_end_matches('/') == HUB;
        let stored = || is_hub.then(|| stored_token(&cache)).flatten();
        let token = variable("HF_TOKEN").or_else(stored);
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token,
            offline: variable("HF_HUB_OFFLINE").is_some_and(on),
            ..Self::new(cache)
        })
    }

    /// A warning before a token is sent; `None` if none is needed.
    pub(crate) fn token_warning(&self) -> Option<String> {
        self.token.as_ref()?;
        if self.endpoint.starts_with("https://") {
            return None;
        }
        let endpoint = &self.endpoint;
        Some(format!(
            "your token is sent to {endpoint} over http, where everybody on the way can read it"
        ))
    }

    /// Options for the public hub, with that cache and no token.
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

/// The token that the hub's own programs store beside their cache.
fn stored_token(cache: &Path) -> Option<String> {
    let file = File::open(cache.parent()?.join("token")).ok()?;
    let mut text = String::new();
    file.take(1024).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(set: &[(&str, &str)], home: Option<&str>) -> Result<PullOptions, ModelStoreError> {
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
        assert!(matches!(options(&[], None), Err(ModelStoreError::NoCache)));
    }

    #[test]
    fn a_stored_token_is_for_the_public_hub_alone() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "hf_stored\n").unwrap();
        let folder = home.path().to_str().unwrap();
        let with = |set: &[(&str, &str)]| {
            let mut all = vec![("HF_HOME", folder)];
            all.extend(set);
            options(&all, None).unwrap()
        };
        assert_eq!(with(&[]).token.as_deref(), Some("hf_stored"));
        assert_eq!(with(&[]).token_warning(), None);
        let mirror = ("HF_ENDPOINT", "http://mirror.example");
        assert_eq!(with(&[mirror]).token, None);
        let meant = with(&[mirror, ("HF_TOKEN", "hf_meant")]);
        assert_eq!(meant.token.as_deref(), Some("hf_meant"));
        assert!(meant.token_warning().unwrap().contains("mirror.example"));
    }
}
