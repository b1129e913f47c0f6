//! The program from outside: what it prints, where, and with which exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples")
}

/// A run whose models folder is its own.
struct Program {
    home: TempDir,
}

impl Program {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taglens"));
        command
            .args(args)
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("HF_HOME", self.home.path().join("hub"))
            .env_remove("TAGLENS_LIBRARY")
            // Vulkan drivers complain on standard error where there is no such folder.
            .env("XDG_RUNTIME_DIR", self.home.path())
            // No test opens a window here.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        command
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

const LABELS: &str = "cat\ndog\nspace shuttle\ncup of coffee\nbicycle\nbridge\n";

#[test]
fn photos_get_the_labels_that_they_show() {
    let program = Program::new();
    let labels = program.file("labels.txt", LABELS);
    let folder = samples();
    let args = [
        "tag",
        folder.to_str().unwrap(),
        "--labels",
        &labels,
        "--scores",
        "--top",
        "1",
    ];
    let output = program.run(&args);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let rows = lines(&output);
    assert_eq!(rows.len(), 3);
    let expected = ["cat", "cup of coffee", "space shuttle"];
    for (row, expected) in rows.iter().zip(expected) {
        let tags = row["tags"].as_array().unwrap();
        assert_eq!(tags.len(), 1);
        assert_eq!(tags[0]["label"], expected, "{row}");
        let scores = row["scores"].as_object().unwrap();
        assert_eq!(scores.len(), 6);
        let best = scores
            .values()
            .map(|v| v.as_f64().unwrap())
            .fold(-1.0, f64::max);
        assert_eq!(scores[expected].as_f64().unwrap(), best);
        assert!((-1.0..=1.0).contains(&tags[0]["similarity"].as_f64().unwrap()));
        let confidence = tags[0]["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
    }
}

#[test]
fn a_photo_that_fails_is_named_and_the_rest_is_tagged() {
    let program = Program::new();
    let cat = samples().join("cat.jpg");
    let mut bytes = std::fs::read(&cat).unwrap();
    // Less than a third of the lines: too little to show or to tag.
    bytes.truncate(bytes.len() / 8);
    let cut = program.file("cut.jpg", bytes);
    let empty = program.file("empty.png", "");
    let text = program.file("text.jpg", "not a picture");
    let missing = program.home.path().join("missing.jpg");
    let missing = missing.to_str().unwrap();
    let cat = cat.to_str().unwrap();
    let output = program.run(&["tag", &cut, cat, &empty, missing, &text]);
    assert_eq!(status(&output), 1);
    let rows = lines(&output);
    let paths: Vec<&str> = rows.iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(paths, [cut.as_str(), cat, &empty, missing, &text]);
    assert!(rows[1]["tags"].is_array() && rows[1]["error"].is_null());
    for row in [0, 2, 3, 4] {
        let path = paths[row];
        assert!(
            rows[row]["error"].is_string() && rows[row]["tags"].is_null(),
            "{path}"
        );
        assert!(stderr(&output).contains(path), "{path}");
    }
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn vocabularies_that_cannot_be_read_say_where() {
    let program = Program::new();
    let cat = samples().join("cat.jpg");
    let empty = program.file("empty.txt", "\n\n");
    let twice = program.file("twice.txt", "dog\ncat\nDog\n");
    for (file, expected) in [(&empty, "empty.txt"), (&twice, "twice.txt:3")] {
        for args in [
            &["tag", cat.to_str().unwrap(), "--labels", file][..],
            &["vocabulary", "check", file],
        ] {
            let output = program.run(args);
            assert_eq!(status(&output), 2, "{args:?}");
            assert!(stderr(&output).contains(expected), "{}", stderr(&output));
            assert!(output.stdout.is_empty());
        }
    }
    let list = program.file("list.txt", "animal\n\tdog\n\t\t{hound}\n\tcat\n");
    let output = program.run(&["vocabulary", "check", &list]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let report = &lines(&output)[0];
    assert_eq!(report["labels"], 3);
    assert_eq!(report["depth"], 2);
    assert_eq!(report["synonyms"], 1);
}

#[test]
fn embeddings_have_unit_length_and_know_their_photo() {
    let program = Program::new();
    let folder = samples();
    let photos = lines(&program.run(&["embed", folder.to_str().unwrap()]));
    let texts = lines(&program.run(&["embed", "--text", "a cat", "a rocket launch"]));
    let values = |row: &Value| -> Vec<f64> {
        let values = row["embedding"].as_array().unwrap();
        values.iter().map(|v| v.as_f64().unwrap()).collect()
    };
    for row in photos.iter().chain(&texts) {
        let norm: f64 = values(row).iter().map(|v| v * v).sum();
        assert!((norm - 1.0).abs() < 1e-5, "{norm}");
        assert_eq!(row["model"], "starter");
    }
    assert_eq!(texts[0]["text"], "a cat");
    let similarity =
        |a: &Value, b: &Value| -> f64 { values(a).iter().zip(values(b)).map(|(a, b)| a * b).sum() };
    let (cat, rocket) = (&photos[0], &photos[2]);
    assert!(rocket["path"].as_str().unwrap().ends_with("rocket.jpg"));
    assert!(similarity(cat, &texts[0]) > similarity(rocket, &texts[0]));
    assert!(similarity(rocket, &texts[1]) > similarity(cat, &texts[1]));
}

#[test]
fn models_that_cannot_be_used_end_with_one_sentence() {
    let program = Program::new();
    let garbage = program.file("garbage.safetensors", [7u8; 4096]);
    let pickle = program.file("pickle.bin", b"\x80\x02}q\x00.");
    let empty = program.file("empty.pt", "");
    let cat = samples().join("cat.jpg");
    let cat = cat.to_str().unwrap();
    for model in [garbage.as_str(), &pickle, &empty, "no-such-model"] {
        for args in [
            &["tag", cat, "--model", model][..],
            &["embed", cat, "--model", model],
            &["model", "info", model],
        ] {
            let output = program.run(args);
            let said = stderr(&output);
            assert_eq!(status(&output), 2, "{args:?}: {said}");
            assert!(said.contains(model), "{said}");
            assert_eq!(said.trim().lines().count(), 1, "{said}");
            assert!(output.stdout.is_empty());
        }
    }
    for name in ["../evil", "vit-b-32-nonsense"] {
        assert_eq!(status(&program.run(&["model", "pull", name])), 2, "{name}");
        assert_eq!(status(&program.run(&["model", "use", name])), 2, "{name}");
        assert_eq!(
            status(&program.run(&["model", "remove", name])),
            2,
            "{name}"
        );
    }
}

#[test]
fn a_model_is_imported_used_and_removed() {
    let program = Program::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    // Its table of tokens is not CLIP's, and there is no other tokenizer.
    let bare = folder.join("vit.safetensors");
    let output = program.run(&["model", "import", bare.to_str().unwrap(), "--name", "bare"]);
    assert_eq!(status(&output), 2);
    let message = stderr(&output);
    assert_eq!(
        message.matches("tokenizer.json is missing").count(),
        1,
        "{message}"
    );
    // A file alone says nothing of its activation, unless the user does.
    std::fs::create_dir(program.home.path().join("bare")).unwrap();
    let beside = program.file("bare/model.safetensors", std::fs::read(&bare).unwrap());
    let tokenizer = std::fs::read(folder.join("siglip/tokenizer.json")).unwrap();
    program.file("bare/tokenizer.json", tokenizer);
    for (option, advice) in [
        (None, true),
        (Some("--quick-gelu"), false),
        (Some("--quick-gelu=false"), false),
    ] {
        let mut args = vec!["model", "import", &beside, "--name", "bare", "--replace"];
        args.extend(option);
        let output = program.run(&args);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let said = stderr(&output);
        assert_eq!(
            said.contains("import it again with `--quick-gelu --replace`"),
            advice,
            "{said}"
        );
    }
    assert_eq!(status(&program.run(&["model", "remove", "bare"])), 0);
    let golden = folder.join("siglip");
    let golden = golden.to_str().unwrap();
    let output = program.run(&["model", "import", golden, "--name", "tiny"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let again = program.run(&["model", "import", golden, "--name", "tiny"]);
    assert_eq!(status(&again), 2, "{}", stderr(&again));
    assert_eq!(status(&program.run(&["model", "use", "tiny"])), 0);
    let cat = samples().join("cat.jpg");
    let photo = lines(&program.run(&["embed", cat.to_str().unwrap()]));
    assert_eq!(photo[0]["model"], "tiny");
    for text in ["a cat", "Straßenbahn", "東京の猫", "قطة في الحديقة"] {
        let output = program.run(&["embed", "--text", text]);
        assert_eq!(status(&output), 0, "{text}: {}", stderr(&output));
    }
    let labels = program.file("labels.txt", "Straßenbahn\n猫\nقطة\n");
    let tags = program.run(&["tag", cat.to_str().unwrap(), "--labels", &labels]);
    assert_eq!(status(&tags), 0, "{}", stderr(&tags));
    let listed = lines(&program.run(&["model", "list"]));
    let tiny = listed.iter().find(|row| row["name"] == "tiny").unwrap();
    assert_eq!(
        (&tiny["installed"], &tiny["in_use"]),
        (&true.into(), &true.into())
    );
    assert!(listed.iter().any(|row| row["installed"] == false));
    assert_eq!(status(&program.run(&["model", "use", "starter"])), 0);
    let info = lines(&program.run(&["model", "info", "starter", "--format", "json"]));
    assert_eq!(info[0]["name"], "starter");
    assert_eq!(status(&program.run(&["model", "remove", "tiny"])), 0);
    assert_eq!(status(&program.run(&["tag", golden, "--model", "tiny"])), 2);
}

#[test]
fn devices_are_listed_and_measured() {
    let program = Program::new();
    let devices = lines(&program.run(&["device", "list"]));
    assert_eq!(devices[0]["device"], "cpu");
    let args = [
        "device",
        "bench",
        "--batch",
        "2",
        "--seconds",
        "0.1",
        "--format",
        "json",
    ];
    let bench = &lines(&program.run(&args))[0];
    assert_eq!(bench["model"], "starter");
    assert_eq!(bench["batch"], 2);
    assert!(bench["images_per_second"].as_f64().unwrap() > 0.0);
    assert!(bench["text_per_second"].as_f64().unwrap() > 0.0);
    let nowhere = program.run(&["device", "bench", "--device", "cuda:77"]);
    assert_eq!(status(&nowhere), 2);
    assert!(
        stderr(&nowhere).contains("--device cpu"),
        "{}",
        stderr(&nowhere)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_screen_it_says_what_works_without_one() {
    let output = Program::new().run(&[]);
    assert_eq!(status(&output), 2);
    let said = stderr(&output);
    assert!(
        said.contains("no window") && said.contains("taglens help"),
        "{said}"
    );
}

#[test]
fn wrong_usage_is_status_2_and_help_is_not() {
    let program = Program::new();
    for args in [
        &["tag"][..],
        &["frobnicate", "--x"],
        &["tag", "a", "--format", "xml"],
    ] {
        assert_eq!(status(&program.run(args)), 2, "{args:?}");
    }
    for args in [&["--help"][..], &["tag", "--help"], &["--version"]] {
        assert_eq!(status(&program.run(args)), 0, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn interrupted_it_keeps_what_was_finished() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    let program = Program::new();
    let cat = samples().join("cat.jpg");
    let photos = program.home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for i in 0..2000 {
        std::os::unix::fs::symlink(&cat, photos.join(format!("{i:04}.jpg"))).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_taglens"))
        .args(["embed", photos.to_str().unwrap(), "--format", "jsonl"])
        .env("HOME", program.home.path())
        .env("XDG_DATA_HOME", program.home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    reader.read_line(&mut text).unwrap();
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let rows: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(!rows.is_empty() && rows.len() < 2000, "{}", rows.len());
}

/// A program with a library of the samples in it.
fn with_samples() -> (Program, String) {
    let program = Program::new();
    let photos = program.home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        std::fs::copy(samples().join(name), photos.join(name)).unwrap();
    }
    (program, photos.to_str().unwrap().to_owned())
}

fn one(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

#[test]
fn a_library_is_indexed_listed_searched_and_decided_on() {
    let (program, photos) = with_samples();
    program.file("photos/broken.jpg", "no picture");
    let output = program.run(&["index", &photos]);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("broken.jpg"));
    let counts = one(&program.run(&["status"]));
    let expected = [
        ("photos", 4),
        ("embedded", 3),
        ("waiting", 0),
        ("failed", 1),
    ];
    for (name, count) in expected {
        assert_eq!(counts[name], count, "{name}");
    }
    assert_eq!(counts["model"], "starter");
    let failure = &counts["failures"][0];
    assert!(failure["path"].as_str().unwrap().ends_with("broken.jpg"));
    assert!(!failure["error"].as_str().unwrap().is_empty());

    let again = one(&program.run(&["index", "--quiet"]));
    assert_eq!(again["read"], 0);

    let labels = program.file("labels.txt", LABELS);
    let output = program.run(&["vocabulary", "import", &labels]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let listed = lines(&program.run(&["vocabulary", "list"]));
    let listed: Vec<&str> = listed
        .iter()
        .map(|l| l["label"].as_str().unwrap())
        .collect();
    assert_eq!(listed, LABELS.lines().collect::<Vec<_>>());
    let written = program.run(&["vocabulary", "export", "-"]);
    assert_eq!(written.stdout, LABELS.as_bytes());

    // The library's tags are those of a one-off run with the same labels.
    let once = lines(&program.run(&["tag", &photos, "--labels", &labels]));
    let kept = lines(&program.run(&["tags"]));
    assert_eq!(kept.len(), 4);
    for (once, kept) in once.iter().zip(&kept) {
        assert_eq!(once["path"].is_null(), kept["path"].is_null());
    }
    let accepted = |rows: &[Value], name: &str| -> Vec<(String, String)> {
        let row = rows
            .iter()
            .find(|r| r["path"].as_str().unwrap().ends_with(name));
        let tags = row.unwrap()["tags"].as_array().unwrap().iter();
        tags.filter(|t| t["state"] == "accepted" || t["state"].is_null())
            .map(|t| {
                let origin = t["origin"].as_str().unwrap_or("auto").to_owned();
                (t["label"].as_str().unwrap().to_owned(), origin)
            })
            .collect()
    };
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        assert_eq!(accepted(&once, name), accepted(&kept, name), "{name}");
    }

    let cat = format!("{photos}/cat.jpg");
    assert_eq!(
        status(&program.run(&["decide", "accept", "bridge", &cat])),
        0
    );
    assert_eq!(status(&program.run(&["decide", "reject", "cat", &cat])), 0);
    let kept = lines(&program.run(&["tags", &cat]));
    let bridge = ("bridge".to_owned(), "person".to_owned());
    assert_eq!(accepted(&kept, "cat.jpg")[0], bridge);
    assert!(
        !accepted(&kept, "cat.jpg")
            .iter()
            .any(|(label, _)| label == "cat")
    );
    let wrong = program.run(&["decide", "accept", "brigde", &cat]);
    assert_eq!(status(&wrong), 2);
    let unknown = program.run(&["decide", "accept", "bridge", "elsewhere.jpg"]);
    assert_eq!(status(&unknown), 1, "{}", stderr(&unknown));

    let hits = lines(&program.run(&["search", "a cup of coffee", "--limit", "2"]));
    assert_eq!(hits.len(), 2);
    assert!(hits[0]["path"].as_str().unwrap().ends_with("coffee.jpg"));
    let hits = lines(&program.run(&["search", "--image", &cat]));
    assert!(hits[0]["path"].as_str().unwrap().ends_with("cat.jpg"));
    assert!(hits[0]["similarity"].as_f64().unwrap() > 0.999);
}

#[test]
fn labels_are_edited_explained_and_limited() {
    let (program, photos) = with_samples();
    let run = |args: &[&str]| {
        let output = program.run(args);
        assert_eq!(status(&output), 0, "{args:?}: {}", stderr(&output));
        output
    };
    let labels = program.file("labels.txt", LABELS);
    run(&["index", &photos]);
    run(&["vocabulary", "import", &labels]);
    let cat = format!("{photos}/cat.jpg");
    let accepted = |photo: &str| -> Vec<String> {
        let rows = lines(&program.run(&["tags", photo]));
        let tags = rows[0]["tags"].as_array().unwrap().iter();
        let given = tags.filter(|t| t["state"] == "accepted");
        given
            .map(|t| t["label"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(accepted(&cat), ["cat"]);
    run(&["decide", "accept", "bridge", &cat]);
    run(&["vocabulary", "rename", "Bridge", "overpass"]);
    run(&["vocabulary", "merge", "dog", "cat"]);
    run(&["vocabulary", "add", "kitten", "--parent", "cat"]);
    assert!(accepted(&cat).contains(&"overpass".to_owned()));
    run(&["vocabulary", "set", "kitten", "--threshold", "1"]);
    let listed = lines(&run(&["vocabulary", "list"]));
    let names: Vec<&str> = listed
        .iter()
        .map(|l| l["label"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"overpass") && !names.contains(&"dog"));
    let kitten = listed.iter().find(|l| l["label"] == "kitten").unwrap();
    assert_eq!(
        (&kitten["parent"], &kitten["threshold"]),
        (&"cat".into(), &1.0.into())
    );
    run(&["vocabulary", "remove", "kitten"]);
    for wrong in [
        &["vocabulary", "remove", "kitten"][..],
        &["vocabulary", "rename", "cat", "bicycle"],
        &["vocabulary", "set", "cat"],
        &["explain", &cat, "nothing"],
    ] {
        assert_eq!(status(&program.run(wrong)), 2, "{wrong:?}");
    }

    let why = one(&run(&["explain", &cat, "cat"]));
    assert_eq!(why["verdict"], "accepted");
    let reasons = why["reasons"].as_array().unwrap();
    assert!(
        reasons[0]
            .as_str()
            .unwrap()
            .contains("resembles “cat” more"),
        "{why}"
    );
    assert!(why["best_prompt"]["text"] == "cat" || why["best_prompt"]["text"] == "dog");
    assert!(why["confidence"].as_f64() >= why["threshold"].as_f64());
    let odd = one(&run(&["vocabulary", "check"]));
    assert_eq!(odd["photos"], 3);
    let unmatched = odd["unmatched"].as_array().unwrap();
    assert!(!unmatched.contains(&"cat".into()), "{odd}");

    let learning = lines(&run(&["learning", "list"]));
    assert_eq!(learning.len(), 1);
    assert_eq!(learning[0]["label"], "overpass");
    assert_eq!(learning[0]["state"], "too few decisions");
    run(&["learning", "off", "overpass"]);
    assert_eq!(lines(&run(&["learning", "list"]))[0]["state"], "off");
    run(&["learning", "on", "overpass"]);
    run(&["learning", "reset", "overpass"]);
    assert_eq!(lines(&run(&["learning", "list"]))[0]["teaching"], 0);

    let notes = || lines(&run(&["bookkeeping", "list"]));
    let has = |keyword: &str| notes().iter().any(|row| row["keyword"] == keyword);
    run(&["bookkeeping", "add", "Work|*"]);
    run(&["bookkeeping", "remove", "darktable|*"]);
    assert!(has("Work|*") && !has("darktable|*"));
    run(&["bookkeeping", "reset"]);
    assert!(!has("Work|*") && has("darktable|*"));

    run(&["vocabulary", "set", "bicycle", "--threshold", "0"]);
    assert!(accepted(&cat).contains(&"bicycle".to_owned()));
    run(&["index", "--max-tags", "1"]);
    // What the person said stays beside the surest of the machine's.
    let mut left = accepted(&cat);
    left.sort();
    assert_eq!(left, ["cat", "overpass"]);
    run(&["index", "--max-tags", "0"]);
    assert!(accepted(&cat).contains(&"bicycle".to_owned()));
}

#[test]
fn decisions_outlive_the_library() {
    let (program, photos) = with_samples();
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let cat = format!("{photos}/cat.jpg");
    assert_eq!(
        status(&program.run(&["decide", "accept", "bridge", &cat])),
        0
    );
    let file = program.file("decisions.jsonl", "");
    let output = program.run(&["decisions", "export", &file]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let other = program.home.path().join("other.sqlite");
    let other = other.to_str().unwrap();
    for args in [&["decisions", "import", &file][..], &["index", &photos]] {
        let output = program.run(&[args, &["--library", other]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
    }
    let rows = lines(&program.run(&["tags", &cat, "--library", other]));
    let tags = rows[0]["tags"].as_array().unwrap();
    assert!(
        tags.iter()
            .any(|t| t["label"] == "bridge" && t["origin"] == "person")
    );
}

#[test]
fn a_library_that_cannot_be_used_is_left_alone() {
    let program = Program::new();
    let none = program.run(&["status"]);
    assert_eq!(status(&none), 2);
    assert!(stderr(&none).contains("index"));
    let text = program.file(
        "notes.txt",
        "these are my notes, and no library of anything",
    );
    let output = program.run(&["status", "--library", &text]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("not a Taglens library"));
    let (program, photos) = with_samples();
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let broken = program.file("labels.txt", "dog\ndog\n");
    let output = program.run(&["vocabulary", "import", &broken]);
    assert_eq!(status(&output), 2);
    let builtin = lines(&program.run(&["vocabulary", "list"]));
    assert!(builtin.len() > 400, "nothing changed");
    let missing = program.run(&["index", "/nowhere/at/all"]);
    assert_eq!(status(&missing), 2);
}

#[test]
fn libraries_are_called_as_files_are() {
    let (program, photos) = with_samples();
    for name in [":memory:", "file:mine?mode=memory", "file:x#y%41"] {
        let in_home = |args: &[&str]| {
            let mut command = program.command(&[args, &["--library", name]].concat());
            command.current_dir(program.home.path()).output().unwrap()
        };
        let output = in_home(&["index", &photos]);
        assert_eq!(status(&output), 0, "{name}: {}", stderr(&output));
        assert!(program.home.path().join(name).is_file(), "{name}");
        assert_eq!(one(&in_home(&["status"]))["photos"], 3, "{name}");
    }
}

#[test]
fn a_damaged_library_is_named_repaired_and_restored() {
    let (program, photos) = with_samples();
    let library = program.home.path().join("my.sqlite");
    let run = |args: &[&str]| {
        let library = library.to_str().unwrap();
        program.run(&[args, &["--library", library]].concat())
    };
    let ends = |args: &[&str], with: i32| {
        let output = run(args);
        assert_eq!(status(&output), with, "{args:?}: {}", stderr(&output));
        stderr(&output)
    };
    let cat = format!("{photos}/cat.jpg");
    let labels = |state| labels_in(&run(&["tags", &cat]), "person", state);
    let decided = || labels("accepted");
    ends(&["index", &photos], 0);
    ends(&["decide", "accept", "bridge", &cat], 0);
    // The first change of the day has a backup made of what was there before it.
    ends(&["decide", "accept", "bicycle", &cat], 0);
    let backups = lines(&run(&["library", "restore"]));
    assert_eq!(backups.len(), 1);
    let backup = backups[0]["backup"].as_str().unwrap();
    assert!(backup.ends_with("-daily"), "{backup}");

    let damage = || {
        let raw = rusqlite::Connection::open(&library).unwrap();
        raw.execute("UPDATE decisions SET accepted = 0", [])
            .unwrap();
    };
    damage();
    assert_eq!(decided(), Vec::<String>::new(), "nothing that was not said");
    assert!(ends(&["library", "check"], 1).contains("the decision on `bridge`"));
    for args in [&["decisions", "export", "-"][..], &["tags", &cat]] {
        let output = run(args);
        assert_eq!(status(&output), i32::from(args[0] == "decisions"));
        assert!(stderr(&output).contains("is damaged"), "{args:?}");
    }
    // Nothing is taken out of sidecars because the library has forgotten it.
    assert!(ends(&["export"], 2).contains("library repair"));
    let damaged = &one(&run(&["status"]))["damage"];
    assert_eq!(damaged.as_array().unwrap().len(), 2, "{damaged}");
    assert!(ends(&["index"], 1).contains("the decision on `bridge`"));

    let said = ends(&["library", "repair"], 1);
    assert!(said.contains("1 rows of `decisions` are lost"), "{said}");
    assert_eq!(decided(), ["bridge"]);
    assert!(ends(&["library", "repair"], 0).contains("nothing to repair"));
    ends(&["index"], 0);

    ends(&["decide", "reject", "bridge", &cat], 0);
    assert_eq!(decided(), Vec::<String>::new());
    ends(&["library", "restore", backup], 0);
    assert_eq!(decided(), ["bridge"]);
    assert!(ends(&["library", "restore", "none of these"], 2).contains("no backup"));
    let named = lines(&run(&["library", "restore"]));
    assert!(
        named
            .iter()
            .any(|b| b["backup"].as_str().unwrap().ends_with("-before-restore"))
    );

    // A file that is no library any more.
    std::fs::write(
        &library,
        "not a database, and long enough to be read as one",
    )
    .unwrap();
    ends(&["library", "check"], 1);
    ends(&["library", "repair"], 0);
    ends(&["index"], 0);
    // The newest backup is from before the other was restored.
    assert_eq!(labels("rejected"), ["bridge"]);
}

#[test]
fn folders_come_and_go() {
    let (program, photos) = with_samples();
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let home = program.home.path().to_str().unwrap().to_owned();
    let outer = program.run(&["index", &home]);
    assert_eq!(status(&outer), 0, "{}", stderr(&outer));
    let folders = lines(&program.run(&["folder", "list"]));
    assert_eq!(
        folders.len(),
        1,
        "the outer one takes the inner one's place"
    );
    assert_eq!(folders[0]["photos"], 3);
    assert_eq!(status(&program.run(&["folder", "pause", &home])), 0);
    assert_eq!(
        lines(&program.run(&["folder", "list"]))[0]["state"],
        "paused"
    );
    assert_eq!(status(&program.run(&["folder", "remove", &home])), 0);
    assert_eq!(status(&program.run(&["index"])), 2);
    assert!(Path::new(&photos).join("cat.jpg").exists());
}

/// The labels of a photo that `tags` gives with that origin and state.
fn labels_with(program: &Program, photo: &str, origin: &str, state: &str) -> Vec<String> {
    labels_in(&program.run(&["tags", photo]), origin, state)
}

fn labels_in(output: &Output, origin: &str, state: &str) -> Vec<String> {
    let rows = lines(output);
    let tags = rows[0]["tags"].as_array().unwrap().iter();
    tags.filter(|t| t["origin"] == origin && t["state"] == state)
        .map(|t| t["label"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn sidecars_are_written_taken_in_and_taken_back() {
    let (program, photos) = with_samples();
    let labels = "[[label]]\nname = \"animal\"\n\n[[label]]\nname = \"cat\"\nparent = \"animal\"\nthreshold = 0\n\n[[label]]\nname = \"bridge\"\nthreshold = 1\n";
    let labels = program.file("labels.toml", labels);
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    // A sidecar of somebody else's, with a keyword, and a photo's own.
    let theirs = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>\n<dc:subject><rdf:Bag><rdf:li>Grandma</rdf:li></rdf:Bag></dc:subject>\n</rdf:Description></rdf:RDF></x:xmpmeta>\n";
    let coffee = program.file("photos/coffee.jpg.xmp", theirs);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let photo = format!("{photos}/coffee.jpg");
    let accepted = labels_with(&program, &photo, "sidecar", "accepted");
    assert_eq!(accepted, ["Grandma"]);

    let dry = program.run(&["export", "--dry-run"]);
    assert_eq!(status(&dry), 0, "{}", stderr(&dry));
    let diff = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(diff.contains("+     <rdf:li>animal|cat</rdf:li>"), "{diff}");
    assert_eq!(std::fs::read_to_string(&coffee).unwrap(), theirs);
    let done = one(&program.run(&["export"]));
    assert_eq!((&done["written"], &done["refused"]), (&3.into(), &0.into()));
    let again = one(&program.run(&["export"]));
    assert_eq!(
        (&again["written"], &again["unchanged"]),
        (&0.into(), &3.into())
    );
    assert_eq!(one(&program.run(&["index"]))["read"], 0);
    assert!(labels_with(&program, &photo, "sidecar", "rejected").is_empty());

    // Another program takes a tag of ours out and puts one of its own in.
    let cat = format!("{photos}/cat.jpg.xmp");
    let text = std::fs::read_to_string(&cat).unwrap();
    let text = text.replace("<rdf:li>cat</rdf:li>", "<rdf:li>bridge</rdf:li>");
    let text = text.replace("<rdf:li>animal|cat</rdf:li>", "<rdf:li>bridge</rdf:li>");
    let text = text.replace("<rdf:li>animal/cat</rdf:li>", "<rdf:li>bridge</rdf:li>");
    std::fs::write(&cat, &text).unwrap();
    assert_eq!(status(&program.run(&["index"])), 0);
    let photo = format!("{photos}/cat.jpg");
    assert_eq!(
        labels_with(&program, &photo, "sidecar", "rejected"),
        ["cat"]
    );
    assert_eq!(
        labels_with(&program, &photo, "sidecar", "accepted"),
        ["bridge"]
    );
    assert_eq!(status(&program.run(&["export"])), 0);
    let now = std::fs::read_to_string(&cat).unwrap();
    assert!(
        !now.contains("<rdf:li>cat</rdf:li>") && now.contains("bridge"),
        "{now}"
    );

    // Undone, as often as there was something to write, all is as it was, but for the sidecar that
    // somebody else has changed meanwhile: it is named and left alone.
    let mut refused = String::new();
    for _ in 0..5 {
        let undone = program.run(&["export", "--undo"]);
        refused += &stderr(&undone);
        assert!(status(&undone) <= 1);
    }
    assert!(
        refused.contains("cat.jpg.xmp") && refused.contains("no export"),
        "{refused}"
    );
    assert_eq!(std::fs::read_to_string(&cat).unwrap(), text);
    assert_eq!(std::fs::read_to_string(&coffee).unwrap(), theirs);
    assert!(!Path::new(&format!("{photos}/rocket.jpg.xmp")).exists());
}

#[test]
fn keywords_go_into_photos_and_are_taken_back() {
    let (program, photos) = with_samples();
    let labels = program.file("labels.toml", "[[label]]\nname = \"cat\"\nthreshold = 0\n");
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let names = ["cat.jpg", "coffee.jpg", "rocket.jpg"];
    let read = || names.map(|name| std::fs::read(format!("{photos}/{name}")).unwrap());
    let before = read();

    let dry = program.run(&["export", "--embed", "--dry-run"]);
    let shown = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(shown.contains("@@ keywords inside the photo: "), "{shown}");
    assert_eq!(shown.matches("\n+cat\n").count(), 3, "{shown}");
    assert!(read() == before);

    let output = program.run(&["export", "--embed"]);
    assert!(
        stderr(&output).contains("changes your photos"),
        "{}",
        stderr(&output)
    );
    let done = one(&output);
    assert_eq!(
        (&done["embedded"], &done["written"]),
        (&3.into(), &3.into())
    );
    let after = read();
    for (old, new) in before.iter().zip(&after) {
        let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
        assert!(old != new && decoded(old) == decoded(new));
    }
    assert!(!Path::new(&format!("{photos}/cat.jpg.xmp")).exists());
    // It is said once, and nothing is written twice.
    assert_eq!(one(&program.run(&["index"]))["read"], 0);
    let again = program.run(&["export", "--embed"]);
    assert!(!stderr(&again).contains("changes your photos"));
    assert_eq!(one(&again)["embedded"], 0);
    assert!(read() == after);
    // A sidecar beside it, which programs prefer, is kept in step; other exports leave photos alone.
    assert_eq!(one(&program.run(&["export"]))["written"], 3);
    assert!(read() == after);
    assert_eq!(
        status(&program.run(&["decide", "reject", "cat", &photos])),
        0
    );
    assert_eq!(one(&program.run(&["export", "--embed"]))["written"], 6);
    for _ in 0..3 {
        assert_eq!(status(&program.run(&["export", "--undo"])), 0);
    }
    assert!(read() == before);
    assert!(!Path::new(&format!("{photos}/cat.jpg.xmp")).exists());
}

#[test]
fn an_export_for_a_program_says_what_it_reads_and_asks_before_it_changes_photos() {
    let (program, photos) = with_samples();
    let raw = format!("{photos}/raw.CR2");
    // A raw file by its name; it is read as what it contains.
    let mut content = std::fs::read(samples().join("coffee.jpg")).unwrap();
    content.push(0);
    std::fs::write(&raw, content).unwrap();
    let labels = program.file("labels.toml", "[[label]]\nname = \"cat\"\nthreshold = 0\n");
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let cat = format!("{photos}/cat.jpg");
    let before = std::fs::read(&cat).unwrap();
    let sidecar = |name: &str| Path::new(&format!("{photos}/{name}")).exists();

    // It needs keywords inside the photos, which nobody has allowed.
    let output = program.run(&["export", "--for", "lightroom"]);
    let said = stderr(&output);
    assert_eq!(status(&output), 2, "{said}");
    assert!(
        said.contains("only inside the file") && said.contains("--embed"),
        "{said}"
    );
    assert!(std::fs::read(&cat).unwrap() == before && !sidecar("raw.xmp"));
    let dry = program.run(&["export", "--for", "lightroom", "--dry-run"]);
    let shown = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert_eq!(
        shown.matches("@@ keywords inside the photo: ").count(),
        3,
        "{shown}"
    );
    assert!(shown.contains("raw.xmp"), "{shown}");
    assert!(std::fs::read(&cat).unwrap() == before && !sidecar("raw.xmp"));
    // Said and asked for, it is done.
    let output = program.run(&["export", "--for", "lightroom", "--embed"]);
    assert_eq!(one(&output)["embedded"], 3, "{}", stderr(&output));
    assert!(std::fs::read(&cat).unwrap() != before && sidecar("raw.xmp"));
    assert!(!sidecar("cat.jpg.xmp"));
    assert_eq!(status(&program.run(&["export", "--undo"])), 0);
    assert!(std::fs::read(&cat).unwrap() == before && !sidecar("raw.xmp"));

    // Others read sidecars, and photos stay as they are.
    let output = program.run(&["export", "--for", "darktable"]);
    assert!(
        stderr(&output).contains("IMG.JPG.xmp"),
        "{}",
        stderr(&output)
    );
    assert_eq!(one(&output)["embedded"], 0);
    assert!(std::fs::read(&cat).unwrap() == before);
    assert!(sidecar("cat.jpg.xmp") && sidecar("raw.CR2.xmp"));
    for wrong in [["--for", "paint"], ["--for=digikam", "--naming=stem"]] {
        let output = program.run(&[&["export"], &wrong[..]].concat());
        assert_eq!(status(&output), 2, "{}", stderr(&output));
    }
}

#[test]
fn a_library_that_cannot_be_written_is_read_searched_and_exported_from() {
    let (program, photos) = with_samples();
    let labels = program.file("labels.toml", "[[label]]\nname = \"cat\"\nthreshold = 0\n");
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    // SQLite cannot make the file that it needs beside the library, as in a read-only folder.
    let data = program.home.path().join("data");
    let found = walk(&data, "library.sqlite");
    let blocked = PathBuf::from(format!("{}-shm", found.display()));
    std::fs::create_dir(&blocked).unwrap();
    assert_eq!(lines(&program.run(&["tags"])).len(), 3);
    assert_eq!(lines(&program.run(&["search", "a cat"])).len(), 3);
    assert_eq!(status(&program.run(&["export", "--dry-run"])), 0);

    // Without a journal nothing could be undone, so that must be wanted.
    let refused = program.run(&["export"]);
    assert_eq!(status(&refused), 2);
    assert!(
        stderr(&refused).contains("--no-undo"),
        "{}",
        stderr(&refused)
    );
    let cat = PathBuf::from(format!("{photos}/cat.jpg.xmp"));
    assert!(!cat.exists());
    assert_eq!(one(&program.run(&["export", "--no-undo"]))["written"], 3);
    let written = std::fs::read(&cat).unwrap();
    let again = one(&program.run(&["export", "--no-undo"]));
    assert_eq!(
        (&again["written"], &again["unchanged"]),
        (&0.into(), &3.into())
    );
    let undone = program.run(&["export", "--undo"]);
    assert!(stderr(&undone).contains("no export"), "{}", stderr(&undone));

    // Once it can be written, it learns from the sidecars which keywords are its own.
    std::fs::remove_dir(&blocked).unwrap();
    assert_eq!(status(&program.run(&["index"])), 0);
    let photo = format!("{photos}/cat.jpg");
    assert_eq!(labels_with(&program, &photo, "auto", "accepted"), ["cat"]);
    assert_eq!(one(&program.run(&["export"]))["written"], 0);
    assert_eq!(std::fs::read(&cat).unwrap(), written);
}

#[test]
fn a_sidecar_says_nothing_of_the_photo_that_its_photo_replaced() {
    let (program, photos) = with_samples();
    let labels = program.file("labels.txt", "cat\ncoffee\n");
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    assert_eq!(status(&program.run(&["export"])), 0);
    let sidecar = format!("{photos}/cat.jpg.xmp");
    let text = || std::fs::read_to_string(&sidecar).unwrap_or_default();
    assert!(text().contains("auto|cat"), "{}", text());
    // Something else under the name of the cat. Its sidecar is read before it is written.
    let mut other = std::fs::read(format!("{photos}/coffee.jpg")).unwrap();
    other.splice(2..2, *b"\xff\xfe\x00\x07other");
    std::fs::write(format!("{photos}/cat.jpg"), other).unwrap();
    assert_eq!(status(&program.run(&["index"])), 0);
    assert_eq!(status(&program.run(&["export"])), 0);
    assert!(!text().contains("cat</rdf:li>"), "{}", text());
    // A new library would take the note alone for a keyword that somebody removed.
    let new = program.file("new.sqlite", "");
    std::fs::remove_file(&new).unwrap();
    let library = ["--library", new.as_str()];
    let import = [&library[..], &["vocabulary", "import", &labels]].concat();
    assert_eq!(status(&program.run(&import)), 0);
    assert_eq!(
        status(&program.run(&[&library[..], &["index", &photos]].concat())),
        0
    );
    let decided = program.run(&[&library[..], &["decisions", "export", "-"]].concat());
    assert!(lines(&decided).is_empty(), "{:?}", lines(&decided));
}

/// The file of that name in a folder.
fn walk(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n == name) {
                return path;
            }
        }
    }
    panic!("no {name}");
}

#[test]
fn undo_reaches_only_sidecars_in_the_librarys_folders() {
    let (program, photos) = with_samples();
    let labels = program.file("labels.toml", "[[label]]\nname = \"cat\"\nthreshold = 0\n");
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    assert_eq!(one(&program.run(&["export"]))["written"], 3);
    let sidecar = format!("{photos}/rocket.jpg.xmp");
    assert_eq!(status(&program.run(&["folder", "remove", &photos])), 0);
    let undone = program.run(&["export", "--undo"]);
    assert_eq!(status(&undone), 1);
    assert!(
        stderr(&undone).contains("rocket.jpg.xmp"),
        "{}",
        stderr(&undone)
    );
    assert!(
        stderr(&undone).contains("folder of the library"),
        "{}",
        stderr(&undone)
    );
    assert!(Path::new(&sidecar).exists());
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    assert_eq!(status(&program.run(&["export", "--undo"])), 0);
    assert!(!Path::new(&sidecar).exists());
}

/// The lines of a property's list in a sidecar.
fn listed(text: &str, property: &str) -> Vec<String> {
    let list = text.split(&format!("<{property} ")).nth(1);
    let list = list.and_then(|l| l.split(&format!("</{property}>")).next());
    let items = list.unwrap_or_default().split("<rdf:li>").skip(1);
    items
        .map(|item| item.split("</rdf:li>").next().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_written_follows_the_options_and_comes_back() {
    let (program, photos) = with_samples();
    let labels = "[[label]]\nname = \"animal\"\nthreshold = 1\n\n[[label]]\nname = \"cat\"\nparent = \"animal\"\nthreshold = 0\nsynonyms = [\"Kater\", \"Tabby cat\"]\n";
    let labels = program.file("labels.toml", labels);
    assert_eq!(status(&program.run(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&program.run(&["index", &photos])), 0);
    let sidecar = format!("{photos}/rocket.jpg.xmp");
    let export = |options: &[&str]| {
        let done = one(&program.run(&[&["export"], options].concat()));
        let text = std::fs::read_to_string(&sidecar).unwrap();
        let again = one(&program.run(&[&["export"], options].concat()));
        assert_eq!(again["written"], 0, "{options:?}");
        assert_eq!(one(&program.run(&["index"]))["read"], 0);
        let again = one(&program.run(&[&["export"], options].concat()));
        assert_eq!(again["written"], 0, "{options:?}");
        (done, text)
    };
    let flat = "dc:subject";
    let (_, text) = export(&[]);
    let plain = listed(&text, flat);
    assert_eq!(plain, ["animal", "cat"], "{text}");
    assert_eq!(
        listed(&text, "lr:hierarchicalSubject"),
        ["animal", "animal|cat"]
    );
    let (_, text) = export(&["--synonyms"]);
    let mut with = listed(&text, flat);
    with.sort();
    assert_eq!(with, ["Kater", "Tabby cat", "animal", "cat"], "{text}");
    assert_eq!(listed(&text, "digiKam:TagsList"), ["animal", "animal/cat"]);

    // A library that is made anew takes the machine's synonyms for the machine's.
    let other = program.home.path().join("other.sqlite");
    let other = other.to_str().unwrap();
    let at = |args: &[&str]| program.run(&[args, &["--library", other]].concat());
    assert_eq!(status(&at(&["vocabulary", "import", &labels])), 0);
    assert_eq!(status(&at(&["index", &photos])), 0);
    let decided = at(&["decisions", "export", "-"]);
    assert_eq!(status(&decided), 0, "{}", stderr(&decided));
    let decided = String::from_utf8_lossy(&decided.stdout).into_owned();
    assert!(
        !decided.contains("cat") && !decided.contains("Kater"),
        "{decided}"
    );
    assert_eq!(one(&at(&["export", "--synonyms"]))["written"], 0);

    // Without them they are taken out again.
    let (done, text) = export(&[]);
    assert_eq!(done["written"], 3);
    assert_eq!(listed(&text, flat), plain);
    let (_, text) = export(&["--parents"]);
    assert_eq!(listed(&text, flat), plain, "animal is there already");

    // What an option leaves out is in no new sidecar.
    std::fs::remove_file(&sidecar).unwrap();
    let photo = format!("{photos}/rocket.jpg");
    let args = ["tag", &photo, "--labels", &labels, "--write-xmp"];
    let options = ["--synonyms", "--no-hierarchical", "--no-digikam"];
    let made = program.run(&[&args[..], &options].concat());
    assert_eq!(status(&made), 0, "{}", stderr(&made));
    let text = std::fs::read_to_string(&sidecar).unwrap();
    let mut with = listed(&text, flat);
    with.sort();
    assert_eq!(with, ["Kater", "Tabby cat", "animal", "cat"], "{text}");
    assert!(
        !text.contains("lr:") && !text.contains("digiKam:"),
        "{text}"
    );
}

#[test]
fn a_one_off_run_writes_sidecars_too() {
    let (program, photos) = with_samples();
    let labels = "threshold = 0\n\n[[label]]\nname = \"cat\"\n\n[[label]]\nname = \"bridge\"\nthreshold = 1\n";
    let labels = program.file("labels.toml", labels);
    let args = ["tag", &photos, "--labels", &labels, "--write-xmp"];
    let dry = program.run(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(status(&dry), 0, "{}", stderr(&dry));
    // The threshold for all, but for the label that has its own.
    for photo in lines(&dry) {
        assert_eq!(photo["tags"][0]["label"], "cat");
        assert_eq!(photo["tags"].as_array().unwrap().len(), 1);
    }
    assert!(
        lines(&dry)[0]["sidecar"]["diff"]
            .as_str()
            .unwrap()
            .contains("cat")
    );
    let cat = Path::new(&photos).join("cat.jpg.xmp");
    assert!(!cat.exists());
    assert_eq!(status(&program.run(&args)), 0);
    let text = std::fs::read_to_string(&cat).unwrap();
    assert!(text.contains("<rdf:li>cat</rdf:li>"), "{text}");
    let again = lines(&program.run(&args));
    assert_eq!(again[0]["sidecar"]["state"], "unchanged");
}

/// Runs a shell script that finds the program as `$T`, the samples as `$S` and a folder as `$R`.
#[cfg(unix)]
fn script(program: &Program, text: &str) -> Output {
    Command::new("bash")
        .args(["-c", text])
        .env("T", env!("CARGO_BIN_EXE_taglens"))
        .env("S", samples())
        .env("R", program.home.path())
        .env("HOME", program.home.path())
        .env("XDG_DATA_HOME", program.home.path().join("data"))
        .env("XDG_RUNTIME_DIR", program.home.path())
        .env_remove("TAGLENS_LIBRARY")
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn readers_that_go_away_are_no_fault() {
    let (program, photos) = with_samples();
    program.file("photos/bad.jpg", "no picture");
    for (text, expected) in [
        ("$T tag $R/photos --top 1 -q 2>/dev/full >/dev/null", 1),
        ("$T index $R/photos -q 2>/dev/full >/dev/null", 1),
        ("$T decide accept cat $R/photos/cat.jpg 2>/dev/full", 0),
        ("set -o pipefail; $T tags | head -c 1 >/dev/null", 0),
        (
            "set -o pipefail; $T vocabulary export - | head -c 1 >/dev/null",
            0,
        ),
        ("$T tags >/dev/full", 2),
    ] {
        let output = script(&program, text);
        assert_eq!(status(&output), expected, "{text}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{text}");
    }
    assert!(!photos.is_empty());
}

#[cfg(unix)]
#[test]
fn vocabularies_and_decisions_are_read_from_pipes() {
    let (program, photos) = with_samples();
    assert_eq!(status(&program.run(&["index", &photos, "-q"])), 0);
    for text in [
        "$T vocabulary import <(printf 'dog\\ncat\\n') -q",
        "printf 'dog\\ncat\\nhound\\n' | $T vocabulary import - --name mine -q",
        "$T decide accept cat $R/photos/cat.jpg -q",
        "$T decisions export - > $R/d.jsonl && $T decide clear cat $R/photos/cat.jpg -q",
        "$T decisions import - -q < $R/d.jsonl",
    ] {
        let output = script(&program, text);
        assert_eq!(status(&output), 0, "{text}: {}", stderr(&output));
    }
    assert_eq!(lines(&program.run(&["vocabulary", "list"])).len(), 3);
    let rows = lines(&program.run(&["tags", &format!("{photos}/cat.jpg")]));
    let tags = rows[0]["tags"].as_array().unwrap();
    assert!(
        tags.iter()
            .any(|t| t["label"] == "cat" && t["origin"] == "person")
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_read_from_a_pipe_within_two_seconds() {
    let program = Program::new();
    for signal in ["INT", "TERM"] {
        let text = format!(
            "$T vocabulary import <(sleep 20) & P=$!; sleep 1; kill -{signal} $P; \
             start=$(date +%s%N); wait $P; rc=$?; echo $rc $(( ($(date +%s%N) - start) / 1000000 ))"
        );
        let output = script(&program, &text);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<u64> = said
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        assert_eq!(numbers[0], 130, "{signal}: {said}");
        assert!(numbers[1] < 2000, "{signal}: {said}");
    }
}

#[test]
fn another_photo_under_an_old_name_inherits_no_decisions_but_an_edit_does() {
    let (program, photos) = with_samples();
    let cat = format!("{photos}/cat.jpg");
    let has_cat = || {
        let rows = lines(&program.run(&["tags", &cat]));
        let tags = rows[0]["tags"].as_array().unwrap().clone();
        tags.iter()
            .any(|t| t["label"] == "cat" && t["origin"] == "person")
    };
    assert_eq!(status(&program.run(&["index", &photos, "-q"])), 0);
    assert_eq!(
        status(&program.run(&["decide", "accept", "cat", &cat, "-q"])),
        0
    );
    // An edit: mirrored and written anew.
    let picture = image::open(samples().join("cat.jpg")).unwrap();
    picture.fliph().save(&cat).unwrap();
    assert_eq!(status(&program.run(&["index", "-q"])), 0);
    assert!(has_cat());
    // Deleted, found missing, and its name given to another photo.
    std::fs::remove_file(&cat).unwrap();
    assert_eq!(status(&program.run(&["index", "-q"])), 0);
    let rocket = image::open(samples().join("rocket.jpg")).unwrap();
    rocket.fliph().save(&cat).unwrap();
    assert_eq!(status(&program.run(&["index", "-q"])), 0);
    assert!(!has_cat());
}

#[test]
fn search_gives_files_that_are_there_and_reads_filters() {
    let (program, photos) = with_samples();
    assert_eq!(status(&program.run(&["index", &photos, "-q"])), 0);
    let moved = program.home.path().join("moved");
    std::fs::rename(&photos, &moved).unwrap();
    let moved = moved.to_str().unwrap();
    program.run(&["index", moved, "-q"]);
    let cat = format!("{moved}/cat.jpg");
    let hits = lines(&program.run(&["search", "--image", &cat, "--limit", "1"]));
    assert_eq!(hits[0]["path"], cat.as_str());
    assert_eq!(
        status(&program.run(&["decide", "accept", "cat", &cat, "-q"])),
        0
    );
    let found = |args: &[&str]| -> Vec<String> {
        let output = program.run(&[&["search"], args].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let rows = lines(&output);
        rows.iter()
            .map(|r| r["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found(&["tag:cat"]), [cat.as_str()]);
    let others = found(&["a", "photo", "-tag:cat", "--limit", "5"]);
    assert!(others.len() == 2 && !others.contains(&cat), "{others:?}");
    assert_eq!(found(&["folder:moved", "animal", "--limit", "9"]).len(), 3);
    assert_eq!(found(&["date:1999"]).len(), 0);
}

#[test]
fn a_raw_file_and_its_jpeg_are_one_photo() {
    let (program, photos) = with_samples();
    let [jpeg, raw] = ["cat.jpg", "cat.CR2"].map(|name| format!("{photos}/{name}"));
    // A raw file by its name; it is read as what it contains.
    let mut bytes = std::fs::read(&jpeg).unwrap();
    bytes.push(0);
    std::fs::write(&raw, bytes).unwrap();
    assert_eq!(status(&program.run(&["index", &photos, "-q"])), 0);
    let output = program.run(&["decide", "accept", "dog", &raw]);
    assert!(
        stderr(&output).contains("decided on 1 photo\n"),
        "{}",
        stderr(&output)
    );
    // Each file has its line, and the tags and the decision of the photo.
    let rows = lines(&program.run(&["tags", &photos]));
    assert_eq!(rows.len(), 4);
    let of = |path: &str| rows.iter().find(|row| row["path"] == path).unwrap();
    assert_eq!(of(&jpeg)["tags"], of(&raw)["tags"]);
    assert_eq!(of(&raw)["stack"], serde_json::json!([jpeg, raw]));
    assert!(of(&format!("{photos}/coffee.jpg"))["stack"].is_null());
    let by_person = |path: &str| labels_with(&program, path, "person", "accepted");
    assert_eq!(
        (by_person(&jpeg), by_person(&raw)),
        (vec!["dog".into()], vec!["dog".into()])
    );
    // A search finds the photo once.
    let found = || lines(&program.run(&["search", "tag:dog"]));
    assert_eq!(found().len(), 1);
    assert_eq!(found()[0]["path"], jpeg.as_str());
    assert_eq!(
        lines(&program.run(&["search", "a cat", "--limit", "9"])).len(),
        3
    );
    let counted = one(&program.run(&["status"]));
    assert_eq!(
        (&counted["photos"], &counted["stacked"]),
        (&4.into(), &1.into())
    );
    // Each has its own sidecar.
    let output = program.run(&["export", &raw, "--naming", "stem"]);
    assert_eq!(one(&output)["written"], 2, "{}", stderr(&output));
    for sidecar in ["cat.xmp", "cat.jpg.xmp"] {
        let text = std::fs::read_to_string(format!("{photos}/{sidecar}")).unwrap();
        assert!(text.contains(">dog<"), "{sidecar}: {text}");
    }
    assert_eq!(status(&program.run(&["export", "--undo", "-q"])), 0);
    assert!(!Path::new(&format!("{photos}/cat.xmp")).exists());
    // Taken apart, both have the decision.
    assert_eq!(status(&program.run(&["index", "-q", "--stacks", "no"])), 0);
    assert_eq!(found().len(), 2);
    assert_eq!(
        (by_person(&jpeg), by_person(&raw)),
        (vec!["dog".into()], vec!["dog".into()])
    );
}

/// The JPEG with EXIF put into it.
fn with_exif(jpeg: &[u8], fields: &[(exif::Tag, exif::Value)]) -> Vec<u8> {
    let fields: Vec<exif::Field> = fields
        .iter()
        .map(|(tag, value)| exif::Field {
            tag: *tag,
            ifd_num: exif::In::PRIMARY,
            value: value.clone(),
        })
        .collect();
    let mut writer = exif::experimental::Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = std::io::Cursor::new(Vec::new());
    writer.write(&mut tiff, true).unwrap();
    let segment = [b"Exif\0\0", &tiff.into_inner()[..]].concat();
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &segment, &jpeg[2..]].concat()
}

/// A JPEG with this rating and nothing else in its XMP.
fn rated(jpeg: &[u8], rating: u8) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='{rating}'/></RDF>"
    );
    let length = (packet.len() as u16 + 2).to_be_bytes();
    let parts: [&[u8]; 5] = [
        &jpeg[..2],
        b"\xff\xe1",
        &length,
        packet.as_bytes(),
        &jpeg[2..],
    ];
    parts.concat()
}

#[test]
fn a_rating_written_into_photos_forgets_nothing_and_embeds_nothing() {
    let (program, photos) = with_samples();
    let library = program.file("library.sqlite", "");
    std::fs::remove_file(&library).unwrap();
    let run = |args: &[&str]| {
        let output = program.run(&[args, &["--library", &library]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        output
    };
    let index = || {
        let report = one(&run(&["index", "-q"]));
        let number = |name: &str| report[name].as_u64().unwrap();
        (number("read"), number("newly_embedded"), number("embedded"))
    };
    let decided = |path: &str| {
        let rows = lines(&run(&["tags", path]));
        let tags = rows[0]["tags"].as_array().unwrap().clone();
        tags.iter()
            .any(|t| t["label"] == "bridge" && t["origin"] == "person")
    };
    let (cat, coffee) = (format!("{photos}/cat.jpg"), format!("{photos}/coffee.jpg"));
    let original = std::fs::read(&cat).unwrap();
    run(&["index", &photos, "-q"]);
    run(&["decide", "accept", "bridge", &cat, "-q"]);
    std::fs::write(&cat, rated(&original, 3)).unwrap();
    std::fs::write(&coffee, rated(&std::fs::read(&coffee).unwrap(), 5)).unwrap();
    assert_eq!(index(), (2, 0, 3));
    assert!(decided(&cat));

    // Moved and rated anew.
    let moved = format!("{photos}/moved/IMG_1.jpg");
    std::fs::create_dir(format!("{photos}/moved")).unwrap();
    std::fs::rename(&cat, &moved).unwrap();
    std::fs::write(&moved, rated(&original, 4)).unwrap();
    assert_eq!(index(), (1, 0, 3));
    assert!(decided(&moved));

    // The library of an earlier version, which knows files by their bytes alone.
    let raw = rusqlite::Connection::open(&library).unwrap();
    raw.execute_batch(
        "DROP INDEX photos_by_picture; DROP INDEX files_by_hash;
         UPDATE photos SET hash = (SELECT hash FROM files WHERE photo_id = photos.id)
             WHERE EXISTS (SELECT 1 FROM files WHERE photo_id = photos.id AND hash IS NOT NULL);
         ALTER TABLE photos DROP COLUMN picture; ALTER TABLE files DROP COLUMN hash;
         DROP TABLE about;
         CREATE TABLE about (
             photo_id INTEGER PRIMARY KEY REFERENCES photos ON DELETE CASCADE,
             version INTEGER NOT NULL, captured_ms INTEGER, captured_offset_min INTEGER,
             captured_from INTEGER, camera TEXT, lens TEXT, exposure_s REAL, aperture REAL,
             focal_length_mm REAL, iso INTEGER, latitude REAL, longitude REAL) STRICT;
         PRAGMA user_version = 8;",
    )
    .unwrap();
    drop(raw);
    assert_eq!(index(), (0, 0, 3));
    assert!(decided(&moved));
    std::fs::write(&moved, rated(&original, 2)).unwrap();
    assert_eq!(index(), (1, 0, 3));
    assert!(decided(&moved));

    // Exported decisions fit the photo with any metadata.
    let file = program.file("decisions.jsonl", "");
    run(&["decisions", "export", &file]);
    std::fs::write(&moved, rated(&original, 1)).unwrap();
    let other = program.file("other.sqlite", "");
    std::fs::remove_file(&other).unwrap();
    for args in [
        &["decisions", "import", &file][..],
        &["index", &photos, "-q"],
    ] {
        let output = program.run(&[args, &["--library", &other]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
    }
    let rows = lines(&program.run(&["tags", &moved, "--library", &other]));
    let tags = rows[0]["tags"].as_array().unwrap();
    assert!(tags.iter().any(|t| t["label"] == "bridge"));
}

#[test]
fn photos_tell_when_and_with_what_they_were_taken() {
    use exif::{Rational, Tag, Value as Exif};
    let program = Program::new();
    let photos = program.home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    let jpeg = std::fs::read(samples().join("cat.jpg")).unwrap();
    let ascii = |text: &str| Exif::Ascii(vec![text.as_bytes().to_vec()]);
    let degrees = |parts: [(u32, u32); 3]| {
        let parts = parts.map(|(num, denom)| Rational { num, denom });
        Exif::Rational(parts.to_vec())
    };
    let taken = with_exif(
        &jpeg,
        &[
            (Tag::Make, ascii("NIKON CORPORATION")),
            (Tag::Model, ascii("NIKON D750")),
            (Tag::LensModel, ascii("50.0 mm f/1.8")),
            (Tag::DateTimeOriginal, ascii("2024:05:06 23:30:09")),
            (Tag::SubSecTimeOriginal, ascii("25")),
            (Tag::OffsetTimeOriginal, ascii("-03:30")),
            (Tag::GPSLatitude, degrees([(33, 1), (30, 1), (0, 1)])),
            (Tag::GPSLatitudeRef, ascii("S")),
            (Tag::GPSLongitude, degrees([(151, 1), (15, 1), (0, 1)])),
            (Tag::GPSLongitudeRef, ascii("E")),
        ],
    );
    let hostile = with_exif(
        &jpeg,
        &[
            (Tag::DateTimeOriginal, ascii("2024:13:45 99:99:99")),
            (Tag::DateTimeDigitized, ascii("    :  :     :  :  ")),
            (Tag::SubSecTimeOriginal, ascii(&"9".repeat(40))),
            (Tag::OffsetTimeOriginal, ascii("+99:99")),
            (Tag::GPSLatitude, degrees([(0, 0); 3])),
            (Tag::GPSLatitudeRef, ascii("N")),
            (Tag::GPSLongitude, degrees([(u32::MAX, 0); 3])),
            (Tag::GPSLongitudeRef, ascii("E")),
        ],
    );
    let mut scan = with_exif(
        &jpeg,
        &[(Tag::DateTimeOriginal, ascii("2020:01:01 00:00:00"))],
    );
    scan.extend(b"scan");
    for (name, bytes) in [
        ("taken.jpg", &taken),
        ("hostile.jpg", &hostile),
        ("IMG-20200229-WA0001.jpg", &jpeg),
        ("scan.jpg", &scan),
    ] {
        std::fs::write(photos.join(name), bytes).unwrap();
    }
    let day = std::time::Duration::from_secs(86_400);
    let file = std::fs::File::options()
        .write(true)
        .open(photos.join("hostile.jpg"));
    file.unwrap()
        .set_modified(std::time::UNIX_EPOCH + day)
        .unwrap();
    let sidecar = "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><Description \
        xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:DateCreated='1965-07-04'/></RDF>";
    program.file("photos/scan.jpg.xmp", sidecar);
    let library = program.file("library.sqlite", "");
    std::fs::remove_file(&library).unwrap();
    let run = |args: &[&str]| {
        let output = program.run(&[args, &["--library", &library]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        output
    };
    let listed = |args: &[&str]| -> Vec<(String, String, String)> {
        let rows = lines(&run(args));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = |row: &Value| text(&row["path"]).rsplit('/').next().unwrap().to_owned();
        let told = rows.iter().map(|row| {
            (
                name(row),
                text(&row["captured"]),
                text(&row["captured_from"]),
            )
        });
        told.collect()
    };
    let row = |name: &str, time: &str, from: &str| (name.into(), time.into(), from.into());
    let all: [(String, String, String); 4] = [
        row("scan.jpg", "1965-07-04T00:00:00", "sidecar"),
        row("hostile.jpg", "1970-01-02T00:00:00Z", "mtime"),
        row("IMG-20200229-WA0001.jpg", "2020-02-29T00:00:00", "name"),
        row("taken.jpg", "2024-05-06T23:30:09.250-03:30", "exif"),
    ];
    let folder = photos.to_str().unwrap();
    run(&["index", folder, "-q"]);
    assert_eq!(listed(&["tags", "--sort", "oldest"]), all);
    // The day is the one at the place, not in UTC.
    assert_eq!(listed(&["tags", "--date", "2024-05-06"]), all[3..]);
    assert_eq!(
        listed(&["search", "date:..1999", "--sort", "newest"]),
        [all[1].clone(), all[0].clone()]
    );
    let nearest = listed(&["search", "a cat", "--sort", "oldest"]);
    assert_eq!(nearest, all);

    let taken = one(&run(&[
        "tags",
        &format!("{folder}/taken.jpg"),
        "--format",
        "json",
    ]))[0]
        .clone();
    for (name, expected) in [("camera", "NIKON D750"), ("lens", "50.0 mm f/1.8")] {
        assert_eq!(taken[name], expected);
    }
    assert_eq!(taken["position"]["latitude"], -33.5);
    assert_eq!(taken["position"]["longitude"], 151.25);
    assert!(taken["width"].as_u64() > Some(100) && taken["height"].is_u64());
    let hostile = &lines(&run(&["tags", &format!("{folder}/hostile.jpg")]))[0];
    assert!(hostile["position"].is_null() && hostile["camera"].is_null());

    // Photos of an older library are read once it is indexed again, and a sidecar that has gone
    // counts no more.
    let raw = rusqlite::Connection::open(&library).unwrap();
    raw.execute("DELETE FROM about", []).unwrap();
    drop(raw);
    assert_eq!(listed(&["tags", "--date", "2024"]).len(), 0);
    std::fs::remove_file(photos.join("scan.jpg.xmp")).unwrap();
    run(&["index", "-q"]);
    let scan = row("scan.jpg", "2020-01-01T00:00:00", "exif");
    let after = [all[1].clone(), scan, all[2].clone(), all[3].clone()];
    assert_eq!(listed(&["tags", "--sort", "oldest"]), after);
}

#[test]
fn damaged_copies_are_each_named_and_what_is_not_read_is_counted() {
    let (program, photos) = with_samples();
    for name in ["bad1.jpg", "bad2.jpg"] {
        program.file(&format!("photos/{name}"), "the same damage");
    }
    let output = program.run(&["index", &photos]);
    assert_eq!(status(&output), 1);
    for name in ["bad1.jpg", "bad2.jpg"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    let folder = program.home.path().join("other");
    std::fs::create_dir(&folder).unwrap();
    program.file("other/a.mov", "");
    program.file("other/notes.txt", "");
    let output = program.run(&["tag", folder.to_str().unwrap()]);
    assert_eq!(status(&output), 1);
    assert!(stderr(&output).contains("1 mov"), "{}", stderr(&output));
}

#[test]
fn index_ends_with_1_if_it_names_a_sidecar_or_a_folder_that_it_could_not_read() {
    let (program, photos) = with_samples();
    let other = program.home.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::copy(samples().join("cat.jpg"), other.join("cat.jpg")).unwrap();
    let other = other.to_str().unwrap();
    let index = |args: &[&str]| {
        let index = program.run(&[&["index"], args].concat());
        (status(&index), stderr(&index))
    };
    let sound = index(&[&photos, other]);
    assert_eq!(sound.0, 0, "{}", sound.1);

    let sidecar = program.file("photos/cat.jpg.xmp", "<x:xmpmeta");
    for again in ["now", "still"] {
        let (ended, said) = index(&[&photos]);
        assert!(
            ended == 1 && said.contains("cat.jpg.xmp"),
            "{again}: {ended}: {said}"
        );
    }
    assert_eq!(index(&[]).0, 1);
    // Another folder's sidecar is neither read nor named.
    let (ended, said) = index(&[other]);
    assert!(
        ended == 0 && !said.contains("cat.jpg.xmp"),
        "{ended}: {said}"
    );
    std::fs::remove_file(sidecar).unwrap();
    assert_eq!(index(&[&photos]).0, 0);

    // Rules that cannot be read leave a folder unseen.
    let inner = program.home.path().join("photos/inner");
    std::fs::create_dir_all(inner.join(".taglensignore")).unwrap();
    let (ended, said) = index(&[&photos]);
    assert!(ended == 1 && said.contains("inner"), "{ended}: {said}");
}

#[test]
fn an_adjustment_to_the_library_is_told_undone_and_made_again() {
    let (program, photos) = with_samples();
    let cat = image::open(samples().join("cat.jpg")).unwrap();
    let (width, height) = (cat.width(), cat.height());
    let cut = |n: u32| {
        let part = cat.crop_imm(n * 9, n * 5, width - n * 11, height - n * 8);
        let path = format!("{photos}/{n:02}.png");
        part.resize(300, 300, image::imageops::FilterType::Triangle)
            .save(path)
            .unwrap();
    };
    (1..13).for_each(cut);
    assert_eq!(status(&program.run(&["index", "-q", &photos])), 0);
    let scale = |what: &str| program.run(&["scale", what]);
    assert!(lines(&scale("show")).is_empty());
    assert_eq!(status(&scale("undo")), 2);
    // Without confidences, which the rounding of stored embeddings changes a little.
    let tags = || -> Vec<(String, Vec<String>)> {
        let mut rows = lines(&program.run(&["tags"]));
        rows.retain(|row| row["path"] != format!("{photos}/13.png").as_str());
        let tag = |tag: &Value| format!("{} {}", tag["label"], tag["state"]);
        rows.iter()
            .map(|row| {
                let mut tags: Vec<String> =
                    row["tags"].as_array().unwrap().iter().map(tag).collect();
                tags.sort();
                (row["path"].to_string(), tags)
            })
            .collect()
    };
    let unscaled = tags();
    assert_eq!(unscaled.len(), 15);

    cut(13);
    let indexed = program.run(&["index"]);
    assert_eq!(status(&indexed), 0);
    let told = "tags now follow what is usual among the 16 photos";
    assert!(stderr(&indexed).contains(told), "{}", stderr(&indexed));
    let scaled = tags();
    assert_ne!(scaled, unscaled);
    let changed = lines(&scale("show"));
    assert!(!changed.is_empty());
    for row in &changed {
        assert_ne!([&row["added"], &row["removed"]], [0, 0], "{row}");
    }

    assert_eq!(status(&scale("undo")), 0);
    assert_eq!(tags(), unscaled);
    // It stays undone.
    assert_eq!(status(&program.run(&["index", "-q"])), 0);
    assert_eq!(tags(), unscaled);
    assert_eq!(status(&scale("undo")), 2);
    assert_eq!(lines(&scale("show")), changed);
    assert_eq!(status(&scale("redo")), 0);
    assert_eq!(tags(), scaled);
}

#[test]
fn a_photo_of_which_a_part_is_missing_is_tagged_and_marked() {
    let (program, photos) = with_samples();
    let cut = format!("{photos}/cut.jpg");
    let whole = std::fs::read(samples().join("coffee.jpg")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() * 4 / 5]).unwrap();
    assert_eq!(status(&program.run(&["index", "-q", &photos])), 0);
    let counted = one(&program.run(&["status"]));
    assert_eq!(
        [&counted["incomplete"], &counted["failed"]],
        [&Value::from(1), &Value::from(0)]
    );
    for row in lines(&program.run(&["tags"])) {
        let incomplete = row["path"] == cut.as_str();
        assert_eq!(row["incomplete"] == true, incomplete, "{row}");
    }
    // The rest of it came meanwhile.
    std::fs::write(&cut, &whole).unwrap();
    assert_eq!(status(&program.run(&["index", "-q"])), 0);
    assert_eq!(one(&program.run(&["status"]))["incomplete"], 0);
}

#[test]
fn videos_are_read_where_they_are_wanted() {
    let program = Program::new();
    std::fs::create_dir(program.home.path().join("clips")).unwrap();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decode");
    let movie = std::fs::read(seeds.join("h264.mp4")).unwrap();
    program.file("clips/clip.MP4", movie);
    let folder = program.home.path().join("clips");
    let folder = folder.to_str().unwrap();

    let without = program.run(&["tag", folder]);
    assert_eq!(status(&without), 1);
    assert!(stderr(&without).contains("1 mp4"), "{}", stderr(&without));
    let with = program.run(&["tag", folder, "--videos", "--format", "jsonl"]);
    assert_eq!(status(&with), 0, "{}", stderr(&with));
    assert_eq!(lines(&with).len(), 1);

    let library = program.file("library.sqlite", "");
    std::fs::remove_file(&library).unwrap();
    let embedded = |extra: &[&str]| {
        let args = [&["--library", &library, "index", "--format", "json"], extra].concat();
        let indexed = program.run(&args);
        assert_eq!(status(&indexed), 0, "{}", stderr(&indexed));
        let args = ["--library", &library, "status", "--format", "json"];
        one(&program.run(&args))["photos"].as_u64().unwrap()
    };
    assert_eq!(embedded(&[folder]), 0);
    assert_eq!(embedded(&["--videos", "yes"]), 1);
    assert_eq!(embedded(&[]), 1, "the library remembers it");
    assert_eq!(embedded(&["--videos", "no"]), 0);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_or_drive_terminals_stay_apart() {
    use std::os::unix::ffi::OsStrExt;
    let (program, photos) = with_samples();
    for name in [&b"a\xe9.jpg"[..], b"a\xe8.jpg", b"b\x1b[2J.jpg"] {
        let to = Path::new(&photos).join(std::ffi::OsStr::from_bytes(name));
        std::fs::copy(samples().join("cat.jpg"), to).unwrap();
    }
    let rows = lines(&program.run(&["tag", &photos, "--top", "1", "-q"]));
    let paths: std::collections::BTreeSet<&str> =
        rows.iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 6, "{paths:?}");
    let bytes = rows.iter().filter_map(|r| r["path_bytes"].as_str());
    assert_eq!(bytes.filter(|b| b.ends_with("61e92e6a7067")).count(), 1);
    assert!(
        rows.iter()
            .any(|r| r["path"].as_str().unwrap().contains('\u{1b}'))
    );
    let table = program.run(&["tag", &photos, "--top", "1", "-q", "--format", "table"]);
    assert!(!table.stdout.contains(&0x1b));
}

#[cfg(unix)]
#[test]
fn a_path_below_a_linked_folder_is_found() {
    let (program, photos) = with_samples();
    let link = program.home.path().join("link");
    std::os::unix::fs::symlink(&photos, &link).unwrap();
    let link = link.to_str().unwrap();
    assert_eq!(status(&program.run(&["index", link, "-q"])), 0);
    let output = script(&program, "cd $R/link && $T tags cat.jpg");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(lines(&output)[0]["path"], format!("{link}/cat.jpg"));
}

#[cfg(unix)]
#[test]
fn a_folder_indexed_beside_a_watcher_is_taken_up() {
    let (program, photos) = with_samples();
    std::fs::create_dir(program.home.path().join("new")).unwrap();
    let to = program.home.path().join("new/other.jpg");
    let picture = image::open(samples().join("cat.jpg")).unwrap();
    picture.rotate180().save(to).unwrap();
    let text = "$T index --watch $R/photos -q >/dev/null 2>&1 & P=$!; sleep 3; \
                $T index $R/new -q; rc=$?; \
                for i in $(seq 60); do sleep 0.5; \
                  $T status | grep -q '\"embedded\":4' && break; done; \
                kill -INT $P; wait $P; exit $rc";
    let output = script(&program, text);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(one(&program.run(&["status"]))["embedded"], 4);
    assert!(!photos.is_empty());
}

#[test]
fn a_bare_environment_makes_no_noise() {
    let program = Program::new();
    let run = |args: &[&str]| {
        let mut command = program.command(args);
        command
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.output().unwrap()
    };
    // These look for graphics cards, as drivers do with complaints of their own.
    for args in [["device", "list"], ["doctor", "--quiet"]] {
        assert_eq!(stderr(&run(&args)), "", "{args:?}");
    }
    let window = run(&[]);
    assert_eq!(status(&window), 2);
    let said = stderr(&window);
    assert!(said.contains("there is no display"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn the_program_describes_itself() {
    let program = Program::new();
    let output = program.run(&["doctor", "--format", "json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let home = program.home.path().to_str().unwrap();
    assert!(!text.contains(home), "{text}");
    let doctor = one(&output);
    for name in [
        "version",
        "devices",
        "portal",
        "fonts",
        "watch_limit",
        "log",
    ] {
        assert!(
            !doctor[name].is_null() || name == "portal" || name == "watch_limit",
            "{name}"
        );
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = program.run(&["completions", shell]);
        assert_eq!(status(&output), 0, "{shell}");
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("vocabulary"),
            "{shell}"
        );
    }
    let man = program.run(&["man"]);
    let text = String::from_utf8_lossy(&man.stdout).into_owned();
    assert!(text.starts_with(".ie") || text.contains(".TH"), "{text}");
    assert!(text.contains("TAGLENS VOCABULARY IMPORT"));
    assert!(text.contains("taglens search --image IMG_1.jpg"));
    // Names of files are written at debug only.
    let cat = samples().join("cat.jpg");
    program.run(&["tag", cat.to_str().unwrap(), "-q"]);
    let log =
        std::fs::read_to_string(program.home.path().join("data/taglens/taglens.log")).unwrap();
    assert!(
        log.contains("command=\"tag\"") && !log.contains("cat.jpg"),
        "{log}"
    );
}

/// A library that another program keeps locked: whoever waits for it learns why.
#[test]
fn a_command_says_that_it_waits_for_a_locked_library() {
    let program = Program::new();
    let library = program.file("library.sqlite", "");
    std::fs::remove_file(&library).unwrap();
    let photos = samples();
    let photos = photos.to_str().unwrap();
    let cat = format!("{photos}/cat.jpg");
    let index = ["index", photos, "-q", "--library", &library];
    assert_eq!(status(&program.run(&index)), 0);
    let decide = ["decide", "accept", "dog", &cat, "--library", &library];
    for (quiet, told) in [(false, 1), (true, 0)] {
        let other = rusqlite::Connection::open(&library).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut command = program.command(&decide);
        if quiet {
            command.arg("-q");
        }
        let waiting = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2500));
        other.execute_batch("ROLLBACK").unwrap();
        let output = waiting.wait_with_output().unwrap();
        assert_eq!(status(&output), 0);
        let said = stderr(&output);
        let sentence = "another program keeps the library locked";
        assert_eq!(said.matches(sentence).count(), told, "{said}");
    }
}
