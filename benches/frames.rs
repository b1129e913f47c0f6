//! What a frame of the window costs: the app's own `logic` and `ui` over a library of 100,000 photos
//! and 200 labels, while it is scrolled, while a threshold is dragged, and while a worker embeds.
//!
//! `cargo bench --bench frames`. The library is made once, in the build folder, which takes some
//! minutes and 600 MB. `TAGLENS_BENCH_DEVICE=gpu:0` has the worker embed on a graphics device.
//! Costs are processor time of the thread that draws, tessellation included and the graphics card's
//! part left out; frames are paced at 60 a second, so that other threads have their turn. Waits are
//! how long the thread stood still in frames in which it gave the processor away by itself, as for a
//! lock or a file; being put aside for others in such a frame counts as well.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod made;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use eframe::egui::{self, Event, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2};
use taglens::app::{
    Action, App, AppOptions, Command, DecideCommand, FolderCommand, Grouping, LabelCommand, Order,
    ScreenId, SelectCommand, ViewCommand,
};
use taglens::engine::EngineOptions;
use taglens::indexer::Phase;
use taglens::model_store::ModelStore;
use taglens::store::{DEFAULT_BOUND_BYTES, Store, StoredVocabulary, Thumbnails};
use taglens::tagging::Vocabulary;
use taglens::ui::Window;
use taglens::words::Language;

const PHOTOS: usize = 100_000;
const LABELS: usize = 200;
/// Of so many there are thumbnails; the scrolling stays among them.
const THUMBNAILS: usize = 8_000;
const FRAME: Duration = Duration::from_nanos(16_666_667);

/// The starter, on the processor unless `TAGLENS_BENCH_DEVICE` says where.
fn engine() -> EngineOptions {
    let device = std::env::var("TAGLENS_BENCH_DEVICE").unwrap_or("cpu".into());
    EngineOptions {
        device: device.parse().unwrap(),
        ..made::engine()
    }
}

fn main() {
    let fresh = library();
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    std::fs::copy(&fresh, &library).unwrap();
    std::fs::copy(Thumbnails::path(&fresh), Thumbnails::path(&library)).unwrap();

    let mut driven = Driven::start(&library, &folder.path().join("data"));
    println!("{PHOTOS} photos, {LABELS} labels\n");
    driven.until("the library", |app| {
        app.library.loaded && app.library.catalogue.rows.len() >= PHOTOS
    });
    println!(
        "library shown after      {:>7.0} ms",
        driven.since_start_ms()
    );
    memory_now("with the library shown");
    driven.until_pictures();
    println!(
        "first thumbnails after   {:>7.0} ms",
        driven.since_start_ms()
    );
    driven.until("rest", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Idle)
    });
    let tags = driven
        .app()
        .library
        .catalogue
        .rows
        .iter()
        .map(|r| r.tags.len())
        .sum::<usize>();
    println!("tags and suggestions     {tags:>7}");
    driven.frames(60, |_, _| {});
    memory_now("at rest");
    println!(
        "\n| what | frames | median ms | p99 ms | max ms | over 1 ms waited | longest wait ms |"
    );
    println!("|---|---|---|---|---|---|---|");

    driven.measure("at rest, drawn all the same", 300, |_, _| {});
    driven.measure("scrolled fast", 900, |_, input| scroll(input, 900.0));
    driven.measure("moved by the arrow key", 300, |window, _| {
        window.app().apply(SelectCommand::Move(1, false));
    });
    driven.measure("order and groups changed", 60, |window, _| {
        let app = window.app();
        let newest = app.settings.order == Order::Newest;
        app.apply(ViewCommand::Sort(if newest {
            Order::Confidence
        } else {
            Order::Newest
        }));
        app.apply(ViewCommand::Group(if newest {
            Grouping::Folder
        } else {
            Grouping::Day
        }));
    });
    driven.frames(1, |window, _| {
        window.app().apply(ViewCommand::Group(Grouping::None));
        window.app().apply(ViewCommand::Sort(Order::Name));
    });
    driven.measure("all selected and none", 60, |window, _| {
        let all = window.app().selection.is_empty();
        let action = if all {
            Action::SelectAll
        } else {
            Action::SelectNone
        };
        window.app().apply(Command::Do(action));
    });
    driven.measure("filtered by a label", 60, |window, _| {
        let app = window.app();
        let name = app.library.catalogue.labels[app.library.revision as usize % LABELS]
            .name
            .clone();
        app.apply(ViewCommand::Label(Some(name)));
    });
    driven.app().apply(ViewCommand::Label(None));

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
        let photo = app
            .row(app.library.revision as usize % PHOTOS)
            .unwrap()
            .photo
            .unwrap()
            .0;
        app.apply(DecideCommand::Label {
            photos: vec![photo],
            label: label.clone(),
            accepted: Some(true),
        });
    });
    let photos = folder.path().join("new photos");
    copies(&photos, 2500);
    driven.app().apply(FolderCommand::Add(vec![photos]));
    driven.until("work", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Embedding)
    });
    driven.measure("scrolled fast, worker busy", 900, |_, input| {
        scroll(input, 900.0)
    });
    let busy = driven
        .app()
        .work
        .is_some_and(|w| w.now.phase == Phase::Embedding);
    if !busy {
        println!("(the worker was done before the frames were)");
    }
    driven.app().apply(Command::Show(ScreenId::Review));
    driven.measure("review, worker busy", 120, |_, input| scroll(input, 200.0));
    driven.app().apply(Command::Show(ScreenId::Photos));
    driven.until("rest", |app| {
        app.work.is_some_and(|w| w.now.phase == Phase::Idle)
    });
    std::thread::sleep(Duration::from_secs(3));
    driven.frames(30, |_, _| {});
    let before = driven.wakes.load(Ordering::Relaxed);
    let mut asked = 0;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        asked += usize::from(driven.asks_to_draw());
    }
    let woken = driven.wakes.load(Ordering::Relaxed) - before;
    println!("\nat rest for 5 s: woken {woken} times, asked to draw again {asked} times of 100");
    println!(
        "memory of the process {} MiB, at most {} MiB",
        memory("VmRSS"),
        memory("VmHWM")
    );
}

