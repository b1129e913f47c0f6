//! Whole pipelines over real folders, with a tiny model.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::core::photo::ContentHash;
use crate::engine::fallback::images::tests::{Fragile, engine};
use crate::engine::{Engine, ModelIdentity};
use crate::indexer::*;
use crate::store::{Decision, Origin, Store, StoredVocabulary, Summary, TagState, Verdict, Writer};

mod labels;
mod pictures;

const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    folder: tempfile::TempDir,
    model: Arc<Fragile>,
    fingerprint: u8,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            model: Fragile::new(1000),
            fingerprint: 1,
        };
        fs::create_dir(world.root()).unwrap();
        let root = world.root();
        world.store().write(|w| w.add_folder(&root)).unwrap();
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("photos")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("library.sqlite")
    }

    fn store(&self) -> Store {
        Store::open(&self.library()).unwrap()
    }

    /// Writes a picture of one shade, dated an hour ago so that it counts as settled.
    fn picture(&self, name: &str, shade: u8) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::RgbImage::from_pixel(9, 9, image::Rgb([shade, 0, 0]))
            .save(&path)
            .unwrap();
        age(&path);
        path
    }

    fn start(&self, change: impl FnOnce(&mut IndexOptions)) -> Indexer {
        let engine = engine(self.model.clone(), "cpu");
        let mut options = IndexOptions {
            library: self.library(),
            folders: Vec::new(),
            watch: false,
            tags_only: false,
            identity: ModelIdentity {
                name: "fragile".into(),
                fingerprint: [self.fingerprint; 32],
                templates: Vec::new(),
            },
            open: Arc::new(move |_| Ok(engine.clone())),
            readers: 2,
            thumbnails: true,
            prepared: Default::default(),
            scan: Default::default(),
            watching: Default::default(),
            settle: Default::default(),
        };
        change(&mut options);
        Indexer::start(options).unwrap()
    }

    /// Brings the library up to date; returns the numbers of files read and photos embedded.
    fn index(&self) -> (usize, usize) {
        let indexer = self.start(|_| {});
        assert!(indexer.wait(PATIENCE), "it does not end");
        let now = indexer.progress();
        indexer.finish().unwrap();
        (now.done, now.embedded)
    }

    fn summary(&self) -> Summary {
        let store = self.store();
        let model = store.model(&[self.fingerprint; 32]).unwrap();
        store.summary(model, DECODER_VERSION).unwrap()
    }

    fn accepted(&self, name: &str) -> Vec<String> {
        let store = self.store();
        let photo = store.photo_at(&self.at(name)).unwrap().unwrap();
        let tags = store.tags_of(photo).unwrap();
        tags.into_iter()
            .filter(|t| t.state == TagState::Accepted)
            .map(|t| t.label)
            .collect()
    }

    fn decide(&self, name: &str, label: &str) {
        let mut store = self.store();
        let photo = store.photo_at(&self.at(name)).unwrap().unwrap();
        store
            .write(|w| {
                let decision = Decision::now(Verdict::Accepted, Origin::Person);
                let label = w.label(label)?;
                w.decide(photo, label, Some(decision))
            })
            .unwrap();
    }

    fn use_labels(&self, text: &str) {
        let vocabulary = StoredVocabulary {
            name: "test".into(),
            text: text.into(),
        };
        self.store()
            .write(|w| w.set_vocabulary(&vocabulary))
            .unwrap();
    }
}

fn age(path: &Path) {
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(hour_ago).unwrap();
}

