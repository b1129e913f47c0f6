//! The user's prompt templates, stored beside the models.

use std::path::Path;

use crate::model_store::error::ModelStoreError;
use crate::model_store::files::read_json;

/// The file in the data folder.
pub(crate) const FILE: &str = "templates.json";
/// The placeholder for the label.
const PLACE: &str = "{}";

/// Parses templates, one a line; none for the model's own.
///
/// # Errors
/// The first line without a placeholder.
pub(crate) fn parse(text: &str) -> Result<Vec<String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let templates: Vec<String> = lines.map(str::to_owned).collect();
    match templates.iter().find(|line| !line.contains(PLACE)) {
        Some(line) => Err(format!("“{line}” has no {PLACE} where the label goes")),
        None => Ok(templates),
    }
}

/// Reads the templates in a data folder; none for the model's own.
pub(crate) fn read(data: &Path) -> Result<Vec<String>, ModelStoreError> {
    let path = data.join(FILE);
    let templates: Vec<String> = read_json(&path)?.unwrap_or_default();
    parse(&templates.join("\n")).map_err(|reason| ModelStoreError::Manifest { path, reason })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model_store::ModelStore;

    #[test]
    fn templates_are_kept_and_faulty_ones_are_said() {
        let data = tempfile::tempdir().unwrap();
        let store = ModelStore::new(data.path().join("new"));
        assert!(store.templates().unwrap().is_empty());
        let chosen = parse(" a photo of {}.\n\n{}, seen from above\n").unwrap();
        assert_eq!(chosen, ["a photo of {}.", "{}, seen from above"]);
        store.set_templates(&chosen).unwrap();
        assert_eq!(store.templates().unwrap(), chosen);
        store.set_templates(&[]).unwrap();
        assert!(store.templates().unwrap().is_empty());
        assert!(parse("a photo").unwrap_err().contains("a photo"));
        for damaged in ["[\"a photo\"]", "{}", ""] {
            fs::write(data.path().join("new").join(FILE), damaged).unwrap();
            let error = store.templates().unwrap_err().to_string();
            assert!(error.contains(FILE), "{error}");
        }
    }
}
