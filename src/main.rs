//! The `taglens` program: everything it does is in the library.

// No console window appears beside the window; `cli::system` attaches to the console of a shell.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;
use std::time::Instant;

use taglens::app::AppOptions;
use taglens::cli;
use taglens::cli::Start;
use taglens::ui;
use taglens::words::Language;

fn main() -> ExitCode {
    let started = Instant::now();
    cli::main(|start: Start| {
        let options = AppOptions {
            library: start.library,
            data_folder: start.data_folder,
            engine: start.engine,
            folders: start.folders,
            language: Language::of_system(),
            started,
        };
        ui::run(options).map_err(|e| e.to_string())
    })
}
