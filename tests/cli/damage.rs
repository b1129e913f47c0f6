//! Libraries that are damaged, locked, read-only or lost.

use crate::*;

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
fn a_library_that_cannot_be_written_is_read_searched_and_exported_from() {
    let (program, photos, _) = with_labels("labels.toml", EVERYWHERE);
    // SQLite cannot make the file that it needs beside the library, as in a read-only folder.
    let data = program.home.path().join("data");
    let found = file_below(&data, "library.sqlite");
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
