//! Keywords inside photos.

use crate::*;

#[test]
fn keywords_go_into_photos_and_are_taken_back() {
    let (program, photos, _) = with_labels("labels.toml", EVERYWHERE);
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
    let labels = program.file("labels.toml", EVERYWHERE);
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
    let run = |args: &[&str]| program.done_on(&library, args);
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
        program.done_on(&other, args);
    }
    let rows = lines(&program.run(&["tags", &moved, "--library", &other]));
    let tags = rows[0]["tags"].as_array().unwrap();
    assert!(tags.iter().any(|t| t["label"] == "bridge"));
}
