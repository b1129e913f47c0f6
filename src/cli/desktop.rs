//! What this machine offers to a program with a window.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The variables of the environment.
type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The system's name and version.
pub(crate) fn system() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let release = read("/etc/os-release");
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = match kernel.trim() {
        "" => String::new(),
        version => format!(", kernel {version}"),
    };
    format!("{name}{kernel}, {}", std::env::consts::ARCH)
}

/// The display server, if there is one: `wayland`, `x11`, or `system` on Windows and macOS.
pub(crate) fn display(platform: &str, variables: Variables<'_>) -> Option<&'static str> {
    let has = |name| variables(name).is_some_and(|value| !value.is_empty());
    if matches!(platform, "windows" | "macos") {
        Some("system")
    } else if has("WAYLAND_DISPLAY") || has("WAYLAND_SOCKET") {
        Some("wayland")
    } else {
        has("DISPLAY").then_some("x11")
    }
}

/// Whether the desktop's file dialogs can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portal {
    /// The system has dialogs of its own.
    NotNeeded,
    /// The service is installed, and there is a session bus to start it.
    There,
    /// There is no session bus.
    NoBus,
    /// There is a session bus, but no service for it to start.
    NotInstalled,
}

/// Looks for the portal without starting it.
pub(crate) fn portal(platform: &str, variables: Variables<'_>) -> Portal {
    const SERVICE: &str = "dbus-1/services/org.freedesktop.portal.Desktop.service";
    if matches!(platform, "windows" | "macos") {
        return Portal::NotNeeded;
    }
    let set = |name| variables(name).filter(|value| !value.is_empty());
    let socket = set("XDG_RUNTIME_DIR").map(|folder| PathBuf::from(folder).join("bus"));
    let bus = set("DBUS_SESSION_BUS_ADDRESS").is_some() || socket.is_some_and(|s| s.exists());
    let folders = set("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let installed = std::env::split_paths(&folders).any(|folder| folder.join(SERVICE).exists());
    match (bus, installed) {
        (true, true) => Portal::There,
        (true, false) => Portal::NotInstalled,
        (false, _) => Portal::NoBus,
    }
}

/// How many folders the system watches per user, if it has such a limit.
pub(crate) fn watch_limit() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?;
    text.trim().parse().ok()
}

/// The names of font files with Chinese, Japanese or Korean characters, recognised by their usual names.
pub(crate) fn fonts() -> Vec<String> {
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
    found.dedup();
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
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && depth > 0 {
            find_fonts(&path, depth - 1, found);
        } else if NAMES.iter().any(|part| name.to_lowercase().contains(part)) {
            found.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_and_portals_are_found_by_their_variables() {
        let data = tempfile::tempdir().unwrap();
        let services = data.path().join("dbus-1/services");
        std::fs::create_dir_all(&services).unwrap();
        let service = services.join("org.freedesktop.portal.Desktop.service");
        let seen = |platform, set: &[(&str, &str)]| {
            let variables = |name: &str| match name {
                "XDG_DATA_DIRS" => Some(data.path().as_os_str().to_owned()),
                _ => set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()),
            };
            (display(platform, &variables), portal(platform, &variables))
        };
        let bus = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus");
        assert_eq!(seen("linux", &[]), (None, Portal::NoBus));
        assert_eq!(
            seen("linux", &[("DISPLAY", ":0"), bus]),
            (Some("x11"), Portal::NotInstalled)
        );
        assert_eq!(seen("macos", &[]), (Some("system"), Portal::NotNeeded));
        std::fs::write(service, "").unwrap();
        assert_eq!(
            seen(
                "linux",
                &[("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0"), bus]
            ),
            (Some("wayland"), Portal::There)
        );
        assert_eq!(seen("linux", &[("DISPLAY", "")]), (None, Portal::NoBus));
    }
}
