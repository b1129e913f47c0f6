//! How long a photo of 24 megapixels takes to be shown large, in milliseconds from the command to
//! the end of the frame that draws it: with the photo read ahead, without, and in full size.
//!
//! `cargo bench --bench loupe`. Frames are paced at 60 a second, as on a screen; the graphics card's
//! part is left out.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers, RawInput, Rect, pos2, vec2};
use image::codecs::jpeg::JpegEncoder;
use taglens::app::{Action, App, AppOptions, Command, SelectCommand};
use taglens::engine::{DeviceChoice, EngineOptions};
use taglens::indexer::Phase;
use taglens::ui::Window;
use taglens::words::Language;

const PHOTOS: u32 = 8;
const FRAME: Duration = Duration::from_nanos(16_666_667);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    (0..PHOTOS).for_each(|i| photo(&photos, i));
    let mut ahead = Vec::new();
    let mut full_size = Vec::new();
    let mut driven = Driven::start(folder.path(), &photos);
    driven.open(0);
    for _ in 1..PHOTOS - 1 {
        driven.rest();
        ahead.push(driven.time(
            |w| w.app().apply(SelectCommand::Move(1, false)),
            Window::has_preview,
        ));
        full_size.push(driven.key(Key::Z, Window::has_full_size));
        driven.key(Key::Z, |_| true);
    }
    drop(driven);
    let alone = (0..PHOTOS as usize).map(|i| {
        let mut driven = Driven::start(folder.path(), &photos);
        driven.rest();
        driven.open(i)
    });
    let alone: Vec<f64> = alone.collect();
    println!("| what | median ms | most ms |\n|---|---|---|");
    for (what, mut times) in [
        ("read ahead", ahead),
        ("not read ahead", alone),
        ("full size", full_size),
    ] {
        times.sort_by(f64::total_cmp);
        println!(
            "| {what} | {:.0} | {:.0} |",
            times[times.len() / 2],
            times[times.len() - 1]
        );
    }
}

/// A photo of 6000×4000 pixels with the detail and the size of a camera's.
fn photo(folder: &Path, number: u32) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let name = ["cat.jpg", "coffee.jpg", "rocket.jpg"][number as usize % 3];
    let small = image::open(samples.join(name)).unwrap();
    let mut large = small
        .resize_exact(6000, 4000, image::imageops::FilterType::Triangle)
        .into_rgb8();
    let mut random = number;
    for value in large.iter_mut() {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *value = value.saturating_add((random >> 28) as u8);
    }
    let file = std::fs::File::create(folder.join(format!("{number}.jpg"))).unwrap();
    let file = std::io::BufWriter::new(file);
    large
        .write_with_encoder(JpegEncoder::new_with_quality(file, 90))
        .unwrap();
}

struct Driven {
    ctx: egui::Context,
    window: Window,
}

impl Driven {
    fn start(folder: &Path, photos: &Path) -> Self {
        let ctx = egui::Context::default();
        let options = AppOptions {
            library: folder.join("library.sqlite"),
            data_folder: folder.join("data"),
            engine: EngineOptions {
                model: "starter".into(),
                quick_gelu: None,
                device: DeviceChoice::Cpu,
                fast: false,
                templates: Vec::new(),
            },
            folders: vec![photos.to_path_buf()],
            language: Language::English,
            started: Instant::now(),
        };
        let app = App::start(options, Arc::new(|| ())).unwrap();
        let mut driven = Self {
            window: Window::new(&ctx, app),
            ctx,
        };
        driven.until(|window| {
            let app = window.app();
            let is_idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
            is_idle && app.library.shown.len() == PHOTOS as usize
        });
        driven
    }

    /// Shows the photo at that place large; returns how long it takes.
    fn open(&mut self, place: usize) -> f64 {
        let show = |window: &mut Window| {
            window.app().apply(SelectCommand::Only(place));
            window.app().apply(Command::Do(Action::Preview));
        };
        self.time(show, Window::has_preview)
    }

    /// The time from a command to the end of the frame in which the current photo is there.
    fn time(&mut self, command: impl FnOnce(&mut Window), is_there: fn(&Window) -> bool) -> f64 {
        let start = Instant::now();
        command(&mut self.window);
        self.frame(Vec::new());
        self.until(|window| is_there(window));
        start.elapsed().as_secs_f64() * 1e3
    }

    fn key(&mut self, key: Key, is_there: fn(&Window) -> bool) -> f64 {
        let start = Instant::now();
        self.frame(vec![egui::Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        }]);
        self.until(|window| is_there(window));
        start.elapsed().as_secs_f64() * 1e3
    }

    /// Frames until what is read ahead has been read.
    fn rest(&mut self) {
        let start = Instant::now();
        self.until(|_| start.elapsed() > Duration::from_secs(3));
    }

    fn until(&mut self, mut done: impl FnMut(&mut Window) -> bool) {
        let start = Instant::now();
        while !done(&mut self.window) {
            assert!(start.elapsed() < Duration::from_secs(300), "waited in vain");
            let begun = Instant::now();
            self.frame(Vec::new());
            std::thread::sleep(FRAME.saturating_sub(begun.elapsed()));
        }
    }

    fn frame(&mut self, events: Vec<egui::Event>) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 820.0))),
            focused: true,
            events,
            ..RawInput::default()
        };
        let (ctx, window) = (self.ctx.clone(), &mut self.window);
        let mut output = self.ctx.run_ui(input, |ui| {
            window.update(&ctx);
            window.draw(ui);
        });
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(meshes);
        // There is no graphics card to take them.
        output.textures_delta.clear();
    }
}
