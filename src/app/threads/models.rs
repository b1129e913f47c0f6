//! The models that the user can choose from.

use crate::app::messages::model::ModelInfo;
use crate::model_store::ModelStore;

/// The best choices for most users: one as fast as CLIP gets, and one as good.
const RECOMMENDED: [&str; 2] = ["vit-b-32-datacomp", "vit-l-14-datacomp"];

/// The catalogue's models, and those on this machine.
pub(crate) fn known(store: &ModelStore) -> Vec<ModelInfo> {
    let mut models = vec![ModelInfo {
        name: crate::engine::STARTER.into(),
        description: "Built in. Fast, works offline, and good for everyday subjects.".into(),
        size_mb: None,
        installed: true,
    }];
    // Among models of about the same speed, the better first; the recommended ones before all.
    let mut entries: Vec<_> = crate::model_store::catalogue::ENTRIES.iter().collect();
    entries.sort_by_key(|e| {
        let recommended = RECOMMENDED.iter().position(|r| *r == e.name);
        let millionths = (e.imagenet_top1_percent * 1e4) as u32;
        (
            recommended.unwrap_or(RECOMMENDED.len()),
            std::cmp::Reverse(millionths),
        )
    });
    for entry in entries {
        models.push(ModelInfo {
            name: entry.name.into(),
            description: format!(
                "{}, {:.0} % on ImageNet: {}.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_and_the_recommended_ones_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let models = known(&ModelStore::new(folder.path()));
        let names: Vec<&str> = models.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names[0], crate::engine::STARTER);
        assert_eq!(names[1..3], RECOMMENDED);
        assert!(
            models[1..]
                .iter()
                .all(|m| m.size_mb.is_some() && !m.installed)
        );
    }
}
