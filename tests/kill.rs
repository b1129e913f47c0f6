//! The program killed at random moments: the library opens each time, and nothing of it is lost.
//!
//! `TAGLENS_KILLS` says how many kills each test makes and `TAGLENS_KILL_PHOTOS` in how large a
//! library (200 and 2,000 in the proof run); the moments come from `TAGLENS_KILL_SEED`. The model is a tiny one, so that most of a run's time is the
//! library's: with the built-in one, nearly every kill would hit the model.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use half::f16;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize_to_file};
use serde_json::Value;
use tempfile::TempDir;

const SIGKILL: i32 = 9;
/// Between two full checks of the library, in kills: they cost more than a kill.
const CHECK_EVERY: usize = 8;
/// Tokens of CLIP's vocabulary, and the width that the small model of the golden tests has.
const TOKENS: usize = 49_408;
const TOKEN_WIDTH: usize = 48;
/// With fewer writes than this, all exports of a test stay in the journal.
const ALL_IN_JOURNAL: u64 = 5_000;

fn from_environment(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")),
        Err(_) => default,
    }
}

fn kills() -> usize {
    usize::try_from(from_environment("TAGLENS_KILLS", 6)).unwrap()
}

/// Photos, a model, vocabularies and libraries in a folder of their own.
struct World {
    home: TempDir,
    /// How many there are.
    photos: u64,
    moments: StdRng,
    libraries: usize,
}

