//! Shows files in the system's file manager.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::messages::message::Severity;
use crate::app::threads::outbox::Outbox;
use crate::words::phrase;

/// How long to wait for a program to report that it cannot show a file.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to look whether it has ended.
const TICK: Duration = Duration::from_millis(50);

/// Shows a file or a folder, selected in the folder above it. It takes a thread, because file
/// managers can take seconds to start.
pub(crate) fn reveal(path: PathBuf, outbox: Outbox) {
    let told = outbox.clone();
    let show = move || {
        let name = path.display();
        if !path.exists() {
            let text = phrase!("reveal-gone", path = name);
            outbox.tell(Severity::Problem, text);
        } else if !commands(&path).into_iter().any(|c| succeeds(c, PATIENCE)) {
            let text = phrase!("reveal-failed", path = name);
            outbox.tell(Severity::Problem, text);
        }
    };
    let thread = std::thread::Builder::new().name("reveal".into());
    if thread.spawn(show).is_err() {
        told.tell(Severity::Problem, phrase!("reveal-not-started"));
    }
}

/// Whether a program runs and does not report a failure. One that is still running after `patience`
/// is at work.
fn succeeds(mut command: Command, patience: Duration) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let Ok(mut child) = command.stderr(Stdio::null()).spawn() else {
        return false;
    };
    let start = Instant::now();
    while start.elapsed() < patience {
        match child.try_wait() {
            // Explorer reports failure whatever it does.
            Ok(Some(status)) => return status.success() || cfg!(windows),
            Ok(None) => std::thread::sleep(TICK),
            Err(_) => return false,
        }
    }
    true
}

/// The programs to try, the best first.
#[cfg(target_os = "macos")]
fn commands(path: &Path) -> Vec<Command> {
    let mut open = Command::new("open");
    open.arg("-R").arg(path);
    vec![open]
}

/// The programs to try, the best first.
#[cfg(windows)]
fn commands(path: &Path) -> Vec<Command> {
    use std::os::windows::process::CommandExt;
    let mut explorer = Command::new("explorer");
    explorer.raw_arg(format!("/select,\"{}\"", path.display()));
    vec![explorer]
}

/// The programs to try, the best first: file managers that can select a file offer that on the
/// session bus; others can open its folder.
#[cfg(not(any(target_os = "macos", windows)))]
fn commands(path: &Path) -> Vec<Command> {
    let mut bus = Command::new("dbus-send");
    bus.args(["--session", "--print-reply", "--reply-timeout=4000"]);
    bus.arg("--dest=org.freedesktop.FileManager1");
    bus.args([
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems",
    ]);
    bus.arg(format!("array:string:{}", uri(path)));
    bus.arg("string:");
    let mut open = Command::new("xdg-open");
    open.arg(match path.is_dir() {
        true => path,
        false => path.parent().unwrap_or(path),
    });
    vec![bus, open]
}

/// The path as a URI. Everything is encoded that could have a meaning there or in a list.
#[cfg(not(any(target_os = "macos", windows)))]
fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(all(test, not(any(target_os = "macos", windows))))]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_and_umlauts_are_one_item_of_the_list() {
        let named = uri(Path::new("/a b/ü,1%.jpg"));
        assert_eq!(named, "file:///a%20b/%C3%BC%2C1%25.jpg");
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_has_shown_nothing() {
        let shell = |script: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            succeeds(shell, Duration::from_millis(300))
        };
        assert!(shell("exit 0") && !shell("exit 3"));
        assert!(shell("sleep 2"), "it is at work");
        let none = Command::new("/nowhere/file-manager");
        assert!(!succeeds(none, PATIENCE));
    }
}
