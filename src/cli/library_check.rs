//! `taglens library`: checks, copies, restores and repairs the library.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, LibraryCommand};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::store::{Backup, backups, damage_of, repair};

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
        LibraryCommand::Restore { backup: None } => list(&library::path(common)?, common),
        LibraryCommand::Restore {
            backup: Some(named),
        } => restore(named, common),
        LibraryCommand::Repair => mend(&library::path(common)?, common),
    }
}

fn check(path: &Path, common: &Common) -> Result<Outcome> {
    let damage = damage_of(path)?;
    for what in &damage {
        tell!("{} is damaged: {what}", path.display());
    }
    if damage.is_empty() {
        if !common.quiet {
            tell!("{} is whole", path.display());
        }
        return Ok(Outcome::Done);
    }
    if !common.quiet {
        tell!(
            "`taglens library repair` mends it; what it cannot read comes from the newest backup"
        );
    }
    Ok(Outcome::SomeFailed)
}

#[derive(Serialize)]
struct Row {
    backup: String,
    path: String,
    size_bytes: u64,
}

fn list(library: &Path, common: &Common) -> Result<Outcome> {
    let head = &["backup", "KiB", "file"];
    let mut output = Output::stdout(common.format, Kind::Items, head);
    for file in backups(library) {
        let row = Row {
            size_bytes: file.path.metadata().map_or(0, |m| m.len()),
            backup: file.name,
            path: setup::shown(file.path),
        };
        let kib = row.size_bytes.div_ceil(1024).to_string();
        output.item(&row, vec![row.backup.clone(), kib, row.path.clone()])?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}

fn restore(named: &str, common: &Common) -> Result<Outcome> {
    let library = library::path(common)?;
    let known = backups(&library).into_iter().find(|b| b.name == named);
    let path = known.map_or_else(|| PathBuf::from(named), |b| b.path);
    if !path.exists() {
        bail!("there is no backup `{named}`; `taglens library restore` lists those that there are");
    }
    // Checked first: a damaged backup must not harm the library.
    let backup = Backup::open(&path)?;
    let count = library::open_or_make(common)?.restore(&backup)?;
    if !common.quiet {
        tell!(
            "the library has the {count} decisions of {} again, its vocabularies and notes on exports; \
             `taglens index` brings the tags up to date",
            path.display()
        );
    }
    Ok(Outcome::Done)
}

fn mend(path: &Path, common: &Common) -> Result<Outcome> {
    let repaired = repair(path)?;
    for what in &repaired.damage {
        tell!("{} is damaged: {what}", path.display());
    }
    let Some(kept) = &repaired.kept else {
        if !common.quiet {
            tell!("{} is whole; there is nothing to repair", path.display());
        }
        return Ok(Outcome::Done);
    };
    if let Some(backup) = &repaired.backup {
        for (table, count) in &repaired.brought_back {
            tell!("{count} rows of `{table}` came back from the backup {backup}");
        }
    }
    for (table, count) in &repaired.lost {
        tell!("{count} rows of `{table}` are lost: no backup has them");
    }
    for table in &repaired.untold {
        tell!("not all rows of `{table}` could be read, and nothing says how many there were");
    }
    if !common.quiet {
        tell!(
            "the library was built anew, and the damaged file is kept as {}; `taglens index` brings \
             photos and tags up to date",
            kept.display()
        );
    }
    let all_came_back = repaired.untold.is_empty() || repaired.backup.is_some();
    Ok(match repaired.lost.is_empty() && all_came_back {
        true => Outcome::Done,
        false => Outcome::SomeFailed,
    })
}