fn memory_now(when: &str) {
    eprintln!(
        "{when}: {} MiB, at most {} MiB",
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

struct Driven {
    ctx: egui::Context,
    window: Window,
    started: Instant,
    time: f64,
    wakes: Arc<AtomicUsize>,
    pictures: usize,
}

/// What one frame cost.
#[derive(Clone, Copy)]
struct Cost {
    cpu_ms: f64,
    /// How long the thread stood still in frames that gave the processor away by themselves.
    waited_ms: f64,
}

impl Driven {
    fn start(library: &Path, data_folder: &Path) -> Self {
        let started = Instant::now();
        let ctx = egui::Context::default();
        let wakes = Arc::new(AtomicUsize::new(0));
        let counted = wakes.clone();
        let wake = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let options = AppOptions {
            library: library.to_owned(),
            data_folder: data_folder.to_owned(),
            engine: engine(),
            folders: Vec::new(),
            language: Language::English,
            started: Instant::now(),
        };
        let app = App::start(options, wake).unwrap();
        Self {
            window: Window::new(&ctx, app),
            ctx,
            started,
            time: 0.0,
            wakes,
            pictures: 0,
        }
    }

    fn app(&mut self) -> &mut App {
        self.window.app()
    }

    fn since_start_ms(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1000.0
    }

    /// One frame; whether it asks for another at once.
    fn frame(&mut self, change: &mut impl FnMut(&mut Window, &mut RawInput)) -> (Cost, bool) {
        self.time += FRAME.as_secs_f64();
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 820.0))),
            time: Some(self.time),
            focused: true,
            ..RawInput::default()
        };
        let waits = voluntary_switches();
        let (begun, start) = (Instant::now(), cpu_ms());
        change(&mut self.window, &mut input);
        let window = &mut self.window;
        let ctx = self.ctx.clone();
        let output = self.ctx.run_ui(input, |ui| {
            window.update(&ctx);
            window.draw(ui);
        });
        let again = output
            .viewport_output
            .values()
            .any(|v| v.repaint_delay < Duration::from_secs(1));
        self.pictures += output.textures_delta.set.len();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(meshes);
        let cpu_ms = cpu_ms() - start;
        let passed_ms = begun.elapsed().as_secs_f64() * 1e3;
        let waited = voluntary_switches() > waits;
        let cost = Cost {
            cpu_ms,
            waited_ms: if waited { passed_ms - cpu_ms } else { 0.0 },
        };
        (cost, again)
    }

    fn asks_to_draw(&mut self) -> bool {
        self.frame(&mut |_, _| {}).1
    }

    fn frames(
        &mut self,
        count: usize,
        mut change: impl FnMut(&mut Window, &mut RawInput),
    ) -> Vec<Cost> {
        let mut costs = Vec::with_capacity(count);
        for _ in 0..count {
            let start = Instant::now();
            costs.push(self.frame(&mut change).0);
            std::thread::sleep(FRAME.saturating_sub(start.elapsed()));
        }
        costs
    }

    fn measure(
        &mut self,
        what: &str,
        count: usize,
        change: impl FnMut(&mut Window, &mut RawInput),
    ) {
        let costs = self.frames(count, change);
        let mut sorted: Vec<f64> = costs.iter().map(|c| c.cpu_ms).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
        let waited = costs.iter().filter(|c| c.waited_ms > 1.0).count();
        let longest = costs.iter().map(|c| c.waited_ms).fold(0.0, f64::max);
        println!(
            "| {what} | {count} | {:.2} | {:.2} | {:.2} | {waited} | {longest:.2} |",
            at(0.5),
            at(0.99),
            at(1.0),
        );
    }

    fn until(&mut self, what: &str, mut done: impl FnMut(&mut App) -> bool) {
        let start = Instant::now();
        while !done(self.window.app()) {
            assert!(
                start.elapsed() < Duration::from_secs(600),
                "waited in vain: {what}"
            );
            self.frames(1, |_, _| {});
        }
    }

    /// Until thumbnails are drawn, beyond the font's own texture.
    fn until_pictures(&mut self) {
        let before = self.pictures;
        let start = Instant::now();
        while self.pictures < before + 4 {
            assert!(start.elapsed() < Duration::from_secs(60), "no thumbnails");
            self.frames(1, |_, _| {});
        }
    }

    fn most_given(&mut self) -> String {
        let labels = self.app().library.catalogue.labels.iter();
        labels.max_by_key(|l| l.accepted).unwrap().name.clone()
    }
}

