//! `taglens model`.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Model};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::clip::starter;
use crate::engine::Engine;
use crate::engine::{STARTER, remark, validate};
use crate::model_store::{
    Entry, ImportOptions, Installed, ModelStore, ModelStoreError, Progress, PullOptions,
    catalogue as entries, import, pull,
};

/// One model in the list.
#[derive(Serialize)]
struct Row {
    name: String,
    installed: bool,
    in_use: bool,
    size_mb: u64,
    architecture: String,
    licence: Option<String>,
    /// What it is recommended for.
    #[serde(skip_serializing_if = "Option::is_none")]
    recommended: Option<&'static str>,
    /// The languages of its labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    languages: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imagenet_top1_percent: Option<f32>,
    /// Operations for a picture, as a multiple of ViT-B/32's.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<f32>,
    good_for: String,
}

/// All about one model.
#[derive(Serialize)]
struct Info {
    name: String,
    architecture: String,
    dimension: usize,
    image_size: u32,
    device: String,
    source: String,
    licence: Option<String>,
}

/// Runs the command.
pub(crate) fn run(command: &Model, common: &Common) -> Result<Outcome> {
    let store = setup::model_store()?;
    match command {
        Model::List => list(&store, common)?,
        Model::Pull { name, replace } => fetch(&store, name, *replace, common)?,
        Model::Import {
            path,
            name,
            replace,
        } => {
            let options = ImportOptions {
                name: name.clone(),
                quick_gelu: common.quick_gelu,
                replace: *replace,
            };
            let mut watcher = |_| go_on();
            let installed = import(&store, path, &options, &validate, &mut watcher)?;
            note(common, &installed_message(&installed));
            let quick_gelu = installed.manifest.quick_gelu;
            if let Some(remark) = remark(&installed.weights(), quick_gelu)? {
                note(common, &remark);
            }
        }
        Model::Use { name } if name == STARTER => {
            store.clear_default()?;
            note(common, "the starter model is in use now");
        }
        Model::Use { name } => {
            store.set_default(name)?;
            note(common, &format!("the model `{name}` is in use now"));
        }
        Model::Remove { name } => {
            store.remove(name)?;
            note(common, &format!("the model `{name}` was removed"));
        }
        Model::Info { model } => info(&store, model, common)?,
    }
    Ok(Outcome::Done)
}

fn note(common: &Common, message: &str) {
    if !common.quiet {
        tell!("{message}");
    }
}

fn installed_message(installed: &Installed) -> String {
    let name = &installed.manifest.name;
    format!("the model `{name}` is installed; `taglens model use {name}` makes it the default")
}

fn list(store: &ModelStore, common: &Common) -> Result<()> {
    let chosen = store.default_model()?;
    let in_use = |name: &str| chosen.as_deref().unwrap_or(STARTER) == name;
    let mut rows = vec![Row {
        name: STARTER.into(),
        installed: true,
        in_use: in_use(STARTER),
        size_mb: starter::size_bytes() as u64 / 1_000_000,
        architecture: "EfficientNet-Lite1".into(),
        licence: Some("Apache-2.0".into()),
        recommended: None,
        languages: Some("English"),
        imagenet_top1_percent: None,
        work: None,
        good_for: "built in: everyday photographs, at once and on any machine".into(),
    }];
    for installed in store.list()? {
        // One broken model must not hide the others.
        match installed {
            Ok(installed) => rows.push(installed_row(&installed, &in_use)),
            Err(error) => tell!("{error}"),
        }
    }
    let missing = |entry: &&Entry| !rows.iter().any(|row| row.name == entry.name);
    let more: Vec<Row> = entries::ENTRIES
        .iter()
        .filter(missing)
        .map(entry_row)
        .collect();
    rows.extend(more);

    let head = &[
        "model",
        "",
        "choose",
        "size",
        "architecture",
        "ImageNet",
        "work",
        "good for",
    ];
    let mut output = Output::stdout(common.format, Kind::Items, head);
    for row in rows {
        let state = match (row.in_use, row.installed) {
            (true, _) => "in use",
            (false, true) => "installed",
            (false, false) => "",
        };
        let cells = vec![
            row.name.clone(),
            state.into(),
            row.recommended.unwrap_or_default().into(),
            format!("{} MB", row.size_mb),
            row.architecture.clone(),
            percent(row.imagenet_top1_percent),
            row.work.map_or(String::new(), |w| format!("×{w:.1}")),
            row.good_for.clone(),
        ];
        output.item(&row, cells)?;
    }
    Ok(output.finish()?)
}

fn entry_row(entry: &Entry) -> Row {
    Row {
        name: entry.name.into(),
        installed: false,
        in_use: false,
        size_mb: u64::from(entry.size_mb),
        architecture: entry.architecture.into(),
        licence: Some(entry.licence.into()),
        recommended: entry.recommended().map(|(_, wish)| wish),
        languages: Some(entry.languages),
        imagenet_top1_percent: entry.figures.imagenet_top1_percent,
        work: entry.figures.work(),
        good_for: entry.good_for.into(),
    }
}