impl World {
    fn new() -> Self {
        let world = Self {
            home: tempfile::tempdir().unwrap(),
            photos: from_environment("TAGLENS_KILL_PHOTOS", 150),
            moments: StdRng::seed_from_u64(from_environment("TAGLENS_KILL_SEED", 3)),
            libraries: 0,
        };
        for i in 0..world.photos {
            let folder = world.folder().join(format!("{}", i % 7));
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("{i:05}.png"));
            photo(i).save(&path).unwrap();
            // Fresh files are waited for, which is not what is to be killed.
            let hour_ago = SystemTime::now() - Duration::from_secs(3600);
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_modified(hour_ago).unwrap();
        }
        small_model(&world.model());
        world.vocabulary("a.toml", &(0..30).collect::<Vec<_>>());
        // Some labels gone, some new, the rest in another place.
        world.vocabulary("b.toml", &(6..40).rev().collect::<Vec<_>>());
        world
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("photos")
    }

    fn model(&self) -> PathBuf {
        self.home.path().join("small.safetensors")
    }

    fn library(&self) -> PathBuf {
        self.home
            .path()
            .join(format!("library-{}", self.libraries))
            .join("library.db")
    }

    /// From here on, commands use a library that does not exist yet.
    fn new_library(&mut self) {
        self.libraries += 1;
        std::fs::create_dir_all(self.library().parent().unwrap()).unwrap();
        self.done(&["vocabulary", "import", &self.file("a.toml")]);
    }

    fn file(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    /// Labels that every photo gets, so that no check of tags looks at nothing.
    fn vocabulary(&self, name: &str, numbers: &[usize]) {
        let labels: Vec<String> = numbers
            .iter()
            .map(|n| format!("[[label]]\nname = \"thing {n}\"\nthreshold = 0\n"))
            .collect();
        std::fs::write(self.file(name), labels.concat()).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taglens"));
        command
            .args(args)
            .args(["--device", "cpu", "--quiet", "--model"])
            .arg(self.model())
            .arg("--library")
            .arg(self.library())
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env_remove("TAGLENS_LIBRARY");
        command
    }

    /// A run that has to succeed.
    fn done(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "{args:?}: {}: {said}",
            output.status
        );
        output
    }

    fn index(&self) {
        self.done(&["index", self.folder().to_str().unwrap()]);
    }

    /// Kills the command at a random moment of the time that it usually takes. Whether it was
    /// still running: if not, it has to have succeeded. The usual time follows the machine, which
    /// may have other work: otherwise all runs would end before their kill, or be killed at their
    /// start.
    fn kill(&mut self, args: &[&str], usual: &mut Duration) -> bool {
        let delay = usual.mul_f64(self.moments.random::<f64>());
        let mut command = self.command(args);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let killed = status.signal() == Some(SIGKILL);
        assert!(killed || status.success(), "{args:?}: {status}");
        *usual = if killed { usual.mul_f64(1.02) } else { delay };
        killed
    }

    fn counts(&self) -> Counts {
        let output = self.done(&["status", "--format", "json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = |key: &str| {
            let value = status[key].as_u64();
            value.unwrap_or_else(|| panic!("no number “{key}” in {status}"))
        };
        let counts = Counts {
            photos: number("photos"),
            embedded: number("embedded"),
        };
        assert_eq!(number("failed"), 0, "{status}");
        assert!(counts.photos <= self.photos, "{status}");
        assert!(counts.embedded <= counts.photos, "{status}");
        assert!(number("waiting") <= counts.photos, "{status}");
        counts
    }

    /// Every photo with its tags; no photo may be listed twice, nor a tag of a photo.
    fn tags(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let output = self.done(&["tags", "--format", "jsonl"]);
        let mut found = BTreeMap::new();
        for row in rows(&output) {
            let path = row["path"].as_str().unwrap().to_owned();
            assert!(Path::new(&path).is_file(), "{path} is no photo of ours");
            let mut tags = BTreeMap::new();
            for tag in row["tags"].as_array().unwrap() {
                let label = tag["label"].as_str().unwrap().to_owned();
                let twice = tags.insert(label, tag["confidence"].to_string());
                assert!(twice.is_none(), "a tag twice in {row}");
            }
            assert!(found.insert(path, tags).is_none(), "twice: {row}");
        }
        assert!(found.len() as u64 <= self.photos);
        found
    }

    fn labels(&self) -> BTreeSet<String> {
        let output = self.done(&["vocabulary", "list", "--format", "jsonl"]);
        let mut found = BTreeSet::new();
        for row in rows(&output) {
            let label = row["label"].as_str().unwrap().to_owned();
            assert!(found.insert(label), "twice: {row}");
        }
        found
    }

    /// The library holds every photo once, with its embedding, and the file is sound.
    fn is_whole(&self) {
        let all = Counts {
            photos: self.photos,
            embedded: self.photos,
        };
        assert_eq!(self.counts(), all);
        assert_eq!(self.tags().len() as u64, self.photos);
        let file = rusqlite::Connection::open(self.library()).unwrap();
        let said: String = file
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(said, "ok");
        let broken: i64 = file
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(broken, 0);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    photos: u64,
    embedded: u64,
}

fn rows(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A picture like none with another number below 65,536.
fn photo(number: u64) -> image::RgbImage {
    // The number is in every pixel: no two pictures can be alike.
    let [low, high] = u16::try_from(number).unwrap().to_le_bytes();
    let mut random = StdRng::seed_from_u64(number);
    let [across, down, both] = std::array::from_fn(|_| random.random_range(1..9u32));
    image::RgbImage::from_fn(40, 30, |x, y| {
        let wave = (across * x + down * y + both * x * y) % 256;
        image::Rgb([low, high, u8::try_from(wave).unwrap()])
    })
}

/// The golden tests' small model with as many tokens as the tokenizer has.
fn small_model(to: &Path) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cbow.safetensors");
    let bytes = std::fs::read(golden).unwrap();
    let golden = SafeTensors::deserialize(&bytes).unwrap();
    let mut random = StdRng::seed_from_u64(1);
    let table: Vec<u8> = (0..TOKENS * TOKEN_WIDTH)
        .flat_map(|_| f16::from_f32(random.random_range(-1.0..1.0)).to_le_bytes())
        .collect();
    let name = "cbow.token_embedding.weight";
    let table = TensorView::new(Dtype::F16, vec![TOKENS, TOKEN_WIDTH], &table).unwrap();
    let mut tensors: BTreeMap<String, TensorView<'_>> = golden.tensors().into_iter().collect();
    assert!(tensors.insert(name.into(), table).is_some());
    serialize_to_file(tensors, None, to).unwrap();
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[test]
fn indexing_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    let mut usual = timed(|| world.index());
    world.is_whole();
    // What a run that nobody disturbs arrives at is what the others have to arrive at.
    let expected = world.tags();
    assert!(expected.values().all(|tags| !tags.is_empty()));

    let folder = world.folder();
    let args = ["index", folder.to_str().unwrap()];
    let (mut killed, mut halfway, mut runs) = (0, 0, 0);
    while killed < kills() {
        world.new_library();
        let mut before = Counts::default();
        // Some kills leave the library complete: there is a new one then, for a kill of a run
        // without work proves little.
        while killed < kills() && before.embedded < world.photos {
            runs += 1;
            assert!(runs < 20 * kills() + 20, "the runs end before their kill");
            killed += usize::from(world.kill(&args, &mut usual));
            let after = world.counts();
            assert!(after.photos >= before.photos, "{before:?}, then {after:?}");
            assert!(
                after.embedded >= before.embedded,
                "{before:?}, then {after:?}"
            );
            assert!(world.tags().len() as u64 <= after.photos);
            halfway += usize::from(after.embedded > 0 && after.embedded < world.photos);
            before = after;
        }
        world.index();
        world.is_whole();
        assert_eq!(world.tags(), expected);
    }
    let libraries = world.libraries;
    eprintln!("{killed} kills in {libraries} libraries, {halfway} with a part embedded");
}

#[test]
fn a_vocabulary_edit_is_made_whole_or_not_at_all() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let files = [world.file("a.toml"), world.file("b.toml")];
    let mut imports = Duration::ZERO;
    let vocabularies = [1, 0].map(|i| {
        imports += timed(|| drop(world.done(&["vocabulary", "import", &files[i]])));
        world.labels()
    });
    let [b, a] = vocabularies;
    assert_eq!((a.len(), b.len()), (30, 34));
    let mut rescoring = timed(|| world.index());
    let mut import = imports / 2;

    let folder = world.folder();
    let (mut killed, mut runs, mut edits) = (0, 0, 0);
    let mut now = a.clone();
    while killed < kills() {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Always the other one: an import that changes nothing cannot be torn.
        let next = if now == a { &files[1] } else { &files[0] };
        let args = ["vocabulary", "import", next.as_str()];
        killed += usize::from(world.kill(&args, &mut import));
        let labels = world.labels();
        assert!(labels == a || labels == b, "{labels:?}");
        edits += usize::from(labels != now);
        now = labels;
        // The photos get their new tags by `index`, which is killed as well.
        if killed < kills() {
            let args = ["index", folder.to_str().unwrap()];
            killed += usize::from(world.kill(&args, &mut rescoring));
            assert_eq!(world.labels(), now);
            assert_eq!(
                world.counts().embedded,
                world.photos,
                "an edit embeds nothing"
            );
        }
        if runs % CHECK_EVERY == 0 || killed >= kills() {
            world.index();
            world.is_whole();
            for (path, tags) in world.tags() {
                let found: BTreeSet<String> = tags.into_keys().collect();
                assert!(!found.is_empty(), "{path} has no tags");
                let unknown: Vec<_> = found.difference(&now).collect();
                assert!(unknown.is_empty(), "{path} has {unknown:?}");
            }
        }
    }
    eprintln!("{killed} kills, {edits} edits made");
}

