//! Drives the whole window by what a screen reader would say of it, on a library of its own with the
//! built-in model: first start, folder, tags, review, labels, export.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use taglens::app::{Action, App, AppOptions, Command, ExportState, Screen};
use taglens::pipeline::{DeviceChoice, EngineOptions, Phase};
use taglens::store::TagState;
use taglens::ui::Window;

const PATIENCE: Duration = Duration::from_secs(120);

struct Driven {
    harness: Harness<'static, Option<Window>>,
    photos: PathBuf,
    _folder: tempfile::TempDir,
}

impl Driven {
    fn start() -> Self {
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
                model: "starter".into(),
                quick_gelu: None,
                device: DeviceChoice::Cpu,
                fast: false,
            },
            folders: Vec::new(),
        };
        let mut options = Some(options);
        let draw = move |ui: &mut eframe::egui::Ui, window: &mut Option<Window>| {
            let ctx = ui.ctx().clone();
            let window = window.get_or_insert_with(|| {
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

    fn app(&mut self) -> &mut App {
        self.harness.state_mut().as_mut().unwrap().app()
    }

    fn step(&mut self) {
        self.harness.step();
    }

    /// Draws until `done` or patience ends.
    fn until(&mut self, what: &str, mut done: impl FnMut(&mut App) -> bool) {
        let start = Instant::now();
        loop {
            self.step();
            if done(self.app()) {
                // What came last is drawn as well.
                self.step();
                self.step();
                return;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn click(&mut self, label: &str) {
        let first = self.harness.get_all_by_label(label).next();
        first.expect("a thing to click").click();
        for _ in 0..3 {
            self.step();
        }
    }

    fn add_folder(&mut self) {
        let photos = self.photos.clone();
        self.app().apply(Command::AddFolders(vec![photos]));
        self.until("the photos' tags", |app| {
            let idle = app.progress.is_some_and(|(s, _)| s.phase == Phase::Idle);
            let read = app.catalogue.summary.embedded == 3;
            idle && read && app.catalogue.rows.iter().all(|r| !r.tags.is_empty())
        });
    }

    fn row(&mut self, name: &str) -> taglens::app::Row {
        let rows = &self.app().catalogue.rows;
        rows.iter().find(|r| r.name() == name).unwrap().clone()
    }
}

fn has(driven: &mut Driven, name: &str, label: &str, state: TagState) -> bool {
    let row = driven.row(name);
    let app = driven.app();
    let label = app.catalogue.label(label).unwrap();
    let found = row.tag(label).map(|t| t.state);
    if found != Some(state) {
        eprintln!("{name}: {label} is {found:?} among {:?}", row.tags);
    }
    found == Some(state)
}

#[test]
fn from_the_first_start_to_sidecars() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.loaded);
    driven.harness.get_by_label("Choose a folder");
    driven.harness.get_by_label("Try the sample photos");

    driven.add_folder();
    assert!(has(&mut driven, "cat.jpg", "cat", TagState::Accepted));
    let tile = driven.harness.get_all_by_label_contains("cat.jpg").count();
    assert!(tile > 0, "the photo has a tile with a name");

    // Review: a tag of the machine's is rejected by hand, taken back, and rejected again.
    let cat = driven.row("cat.jpg");
    let photos = vec![cat.photo.unwrap().0];
    let decide = |accepted| Command::Decide {
        photos: photos.clone(),
        label: "cat".into(),
        accepted,
    };
    driven.app().apply(decide(Some(false)));
    assert!(has(&mut driven, "cat.jpg", "cat", TagState::Rejected));
    driven.until("the step to undo", |app| app.steps().0.is_some());
    driven.app().apply(Command::Do(Action::Undo));
    driven.until("the undo", |app| app.steps().1.is_some());
    assert!(has(&mut driven, "cat.jpg", "cat", TagState::Accepted));
    driven.app().apply(Command::Do(Action::Redo));
    assert!(has(&mut driven, "cat.jpg", "cat", TagState::Rejected));
    driven.app().apply(decide(Some(true)));

    // A label that the list does not have yet.
    driven.app().selected.insert(cat.id);
    driven.app().apply(Command::Tag("Mitzi".into()));
    driven.until("the new label", |app| {
        let label = app.catalogue.label("Mitzi");
        label.is_some_and(|l| {
            app.catalogue.labels[l].in_vocabulary && app.catalogue.labels[l].accepted == 1
        })
    });

    driven.click("Labels");
    driven.harness.get_by_label("Try a label");
    driven.app().apply(Command::EditLabel(Some("cat".into())));
    driven.until("the histogram", |app| app.scores.is_some());
    driven.harness.get_by_label("Threshold of cat");

    // Export: shown before it is done, then done.
    driven.app().apply(Command::PreviewExport);
    driven.until("the preview", |app| {
        matches!(app.export, Some(ExportState::Preview { .. })) && !app.is_exporting()
    });
    let sidecar = driven.photos.join("cat.jpg.xmp");
    assert!(!sidecar.exists(), "a preview writes nothing");
    driven.app().apply(Command::Export);
    driven.until("the export", |app| {
        matches!(app.export, Some(ExportState::Done { .. })) && !app.is_exporting()
    });
    let text = std::fs::read_to_string(&sidecar).unwrap();
    assert!(text.contains("Mitzi") && text.contains("cat"), "{text}");
    if let Ok(out) = std::process::Command::new("exiftool")
        .args(["-s3", "-XMP-dc:Subject"])
        .arg(&sidecar)
        .output()
    {
        let read = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(read.contains("Mitzi"), "exiftool reads: {read}");
    } else {
        assert!(
            std::env::var_os("TAGLENS_REQUIRE_GPU").is_none(),
            "exiftool is not here"
        );
    }
    driven.app().apply(Command::Do(Action::UndoExport));
    driven.until("the export taken back", |app| {
        !app.is_exporting() && !sidecar.exists()
    });
}

#[test]
fn keys_and_screens() {
    use eframe::egui::{Key, Modifiers};
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.loaded);
    driven.add_folder();
    let press = |driven: &mut Driven, modifiers: Modifiers, key: Key| {
        driven.harness.key_press_modifiers(modifiers, key);
        for _ in 0..3 {
            driven.step();
        }
    };
    let ctrl = Modifiers::COMMAND;
    for (key, screen) in [
        (Key::Num2, Screen::Review),
        (Key::Num3, Screen::Labels),
        (Key::Num5, Screen::Activity),
        (Key::Comma, Screen::Settings),
        (Key::Num1, Screen::Photos),
    ] {
        press(&mut driven, ctrl, key);
        assert_eq!(driven.app().screen, screen);
    }
    press(&mut driven, Modifiers::NONE, Key::ArrowRight);
    press(&mut driven, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(driven.app().cursor, Some(1));
    press(&mut driven, ctrl, Key::A);
    assert_eq!(driven.app().selected.len(), 3);
    press(&mut driven, Modifiers::NONE, Key::Space);
    assert!(driven.app().large);
    press(&mut driven, Modifiers::NONE, Key::Escape);
    assert!(!driven.app().large);

    // The palette reaches every command.
    press(&mut driven, ctrl | Modifiers::SHIFT, Key::P);
    driven.harness.get_by_label("Command");
    let typed = eframe::egui::Event::Text("inspector".into());
    driven.harness.input_mut().events.push(typed);
    driven.step();
    let before = driven.app().settings.inspector;
    press(&mut driven, Modifiers::NONE, Key::Enter);
    assert_eq!(driven.app().settings.inspector, !before);

    // Words find photos by their meaning.
    driven
        .app()
        .apply(Command::Search("a cup of coffee".into()));
    driven.until("the search", |app| app.filter.hits.is_some());
    assert_eq!(driven.app().row(0).unwrap().name(), "coffee.jpg");
    driven.app().apply(Command::Search("tag:cat".into()));
    driven.step();
    let shown = driven.app().shown.len();
    assert_eq!(shown, 1);
}