fn until(what: &str, mut test: impl FnMut() -> bool) {
    let start = Instant::now();
    while !test() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn nothing_is_done_twice() {
    let world = World::new();
    for n in 0..70 {
        world.picture(&format!("{}/{n}.png", n % 3), n);
    }
    fs::write(world.at("broken.jpg"), "no picture").unwrap();
    age(&world.at("broken.jpg"));
    assert_eq!(world.index(), (71, 70));
    let now = world.summary();
    assert_eq!((now.photos, now.embedded, now.failed), (71, 70, 1));
    assert_eq!(world.index(), (0, 0));

    world.picture("0/0.png", 200);
    assert_eq!(world.index(), (1, 1));
    assert_eq!(world.summary().photos, 71);
    let run = world.store().last_run().unwrap().unwrap();
    assert_eq!((run.read, run.embedded, run.device.as_str()), (1, 1, "cpu"));
}

#[test]
fn copies_are_embedded_once_and_moves_not_at_all() {
    let world = World::new();
    for n in 0..10 {
        world.picture(&format!("{n}.png"), n);
        world.picture(&format!("copy/{n}.png"), n);
    }
    assert_eq!(world.index(), (20, 10));
    world.decide("3.png", "mine");
    fs::rename(world.at("3.png"), world.at("moved.png")).unwrap();
    fs::rename(world.at("copy"), world.at("renamed")).unwrap();
    assert_eq!(world.index(), (11, 0));
    let now = world.summary();
    assert_eq!((now.photos, now.embedded, now.missing), (20, 20, 0));
    assert!(world.accepted("moved.png").contains(&"mine".into()));

    // Two photos that swap places keep their decisions.
    fs::rename(world.at("moved.png"), world.at("aside")).unwrap();
    fs::rename(world.at("4.png"), world.at("moved.png")).unwrap();
    fs::rename(world.at("aside"), world.at("4.png")).unwrap();
    let (_, embedded) = world.index();
    assert_eq!(embedded, 0);
    assert_eq!(world.summary().photos, 20);
}

#[test]
fn a_drive_that_vanishes_takes_nothing_with_it() {
    let world = World::new();
    world.picture("a.png", 1);
    world.picture("b/c.png", 2);
    world.index();
    world.decide("b/c.png", "mine");
    let away = world.folder.path().join("away");
    fs::rename(world.root(), &away).unwrap();
    world.index();
    let now = world.summary();
    assert_eq!((now.photos, now.offline, now.missing), (2, 2, 0));
    // An empty mount point is no different.
    fs::create_dir(world.root()).unwrap();
    world.index();
    assert_eq!(world.summary().offline, 2);
    fs::remove_dir(world.root()).unwrap();
    fs::rename(&away, world.root()).unwrap();
    assert_eq!(world.index(), (0, 0));
    let now = world.summary();
    assert_eq!((now.photos, now.embedded, now.offline), (2, 2, 0));
    assert!(world.accepted("b/c.png").contains(&"mine".into()));
}

#[test]
fn tags_follow_the_vocabulary_without_reading_a_photo() {
    // Text vectors turn with the text's length, pictures with their shade: each label fits some
    // photos, half fits others, and does not fit the rest.
    let label =
        |name: &str| format!("[[label]]\nname = \"{name}\"\nprior = 0.5\nthreshold = 0.3\n");
    let (ab, ten) = (label("ab"), label("abcdefghij"));
    let second = format!("{ten}{}", label("abcdefghijklmnopqrst"));
    let world = World::new();
    for n in 0..40 {
        world.picture(&format!("{n}.png"), n * 6);
    }
    world.use_labels(&format!("{ab}{ten}"));
    world.index();
    let given = |world: &World, label: &str| {
        let has = |n: &i32| {
            world
                .accepted(&format!("{n}.png"))
                .contains(&label.to_owned())
        };
        (0..40).filter(has).count()
    };
    assert!(given(&world, "ab") > 0);
    world.use_labels(&second);
    assert_eq!(world.index(), (0, 0));
    assert_eq!(given(&world, "ab"), 0);
    let ten_given = given(&world, "abcdefghij");
    assert!(ten_given > 0 && ten_given < 40, "{ten_given}");
    // Whatever the labels, the result is as if they had been there from the start.
    let fresh = World::new();
    for n in 0..40 {
        fresh.picture(&format!("{n}.png"), n * 6);
    }
    fresh.use_labels(&second);
    fresh.index();
    for n in 0..40 {
        let name = format!("{n}.png");
        assert_eq!(world.accepted(&name), fresh.accepted(&name), "{name}");
    }
}

#[test]
fn a_model_that_was_used_before_costs_nothing() {
    let mut world = World::new();
    for n in 0..5 {
        world.picture(&format!("{n}.png"), n);
    }
    assert_eq!(world.index(), (5, 5));
    world.fingerprint = 2;
    assert_eq!(world.index(), (5, 5));
    world.fingerprint = 1;
    assert_eq!(world.index(), (0, 0));
}

/// Each photo's tags, including suggestions, with their confidence.
fn tags(world: &World, shades: std::ops::Range<u8>) -> Vec<Vec<(String, f32)>> {
    let store = world.store();
    let of = |shade| {
        let photo = store.photo_at(&world.at(&format!("{shade}.png"))).unwrap();
        let tags = store.tags_of(photo.unwrap()).unwrap();
        tags.into_iter()
            .filter_map(|t| Some((t.label, t.machine?.1)))
            .collect()
    };
    shades.map(of).collect()
}

#[test]
fn tags_do_not_depend_on_when_photos_came_and_stay_when_more_come() {
    let labels = "threshold = 0.0\n[[label]]\nname = \"one\"\n[[label]]\nname = \"two\"\n";
    let at_once = World::new();
    at_once.use_labels(labels);
    for shade in 0..40 {
        at_once.picture(&format!("{shade}.png"), shade);
    }
    at_once.index();
    let expected = tags(&at_once, 0..40);
    assert!(expected.iter().any(|tags| !tags.is_empty()), "no tags");

    let in_parts = World::new();
    in_parts.use_labels(labels);
    // The last ones come first, too few to measure the library's scale.
    for shades in [30..40, 0..30] {
        for shade in shades {
            in_parts.picture(&format!("{shade}.png"), shade);
        }
        in_parts.index();
    }
    assert_eq!(tags(&in_parts, 0..40), expected);

    // Not twice as many: the scale stays.
    for shade in 200..220 {
        in_parts.picture(&format!("{shade}.png"), shade);
    }
    in_parts.index();
    assert_eq!(tags(&in_parts, 0..40), expected);
    for shade in 220..250 {
        in_parts.picture(&format!("{shade}.png"), shade);
    }
    in_parts.index();
    assert_ne!(
        tags(&in_parts, 0..40),
        expected,
        "the scale is never looked up again"
    );
}

#[test]
fn decisions_from_before_the_first_index_teach_like_those_after_it() {
    let labels = "threshold = 0.0\n[[label]]\nname = \"one\"\n";
    let worlds = [World::new(), World::new()];
    for world in &worlds {
        world.use_labels(labels);
        for shade in 0..12 {
            world.picture(&format!("{shade}.png"), shade * 20);
        }
    }
    // Elsewhere decided on, and imported: the photos may come later, or never.
    let decide = |world: &World| {
        let hashes = (0..6).map(|n| fs::read(world.at(&format!("{n}.png"))).unwrap());
        let hashes = hashes.map(|bytes| ContentHash::new(*blake3::hash(&bytes).as_bytes()));
        let nowhere = ContentHash::new([7; 32]);
        let write = |w: &Writer<'_>| {
            let label = w.label("one")?;
            for (at, hash) in hashes.chain([nowhere]).enumerate() {
                let verdict = match at % 2 {
                    0 => Verdict::Accepted,
                    _ => Verdict::Rejected,
                };
                let mut decision = Decision::now(verdict, Origin::Person);
                decision.decided_ms = at as i64;
                w.decide(w.photo_of(&hash)?, label, Some(decision))?;
            }
            w.bump_revision()
        };
        world.store().write(write).unwrap();
    };
    let [before, after] = &worlds;
    decide(before);
    before.index();
    after.index();
    decide(after);
    after.index();
    let learned = |world: &World| {
        let learned = world.store().learned().unwrap();
        learned.into_values().collect::<Vec<_>>()
    };
    assert_eq!(learned(after)[0].decisions, 6);
    assert_eq!(learned(before), learned(after));
    // Nothing is known of them to a model that has not seen them yet.
    let mut other = worlds.into_iter().next().unwrap();
    other.fingerprint = 2;
    assert_eq!(other.index(), (12, 12));
    assert_eq!(learned(&other)[0].decisions, 6);
}