/// Every file below the folder, by its path there.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn exporting_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let folder = world.folder();
    // Half of the photos have a sidecar of another program's.
    let theirs = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\r\n<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\r\n<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'/>\r\n</rdf:RDF>\r\n</x:xmpmeta>\r\n";
    let photos: Vec<String> = contents(&folder).into_keys().collect();
    for name in photos.iter().step_by(2) {
        std::fs::write(folder.join(format!("{name}.xmp")), theirs).unwrap();
    }
    world.index();
    let before = contents(&folder);
    let mut usual = timed(|| drop(world.done(&["export"])));
    let mut known: BTreeSet<String> = contents(&folder).into_keys().collect();
    assert_eq!(known.len(), 2 * photos.len());
    // Some tags are decided on; nothing that a killed export leaves behind decides on others.
    let mut labels = world.labels().into_iter();
    let [label, changing] = [labels.next().unwrap(), labels.next().unwrap()];
    let rejected = photos.iter().step_by(10);
    let rejected: Vec<String> = rejected
        .map(|name| folder.join(name).to_str().unwrap().to_owned())
        .collect();
    for some in rejected.chunks(100) {
        let paths = some.iter().map(String::as_str);
        let args: Vec<&str> = ["decide", "reject", &label]
            .into_iter()
            .chain(paths)
            .collect();
        world.done(&args);
    }
    let decisions = |world: &World| world.done(&["decisions", "export", "-"]).stdout;

    let (mut killed, mut runs, mut turns, mut has_turned) = (0, 0, 1, true);
    let mut decided_before = decisions(&world);
    assert!(!decided_before.is_empty());
    // How the folder was before each export.
    let mut states = vec![state(&before), state(&contents(&folder))];
    while killed < kills() {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Another decision once the last one has reached a sidecar, so that there is something to write.
        let verdict = ["reject", "accept"][turns % 2];
        world.done(&["decide", verdict, &changing, folder.to_str().unwrap()]);
        let decided = decisions(&world);
        assert!(!has_turned || decided != decided_before);
        killed += usize::from(world.kill(&["export"], &mut usual));
        let now = contents(&folder);
        let found = state(&now);
        has_turned = states.last() != Some(&found);
        turns += usize::from(has_turned);
        states.push(found);
        for (name, bytes) in &now {
            let text = String::from_utf8_lossy(bytes);
            let is_sidecar = name.ends_with(".xmp");
            let whole = text.trim_end().ends_with("</x:xmpmeta>")
                || text.trim_end().ends_with("<?xpacket end=\"w\"?>");
            assert!(!is_sidecar || whole, "{name} is {} bytes", bytes.len());
        }
        let names: BTreeSet<String> = now.into_keys().collect();
        let lost: Vec<_> = known.difference(&names).collect();
        assert!(lost.is_empty(), "{lost:?} are gone");
        known.extend(names.into_iter().filter(|n| n.ends_with(".xmp")));
        if runs % 4 == 0 {
            world.index();
            let now = decisions(&world);
            assert_eq!(
                String::from_utf8_lossy(&now),
                String::from_utf8_lossy(&decided)
            );
        }
        decided_before = decided;
    }
    world.index();
    assert_eq!(decisions(&world), decided_before);
    // What was written by any of them can be taken back, as long as the journal has it: one after
    // the other, to the byte.
    world.done(&["export"]);
    let (mut undone, mut back) = (0, states.len());
    while !stderr(&world.done(&["export", "--undo"])).contains("no export") {
        undone += 1;
        let now = state(&contents(&folder));
        let earlier = states.iter().take(back).rposition(|state| *state == now);
        back = earlier.unwrap_or_else(|| panic!("undo {undone} leads to no earlier state"));
    }
    assert!(undone > 1);
    let after = contents(&folder);
    let has_all = world.photos * (runs as u64) < ALL_IN_JOURNAL;
    assert!(back == 0 || !has_all, "{back} exports are not undone");
    let mine = |name: &str| name.ends_with(".xmp") && !has_all;
    let differing: Vec<_> = before
        .iter()
        .filter(|(k, v)| after.get(*k) != Some(v) && !mine(k))
        .collect();
    assert!(
        differing.is_empty(),
        "{} files are not as they were",
        differing.len()
    );
    // What a killed writer had not finished lies under a hidden name, until a later export finds it
    // old enough to be nobody's.
    let others = after
        .keys()
        .filter(|name| !before.contains_key(*name) && !mine(name));
    let (unfinished, strange): (Vec<_>, Vec<_>) = others.partition(|name| {
        let name = Path::new(name).file_name().unwrap().to_str().unwrap();
        name.starts_with(".taglens-sidecar-") && name.ends_with(".tmp")
    });
    assert!(strange.is_empty(), "{strange:?}");
    let unfinished = unfinished.len();
    eprintln!("{killed} kills, {undone} exports undone, {unfinished} unfinished files");
}

