//! The models that the user can choose from.

use crate::app::messages::model::ModelInfo;
use crate::model_store::{Entry, ModelStore};
use crate::words::phrase;

/// The catalogue's models, and those on this machine.
pub(crate) fn known(store: &ModelStore) -> Vec<ModelInfo> {
    let mut models = vec![ModelInfo {
        name: crate::engine::STARTER.into(),
        description: phrase!("model-built-in"),
        size_mb: None,
        installed: true,
    }];
    // The better first; the recommended ones before all.
    let mut entries: Vec<_> = crate::model_store::catalogue::ENTRIES.iter().collect();
    entries.sort_by_key(|e| {
        let recommended = e.recommended().map(|(place, _)| place);
        let millionths = (e.figures.imagenet_top1_percent.unwrap_or(0.0) * 1e4) as u32;
        (
            recommended.unwrap_or(usize::MAX),
            std::cmp::Reverse(millionths),
        )
    });
    for entry in entries {
        models.push(ModelInfo {
            name: entry.name.into(),
            description: description(entry).into(),
            size_mb: Some(entry.size_mb),
            installed: store.contains(entry.name),
        });
    }
    for installed in store.list().into_iter().flatten().flatten() {
        let name = installed.manifest.name;
        if !models.iter().any(|m| m.name == name) {
            models.push(ModelInfo {
                name,
                description: phrase!("model-own"),
                size_mb: None,
                installed: true,
            });
        }
    }
    models
}

/// What it is recommended for, how good it is, and what its licence forbids.
fn description(entry: &Entry) -> String {
    let mut text = String::new();
    if let Some((_, wish)) = entry.recommended() {
        text = format!("{wish}. ");
    }
    text += entry.architecture;
    if let Some(percent) = entry.figures.imagenet_top1_percent {
        text += &format!(", {percent:.0} % on ImageNet");
    }
    text += &format!(": {}.", entry.good_for);
    if entry.licence_notice().is_some() {
        text += &format!(" Licence: {}.", entry.licence);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_store::catalogue::RECOMMENDED;

    #[test]
    fn the_starter_and_the_recommended_ones_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let models = known(&ModelStore::new(folder.path()));
        let names: Vec<&str> = models.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names[0], crate::engine::STARTER);
        assert_eq!(names[1..5], RECOMMENDED.map(|(_, name)| name));
        let text = |name: &str| {
            let model = models.iter().find(|m| m.name == name).unwrap();
            model.description.to_string()
        };
        assert!(text("siglip2-b-16-224").starts_with("Any language. SigLIP 2"));
        assert!(text("vit-l-14-dfn2b").contains("research only"));
        assert!(
            models[1..]
                .iter()
                .all(|m| m.size_mb.is_some() && !m.installed)
        );
    }
}
