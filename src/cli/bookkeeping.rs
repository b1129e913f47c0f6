//! `taglens bookkeeping`.

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{BookkeepingCommand, Common};
use crate::cli::output::{Kind, Output};
use crate::indexer::bookkeeping;
use crate::sidecar::Bookkeeping;

#[derive(Serialize)]
struct Row<'a> {
    keyword: &'a str,
}

/// Runs the command.
pub(super) fn run(command: &BookkeepingCommand, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let known = bookkeeping::of(&store)?;
    let changed = match command {
        BookkeepingCommand::List => return list(&known, common),
        BookkeepingCommand::Add { keyword } => known.with(keyword),
        BookkeepingCommand::Remove { keyword } => known.without(keyword).ok_or_else(|| {
            anyhow::anyhow!("{keyword} is not in the list; `taglens bookkeeping list` shows it")
        })?,
        BookkeepingCommand::Reset => Bookkeeping::default(),
    };
    bookkeeping::set(&mut store, &changed)?;
    Ok(Outcome::Done)
}

fn list(known: &Bookkeeping, common: &Common) -> Result<Outcome> {
    let mut output = Output::stdout(common.format, Kind::Items, &["keyword"]);
    for keyword in known.entries() {
        output.item(&Row { keyword }, vec![keyword.clone()])?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}
