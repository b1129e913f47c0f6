//! A photo is what its picture shows: other metadata makes no other photo.

use super::*;
use crate::store::OverviewFile;

impl World {
    /// Writes metadata into a JPEG, in place of what was written before: a keyword, if it is not
    /// empty, and a capture time.
    fn note(&self, name: &str, keyword: &str, time: &str) {
        let path = self.at(name);
        let bytes = fs::read(&path).unwrap();
        let length = match bytes[2..4] {
            [0xFF, 0xE1] => usize::from(u16::from_be_bytes([bytes[4], bytes[5]])) + 2,
            _ => 0,
        };
        let subject = match keyword {
            "" => String::new(),
            _ => format!("<dc:subject><rdf:Bag><rdf:li>{keyword}</rdf:li></rdf:Bag></dc:subject>"),
        };
        let packet = format!(
            "http://ns.adobe.com/xap/1.0/\0<rdf:RDF \
             xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
             xmlns:dc='http://purl.org/dc/elements/1.1/' \
             xmlns:exif='http://ns.adobe.com/exif/1.0/' exif:DateTimeOriginal='{time}'>\
             {subject}</rdf:Description></rdf:RDF>"
        );
        let size = (packet.len() as u16 + 2).to_be_bytes();
        let rest = &bytes[2 + length..];
        let parts: [&[u8]; 5] = [&bytes[..2], b"\xff\xe1", &size, packet.as_bytes(), rest];
        fs::write(&path, parts.concat()).unwrap();
        age(&path);
    }

    /// As [`World::index`], with the number of pictures decoded after that of files read.
    fn index_counting(&self) -> (usize, usize, usize) {
        let indexer = self.start(|_| {});
        assert!(indexer.wait(PATIENCE), "it does not end");
        let now = indexer.progress();
        indexer.finish().unwrap();
        (now.done, now.decoded, now.embedded)
    }

    fn overview(&self, name: &str) -> OverviewFile {
        let files = self.store().overview_files().unwrap();
        let path = self.at(name);
        files.into_iter().find(|file| file.path == path).unwrap()
    }

    fn day(&self, name: &str) -> String {
        self.overview(name).captured.time.day()
    }

    fn sql(&self, sql: &str) {
        let raw = rusqlite::Connection::open(self.library()).unwrap();
        raw.execute_batch(sql).unwrap();
    }

