//! The folders, the model and the stop signal, for all commands.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cli::options::{Common, Precision};
use crate::cli::terminal::tell;
use crate::core::interrupt;
use crate::core::panics::contains_panics;
use crate::engine::STARTER;
use crate::engine::{DeviceChoice, Engine, EngineOptions, FallbackImageEncoder};
use crate::model_store::ModelStore;

/// The exit status of an interrupted command, as shells expect it: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// How long a command may continue after it was asked to stop. Reading a pipe that nobody writes
/// to, or a large batch on a slow machine, would take longer; unsaved work is repeated the next
/// time.
const GRACE: Duration = Duration::from_millis(1500);

/// Makes Ctrl-C and SIGTERM end the command: work in progress is finished within [`GRACE`]; a
/// second Ctrl-C ends the program at once.
pub(crate) fn catch_interrupts() -> Result<()> {
    let end = || std::process::exit(i32::from(INTERRUPTED));
    let handler = move || {
        if interrupt::ask() {
            end();
        }
        let last = move || {
            thread::sleep(GRACE);
            end();
        };
        let name = "interrupt".to_owned();
        if thread::Builder::new().name(name).spawn(last).is_err() {
            end();
        }
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}

/// Whether the user has asked to stop.
pub(crate) fn stopped() -> bool {
    interrupt::asked()
}

/// Silences panics of decoders: they become errors of their file, so the panic's own message would
/// only be noise.
pub(crate) fn silence_decoder_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !contains_panics() {
            usual(info);
        }
    }));
}

/// The models on this machine.
pub(crate) fn model_store() -> Result<ModelStore> {
    Ok(ModelStore::new(data_folder()?))
}

/// The program's data folder in this account.
pub(crate) fn data_folder() -> Result<PathBuf> {
    let project = directories::ProjectDirs::from("", "", "taglens");
    let project = project.context("cannot tell where this account keeps its data: set HOME")?;
    Ok(project.data_dir().to_path_buf())
}

/// The model from the options, or else the user's default, and how to run it.
pub(crate) fn engine_options(common: &Common, store: &ModelStore) -> Result<EngineOptions> {
    let model = match &common.model {
        Some(model) => model.clone(),
        None => store.default_model()?.unwrap_or_else(|| STARTER.into()),
    };
    Ok(EngineOptions {
        model,
        quick_gelu: common.quick_gelu,
        device: common.device,
        fast: common.precision == Precision::Fast,
        templates: store.templates()?,
    })
}

/// The model of [`engine_options`], loaded.
pub(crate) fn engine(common: &Common) -> Result<Engine> {
    let store = model_store()?;
    let options = engine_options(common, &store)?;
    let mut engine = Engine::open(&options, &store)?;
    if engine.device != "cpu" {
        let on_cpu = EngineOptions {
            device: DeviceChoice::Cpu,
            ..options
        };
        let open_on_cpu = Box::new(move || Engine::open(&on_cpu, &store));
        let report = Box::new(|what: String| tell!("{what}"));
        let images = FallbackImageEncoder::new(&engine, Some(open_on_cpu), report);
        engine.image = Arc::new(images);
    } else if let Some(notice) = &engine.notice {
        tell!("{notice}");
    }
    if common.is_verbose() {
        tell!(
            "model {} ({}) on {}",
            engine.name,
            engine.description,
            engine.device
        );
    }
    Ok(engine)
}

pub(crate) use crate::cli::path::shown;
