//! `taglens scale`.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, ScaleCommand};
use crate::cli::output::{Kind, Output};
use crate::cli::terminal::tell;
use crate::core::count;
use crate::core::ids::LabelId;
use crate::services::scale;
use crate::store::{ScaleChange, Store};

#[derive(Serialize)]
struct Row {
    label: String,
    added: usize,
    removed: usize,
}

/// Runs the command.
pub(crate) fn run(command: ScaleCommand, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let model = library::model(common)?;
    let is_measured = model.identity.is_measured();
    let model = model.id(&store)?;
    let undone = match command {
        ScaleCommand::Show => {
            show(&store, scale::last_change(&store, model)?.as_ref(), common)?;
            if !is_measured && !common.quiet && !scale::is_scaled(&store, model)? {
                tell!(
                    "this model was not measured on photographs: its tags are rough until at least \
                     16 photos are read and none is left to read"
                );
            }
            return Ok(Outcome::Done);
        }
        ScaleCommand::Undo => true,
        ScaleCommand::Redo => false,
    };
    if !scale::undo(&mut store, model, undone)? {
        bail!(
            "there is no adjustment to the library to {}",
            match undone {
                true => "undo",
                false => "make again",
            }
        );
    }
    drop(store);
    library::retag(common)?;
    Ok(Outcome::Done)
}

fn show(store: &Store, change: Option<&ScaleChange>, common: &Common) -> Result<()> {
    let names: HashMap<LabelId, String> = store.label_names()?.into_iter().collect();
    let mut output = Output::stdout(common.format, Kind::Items, &["label", "added", "removed"]);
    for label in change.iter().flat_map(|change| &change.labels) {
        let row = Row {
            label: names.get(&label.label).cloned().unwrap_or_default(),
            added: label.gained,
            removed: label.lost,
        };
        let cells = vec![
            row.label.clone(),
            row.added.to_string(),
            row.removed.to_string(),
        ];
        output.item(&row, cells)?;
    }
    output.finish()?;
    if common.quiet {
        return Ok(());
    }
    match change {
        None => tell!("tags were not yet adjusted to this library"),
        Some(change) => {
            tell!(
                "adjusted to {}{}",
                count::photos(change.after.count),
                if change.undone { ", and undone" } else { "" }
            );
            if let Some(constants) = change.after.constants {
                tell!("{constants}");
            }
        }
    }
    Ok(())
}