    fn count(&self, sql: &str) -> i64 {
        let raw = rusqlite::Connection::open(self.library()).unwrap();
        raw.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn has(world: &World, name: &str, label: &str) -> bool {
    world.accepted(name).iter().any(|given| given == label)
}

#[test]
fn other_metadata_decodes_and_embeds_nothing_and_is_read() {
    let world = World::new();
    let names: Vec<String> = (0..40).map(|n| format!("{}/{n}.jpg", n % 3)).collect();
    for (name, shade) in names.iter().zip(0..) {
        world.picture(name, shade * 6);
    }
    assert_eq!(world.index_counting(), (40, 40, 40));
    let calls = world.model.calls.lock().unwrap().len();
    world.decide(&names[7], "mine");
    let before = world.overview(&names[7]);

    for name in &names {
        world.note(name, "holiday", "2024-05-06T07:08:09");
    }
    assert_eq!(world.index_counting(), (40, 0, 0));
    assert_eq!(world.model.calls.lock().unwrap().len(), calls);
    for name in &names {
        assert!(has(&world, name, "holiday"), "{name}");
        assert_eq!(world.day(name), "2024-05-06");
    }
    assert!(has(&world, &names[7], "mine"));
    let after = world.overview(&names[7]);
    assert_eq!((after.photo_id, after.hash), (before.photo_id, before.hash));
    let now = world.summary();
    assert_eq!((now.photos, now.embedded, now.waiting), (40, 40, 0));
    assert_eq!(world.count("SELECT count(*) FROM photos"), 40);
    assert_eq!(world.index_counting(), (0, 0, 0));

    // A keyword taken out of one is taken from that photo only, and a date corrected.
    world.note(&names[3], "", "2023-01-02T03:04:05");
    assert_eq!(world.index_counting(), (1, 0, 0));
    assert!(!has(&world, &names[3], "holiday") && has(&world, &names[4], "holiday"));
    assert_eq!(world.day(&names[3]), "2023-01-02");

    // Another picture is another photo.
    world.picture(&names[5], 251);
    assert_eq!(world.index_counting(), (1, 1, 1));
}

#[test]
fn a_photo_that_was_moved_and_rated_is_followed() {
    let world = World::new();
    for shade in 0..6 {
        world.picture(&format!("{shade}.jpg"), shade * 40);
    }
    world.note("2.jpg", "holiday", "2024-05-06T07:08:09");
    assert_eq!(world.index(), (6, 6));
    world.decide("2.jpg", "mine");
    let before = world.overview("2.jpg");
    fs::create_dir(world.at("away")).unwrap();
    fs::rename(world.at("2.jpg"), world.at("away/new.jpg")).unwrap();
    world.note("away/new.jpg", "", "2024-05-07T07:08:09");
    assert_eq!(world.index_counting(), (1, 0, 0));
    let after = world.overview("away/new.jpg");
    assert_eq!((after.photo_id, after.hash), (before.photo_id, before.hash));
    assert!(has(&world, "away/new.jpg", "mine"));
    assert!(!has(&world, "away/new.jpg", "holiday"), "it was taken out");
    assert_eq!(world.day("away/new.jpg"), "2024-05-07");
    let now = world.summary();
    assert_eq!((now.photos, now.embedded, now.missing), (6, 6, 0));
}

#[test]
fn copies_with_other_metadata_are_one_photo_and_each_keeps_its_own_facts() {
    let world = World::new();
    world.picture("a.jpg", 10);
    world.note("a.jpg", "harbour", "2001-01-01T01:01:01");
    for name in ["b.jpg", "c.jpg", "same.jpg"] {
        fs::copy(world.at("a.jpg"), world.at(name)).unwrap();
        age(&world.at(name));
    }
    world.note("b.jpg", "holiday", "2002-02-02T02:02:02");
    world.note("c.jpg", "", "2003-03-03T03:03:03");
    assert_eq!(world.index_counting(), (4, 1, 1));
    let all = ["a.jpg", "b.jpg", "c.jpg", "same.jpg"];
    world.decide("c.jpg", "mine");
    for name in all {
        for label in ["mine", "harbour", "holiday"] {
            assert!(has(&world, name, label), "{name} is not {label}");
        }
    }
    let days = || all.map(|name| world.day(name));
    assert_eq!(
        days(),
        ["2001-01-01", "2002-02-02", "2003-03-03", "2001-01-01"]
    );

    // What one copy has no more, another still says.
    world.note("a.jpg", "", "2004-04-04T04:04:04");
    assert_eq!(world.index_counting(), (1, 0, 0));
    assert!(has(&world, "a.jpg", "harbour"));
    assert_eq!(
        days(),
        ["2004-04-04", "2002-02-02", "2003-03-03", "2001-01-01"]
    );
    world.note("same.jpg", "", "2005-05-05T05:05:05");
    world.note("b.jpg", "", "2002-02-02T02:02:02");
    assert_eq!(world.index_counting(), (2, 0, 0));
    assert!(!has(&world, "a.jpg", "harbour") && !has(&world, "b.jpg", "holiday"));

    // Of several files one stays, with all that was said of the photo; deleting files takes out
    // nothing.
    world.note("b.jpg", "beach", "2002-02-02T02:02:02");
    world.index();
    for name in ["a.jpg", "b.jpg", "same.jpg"] {
        fs::remove_file(world.at(name)).unwrap();
    }
    world.index();
    assert!(has(&world, "c.jpg", "mine") && has(&world, "c.jpg", "beach"));
    assert_eq!(world.day("c.jpg"), "2003-03-03");
    world.note("c.jpg", "sunset", "2003-03-03T03:03:03");
    assert_eq!(world.index_counting(), (1, 0, 0));
    assert!(has(&world, "c.jpg", "sunset"));
    world.note("c.jpg", "", "2003-03-03T03:03:03");
    world.index();
    assert!(!has(&world, "c.jpg", "sunset"));
}

#[test]
fn a_library_without_picture_hashes_gets_them_and_decodes_nothing() {
    let world = World::new();
    for shade in 0..5 {
        world.picture(&format!("{shade}.jpg"), shade * 40);
    }
    assert_eq!(world.index_counting(), (5, 5, 5));
    // Two photos to an earlier version.
    fs::copy(world.at("4.jpg"), world.at("copy.jpg")).unwrap();
    world.note("copy.jpg", "", "2002-02-02T02:02:02");
    assert_eq!(world.index_counting(), (1, 0, 0));
    let hash = blake3::hash(&fs::read(world.at("copy.jpg")).unwrap());
    world.sql(&format!(
        "UPDATE photos SET picture = NULL;
         INSERT INTO photos (id, hash, width, height) VALUES (99, x'{hash}', 9, 9);
         INSERT INTO embeddings (model_id, photo_id, vector)
             SELECT model_id, 99, vector FROM embeddings
             WHERE photo_id = (SELECT photo_id FROM files WHERE hash IS NOT NULL);
         UPDATE files SET photo_id = 99, hash = NULL WHERE hash IS NOT NULL;
         DELETE FROM sources; DELETE FROM about;"
    ));
    world.decide("4.jpg", "mine");
    world.decide("copy.jpg", "yours");
    assert!(!has(&world, "4.jpg", "yours"));
    let calls = world.model.calls.lock().unwrap().len();
    assert_eq!(world.index_counting(), (0, 0, 0));
    for name in ["4.jpg", "copy.jpg"] {
        assert!(
            has(&world, name, "mine") && has(&world, name, "yours"),
            "{name}"
        );
    }
    assert_eq!(world.day("copy.jpg"), "2002-02-02");
    let without = "SELECT count(*) FROM files JOIN photos ON photos.id = photo_id
                   WHERE picture IS NULL";
    assert_eq!(world.count(without), 0);

    for name in ["0.jpg", "1.jpg", "4.jpg", "copy.jpg"] {
        world.note(name, "holiday", "2024-05-06T07:08:09");
    }
    assert_eq!(world.index_counting(), (4, 0, 0));
    assert!(has(&world, "0.jpg", "holiday") && has(&world, "4.jpg", "yours"));
    assert_eq!(world.model.calls.lock().unwrap().len(), calls);
}

#[test]
fn what_cannot_be_decoded_is_not_tried_again_for_its_metadata() {
    let world = World::new();
    world.picture("whole.jpg", 10);
    let mut deep = fs::read(world.picture("deep.jpg", 90)).unwrap();
    // Samples of 12 bits.
    let frame = deep.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    deep[frame + 4] = 12;
    fs::write(world.at("deep.jpg"), deep).unwrap();
    age(&world.at("deep.jpg"));
    assert_eq!(world.index_counting(), (2, 2, 1));
    assert_eq!(world.summary().failed, 1);
    world.note("deep.jpg", "holiday", "2024-05-06T07:08:09");
    assert_eq!(world.index_counting(), (1, 0, 0));
    assert_eq!(world.summary().failed, 1);
    assert!(has(&world, "deep.jpg", "holiday"));
}