/// The library, made once: photos in a folder that is not there, tagged by the worker itself.
fn library() -> PathBuf {
    let build = std::env::current_exe().unwrap();
    let folder = build.ancestors().nth(3).unwrap().join("bench-data");
    std::fs::create_dir_all(&folder).unwrap();
    let models = ModelStore::new(folder.join("frames-data"));
    let identity = made::engine().identify(&models).unwrap();
    let path = folder.join(made::named("frames-3", &identity.fingerprint));
    if path.exists() {
        return path;
    }
    let partial = folder.join("library-frames.partial.sqlite");
    for left in [partial.clone(), Thumbnails::path(&partial)] {
        let _ = std::fs::remove_file(left);
    }
    eprintln!("making a library of {PHOTOS} photos");
    make(&partial);
    let mut driven = Driven::start(&partial, &folder.join("frames-data"));
    driven.until("the first tagging", |app| {
        let idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
        idle && app
            .library
            .catalogue
            .rows
            .iter()
            .any(|r| !r.tags.is_empty())
    });
    drop(driven);
    // The threads end by themselves once nobody asks them any more.
    std::thread::sleep(Duration::from_secs(2));
    std::fs::rename(Thumbnails::path(&partial), Thumbnails::path(&path)).unwrap();
    let store = Store::open(&partial).unwrap();
    drop(store);
    std::fs::rename(&partial, &path).unwrap();
    path
}

fn make(path: &Path) {
    let mut store = Store::open(path).unwrap();
    let models = ModelStore::new(path.with_file_name("frames-data"));
    let identity = made::engine().identify(&models).unwrap();
    let vocabulary = Vocabulary::builtin();
    let names: Vec<&str> = vocabulary
        .labels()
        .iter()
        .map(|l| l.name.as_str())
        .collect();
    let text = names
        .iter()
        .take(LABELS)
        .fold(String::new(), |text, name| text + name + "\n");
    let model = store.write(|w| {
        w.set_vocabulary(&StoredVocabulary {
            name: "frames".into(),
            text,
        })?;
        w.model(&identity.name, &identity.fingerprint)
    });
    let root = Path::new("/photos of twenty years");
    let hour_ns = 3_600_000_000_000;
    made::fill(
        &mut store,
        model.unwrap(),
        root,
        (PHOTOS, hour_ns),
        made::mixtures(0.13),
    );
    let pictures = samples();
    let mut thumbnails = Thumbnails::open(path, DEFAULT_BOUND_BYTES).unwrap();
    for first in (0..THUMBNAILS).step_by(500) {
        let some = first..first + 500;
        let some: Vec<_> = some
            .map(|n| (made::hash(n), pictures[n % pictures.len()].clone()))
            .collect();
        thumbnails.put(&some).unwrap();
    }
}

/// The sample photos as thumbnails.
fn samples() -> Vec<Vec<u8>> {
    sample_files()
        .iter()
        .map(|path| {
            let picture = image::open(path).unwrap().thumbnail(360, 360).into_rgb8();
            let mut jpeg = std::io::Cursor::new(Vec::new());
            picture
                .write_to(&mut jpeg, image::ImageFormat::Jpeg)
                .unwrap();
            jpeg.into_inner()
        })
        .collect()
}

fn sample_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let jpeg = |p: &PathBuf| p.extension().is_some_and(|e| e == "jpg");
    let mut files: Vec<PathBuf> = entries.filter(jpeg).collect();
    files.sort();
    files
}

/// Sample photos again and again, each file of other bytes than the others.
fn copies(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let samples: Vec<Vec<u8>> = sample_files()
        .iter()
        .map(|p| std::fs::read(p).unwrap())
        .collect();
    for n in 0..count {
        let mut bytes = samples[n % samples.len()].clone();
        bytes.extend_from_slice(&n.to_le_bytes());
        std::fs::write(folder.join(format!("new {n:04}.jpg")), bytes).unwrap();
    }
}

/// Processor time of this thread.
fn cpu_ms() -> f64 {
    cpu_time::ThreadTime::now().as_duration().as_secs_f64() * 1e3
}

fn voluntary_switches() -> u64 {
    number("/proc/thread-self/status", "voluntary_ctxt_switches")
}

fn memory(what: &str) -> u64 {
    number("/proc/self/status", what) / 1024
}

fn number(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|l| l.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}