fn percent(value: Option<f32>) -> String {
    value.map_or(String::new(), |p| format!("{p:.1} %"))
}

fn installed_row(installed: &Installed, in_use: &dyn Fn(&str) -> bool) -> Row {
    let manifest = &installed.manifest;
    let entry = manifest.catalogue_entry();
    Row {
        name: manifest.name.clone(),
        installed: true,
        in_use: in_use(&manifest.name),
        size_mb: installed.size_bytes() / 1_000_000,
        architecture: entry.map_or(String::new(), |e| e.architecture.into()),
        licence: manifest.licence.clone(),
        recommended: entry.and_then(Entry::recommended).map(|(_, wish)| wish),
        languages: entry.map(|e| e.languages),
        imagenet_top1_percent: entry.and_then(|e| e.figures.imagenet_top1_percent),
        work: entry.and_then(|e| e.figures.work()),
        good_for: match entry {
            Some(entry) => entry.good_for.into(),
            None => format!("imported from {}", manifest.source),
        },
    }
}

fn fetch(store: &ModelStore, name: &str, replace: bool, common: &Common) -> Result<()> {
    let entry = Entry::find(name).with_context(|| {
        format!("the catalogue has no model `{name}`; `taglens model list` shows what it has")
    })?;
    let mut options = PullOptions::from_env()?;
    options.replace = replace;
    let bar = download_bar(common.quiet);
    let mut progress = |progress| {
        match progress {
            Progress::Downloading {
                file,
                done_bytes,
                total_bytes,
            } => show(&bar, file, done_bytes, total_bytes),
            Progress::Checking {
                file,
                done_bytes,
                total_bytes,
            } => show(&bar, format!("checking {file}"), done_bytes, total_bytes),
            Progress::Retrying { file, reason } => {
                bar.suspend(|| tell!("{file}: {reason}; trying again"));
            }
            Progress::Warning { text } => bar.suspend(|| tell!("{text}")),
            Progress::Installing => bar.set_message("reading the model"),
            Progress::Waiting => {}
        }
        go_on()
    };
    let installed = pull(store, entry, &options, &mut progress, &validate)?;
    bar.finish_and_clear();
    note(common, &installed_message(&installed));
    Ok(())
}

/// Continues until the user asks to stop.
fn go_on() -> ControlFlow<()> {
    match setup::stopped() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

fn show(bar: &ProgressBar, message: String, done_bytes: u64, total_bytes: u64) {
    bar.set_message(message);
    bar.set_length(total_bytes);
    bar.set_position(done_bytes);
}

fn download_bar(quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let style = "{msg} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

fn info(store: &ModelStore, model: &str, common: &Common) -> Result<()> {
    if let (Some(entry), false) = (Entry::find(model), store.contains(model)) {
        // A model that is not installed cannot be opened, but the catalogue may know it.
        if !Path::new(model).exists() {
            return catalogue_info(entry, common);
        }
    }
    let manifest = match store.info(model) {
        Ok(installed) => Some(installed.manifest),
        Err(ModelStoreError::NotInstalled { .. } | ModelStoreError::Name { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let common = Common {
        model: Some(model.to_owned()),
        ..common.clone()
    };
    let engine: Engine = setup::engine(&common)?;
    let (source, licence) = match manifest {
        Some(manifest) => (manifest.source, manifest.licence),
        None if model == STARTER => ("compiled in".into(), Some("Apache-2.0".into())),
        None => (model.to_owned(), None),
    };
    let info = Info {
        name: engine.name,
        architecture: engine.description,
        dimension: engine.image.dimension(),
        image_size: engine.image.preprocessing().size,
        device: engine.device,
        source,
        licence,
    };
    let head = &[
        "name",
        "architecture",
        "dimension",
        "image size",
        "device",
        "source",
        "licence",
    ];
    let cells = vec![
        info.name.clone(),
        info.architecture.clone(),
        info.dimension.to_string(),
        format!("{0}×{0}", info.image_size),
        info.device.clone(),
        info.source.clone(),
        info.licence.clone().unwrap_or_else(|| "unknown".into()),
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    output.item(&info, cells)?;
    Ok(output.finish()?)
}

fn catalogue_info(entry: &Entry, common: &Common) -> Result<()> {
    let row = entry_row(entry);
    let coco = entry.figures.coco_recall_percent;
    let head = &[
        "name",
        "installed",
        "size",
        "architecture",
        "licence",
        "languages",
        "ImageNet",
        "COCO, pictures for a text",
        "COCO, texts for a picture",
        "trained on",
        "good for",
    ];
    let cells = vec![
        row.name.clone(),
        "no".into(),
        format!("{} MB", row.size_mb),
        row.architecture.clone(),
        entry.licence.into(),
        entry.languages.into(),
        percent(row.imagenet_top1_percent),
        percent(coco.map(|[pictures, _]| pictures)),
        percent(coco.map(|[_, texts]| texts)),
        entry.trained_on.into(),
        entry.good_for.into(),
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    output.item(&row, cells)?;
    Ok(output.finish()?)
}
