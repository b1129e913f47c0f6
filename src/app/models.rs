//! The models that a person can choose from.

use crate::clip::zoo::ModelStore;

/// A model that is here or can be had.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// Its name.
    pub name: String,
    /// What it is and what it is good for.
    pub description: String,
    /// What has to be fetched, in megabytes; `None` where that cannot be.
    pub size_mb: Option<u32>,
    /// Whether it is on this machine.
    pub installed: bool,
}

/// The catalogue's models, and those on this machine.
pub(super) fn known(store: &ModelStore) -> Vec<ModelInfo> {
    let mut models = vec![ModelInfo {
        name: crate::pipeline::engine::STARTER.into(),
        description: "Built in: quick, works offline, good for everyday subjects.".into(),
        size_mb: None,
        installed: true,
    }];
    for entry in crate::clip::zoo::entries::ENTRIES {
        models.push(ModelInfo {
            name: entry.name.into(),
            description: format!(
                "{}, {:.0} % on ImageNet. {}",
                entry.architecture, entry.imagenet_top1_percent, entry.good_for
            ),
            size_mb: Some(entry.size_mb),
            installed: store.contains(entry.name),
        });
    }
    for installed in store.list().into_iter().flatten().flatten() {
        let name = installed.manifest.name;
        if !models.iter().any(|m| m.name == name) {
            models.push(ModelInfo {
                name,
                description: "A model of your own.".into(),
                size_mb: None,
                installed: true,
            });
        }
    }
    models
}
