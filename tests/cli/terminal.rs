//! What a command is to a shell and a terminal: status, help, signals, pipes, names, noise.

use crate::*;

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
