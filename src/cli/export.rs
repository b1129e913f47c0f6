//! `taglens export`.

use std::io::{self, Write};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::embedding::{NotEmbedded, is_jpeg, tell_before_embedding, tell_of_embedding};
use crate::cli::library;
use crate::cli::options::{Common, Export, Keywords, NamingOption};
use crate::cli::output::{Kind, Output};
use crate::cli::photos::bar;
use crate::cli::terminal::tell;
use crate::core::count;
use crate::core::interrupt::ASKED;
use crate::indexer::PipelineError;
use crate::services::export;
use crate::services::export::{ExportOptions, ExportSummary, Exported};
use crate::sidecar;
use crate::sidecar::{Naming, Properties};
use crate::store::{Store, StoreError};

#[derive(Serialize)]
struct Summary {
    photos: usize,
    written: usize,
    unchanged: usize,
    refused: usize,
    embedded: usize,
    dry_run: bool,
}

/// Writes sidecars, with `--embed` also into photos, or with `--undo` undoes the last export.
pub(crate) fn run(command: &Export, common: &Common) -> Result<Outcome> {
    if command.undo {
        return undo(common);
    }
    let mut store = library::open(common)?;
    let options = options(command, common, &store)?;
    if options.embed && !command.dry_run {
        tell_before_embedding(&mut store)?;
    }
    let mut not_embedded = NotEmbedded::default();
    let mut has_jpeg = false;
    let mut unknown = 0;
    for path in &options.paths {
        if store.each_file(Some(path), |_| Ok::<_, anyhow::Error>(()))? == 0 {
            unknown += 1;
            tell!("{} is not in the library", path.display());
        }
    }
    let quiet = common.quiet || command.dry_run;
    let bar = bar(None, "{spinner} {pos} photos, {per_sec}", quiet);
    let summary = export::export(&mut store, &options, &ASKED, |photo, result| {
        bar.inc(1);
        match result {
            Ok(Exported::Unchanged) => {}
            Ok(Exported::Planned(change)) => {
                io::stdout().lock().write_all(change.diff.as_bytes())?;
            }
            Ok(Exported::NotEmbedded(error)) => {
                bar.suspend(|| not_embedded.take(photo, &error));
            }
            Ok(Exported::Written { sidecar, kind }) => {
                has_jpeg |= is_jpeg(photo);
                if common.is_verbose() {
                    bar.suspend(|| tell!("{}: {}", sidecar.display(), describe(kind)));
                }
            }
            Err(error) => {
                bar.suspend(|| tell!("{} was not exported: {error}", photo.display()));
            }
        }
        Ok::<_, anyhow::Error>(())
    });
    let journalled = !command.dry_run && !command.no_undo;
    let summary = summary.map_err(|error| match error.downcast_ref() {
        // `--no-undo` would not end the wait for another Taglens.
        Some(PipelineError::Store(StoreError::SidecarsLocked { .. })) => error,
        Some(PipelineError::Store(cause)) if journalled && cause.may_pass() => error.context(
            "an export needs a journal in the library for undo; `--no-undo` exports without one",
        ),
        _ => error,
    })?;
    bar.finish_and_clear();
    not_embedded.finish();
    report(&summary, &options, common)?;
    let embeds = options.embed || command.program.is_some();
    if has_jpeg && journalled && !embeds && !common.quiet {
        tell_of_embedding(&mut store)?;
    }
    Ok(Outcome::of(summary.refused + unknown))
}

/// What to export, and how.
fn options(command: &Export, common: &Common, store: &Store) -> Result<ExportOptions> {
    let paths = command.paths.iter().map(|p| library::located(store, p));
    let mut options = ExportOptions {
        paths: paths.collect::<Result<_>>()?,
        naming: naming(command.keywords.naming),
        properties: properties(&command.keywords),
        synonyms: command.keywords.synonyms,
        take_out_rejected: command.take_out_rejected,
        confirmed_only: false,
        dry_run: command.dry_run,
        embed: command.embed,
        no_undo: command.no_undo,
    };
    let Some(program) = command.program else {
        return Ok(options);
    };
    if !common.quiet {
        program.advice().iter().for_each(|line| tell!("{line}"));
    }
    let preset = program.facts().preset;
    preset.apply(&mut options);
    if preset.embed && !options.embed {
        if !command.dry_run && !store.may_embed()? {
            bail!(
                "nothing was written: {} needs keywords inside the photos, and Taglens changes photos only \
                 if you say so; `--embed` does that, `--dry-run` shows it first",
                program.facts().name
            );
        }
        options.embed = true;
    }
    Ok(options)
}

/// Prints the counts.
fn report(summary: &ExportSummary, options: &ExportOptions, common: &Common) -> Result<()> {
    let counts = [
        summary.photos,
        summary.written,
        summary.unchanged,
        summary.refused,
        summary.embedded,
    ];
    if options.dry_run {
        // Standard output is reserved for the diffs.
        tell!(
            "{} would be written, {} unchanged, {} refused",
            count::files(summary.files()),
            count::number(summary.unchanged),
            count::number(summary.refused)
        );
    } else {
        let head = &["photos", "written", "unchanged", "refused", "embedded"];
        let mut output = Output::stdout(common.format, Kind::One, head);
        let row = Summary {
            photos: summary.photos,
            written: summary.written,
            unchanged: summary.unchanged,
            refused: summary.refused,
            embedded: summary.embedded,
            dry_run: options.dry_run,
        };
        output.item(&row, counts.map(|n| n.to_string()).to_vec())?;
        output.finish()?;
    }
    Ok(())
}

fn undo(common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let done = export::undo(&mut store, &ASKED, |sidecar, result| {
        if let Err(error) = result {
            tell!("{} stays as it is: {error}", sidecar.display());
        }
        Ok::<_, anyhow::Error>(())
    })?;
    let Some((restored, refused)) = done else {
        tell!("there is no export to undo");
        return Ok(Outcome::Done);
    };
    if !common.quiet {
        tell!("{restored} files are as they were before the last export");
    }
    Ok(Outcome::of(refused))
}

fn describe(kind: sidecar::Kind) -> &'static str {
    match kind {
        sidecar::Kind::Unchanged => "unchanged",
        sidecar::Kind::Edit => "changed",
        sidecar::Kind::Create => "new",
        sidecar::Kind::Delete => "removed, because nothing is left in it",
    }
}

/// Converts the option for the sidecar room.
pub(crate) fn naming(option: NamingOption) -> Naming {
    match option {
        NamingOption::Ext => Naming::Ext,
        NamingOption::Stem => Naming::Stem,
    }
}

/// Where keywords go.
pub(crate) fn properties(keywords: &Keywords) -> Properties {
    Properties {
        microsoft: keywords.microsoft,
        mediapro: keywords.mediapro,
        acdsee: keywords.acdsee,
        parents: keywords.parents,
        hierarchical: !keywords.no_hierarchical,
        digikam: !keywords.no_digikam,
        confidence: keywords.confidence,
        state: !keywords.no_state,
        ..Properties::default()
    }
}
