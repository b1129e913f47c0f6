//! The window without a screen: drawn, pressed and typed into as a person would.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, DroppedFile, Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_system_font_provider::SystemFontProvider;
use taglens::app::{App, AppOptions, Row};
use taglens::engine::{DeviceChoice, EngineOptions};
use taglens::indexer::Phase;
use taglens::store::TagState;
use taglens::ui::Window;
use taglens::words::Language;

const PATIENCE: Duration = Duration::from_secs(120);

fn use_fonts_of_the_system(ctx: &egui::Context) {
    ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
    ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
}

/// A window over a library of its own, and three photos.
pub struct Driven {
    pub harness: Harness<'static, Option<Window>>,
    pub photos: PathBuf,
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("a folder".into())
    }
}

impl Driven {
    /// Opens the window in English.
    pub fn start() -> Self {
        Self::start_in(Language::English)
    }

    /// Opens the window on a system of that language.
    pub fn start_in(language: Language) -> Self {
        Self::start_with(language, "starter")
    }

    /// Opens the window with a model: a name, or a folder.
    pub fn start_with(language: Language, model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let photos = folder.path().join("photos");
        std::fs::create_dir(&photos).unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
        for name in ["cat.jpg", "rocket.jpg", "coffee.jpg"] {
            std::fs::copy(samples.join(name), photos.join(name)).unwrap();
        }
        let options = AppOptions {
            library: folder.path().join("library.sqlite"),
            data_folder: folder.path().join("data"),
            engine: EngineOptions {
                model: model.into(),
                quick_gelu: None,
                device: DeviceChoice::Cpu,
                fast: false,
                templates: Vec::new(),
            },
            folders: Vec::new(),
            language,
            started: Instant::now(),
        };
        let mut options = Some(options);
        let draw = move |ui: &mut egui::Ui, window: &mut Option<Window>| {
            let ctx = ui.ctx().clone();
            let window = window.get_or_insert_with(|| {
                // Pictures of the window in other languages do not depend on the system.
                if language == Language::Chinese {
                    use_fonts_of_the_system(&ctx);
                }
                let waker = ctx.clone();
                let wake = Arc::new(move || waker.request_repaint());
                let app = App::start(options.take().unwrap(), wake).unwrap();
                Window::new(&ctx, app)
            });
            window.update(&ctx);
            window.draw(ui);
        };
        let harness = Harness::builder()
            .with_size([1280.0, 820.0])
            .build_ui_state(draw, None);
        Self {
            harness,
            photos,
            _folder: folder,
        }
    }

    /// Draws with the system's fonts where the built-in ones lack a character, as in a real window.
    /// Characters that none has are boxes.
    pub fn draw_with_fonts_of_the_system(&mut self) {
        use_fonts_of_the_system(&self.harness.ctx);
    }

    /// What the window shows.
    pub fn app(&mut self) -> &mut App {
        self.harness.state_mut().as_mut().unwrap().app()
    }

    /// Draws a few times, for what was pressed to take effect.
    pub fn step(&mut self) {
        for _ in 0..3 {
            self.harness.step();
        }
    }

