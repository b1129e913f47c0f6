//! `taglens vocabulary add|remove|rename|merge|set`.

use anyhow::{Result, bail};

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, LabelTexts, SetLabel, VocabularyEdit as Command};
use crate::cli::terminal::tell;
use crate::services::vocabulary_edit;
use crate::store::Store;
use crate::tagging::Edit;

/// Edits the vocabulary in use, and brings the library's tags up to date.
pub(crate) fn run(command: &Command, common: &Common) -> Result<Outcome> {
    let mut store = library::open_or_make(common)?;
    let edits = edits(command, &store)?;
    if edits.is_empty() {
        bail!("nothing is to be changed; say what with an option, as --threshold 0.7");
    }
    let edited = vocabulary_edit::edit(&mut store, &edits)?;
    if !common.quiet {
        if edited.converted {
            tell!(
                "the vocabulary was brought into the full form (TOML), which can say this; \
                 `taglens vocabulary export` writes it"
            );
        }
        for (from, into) in edited.changes.iter().flat_map(|change| &change.ids) {
            tell!("“{from}” is now “{into}”, with the decisions on it");
        }
    }
    drop(store);
    library::retag(common)?;
    Ok(Outcome::Done)
}

fn edits(command: &Command, store: &Store) -> Result<Vec<Edit>> {
    let known = |named: &str| known(store, named);
    Ok(match command {
        Command::Add {
            name,
            parent,
            texts,
        } => {
            let parent = parent.as_deref().map(known).transpose()?;
            let mut edits = vec![Edit::Add {
                name: name.clone(),
                parent: parent.clone(),
            }];
            // Another label's name is made unique by its path; texts refer to ids.
            let details = details(name, texts);
            if !details.is_empty() && vocabulary_edit::find(store, name)?.is_some() {
                bail!(
                    "there is a label “{name}” already; add this one without options, and `set` \
                     them by the path that `taglens vocabulary list` shows"
                );
            }
            edits.extend(details);
            edits
        }
        Command::Remove { label } => vec![Edit::Delete {
            label: known(label)?,
        }],
        Command::Rename { label, name } => vec![Edit::Rename {
            label: known(label)?,
            name: name.clone(),
        }],
        Command::Merge { from, into } => vec![Edit::Merge {
            from: known(from)?,
            into: known(into)?,
        }],
        Command::Set(set) => self::set(set, store)?,
    })
}

fn set(set: &SetLabel, store: &Store) -> Result<Vec<Edit>> {
    let label = known(store, &set.label)?;
    let mut edits = details(&label, &set.texts);
    // An option given once and empty removes all.
    if set.no_threshold {
        edits.push(Edit::SetThreshold {
            label: label.clone(),
            threshold: None,
        });
    }
    if let Some(export) = set.export {
        edits.push(Edit::SetExport {
            label: label.clone(),
            export,
        });
    }
    // Last, because it may change the label's id.
    if set.top {
        edits.push(Edit::SetParent {
            label,
            parent: None,
        });
    } else if let Some(parent) = &set.parent {
        edits.push(Edit::SetParent {
            label,
            parent: Some(known(store, parent)?),
        });
    }
    Ok(edits)
}

/// The edits for texts and threshold. An option with only empty words removes all of its kind.
fn details(label: &str, texts: &LabelTexts) -> Vec<Edit> {
    let label = || label.to_owned();
    let words = |given: &[String]| {
        let words = given.iter().filter(|w| !w.is_empty()).cloned();
        (!given.is_empty()).then(|| words.collect::<Vec<String>>())
    };
    let mut edits = Vec::new();
    if let Some(synonyms) = words(&texts.synonym) {
        edits.push(Edit::SetSynonyms {
            label: label(),
            synonyms,
        });
    }
    if let Some(prompts) = words(&texts.prompt) {
        edits.push(Edit::SetPrompts {
            label: label(),
            prompts,
        });
    }
    if let Some(negatives) = words(&texts.negative) {
        edits.push(Edit::SetNegatives {
            label: label(),
            negatives,
        });
    }
    if let Some(threshold) = texts.threshold {
        edits.push(Edit::SetThreshold {
            label: label(),
            threshold: Some(threshold),
        });
    }
    edits
}

/// Returns the label as the vocabulary in use spells it.
///
/// # Errors
/// If it has none of that name.
pub(crate) fn known(store: &Store, named: &str) -> Result<String> {
    match vocabulary_edit::find(store, named)? {
        Some(label) => Ok(label),
        None => bail!(
            "the vocabulary has no label “{named}”; `taglens vocabulary list` names those that it has"
        ),
    }
}
