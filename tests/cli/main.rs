//! The program from outside: what it prints, where, and with which exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod embed;
mod library;
mod models;
mod photos;
mod sidecars;
mod tag;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples")
}

/// A run whose models folder is its own.
struct Program {
    home: TempDir,
}

impl Program {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command on the library at a path; it has to succeed.
    fn done_on(&self, library: &str, args: &[&str]) -> Output {
        let output = self.run(&[args, &["--library", library]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        output
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taglens"));
        command
            .args(args)
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("HF_HOME", self.home.path().join("hub"))
            .env_remove("TAGLENS_LIBRARY")
            // Vulkan drivers complain on standard error where there is no such folder.
            .env("XDG_RUNTIME_DIR", self.home.path())
            // No test opens a window here.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        command
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

const LABELS: &str = "cat\ndog\nspace shuttle\ncup of coffee\nbicycle\nbridge\n";

/// A label that every photo gets.
const EVERYWHERE: &str = "[[label]]\nname = \"cat\"\nthreshold = 0\n";

/// A program with a library of the samples in it.
fn with_samples() -> (Program, String) {
    let program = Program::new();
    let photos = program.home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        std::fs::copy(samples().join(name), photos.join(name)).unwrap();
    }
    (program, photos.to_str().unwrap().to_owned())
}

/// The same with these labels, indexed; also the path of the labels' file.
fn with_labels(file: &str, labels: &str) -> (Program, String, String) {
    let (program, photos) = with_samples();
    let labels = program.file(file, labels);
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    (program, photos, labels)
}

fn one(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

/// The labels of a photo that `tags` gives with that origin and state.
fn labels_with(program: &Program, photo: &str, origin: &str, state: &str) -> Vec<String> {
    labels_in(&program.run(&["tags", photo]), origin, state)
}

fn labels_in(output: &Output, origin: &str, state: &str) -> Vec<String> {
    let rows = lines(output);
    let tags = rows[0]["tags"].as_array().unwrap().iter();
    tags.filter(|t| t["origin"] == origin && t["state"] == state)
        .map(|t| t["label"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs a shell script that finds the program as `$T`, the samples as `$S` and a folder as `$R`.
#[cfg(unix)]
fn script(program: &Program, text: &str) -> Output {
    Command::new("bash")
        .args(["-c", text])
        .env("T", env!("CARGO_BIN_EXE_taglens"))
        .env("S", samples())
        .env("R", program.home.path())
        .env("HOME", program.home.path())
        .env("XDG_DATA_HOME", program.home.path().join("data"))
        .env("XDG_RUNTIME_DIR", program.home.path())
        .env_remove("TAGLENS_LIBRARY")
        .output()
        .unwrap()
}

/// The file of that name below a folder.
fn file_below(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n == name) {
                return path;
            }
        }
    }
    panic!("no {name}");
}
