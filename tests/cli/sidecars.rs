//! Sidecars: export, taking in, undo.

use crate::*;

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
fn a_sidecar_says_nothing_of_the_photo_that_its_photo_replaced() {
    let (program, photos, labels) = with_labels("labels.txt", "cat\ncoffee\n");
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

#[test]
fn undo_reaches_only_sidecars_in_the_librarys_folders() {
    let (program, photos, _) = with_labels("labels.toml", EVERYWHERE);
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
    let labels = "[[label]]\nname = \"animal\"\nthreshold = 1\n\n[[label]]\nname = \"cat\"\nparent = \"animal\"\nthreshold = 0\nsynonyms = [\"Kater\", \"Tabby cat\"]\n";
    let (program, photos, labels) = with_labels("labels.toml", labels);
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
