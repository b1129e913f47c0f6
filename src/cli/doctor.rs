//! `taglens doctor`: the facts for a bug report, and likely problems of this machine. It prints no
//! names of photos or labels, and no paths but those below the home folder, as `~`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::desktop::{self, Portal};
use crate::cli::library;
use crate::cli::log;
use crate::cli::options::Common;
use crate::cli::outcome::reasons;
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::table::Cell;
use crate::engine::DeviceChoice;
use crate::store::{Depth, Store};

#[derive(Serialize)]
struct Report {
    version: &'static str,
    system: String,
    cores: usize,
    model: String,
    devices: Vec<Device>,
    /// Its state; no path.
    library: String,
    /// The display server: `wayland`, `x11`, `system`, or nothing.
    display: Option<&'static str>,
    /// Whether the desktop's file dialogs can be asked for; null where the system has its own.
    portal: Option<bool>,
    /// Files of fonts for scripts that the built-in ones lack.
    fonts: Vec<String>,
    /// How many folders the system watches per user; null if it has no such limit.
    watch_limit: Option<u64>,
    /// The log's file.
    log: String,
    /// The problems found.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Device {
    device: String,
    description: String,
}

/// Prints the facts; ends with 1 if there are problems.
pub(crate) fn run(common: &Common) -> Result<Outcome> {
    const HEAD: &[&str] = &[
        "version",
        "system",
        "cores",
        "model",
        "devices",
        "library",
        "display",
        "file dialogs",
        "fonts",
        "watch limit",
        "log",
        "problems",
    ];
    let report = examine(common)?;
    let cells = cells(&report);
    let mut output = Output::stdout(common.format, Kind::One, HEAD);
    output.item(&report, cells)?;
    output.finish()?;
    Ok(Outcome::of(report.problems.len()))
}

fn cells(report: &Report) -> Vec<Cell> {
    let devices = report.devices.iter();
    let portal = match report.portal {
        Some(true) => "there",
        Some(false) => "not there",
        None => "the system's own",
    };
    let limit = report.watch_limit.map(|n| n.to_string());
    vec![
        report.version.to_owned().into(),
        report.system.clone().into(),
        report.cores.to_string().into(),
        report.model.clone().into(),
        Cell::lines(devices.map(|d| format!("{}: {}", d.device, d.description))),
        report.library.clone().into(),
        report.display.unwrap_or("none").to_owned().into(),
        portal.to_owned().into(),
        Cell::lines(report.fonts.iter().cloned()),
        limit.unwrap_or_else(|| "none".into()).into(),
        report.log.clone().into(),
        Cell::lines(report.problems.iter().cloned()),
    ]
}

fn examine(common: &Common) -> Result<Report> {
    let platform = std::env::consts::OS;
    let variables = |name: &str| std::env::var_os(name);
    let display = desktop::display(platform, &variables);
    let portal = desktop::portal(platform, &variables);
    let watch_limit = desktop::watch_limit();
    let fonts = desktop::fonts();
    let mut problems = desktop_problems(display, portal, watch_limit, &fonts);
    let path = library::path(common)?;
    let public = |text: String| without_paths(&text, &path);
    let model = match library::model(common) {
        Ok(model) => public(model.identity.name),
        Err(error) => {
            problems.push(public(format!(
                "the model cannot be used: {}",
                reasons(&error)
            )));
            String::new()
        }
    };
    let library = match state_of(&path) {
        Ok(state) => state,
        Err(problem) => {
            problems.push(public(problem));
            "not usable".into()
        }
    };
    let log = setup::data_folder()?.join(log::FILE_NAME);
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        system: desktop::system(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        model,
        devices: DeviceChoice::available()
            .into_iter()
            .map(|d| Device {
                device: d.id,
                description: d.description,
            })
            .collect(),
        library,
        display,
        portal: (portal != Portal::NotNeeded).then_some(portal == Portal::There),
        fonts,
        watch_limit,
        log: public(setup::shown(log)),
        problems,
    })
}

/// The library's state, or what is wrong with it. Damaged rows can name labels, so they are counted.
fn state_of(path: &Path) -> Result<String, String> {
    if !library::exists(path) {
        return Ok("not made yet".into());
    }
    let damage = Store::open_existing(path).and_then(|store| store.damage(Depth::Kept));
    let damage = damage.map_err(|error| format!("the library cannot be opened: {error}"))?;
    match damage.len() {
        0 => Ok(match path.metadata() {
            Ok(file) => format!("intact, {} MiB", file.len() >> 20),
            Err(_) => "intact".into(),
        }),
        count => Err(format!(
            "the library is damaged in {count} places; `taglens library check` names them"
        )),
    }
}

fn desktop_problems(
    display: Option<&str>,
    portal: Portal,
    watch_limit: Option<u64>,
    fonts: &[String],
) -> Vec<String> {
    let mut problems = Vec::new();
    if display.is_none() {
        problems.push("no display was found, so no window can be shown".into());
    }
    let missing = match portal {
        Portal::NotNeeded | Portal::There => None,
        Portal::NoBus => Some("no session bus was found"),
        Portal::NotInstalled => Some("xdg-desktop-portal is not installed"),
    };
    if let Some(why) = missing {
        problems.push(format!(
            "{why}, so the window cannot ask the desktop for a file dialog and shows its own"
        ));
    }
    if let Some(limit @ ..65_536) = watch_limit {
        problems.push(format!(
            "the system watches {limit} folders at most (fs.inotify.max_user_watches); a larger \
             library is scanned at intervals instead"
        ));
    }
    if fonts.is_empty() {
        problems.push(
            "no font for Chinese, Japanese or Korean was found; such names show as boxes".into(),
        );
    }
    problems
}

/// Replaces the home folder in `text` with `~` and the library's path with words.
fn without_paths(text: &str, library: &Path) -> String {
    let home = directories::BaseDirs::new().map(|b| setup::shown(b.home_dir()));
    let text = text.replace(&setup::shown(library), "the library's file");
    match home {
        Some(home) if home.len() > 1 => text.replace(&home, "~"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_no_folder_of_the_account() {
        let home = directories::BaseDirs::new().unwrap();
        let inside = home.home_dir().join("x/taglens.log");
        let text = format!("{}, /mnt/secret/my.sqlite: gone", inside.display());
        assert_eq!(
            without_paths(&text, Path::new("/mnt/secret/my.sqlite")),
            "~/x/taglens.log, the library's file: gone"
        );
    }
}
