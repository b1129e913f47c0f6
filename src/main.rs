//! The `taglens` program: everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    taglens::cli::main(|options| taglens::ui::run(options).map_err(|e| e.to_string()))
}
