//! The app without a window: frames are drawn when asked for, and timed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use eframe::egui::{self, RawInput, Rect, pos2, vec2};
use taglens::app::{App, AppOptions};
use taglens::ui::Window;
use taglens::words::Language;

const FRAME: Duration = Duration::from_nanos(16_666_667);

/// The app, drawn when asked for.
pub struct Driven {
    ctx: egui::Context,
    window: Window,
    started: Instant,
    time: f64,
    /// How often the app asked to be woken.
    pub wakes: Arc<AtomicUsize>,
    pictures: usize,
}

/// What one frame cost.
#[derive(Clone, Copy)]
pub struct Cost {
    cpu_ms: f64,
    /// How long the thread stood still in frames that gave the processor away by themselves.
    waited_ms: f64,
}

impl Driven {
    pub fn start(library: &Path, data_folder: &Path) -> Self {
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
            engine: crate::engine(),
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

    pub fn app(&mut self) -> &mut App {
        self.window.app()
    }

    pub fn age_ms(&self) -> f64 {
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

    /// Whether a frame at rest asks for another, and who does.
    pub fn asks_to_draw(&mut self) -> Vec<String> {
        let (_, again) = self.frame(&mut |_, _| {});
        let causes = self.ctx.repaint_causes().into_iter();
        causes.filter(|_| again).map(|c| c.to_string()).collect()
    }

    pub fn frames(
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

    pub fn measure(
        &mut self,
        what: &str,
        count: usize,
        change: impl FnMut(&mut Window, &mut RawInput),
    ) {
        let only = std::env::var("TAGLENS_BENCH_ONLY").ok();
        let count = match only {
            Some(word) if !what.contains(&word) => return,
            Some(_) => count * 20,
            None => count,
        };
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

    pub fn until(&mut self, what: &str, mut done: impl FnMut(&mut App) -> bool) {
        let start = Instant::now();
        while !done(self.window.app()) {
            let work = self.app().work.map(|w| w.now);
            assert!(
                start.elapsed() < Duration::from_secs(600),
                "waited in vain: {what}; work is {work:?}"
            );
            self.frames(1, |_, _| {});
        }
    }

    /// Until thumbnails are drawn, beyond the font's own texture.
    pub fn until_pictures(&mut self) {
        let before = self.pictures;
        let start = Instant::now();
        while self.pictures < before + 4 {
            assert!(start.elapsed() < Duration::from_secs(60), "no thumbnails");
            self.frames(1, |_, _| {});
        }
    }

    pub fn most_given(&mut self) -> String {
        let labels = self.app().library.catalogue.labels.iter();
        labels.max_by_key(|l| l.accepted).unwrap().name.clone()
    }
}

/// Processor time of this thread.
fn cpu_ms() -> f64 {
    cpu_time::ThreadTime::now().as_duration().as_secs_f64() * 1e3
}

fn voluntary_switches() -> u64 {
    number("/proc/thread-self/status", "voluntary_ctxt_switches")
}

pub fn memory(what: &str) -> u64 {
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

pub fn memory_now(when: &str) {
    eprintln!(
        "{when}: {} MiB, at most {} MiB",
        memory("VmRSS"),
        memory("VmHWM")
    );
}
