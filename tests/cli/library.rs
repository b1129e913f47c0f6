//! A library: folders, labels, decisions, search.

use crate::*;

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
