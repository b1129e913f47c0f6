//! `taglens doctor`: the facts for a bug report, and likely problems of this machine.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::log;
use crate::cli::options::Common;
use crate::cli::outcome::reasons;
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::table::Cell;
use crate::engine::DeviceChoice;
use crate::store::Store;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    system: String,
    cores: usize,
    model: String,
    devices: Vec<Device>,
    /// The file, or why it cannot be opened.
    library: String,
    data_folder: String,
    /// The display server: `wayland`, `x11`, `system`, or nothing.
    display: Option<&'static str>,
    /// Whether D-Bus offers the desktop's file dialogs; null if there is no D-Bus.
    portal: Option<bool>,
    /// Fonts for scripts that the built-in ones lack.
    fonts: Vec<String>,
    /// How many folders the system watches per user; null if it has no such limit.
    watch_limit: Option<u64>,
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
    let report = examine(common)?;
    let devices = report
        .devices
        .iter()
        .map(|d| format!("{}: {}", d.device, d.description));
    let portal = match report.portal {
        Some(true) => "there",
        Some(false) => "not there",
        None => "not used on this system",
    };
    let rows: Vec<(&str, Cell)> = vec![
        ("version", report.version.to_owned().into()),
        ("system", report.system.clone().into()),
        ("cores", report.cores.to_string().into()),
        ("model", report.model.clone().into()),
        ("devices", Cell::lines(devices)),
        ("library", report.library.clone().into()),
        ("data folder", report.data_folder.clone().into()),
        (
            "display",
            report.display.unwrap_or("none").to_owned().into(),
        ),
        ("file dialogs", portal.to_owned().into()),
        ("fonts", Cell::lines(report.fonts.iter().cloned())),
        (
            "watch limit",
            report
                .watch_limit
                .map_or("none".into(), |n| n.to_string())
                .into(),
        ),
        ("log", report.log.clone().into()),
        ("problems", Cell::lines(report.problems.iter().cloned())),
    ];
    const HEAD: &[&str] = &[
        "version",
        "system",
        "cores",
        "model",
        "devices",
        "library",
        "data folder",
        "display",
        "file dialogs",
        "fonts",
        "watch limit",
        "log",
        "problems",
    ];
    debug_assert!(rows.iter().map(|(name, _)| *name).eq(HEAD.iter().copied()));
    let mut output = Output::stdout(common.format, Kind::One, HEAD);
    output.item(&report, rows.into_iter().map(|(_, cell)| cell).collect())?;
    output.finish()?;
    Ok(Outcome::of(report.problems.len()))
}

fn examine(common: &Common) -> Result<Report> {
    let mut problems = Vec::new();
    let data_folder = setup::data_folder()?;
    let model = match library::model(common) {
        Ok(model) => model.identity.name,
        Err(error) => {
            problems.push(format!("the model cannot be used: {}", reasons(&error)));
            String::new()
        }
    };
    let path = library::path(common)?;
    let library = match path.exists() {
        false => format!("{} (not made yet)", setup::shown(&path)),
        true => {
            if let Err(error) = Store::open_existing(&path) {
                problems.push(format!("the library cannot be opened: {error}"));
            }
            setup::shown(&path)
        }
    };
    let display = display();
    if display.is_none() {
        problems.push("no display was found, so no window can be shown".into());
    }
    let portal = portal();
    if portal == Some(false) {
        problems.push(
            "no session bus was found, so the window cannot ask the desktop for a file dialog"
                .into(),
        );
    }
    let watch_limit = watch_limit();
    if let Some(limit @ ..65_536) = watch_limit {
        problems.push(format!(
            "the system watches {limit} folders at most (fs.inotify.max_user_watches); a larger \
             library is looked at time and again instead"
        ));
    }
    let fonts = fonts();
    if fonts.is_empty() {
        problems.push(
            "no font for Chinese, Japanese or Korean was found; such names show as boxes".into(),
        );
    }
    let log = data_folder.join(log::FILE_NAME);
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
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
        data_folder: setup::shown(&data_folder),
        display,
        portal,
        fonts,
        watch_limit,
        log: setup::shown(log),
        problems,
    })
}

fn has(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn display() -> Option<&'static str> {
    if cfg!(any(windows, target_os = "macos")) {
        Some("system")
    } else if has("WAYLAND_DISPLAY") || has("WAYLAND_SOCKET") {
        Some("wayland")
    } else {
        has("DISPLAY").then_some("x11")
    }
}

/// Whether the desktop portal answers on the session bus; `None` without a bus.
fn portal() -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let socket = std::env::var_os("XDG_RUNTIME_DIR").map(|dir| PathBuf::from(dir).join("bus"));
    Some(has("DBUS_SESSION_BUS_ADDRESS") || socket.is_some_and(|socket| socket.exists()))
}

fn watch_limit() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?;
    text.trim().parse().ok()
}

/// Font files with Chinese, Japanese or Korean characters, by their usual names.
fn fonts() -> Vec<String> {
    let folders: &[&str] = match std::env::consts::OS {
        "windows" => &["C:\\Windows\\Fonts"],
        "macos" => &["/System/Library/Fonts", "/Library/Fonts"],
        _ => &["/usr/share/fonts", "/usr/local/share/fonts"],
    };
    let mut found = Vec::new();
    for folder in folders {
        find_fonts(Path::new(folder), 4, &mut found);
    }
    found.sort();
    found
}

fn find_fonts(folder: &Path, depth: usize, found: &mut Vec<String>) {
    const NAMES: [&str; 11] = [
        "cjk",
        "pingfang",
        "hiragino",
        "msyh",
        "yugoth",
        "malgun",
        "wqy",
        "ipag",
        "takao",
        "vlgothic",
        "droidsansfallback",
    ];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if path.is_dir() && depth > 0 {
            find_fonts(&path, depth - 1, found);
        } else if NAMES.iter().any(|part| name.contains(part)) {
            found.push(setup::shown(path));
        }
    }
}
