//! Holds the source to the layers of ARCHITECTURE.md: a module may use only what lies below it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// From the bottom up. Modules of one layer never use each other.
const LAYERS: &[&[&str]] = &[
    &["core"],
    &["clip", "decode", "folders", "sidecar", "store", "tagging"],
    &["model_store"],
    &["engine"],
    &["indexer"],
    &["services"],
    &["app", "cli"],
    &["ui"],
];

fn layer_of(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|l| l.contains(&module))
        .unwrap_or_else(|| panic!("module `{module}` has no layer: give it one in tests/layers.rs"))
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The crate's modules that a source text names, in paths and in `use crate::{a, b}` lists.
fn used_modules(source: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let list = Regex::new(r"(?s)\bcrate::\{(.*?)\};").unwrap();
    let head = Regex::new(r"(?:^|[,{])\s*([a-z_]+)").unwrap();
    let mut used: BTreeSet<String> = path
        .captures_iter(source)
        .map(|c| c[1].to_owned())
        .collect();
    for c in list.captures_iter(source) {
        used.extend(head.captures_iter(&c[1]).map(|c| c[1].to_owned()));
    }
    used
}

fn allowed(from: &str, to: &str) -> bool {
    from == to || layer_of(to) < layer_of(from)
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let known: BTreeSet<&str> = LAYERS.iter().flat_map(|l| l.iter().copied()).collect();
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative.components().next().unwrap();
        let module = Path::new(first.as_os_str())
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap();
        if module == "lib" || module == "main" {
            continue;
        }
        layer_of(module);
        let source = fs::read_to_string(&file).unwrap();
        for used in used_modules(&source) {
            if known.contains(used.as_str()) && !allowed(module, &used) {
                wrong.push(format!("{}: uses `{used}`", relative.display()));
            }
        }
        let coloured = source.contains("Color32::from_") || source.contains("Color32::WHITE");
        if coloured && !relative.starts_with("ui/theme") {
            wrong.push(format!(
                "{}: only ui/theme knows colours",
                relative.display()
            ));
        }
        let draws = source.contains("egui::") || source.contains("eframe::");
        if draws && module != "ui" {
            wrong.push(format!("{}: only ui may use egui", relative.display()));
        }
    }
    assert!(wrong.is_empty(), "layers broken:\n{}", wrong.join("\n"));
}

#[test]
fn the_test_sees_a_broken_layer() {
    assert!(used_modules("use crate::{decode::load, tagging};").contains("tagging"));
    assert!(used_modules("let x = crate::cli::main();").contains("cli"));
    assert!(!allowed("clip", "decode"));
    assert!(!allowed("decode", "indexer"));
    assert!(!allowed("core", "clip"));
    assert!(!allowed("indexer", "services"));
    assert!(allowed("cli", "services"));
    assert!(allowed("decode", "core"));
}
