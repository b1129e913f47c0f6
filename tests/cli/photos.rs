//! What the library knows about photos, whatever their files are.

use crate::*;

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
    let run = |args: &[&str]| program.done_on(&library, args);
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
    assert!(
        stderr(&output).contains("1 video (--videos includes it)"),
        "{}",
        stderr(&output)
    );
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
    assert!(
        stderr(&without).contains("1 video (--videos includes it)"),
        "{}",
        stderr(&without)
    );
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
