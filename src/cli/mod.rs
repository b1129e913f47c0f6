//! The command line: the same work as the window's, for scripts, servers and checks.

mod about;
mod bookkeeping;
mod decide;
mod decisions;
mod desktop;
mod device;
mod doctor;
mod embed;
mod embedding;
mod explain;
mod export;
mod folder;
mod index;
mod learning;
mod library;
mod library_check;
mod log;
mod manual;
mod model;
mod options;
mod outcome;
mod output;
mod path;
mod photos;
mod scale;
mod search;
mod search_filter;
mod setup;
mod status;
mod system;
mod table;
mod tag;
mod tags;
mod terminal;
mod vocabulary;
mod vocabulary_edit;
mod window;
mod write_xmp;

use std::process::ExitCode;

use anyhow::Result;
use clap::FromArgMatches;
#[cfg(any(test, feature = "fuzzing"))]
use clap::Parser;

pub use window::Start;

use options::{Command, Options};
pub(crate) use outcome::Outcome;
use outcome::{is_broken_pipe, reasons};
use output::Format;
use terminal::tell;

use crate::core::waiting;

/// Runs the program with the process's arguments. The exit status is 0 if all went well, 1 if some
/// photos failed, 2 for wrong usage or unreadable input, and 130 if interrupted. The process must not
/// have started threads yet.
pub fn main(open: impl FnOnce(Start) -> Result<(), String>) -> ExitCode {
    system::prepare();
    let arguments = std::env::args_os().map(search::keep_exclusions);
    let matches = options::command().try_get_matches_from(arguments);
    let options = match matches.and_then(|m| Options::from_arg_matches(&m)) {
        Ok(mut options) => {
            let common = &mut options.common;
            if common.csv_guard && common.format == Some(Format::Csv) {
                common.format = Some(Format::GuardedCsv);
            }
            options
        }
        Err(error) => {
            // Help and version are not errors; clap knows which is which.
            let status = if error.use_stderr() { 2 } else { 0 };
            // If this cannot be written, nobody can be told.
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    setup::silence_decoder_panics();
    if let Ok(folder) = setup::data_folder() {
        log::begin(&folder, options.common.verbose);
    }
    if !options.common.quiet && options.command.is_some() {
        waiting::set_teller(|sentence| tell!("{sentence}"));
    }
    let command = options.command.as_ref().map_or("window", Command::name);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), command, "begins");
    // The window may end at once: no finished work is lost.
    let caught = match options.command {
        Some(_) => setup::catch_interrupts(),
        None => Ok(()),
    };
    let outcome = caught.and_then(|()| run(&options, open));
    match &outcome {
        Ok(outcome) => tracing::info!(command, ?outcome, "ends"),
        // The reason may contain names of files.
        Err(error) => {
            tracing::error!(command, "ends with an error");
            tracing::debug!("{}", reasons(error));
        }
    }
    match outcome {
        _ if setup::stopped() => ExitCode::from(setup::INTERRUPTED),
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        // The reader of the output has closed it (`taglens … | head`).
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell!("taglens: {}", reasons(&error));
            ExitCode::from(2)
        }
    }
}

/// Runs a command without a window, for fuzzing.
///
/// # Errors
/// As the command.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn run_arguments(arguments: &[&std::ffi::OsStr]) -> Result<Outcome> {
    let options = Options::try_parse_from(arguments)?;
    run(&options, |_| Ok(()))
}

fn run(options: &Options, open: impl FnOnce(Start) -> Result<(), String>) -> Result<Outcome> {
    let common = &options.common;
    match &options.command {
        Some(Command::Tag(tag)) => tag::run(tag, common),
        Some(Command::Embed(embed)) => embed::run(embed, common),
        Some(Command::Index(index)) => index::run(index, common),
        Some(Command::Status) => status::run(common),
        Some(Command::Tags(tags)) => tags::run(tags, common),
        Some(Command::Decide(decide)) => decide::run(decide, common),
        Some(Command::Decisions(decisions)) => decisions::run(decisions, common),
        Some(Command::Library(command)) => library_check::run(command, common),
        Some(Command::Explain(explain)) => explain::run(explain, common),
        Some(Command::Learning(learning)) => learning::run(learning, common),
        Some(Command::Scale(command)) => scale::run(*command, common),
        Some(Command::Bookkeeping(command)) => bookkeeping::run(command, common),
        Some(Command::Search(search)) => search::run(search, common),
        Some(Command::Export(command)) => export::run(command, common),
        Some(Command::Folder(folder)) => folder::run(folder, common),
        Some(Command::Model(model)) => model::run(model, common),
        Some(Command::Device(device)) => device::run(device, common),
        Some(Command::Vocabulary(vocabulary)) => vocabulary::run(vocabulary, common),
        Some(Command::Doctor) => doctor::run(common),
        Some(Command::Completions { shell }) => manual::completions(*shell),
        Some(Command::Man) => manual::man(),
        None => window::run(&options.folders, common, open),
    }
}
