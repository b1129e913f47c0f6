//! Holds the source to ARCHITECTURE.md: a room uses only rooms below it, no files of one room need
//! each other in a circle, sizes are the theme's, and files, functions and structs stay of a size that
//! can be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod circles;
mod sizes;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use circles::circles;
use source::{ModulePath, Source};

/// From the bottom up. Rooms of one layer never use each other.
const LAYERS: &[&[&str]] = &[
    &["core"],
    &[
        "clip", "decode", "folders", "keywords", "sidecar", "store", "tagging", "words",
    ],
    &["model_store"],
    &["engine"],
    &["indexer"],
    &["services"],
    &["app", "cli"],
    &["ui", "fuzzing"],
];

/// Sizes that are exceeded in at most so many places. Lower these; never raise them.
const MAX_FILE_LINES: usize = 400;
const LONGER_FILES: usize = 0;
const MAX_FUNCTION_LINES: usize = 80;
const LONGER_FUNCTIONS: usize = 0;
const MAX_FIELDS: usize = 12;
const LARGER_STRUCTS: usize = 4;

fn layer_of(room: &str) -> usize {
    LAYERS
        .iter()
        .position(|l| l.contains(&room))
        .unwrap_or_else(|| panic!("`{room}` has no layer: give it one in tests/layers/main.rs"))
}

fn may_use(from: &str, to: &str) -> bool {
    from == to || layer_of(to) < layer_of(from)
}

fn source() -> Source {
    Source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The modules that are not for tests only, below the crate's root.
fn product(source: &Source) -> impl Iterator<Item = (&ModulePath, &PathBuf)> {
    let modules = source.modules.iter();
    modules
        .filter(|(path, module)| !path.is_empty() && !module.test_only)
        .map(|(path, module)| (path, &module.file))
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let source = source();
    let mut wrong = Vec::new();
    for (path, file) in product(&source) {
        for used in source.uses(path) {
            if !may_use(&path[0], &used[0]) {
                wrong.push(format!("{}: uses `{}`", file.display(), used.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "layers broken:\n{}", wrong.join("\n"));
}

#[test]
fn only_ui_draws_and_only_its_theme_knows_colours() {
    let source = source();
    let mut wrong = Vec::new();
    for (path, file) in product(&source) {
        for (_, name) in source.names(path) {
            let draws = matches!(
                name[0..].first().map(String::as_str),
                Some("egui" | "eframe")
            );
            if draws && path[0] != "ui" {
                wrong.push(format!("{}: only ui may use egui", file.display()));
            }
            let colour = name.windows(2).any(|pair| {
                pair[0] == "Color32" && (pair[1].starts_with("from_") || pair[1] == "WHITE")
            });
            if colour && !file.starts_with("ui/theme") && file != Path::new("ui/theme.rs") {
                wrong.push(format!("{}: only ui/theme knows colours", file.display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_theme_knows_sizes() {
    let source = source();
    let mut wrong = Vec::new();
    for (path, file) in product(&source) {
        if path[0] != "ui" || file.starts_with("ui/theme") {
            continue;
        }
        for (line, number) in sizes::written(&source.modules[path].syntax) {
            wrong.push(format!("{}:{line}: {number}", file.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "sizes have names in ui/theme/sizes.rs:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_of_a_room_do_not_need_each_other_in_a_circle() {
    let source = source();
    let mut found = Vec::new();
    for room in LAYERS.iter().flat_map(|l| l.iter()) {
        let mut edges: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = BTreeMap::new();
        for (path, file) in product(&source).filter(|(path, _)| path[0] == **room) {
            let used = source.uses(path).into_iter().filter(|u| u[0] == **room);
            let used = used.map(|u| &source.modules.get_key_value(&u).unwrap().1.file);
            edges.entry(file).or_default().extend(used);
        }
        for circle in circles(&edges) {
            let files: Vec<String> = circle.iter().map(|f| f.display().to_string()).collect();
            found.push(format!("{} files: {}", files.len(), files.join(", ")));
        }
    }
    assert!(found.is_empty(), "circles:\n{}", found.join("\n"));
}

/// Prints what exceeds a size, and holds its number to `allowed`.
fn at_most(what: &str, allowed: usize, mut larger: Vec<(usize, String)>) {
    larger.sort();
    larger.reverse();
    let lines: Vec<String> = larger
        .iter()
        .map(|(n, name)| format!("{n:6} {name}"))
        .collect();
    println!("{} {what}\n{}", larger.len(), lines.join("\n"));
    assert!(
        larger.len() <= allowed,
        "{} {what}, {allowed} allowed:\n{}",
        larger.len(),
        lines.join("\n")
    );
}

#[test]
fn files_functions_and_structs_stay_small() {
    let source = source();
    let files = source.file_lengths().into_iter();
    let files = files
        .filter(|(_, lines)| *lines > MAX_FILE_LINES)
        .map(|(file, lines)| (lines, file.display().to_string()));
    at_most("files over 400 lines", LONGER_FILES, files.collect());
    let functions = source.functions().into_iter();
    let functions = functions
        .filter(|f| f.lines > MAX_FUNCTION_LINES)
        .map(|f| (f.lines, format!("{} in {}", f.name, f.file.display())));
    at_most(
        "functions over 80 lines",
        LONGER_FUNCTIONS,
        functions.collect(),
    );
    let structs = source.structs().into_iter();
    let structs = structs
        .filter(|(_, _, fields)| *fields > MAX_FIELDS)
        .map(|(file, name, fields)| (fields, format!("{name} in {}", file.display())));
    at_most("structs over 12 fields", LARGER_STRUCTS, structs.collect());
}

#[test]
fn the_test_sees_what_it_is_for() {
    assert!(!may_use("clip", "decode"));
    assert!(!may_use("decode", "indexer"));
    assert!(!may_use("core", "clip"));
    assert!(!may_use("indexer", "services"));
    assert!(may_use("cli", "services"));
    let edges = BTreeMap::from([
        ("a", BTreeSet::from(["b"])),
        ("b", BTreeSet::from(["c"])),
        ("c", BTreeSet::from(["a", "d"])),
        ("d", BTreeSet::new()),
    ]);
    assert_eq!(circles(&edges), [["a", "b", "c"]]);
    let source = source();
    let names = |path: &[&str]| path.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let uses = source.uses(&names(&["cli", "tag"]));
    assert!(uses.iter().any(|u| u[0] == "indexer"), "{uses:?}");
    let through_a_facade = source.defining_module(
        &names(&["cli"]),
        &names(&["crate", "tagging", "Vocabulary"]),
    );
    assert_eq!(through_a_facade.unwrap()[0], "tagging");
    assert!(source.functions().len() > 1000);
    let drawn = "const ROW: f32 = 24.0;
        fn draw() { ui.add_space(-3.5); frame.inner_margin(6).show(|| rows(7, 1.0)); }
        fn text() { rect.rect_filled(CornerRadius::same(theme::RADIUS + 2), 0.5 * w / 1e6); }
        #[cfg(test)] mod tests { const WIDTH: f32 = 80.0; }";
    let numbers = sizes::written(&syn::parse_file(drawn).unwrap());
    let numbers: Vec<(usize, &str)> = numbers.iter().map(|(l, n)| (*l, n.as_str())).collect();
    assert_eq!(numbers, [(1, "24.0"), (2, "3.5"), (2, "6"), (3, "2")]);
}
