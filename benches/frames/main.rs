//! What a frame of the window costs: the app's own `logic` and `ui` over a library of 100,000 photos
//! and 200 labels, while it is scrolled, while a threshold is dragged, and while a worker embeds.
//!
//! `cargo bench --bench frames`. The library is made once, in the build folder, which takes some
//! minutes and 600 MB. `TAGLENS_BENCH_PHOTOS=1000000` takes a million photos, ten times as much of
//! both. `TAGLENS_BENCH_ONLY=order` measures the lines whose name has that word, over and over, for a
//! profiler. `TAGLENS_BENCH_DEVICE=gpu:0` has the worker embed on a graphics device.
//! Costs are processor time of the thread that draws, tessellation included and the graphics card's
//! part left out; frames are paced at 60 a second, so that other threads have their turn. Waits are
//! how long the thread stood still in frames in which it gave the processor away by itself, as for a
//! lock or a file; being put aside for others in such a frame counts as well.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod driven;
mod library;
#[path = "../made/mod.rs"]
mod made;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use eframe::egui::{self, Event, MouseWheelUnit, RawInput, TouchPhase, pos2, vec2};
use taglens::app::{
    Action, Command, DecideCommand, FolderCommand, Grouping, LabelCommand, Order, ScreenId,
    SelectCommand, ViewCommand,
};
use taglens::engine::EngineOptions;
use taglens::indexer::Phase;
use taglens::store::Thumbnails;

use crate::driven::{Driven, memory, memory_now};

/// How many labels there are.
const LABELS: usize = 200;

/// How many photos there are.
fn photos() -> usize {
    let photos = std::env::var("TAGLENS_BENCH_PHOTOS");
    photos.map_or(100_000, |n| n.parse().unwrap())
}

/// The starter, on the processor unless `TAGLENS_BENCH_DEVICE` says where.
fn engine() -> EngineOptions {
    let device = std::env::var("TAGLENS_BENCH_DEVICE").unwrap_or("cpu".into());
    EngineOptions {
        device: device.parse().unwrap(),
        ..made::engine()
    }
}

fn main() {
    let fresh = library::path();
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    std::fs::copy(&fresh, &library).unwrap();
    std::fs::copy(Thumbnails::path(&fresh), Thumbnails::path(&library)).unwrap();

    let mut driven = open(&library, &folder.path().join("data"));
    search(&mut driven);
    println!(
        "\n| what | frames | median ms | p99 ms | max ms | over 1 ms waited | longest wait ms |"
    );
    println!("|---|---|---|---|---|---|---|");
    photos_screen(&mut driven);
    labels_screen(&mut driven);
    at_work(&mut driven, &folder.path().join("new photos"));
    at_rest(&mut driven);
}

/// Opens the library, until nothing is left to do.
fn open(library: &Path, data_folder: &Path) -> Driven {
    println!("{} photos, {LABELS} labels\n", photos());
    let mut driven = Driven::start(library, data_folder);
    driven.frames(1, |_, _| {});
    println!("first frame after        {:>7.0} ms", driven.age_ms());
    driven.until_pictures();
    println!("first thumbnails after   {:>7.0} ms", driven.age_ms());
    driven.until("the library", |app| {
        app.library.loaded && app.library.catalogue.rows.len() >= photos()
    });
    println!("library shown after      {:>7.0} ms", driven.age_ms());
    memory_now("with the library shown");
    driven.until("rest", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Idle)
    });
    let rows = driven.app().library.catalogue.rows.iter();
    let tags: usize = rows.map(|r| r.tags.len()).sum();
    println!("tags and suggestions     {tags:>7}");
    driven.frames(60, |_, _| {});
    memory_now("at rest");
    driven
}

/// Searches by meaning: the first search reads the embeddings, the others have them.
fn search(driven: &mut Driven) {
    for words in ["a dog on a beach", "a red car"] {
        let before = driven.age_ms();
        driven.app().apply(ViewCommand::Search(words.to_owned()));
        driven.until("the search", |app| app.library.filter.hits.is_some());
        println!(
            "search                   {:>7.0} ms",
            driven.age_ms() - before
        );
        driven.app().apply(Command::Do(Action::ClearFilters));
        driven.frames(10, |_, _| {});
    }
    memory_now("with what searches need");
}