#[test]
fn another_process_is_not_disturbed() {
    let world = World::new();
    world.picture("a.png", 1);
    let first = world.start(|o| o.watch = true);
    let engine = engine(world.model.clone(), "cpu");
    let second = Indexer::start(IndexOptions {
        library: world.library(),
        folders: Vec::new(),
        watch: false,
        tags_only: false,
        identity: ModelIdentity {
            name: "fragile".into(),
            fingerprint: [1; 32],
            templates: Vec::new(),
        },
        open: Arc::new(move |_| Ok(engine.clone())),
        readers: 1,
        thumbnails: false,
        prepared: Default::default(),
        scan: Default::default(),
        watching: Default::default(),
        settle: Default::default(),
    });
    let error = second.err().unwrap().to_string();
    assert!(error.contains("another Taglens"), "{error}");
    drop(first);
    world.index();
    assert_eq!(world.summary().embedded, 1);
}

#[test]
fn watching_sees_what_happens() {
    let world = World::new();
    world.picture("a.png", 1);
    let indexer = world.start(|o| {
        o.watch = true;
        o.watching.debounce = Duration::from_millis(50);
        o.settle.quiet = Duration::from_millis(100);
    });
    let counts = || {
        let now = world.summary();
        (now.photos, now.embedded)
    };
    until("the first scan", || counts() == (1, 1));
    world.picture("new/b.png", 2);
    until("a new file in a new folder", || counts() == (2, 2));
    fs::rename(world.at("new"), world.at("old")).unwrap();
    until("a renamed folder", || {
        world
            .store()
            .photo_at(&world.at("old/b.png"))
            .unwrap()
            .is_some()
            && counts() == (2, 2)
    });
    fs::remove_file(world.at("a.png")).unwrap();
    until("a deleted file", || counts() == (1, 1));

    // A growing file does not count as broken.
    let whole = fs::read(world.picture("slow.tmp.png", 77)).unwrap();
    fs::remove_file(world.at("slow.tmp.png")).unwrap();
    let mut file = fs::File::create(world.at("slow.png")).unwrap();
    for part in whole.chunks(whole.len().div_ceil(8)) {
        std::io::Write::write_all(&mut file, part).unwrap();
        file.sync_all().unwrap();
        std::thread::sleep(Duration::from_millis(40));
    }
    drop(file);
    until("a file written slowly", || counts() == (2, 2));
    assert_eq!(world.summary().failed, 0);

    world.use_labels("abcdefghij\n");
    until("another vocabulary", || {
        let scored = world.store().scored_labels().unwrap();
        scored.len() == 1
    });
    indexer.stop();
    assert!(indexer.wait(PATIENCE));
    indexer.finish().unwrap();
}

