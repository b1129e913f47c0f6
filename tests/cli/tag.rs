//! One-off runs: `tag` and `embed`.

use crate::*;

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