    /// Draws until `done` or patience ends.
    pub fn until(&mut self, what: &str, mut done: impl FnMut(&mut App) -> bool) {
        let start = Instant::now();
        loop {
            self.harness.step();
            if done(self.app()) {
                // What came last is drawn as well.
                self.step();
                return;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Draws until thumbnails and previews have come.
    pub fn settle(&mut self) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(2) {
            self.harness.step();
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses the first thing of that name.
    pub fn click(&mut self, label: &str) {
        let first = self.harness.get_all_by_label(label).next();
        first
            .unwrap_or_else(|| panic!("nothing is called {label}"))
            .click();
        self.step();
    }

    /// Scrolls until something is in view, as an animation does.
    pub fn scroll_to(&mut self, label: &str) {
        let first = self.harness.get_all_by_label(label).next();
        first
            .unwrap_or_else(|| panic!("nothing is called {label}"))
            .scroll_to_me();
        for _ in 0..30 {
            self.step();
        }
    }

    /// Presses the first thing in whose name that stands.
    pub fn click_containing(&mut self, label: &str) {
        let first = self.harness.get_all_by_label_contains(label).next();
        first
            .unwrap_or_else(|| panic!("nothing has {label} in its name"))
            .click();
        self.step();
    }

    /// Whether something is called so.
    pub fn sees(&self, label: &str) -> bool {
        self.harness.query_all_by_label(label).next().is_some()
    }

    /// Whether something has this in its name.
    pub fn sees_containing(&self, label: &str) -> bool {
        let mut found = self.harness.query_all_by_label_contains(label);
        found.next().is_some()
    }

    /// Draws until something is called so.
    pub fn until_seen(&mut self, label: &str) {
        let start = Instant::now();
        while !self.sees(label) {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {label}");
            self.step();
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Draws until something has this in its name.
    pub fn until_seen_containing(&mut self, label: &str) {
        self.until_so(label, |driven| {
            let mut found = driven.harness.query_all_by_label_contains(label);
            found.next().is_some()
        });
    }

    /// Draws until nothing is called so.
    pub fn until_gone(&mut self, label: &str) {
        self.until_so(label, |driven| !driven.sees(label));
    }

    fn until_so(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
            self.step();
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Puts `text` in place of what a field has.
    pub fn fill(&mut self, label: &str, text: &str) {
        self.click(label);
        self.press(Modifiers::COMMAND, Key::A);
        self.write(text);
    }

    /// Drags what is at `from` to where `to` says once it is on its way.
    pub fn carry(&mut self, from: Pos2, to: impl FnOnce(&Self) -> Pos2) {
        self.harness.drag_at(from);
        self.step();
        self.harness.hover_at(from + egui::vec2(0.0, 30.0));
        self.step();
        let to = to(self);
        self.harness.hover_at(to);
        self.step();
        self.harness.drop_at(to);
        self.step();
    }

    /// Types into whatever has the keyboard.
    pub fn write(&mut self, text: &str) {
        let typed = egui::Event::Text(text.to_owned());
        self.harness.input_mut().events.push(typed);
        self.step();
    }

    /// Presses the mouse at a place.
    pub fn press_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.step();
        self.harness.drag_at(at);
        self.harness.drop_at(at);
        self.step();
    }

    /// Presses a key.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.step();
    }

    /// Lets go of the photos' folder over the window, and waits for their tags.
    pub fn drop_folder(&mut self) {
        let files = std::fs::read_dir(&self.photos).unwrap().count();
        self.drop_photos(files);
    }

    /// The same with photos in folders below it.
    pub fn drop_photos(&mut self, files: usize) {
        let dropped = Arc::new(Dropped(self.photos.clone()));
        self.harness.input_mut().dropped_files.push(dropped);
        self.step();
        self.wait_for_tags(files);
    }

    /// Draws until that many photos have their tags.
    fn wait_for_tags(&mut self, files: usize) {
        self.until("the photos' tags", |app| {
            let idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
            let read = app.library.catalogue.summary.embedded == files;
            idle && read
                && app
                    .library
                    .catalogue
                    .rows
                    .iter()
                    .all(|r| !r.tags.is_empty())
        });
    }

    /// The row of the file of that name.
    pub fn row(&mut self, name: &str) -> Row {
        let rows = &self.app().library.catalogue.rows;
        rows.iter().find(|r| r.name() == name).unwrap().clone()
    }

    /// What the label is to the photo.
    pub fn state(&mut self, name: &str, label: &str) -> Option<TagState> {
        let row = self.row(name);
        let label = self.app().library.catalogue.label(label)?;
        row.tag(label).map(|t| t.state)
    }
}
