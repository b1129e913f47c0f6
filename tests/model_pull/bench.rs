//! A server and folders for one test.

use std::time::Duration;

use crate::server::{CONFIG, GO_ON, Server};
use sha2::{Digest, Sha256};
use taglens::model_store::{Entry, ModelStore, ModelStoreError, PullOptions, Watcher, pull};

/// A server, and folders of this test's own: never the user's cache.
pub struct Bench {
    pub server: Server,
    pub folder: tempfile::TempDir,
    pub options: PullOptions,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start();
        let options = PullOptions {
            endpoint: server.endpoint.clone(),
            attempts: 1,
            pause: Duration::from_millis(1),
            stall_timeout: Duration::from_secs(20),
            ..PullOptions::new(folder.path().join("hub"))
        };
        Self {
            server,
            folder,
            options,
        }
    }

    pub fn store(&self) -> ModelStore {
        ModelStore::new(self.folder.path().join("data"))
    }

    pub fn entry() -> &'static Entry {
        Entry::find("vit-b-32-openai").unwrap()
    }

    pub fn pull(&self) -> Result<taglens::model_store::Installed, ModelStoreError> {
        self.pull_with(&mut |_| GO_ON)
    }

    pub fn pull_with(
        &self,
        progress: &mut Watcher<'_>,
    ) -> Result<taglens::model_store::Installed, ModelStoreError> {
        pull(
            &self.store(),
            Self::entry(),
            &self.options,
            progress,
            &|_| Ok(()),
        )
    }

    pub fn pull_entry(
        &self,
        name: &str,
        progress: &mut Watcher<'_>,
    ) -> Result<taglens::model_store::Installed, ModelStoreError> {
        let entry = Entry::find(name).unwrap();
        pull(&self.store(), entry, &self.options, progress, &|_| Ok(()))
    }

    pub fn assert_nothing_installed(&self) {
        assert!(self.store().list().unwrap().is_empty());
        let models = self.folder.path().join("data").join("models");
        let left = std::fs::read_dir(models).map_or(0, Iterator::count);
        assert_eq!(left, 0, "staging folders are left");
    }

    pub fn assert_installed(&self) {
        let model = self.store().info("vit-b-32-openai").unwrap();
        let payload = self.server.shared.lock().unwrap().payload.clone();
        assert_eq!(std::fs::read(model.weights()).unwrap(), payload);
        let config = std::fs::read(model.folder.join("open_clip_config.json")).unwrap();
        assert_eq!(config, CONFIG);
        assert_eq!(model.manifest.quick_gelu, Some(true));
        assert_eq!(model.manifest.catalogue_entry(), Some(Self::entry()));
        let digest = &model.manifest.files[0].sha256;
        let expected: String = Sha256::digest(&payload)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(*digest, expected);
    }
}
