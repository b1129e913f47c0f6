//! `taglens library`: whether the library is whole, and a copy of it.

use std::path::Path;

use anyhow::Result;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, LibraryCommand};
use crate::cli::terminal::tell;
use crate::store::Store;

/// Runs the command.
pub(crate) fn run(command: &LibraryCommand, common: &Common) -> Result<Outcome> {
    match command {
        LibraryCommand::Check => check(&library::path(common)?, common),
        LibraryCommand::Backup { file } => {
            library::open(common)?.copy_to(file)?;
            if !common.quiet {
                tell!("the library was copied to {}", file.display());
            }
            Ok(Outcome::Done)
        }
    }
}

fn check(path: &Path, common: &Common) -> Result<Outcome> {
    let damage = Store::open_existing(path)?.damage()?;
    for what in &damage {
        tell!("{} is damaged: {what}", path.display());
    }
    if damage.is_empty() && !common.quiet {
        tell!("{} is whole", path.display());
    }
    Ok(match damage.is_empty() {
        true => Outcome::Done,
        false => Outcome::SomeFailed,
    })
}
