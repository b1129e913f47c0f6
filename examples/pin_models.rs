//! Looks up commit, length and SHA-256 of every model of the catalogue, and prints
//! `src/model_store/catalogue/pins.rs`:
//!
//! ```sh
//! cargo run --release --example pin_models > pins.rs && mv pins.rs src/model_store/catalogue/
//! cargo fmt
//! ```
//!
//! It needs a network and, for models whose terms have to be accepted, HF_TOKEN. A model that cannot
//! be looked up is named on standard error and ends the run with 1; nothing is made up for it.

use std::process::ExitCode;

use taglens::model_store::catalogue::ENTRIES;
use taglens::model_store::{PullOptions, look_up};

fn main() -> ExitCode {
    let options = match PullOptions::from_env() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut failed = false;
    println!(
        "//! What the files of the catalogue's models are. Written by `cargo run --example pin_models` on a"
    );
    println!("//! machine with a network; `None` where nobody has looked it up.\n");
    println!("#[allow(unused_imports)]\nuse super::{{Pin, PinnedFile}};\n");
    for entry in ENTRIES {
        let name = entry.name.to_uppercase().replace(['-', '.'], "_");
        match look_up(entry, &options) {
            Ok(model) => {
                println!(
                    "pub(super) const {name}: Option<Pin> = Some(Pin {{ commit: \"{}\", files: &[",
                    model.commit
                );
                for (file, size_bytes, sha256) in &model.files {
                    println!(
                        "PinnedFile {{ name: \"{file}\", size_bytes: {size_bytes}, sha256: \"{sha256}\" }},"
                    );
                }
                println!("] }});");
            }
            Err(error) => {
                failed = true;
                eprintln!("{error}");
                println!("pub(super) const {name}: Option<Pin> = None;");
            }
        }
    }
    ExitCode::from(u8::from(failed))
}
