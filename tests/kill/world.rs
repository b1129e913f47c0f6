//! Photos and libraries for a program that is killed.

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

pub const SIGKILL: i32 = 9;
/// Between two full checks of the library, in kills: they cost more than a kill.
pub const CHECK_EVERY: usize = 8;
/// Tokens of CLIP's vocabulary, and the width that the small model of the golden tests has.
pub const TOKENS: usize = 49_408;
pub const TOKEN_WIDTH: usize = 48;
/// With fewer writes than this, all exports of a test stay in the journal.
pub const ALL_IN_JOURNAL: u64 = 5_000;

pub fn from_environment(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")),
        Err(_) => default,
    }
}

pub fn kills() -> usize {
    usize::try_from(from_environment("TAGLENS_KILLS", 6)).unwrap()
}

/// Photos, a model, vocabularies and libraries in a folder of their own.
pub struct World {
    pub home: TempDir,
    /// How many there are.
    pub photos: u64,
    pub moments: StdRng,
    pub libraries: usize,
}

impl World {
    pub fn new() -> Self {
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

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("photos")
    }

    pub fn model(&self) -> PathBuf {
        self.home.path().join("small.safetensors")
    }

    pub fn library(&self) -> PathBuf {
        self.home
            .path()
            .join(format!("library-{}", self.libraries))
            .join("library.db")
    }

    /// From here on, commands use a library that does not exist yet.
    pub fn new_library(&mut self) {
        self.libraries += 1;
        std::fs::create_dir_all(self.library().parent().unwrap()).unwrap();
        self.done(&["vocabulary", "import", &self.file("a.toml")]);
    }

    pub fn file(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    /// Labels that every photo gets, so that no check of tags looks at nothing.
    pub fn vocabulary(&self, name: &str, numbers: &[usize]) {
        let labels: Vec<String> = numbers
            .iter()
            .map(|n| format!("[[label]]\nname = \"thing {n}\"\nthreshold = 0\n"))
            .collect();
        std::fs::write(self.file(name), labels.concat()).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
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
    pub fn done(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "{args:?}: {}: {said}",
            output.status
        );
        output
    }

    pub fn index(&self) {
        self.done(&["index", self.folder().to_str().unwrap()]);
    }

    /// Kills the command at a random moment of the time that it usually takes. Whether it was
    /// still running: if not, it has to have succeeded. The usual time follows the machine, which
    /// may have other work: otherwise all runs would end before their kill, or be killed at their
    /// start.
    pub fn kill(&mut self, args: &[&str], usual: &mut Duration) -> bool {
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

    pub fn counts(&self) -> Counts {
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
    pub fn tags(&self) -> BTreeMap<String, BTreeMap<String, String>> {
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

    pub fn labels(&self) -> BTreeSet<String> {
        let output = self.done(&["vocabulary", "list", "--format", "jsonl"]);
        let mut found = BTreeSet::new();
        for row in rows(&output) {
            let label = row["label"].as_str().unwrap().to_owned();
            assert!(found.insert(label), "twice: {row}");
        }
        found
    }

    /// The library holds every photo once, with its embedding, and the file is sound.
    pub fn is_whole(&self) {
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
pub struct Counts {
    pub photos: u64,
    pub embedded: u64,
}

pub fn rows(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A picture like none with another number below 65,536.
pub fn photo(number: u64) -> image::RgbImage {
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
pub fn small_model(to: &Path) {
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

pub fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