#[test]
fn a_pause_holds_work_back_and_loses_nothing() {
    let world = World::new();
    for n in 0..30 {
        world.picture(&format!("{n}.png"), n);
    }
    let indexer = world.start(|o| o.watch = true);
    assert!(indexer.control(Control::Pause));
    until("the pause", || indexer.is_paused());
    assert!(indexer.control(Control::Resume));
    until("the end of the pause", || !indexer.is_paused());
    assert!(indexer.control(Control::Rescan));
    until("everything", || world.summary().embedded == 30);
    indexer.stop();
    indexer.finish().unwrap();
}

#[test]
fn a_watcher_without_work_notices_that_its_library_is_gone() {
    let world = World::new();
    world.picture("a.png", 1);
    let indexer = world.start(|o| o.watch = true);
    until("everything", || world.summary().embedded == 1);
    fs::remove_file(world.library()).unwrap();
    assert!(indexer.wait(PATIENCE), "it goes on without a library");
    let error = indexer.finish().unwrap_err().to_string();
    assert!(error.contains("was deleted or moved"), "{error}");
}

#[test]
fn stopping_while_something_is_asked_ends() {
    let world = World::new();
    world.picture("a.png", 1);
    assert_eq!(world.index(), (1, 1));
    let (sender, ended) = crossbeam_channel::bounded(1);
    let work = move || {
        for wait_us in (0..60).map(|i| i * 50) {
            let indexer = world.start(|o| o.watch = true);
            while indexer.progress().phase != Phase::Idle {
                std::thread::yield_now();
            }
            for _ in 0..4 {
                indexer.control(Control::Retag);
            }
            std::thread::sleep(Duration::from_micros(wait_us));
            indexer.stop();
            indexer.finish().unwrap();
        }
        sender.send(()).unwrap();
    };
    std::thread::Builder::new().spawn(work).unwrap();
    assert!(ended.recv_timeout(PATIENCE).is_ok(), "it does not end");
}

