//! `taglens bookkeeping`.

use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::Common;
use crate::cli::output::{Kind, Output};
use crate::indexer::bookkeeping;
use crate::sidecar::Bookkeeping;

/// Which keywords are other programs' notes.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// The keywords that are left alone
    List,
    /// Leave a keyword alone: a|b that one, a|* all below a
    Add {
        /// Its names from the top, with | between
        keyword: String,
    },
    /// Read a keyword as yours again
    Remove {
        /// As it is listed
        keyword: String,
    },
    /// Go back to what darktable and digiKam write
    Reset,
}

#[derive(Serialize)]
struct Row<'a> {
    keyword: &'a str,
}

/// Runs the command.
pub(super) fn run(command: &Command, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let known = bookkeeping::of(&store)?;
    let changed = match command {
        Command::List => return list(&known, common),
        Command::Add { keyword } => known.with(keyword),
        Command::Remove { keyword } => known.without(keyword).ok_or_else(|| {
            anyhow::anyhow!("{keyword} is not in the list; `taglens bookkeeping list` shows it")
        })?,
        Command::Reset => Bookkeeping::default(),
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