/// The pixels of every photo among these files.
fn pictures(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let photos = files.iter().filter(|(name, _)| name.ends_with(".png"));
    let decoded = photos.map(|(name, bytes)| {
        let picture = image::load_from_memory(bytes);
        let picture = picture.unwrap_or_else(|error| panic!("{name} is unreadable: {error}"));
        (name.clone(), picture.to_rgb8().into_raw())
    });
    decoded.collect()
}

#[test]
fn embedding_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let folder = world.folder();
    let before = contents(&folder);
    let shown = pictures(&before);
    world.done(&["export", "--embed"]);
    // How the folder was before each export.
    let mut states = vec![state(&before), state(&contents(&folder))];
    assert_ne!(states[0], states[1]);
    let changing = world.labels().into_iter().next().unwrap();
    let decide = |world: &World, verdict| {
        world.done(&["decide", verdict, &changing, folder.to_str().unwrap()]);
    };
    // A change takes longer than a packet where there was none.
    decide(&world, "reject");
    let mut usual = timed(|| drop(world.done(&["export", "--embed"])));
    states.push(state(&contents(&folder)));
    assert_ne!(states[1], states[2]);
    let (mut killed, mut runs, mut written) = (0, 0, 0);
    // A kill before the first write proves little: there is at least one that comes later.
    while killed < kills() || written == 0 {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Another decision once the last one has reached a photo: there is something to write each time.
        decide(&world, ["accept", "reject"][written % 2]);
        killed += usize::from(world.kill(&["export", "--embed"], &mut usual));
        // No photo is missing, shorter or unreadable.
        let now = contents(&folder);
        assert_eq!(pictures(&now), shown);
        let now = state(&now);
        written += usize::from(states.last() != Some(&now));
        states.push(now);
        if runs % CHECK_EVERY == 0 {
            world.index();
            let all = world.photos;
            assert_eq!(world.counts().embedded, all, "the same photos");
        }
    }
    world.done(&["export", "--embed"]);
    // One after the other is taken back, to the byte.
    let (mut undone, mut back) = (0, states.len());
    while !stderr(&world.done(&["export", "--undo"])).contains("no export") {
        undone += 1;
        let now = state(&contents(&folder));
        let earlier = states.iter().take(back).rposition(|state| *state == now);
        back = earlier.unwrap_or_else(|| panic!("undo {undone} leads to no earlier state"));
    }
    assert!(undone > 0);
    let has_all = world.photos * (runs as u64) < ALL_IN_JOURNAL;
    assert!(back == 0 || !has_all, "{back} exports are not undone");
    eprintln!("{killed} kills, of which {written} met writes, {undone} exports into photos undone");
}

/// The hash of all files, except for what a killed writer has not finished.
fn state(files: &BTreeMap<String, Vec<u8>>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with(".tmp")) {
        hasher.update(name.as_bytes());
        hasher.update(blake3::hash(bytes).as_bytes());
    }
    hasher.finalize()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