fn photos_screen(driven: &mut Driven) {
    driven.measure("at rest, drawn all the same", 300, |_, _| {});
    driven.measure("scrolled fast", 900, |_, input| scroll(input, 900.0));
    driven.measure("moved by the arrow key", 300, |window, _| {
        window.app().apply(SelectCommand::Move(1, false));
    });
    driven.measure("order and groups changed", 60, |window, _| {
        let app = window.app();
        let (order, grouping) = match app.settings.order {
            Order::Newest => (Order::Confidence, Grouping::Folder),
            _ => (Order::Newest, Grouping::Day),
        };
        app.apply(ViewCommand::Sort(order));
        app.apply(ViewCommand::Group(grouping));
    });
    driven.frames(1, |window, _| {
        window.app().apply(ViewCommand::Group(Grouping::None));
        window.app().apply(ViewCommand::Sort(Order::Name));
    });
    driven.measure("all selected and none", 60, |window, _| {
        let action = match window.app().selection.is_empty() {
            true => Action::SelectAll,
            false => Action::SelectNone,
        };
        window.app().apply(Command::Do(action));
    });
    driven.measure("filtered by a label", 60, |window, _| {
        let app = window.app();
        let label = app.library.revision as usize % LABELS;
        let name = app.library.catalogue.labels[label].name.clone();
        app.apply(ViewCommand::Label(Some(name)));
    });
    driven.app().apply(ViewCommand::Label(None));
}

fn labels_screen(driven: &mut Driven) {
    let label = driven.most_given();
    driven.app().apply(LabelCommand::Open(Some(label.clone())));
    driven.until("the label's scores", |app| app.labels.scores.is_some());
    memory_now("with a label's scores");
    let mut at = 0.0f32;
    driven.measure("threshold dragged", 300, |window, _| {
        at += 0.037;
        window.app().apply(LabelCommand::DragThreshold(at.fract()));
    });
    driven.app().apply(Command::Show(ScreenId::Photos));
    driven.measure("one photo decided on", 60, |window, _| {
        let app = window.app();
        let row = app.row(app.library.revision as usize % photos());
        let photo = row.unwrap().photo.unwrap().0;
        app.apply(DecideCommand::Label {
            photos: vec![photo],
            label: label.clone(),
            accepted: Some(true),
        });
    });
}

fn at_work(driven: &mut Driven, folder: &Path) {
    // Enough for both measurements below.
    library::copies(folder, 4000);
    let folders = vec![folder.to_owned()];
    driven.app().apply(FolderCommand::Add(folders));
    driven.until("work", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Embedding)
    });
    driven.measure("scrolled fast, worker busy", 900, |_, input| {
        scroll(input, 900.0)
    });
    let work = driven.app().work;
    if work.is_none_or(|w| w.now.phase != Phase::Embedding) {
        println!("(the worker was done before the frames were)");
    }
    driven.app().apply(Command::Show(ScreenId::Review));
    driven.measure("review, worker busy", 120, |_, input| scroll(input, 200.0));
    driven.app().apply(Command::Show(ScreenId::Photos));
}

fn at_rest(driven: &mut Driven) {
    driven.until("rest", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Idle)
    });
    std::thread::sleep(Duration::from_secs(3));
    // The pointer has come to rest on a photo, whose tooltip appears.
    driven.frames(120, |_, _| {});
    let before = driven.wakes.load(Ordering::Relaxed);
    let (mut asked, mut causes) = (0, BTreeSet::new());
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        let asks = driven.asks_to_draw();
        asked += usize::from(!asks.is_empty());
        causes.extend(asks);
    }
    let woken = driven.wakes.load(Ordering::Relaxed) - before;
    println!("\nat rest for 5 s: woken {woken} times, asked to draw again {asked} times of 100");
    causes.iter().for_each(|cause| println!("by {cause}"));
    println!(
        "memory of the process {} MiB, at most {} MiB",
        memory("VmRSS"),
        memory("VmHWM")
    );
}

fn scroll(input: &mut RawInput, by: f32) {
    input.events.push(Event::PointerMoved(pos2(640.0, 500.0)));
    input.events.push(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, -by),
        modifiers: egui::Modifiers::NONE,
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
    });
}