#[test]
fn stopping_keeps_what_was_finished() {
    let world = World::new();
    for n in 0..200 {
        world.picture(&format!("{n}.png"), n);
    }
    let indexer = world.start(|_| {});
    indexer.stop();
    assert!(indexer.wait(PATIENCE));
    indexer.finish().unwrap();
    let before = world.summary();
    assert!(before.photos == 0 || before.photos == 200, "{before:?}");
    let (_, embedded) = world.index();
    assert_eq!(before.embedded + embedded, 200);
}

#[test]
fn a_model_that_nobody_measured_is_calibrated_by_the_starter_where_both_have_read_the_photos() {
    let labels = "threshold = 0.0\n[[label]]\nname = \"red\"\n[[label]]\nname = \"night\"\n";
    let indexed = |with_starter: bool| {
        let world = World::new();
        world.use_labels(labels);
        for shade in 0..40 {
            world.picture(&format!("{shade}.png"), shade);
        }
        if with_starter {
            let indexer = world.start(|options| {
                options.identity = ModelIdentity::starter();
                options.open = Arc::new(|_| Engine::starter());
            });
            assert!(indexer.wait(PATIENCE), "it does not end");
            indexer.finish().unwrap();
            // The starter itself needs no calibration.
            let store = world.store();
            let starter = store.model(&ModelIdentity::starter().fingerprint).unwrap();
            let scale = store.scale_photos(starter.unwrap()).unwrap().unwrap();
            assert_eq!((scale.count, scale.constants), (32, None));
        }
        world.index();
        world
    };
    let alone = indexed(false);
    let model = alone.store().model(&[1; 32]).unwrap().unwrap();
    let scale = alone.store().scale_photos(model).unwrap().unwrap();
    assert_eq!(alone.summary().scale_photos, 32);
    assert_eq!((scale.count, scale.constants), (32, None));

    let world = indexed(true);
    let mut store = world.store();
    let id = store.model(&[1; 32]).unwrap().unwrap();
    let scale = store.scale_photos(id).unwrap().unwrap();
    let fitted = scale.constants.unwrap();
    assert!(fitted.slope > 0);
    // Tags follow the constants.
    let confidences = |world: &World| -> Vec<f32> {
        let store = world.store();
        let photo = store.photo_at(&world.at("7.png")).unwrap().unwrap();
        let tags = store.tags_of(photo).unwrap();
        tags.iter().filter_map(|t| Some(t.machine?.1)).collect()
    };
    assert_ne!(confidences(&world), confidences(&alone));
    // They are taken back with the scale, and made again.
    let change = store.scale_change(id).unwrap().unwrap();
    assert_eq!(change.after.constants, Some(fitted));
    store.write(|w| w.undo_scale(id, &change, true)).unwrap();
    assert_eq!(store.scale_photos(id).unwrap(), None);
    store.write(|w| w.undo_scale(id, &change, false)).unwrap();
    assert_eq!(store.scale_photos(id).unwrap(), Some(scale));
}
