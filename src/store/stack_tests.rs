//! Labels, decisions and lessons of stacks.

use std::path::{Path, PathBuf};

use crate::core::embedding::Embedding;
use crate::core::ids::PhotoId;
use crate::core::photo::{ContentHash, FileStamp};
use crate::store::*;

struct Library {
    _folder: tempfile::TempDir,
    store: Store,
}

/// A library of these files, each with its own content; the machine gives each the label `m` and the
/// number of the file.
fn library(names: &[&str]) -> Library {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
    let stamp = FileStamp {
        size_bytes: 10,
        modified_ns: 1,
    };
    store
        .write(|w| {
            let (model, root) = (w.model("m", &[1; 32])?, w.add_folder(Path::new("/p"))?);
            for (n, name) in (1u8..).zip(names) {
                let file_id = w.add_file(root, &at(name), stamp)?;
                let embedding = Embedding::normalised(vec![1.0, f32::from(n)]).unwrap();
                let size = (4, 3);
                let content = Content::Embedded {
                    size,
                    complete: true,
                    embedding,
                };
                let result = Ok((ContentHash::new([n; 32]), content));
                let outcome = Outcome {
                    file_id,
                    stamp,
                    result,
                };
                let Recorded::Photo(photo) = w.record(model, 1, &outcome)? else {
                    panic!("{name} is not kept");
                };
                let row = |label, confidence| TagRow {
                    label,
                    score: 1.0,
                    confidence,
                    accepted: true,
                };
                let labels = [w.label("m")?, w.label(&n.to_string())?];
                w.set_tags(photo, &labels.map(|label| row(label, 0.9)))?;
            }
            Ok(())
        })
        .unwrap();
    Library {
        _folder: folder,
        store,
    }
}

fn at(name: &str) -> PathBuf {
    Path::new("/p").join(name)
}

impl Library {
    fn photo(&self, name: &str) -> PhotoId {
        self.store.photo_at(&at(name)).unwrap().unwrap()
    }

    fn decide(&mut self, name: &str, label: &str, accepted: bool, decided_ms: i64) {
        let photo = self.photo(name);
        let verdict = if accepted {
            Verdict::Accepted
        } else {
            Verdict::Rejected
        };
        let decision = Decision {
            decided_ms,
            ..Decision::now(verdict, Origin::Person)
        };
        let decide = |w: &Writer<'_>| w.decide(photo, w.label(label)?, Some(decision));
        self.store.write(decide).unwrap();
    }

    /// The accepted labels of a file.
    fn accepted(&self, name: &str) -> Vec<String> {
        let stacks = self.store.stacks(&[at(name)]).unwrap();
        let mut found = Vec::new();
        let take = |file: TaggedFile| {
            let accepted = file
                .tags
                .into_iter()
                .filter(|t| t.state == TagState::Accepted);
            found = accepted.map(|t| t.label).collect();
            Ok::<(), StoreError>(())
        };
        self.store
            .each_tagged(&stacks, Some(&at(name)), take)
            .unwrap();
        found.sort();
        found
    }

    /// The names of a file's stack.
    fn stack(&self, of: &str, around: &[PathBuf]) -> Vec<String> {
        let stacks = self.store.stacks(around).unwrap();
        let name = |file: &StackedFile| file.path.file_name().unwrap().to_str().unwrap().to_owned();
        stacks.of(&at(of)).iter().map(name).collect()
    }
}

#[test]
fn a_stack_has_the_labels_of_its_face_and_all_decisions() {
    let mut l = library(&["a.CR2", "a.JPG", "b.JPG"]);
    for name in ["a.CR2", "a.JPG"] {
        assert_eq!(l.accepted(name), ["2", "m"], "those of the JPEG");
    }
    assert_eq!(l.accepted("b.JPG"), ["3", "m"]);
    l.decide("a.CR2", "raw", true, 10);
    l.decide("a.CR2", "m", false, 10);
    assert_eq!(l.accepted("a.JPG"), ["2", "raw"]);
    l.decide("a.JPG", "m", true, 20);
    l.decide("a.JPG", "raw", false, 9);
    assert_eq!(
        l.accepted("a.CR2"),
        ["2", "m", "raw"],
        "the later decision counts"
    );
    l.store.write(|w| w.set_max_tags(Some(0))).unwrap();
    assert_eq!(
        l.accepted("a.CR2"),
        ["m", "raw"],
        "and none of the machine's"
    );
}

#[test]
fn taken_apart_each_file_has_its_own() {
    let mut l = library(&["a.CR2", "a.JPG"]);
    l.decide("a.CR2", "raw", true, 10);
    l.store.write(|w| w.set_stacks(false)).unwrap();
    assert_eq!(l.accepted("a.JPG"), ["2", "m"]);
    assert_eq!(l.accepted("a.CR2"), ["1", "m", "raw"]);
    l.store.write(|w| w.set_stacks(true)).unwrap();
    assert_eq!(l.accepted("a.JPG"), ["2", "m", "raw"]);
    let jpeg = l
        .store
        .files(l.store.folders().unwrap()[0].id, None)
        .unwrap();
    let jpeg = jpeg.iter().find(|f| f.path == at("a.JPG")).unwrap().id;
    let missing = crate::core::photo::Presence::Missing;
    l.store.write(|w| w.set_presence(jpeg, missing)).unwrap();
    assert_eq!(l.accepted("a.CR2"), ["1", "m", "raw"], "without its JPEG");
}

#[test]
fn stacks_are_found_around_files_and_folders() {
    let l = library(&[
        "a.CR2",
        "a.JPG",
        "in/b.HEIC",
        "in/b.DNG",
        "in/c.jpg",
        "z.jpg",
    ]);
    let stack = |of: &str, around: &[&str]| {
        let around: Vec<PathBuf> = around.iter().map(|name| at(name)).collect();
        l.stack(of, &around)
    };
    for around in [
        &[][..],
        &["a.CR2"],
        &["a.JPG", "z.jpg"],
        &[""],
        &["in", "a.CR2"],
    ] {
        assert_eq!(stack("a.CR2", around), ["a.JPG", "a.CR2"], "{around:?}");
    }
    for around in [
        &[][..],
        &["in"],
        &["in/c.jpg"],
        &["a.CR2", "in/b.DNG", "in"],
    ] {
        assert_eq!(stack("in/b.DNG", around), ["b.HEIC", "b.DNG"], "{around:?}");
    }
    assert!(stack("a.CR2", &["in"]).is_empty() && stack("z.jpg", &[]).is_empty());
}

#[test]
fn a_stack_teaches_once() {
    let mut l = library(&["a.CR2", "a.JPG", "b.JPG", "c.JPG"]);
    for name in ["a.CR2", "a.JPG", "b.JPG", "c.JPG"] {
        l.decide(name, "dog", true, 10);
    }
    l.decide("c.JPG", "dog", false, 10);
    let dog = l.store.label("dog").unwrap().unwrap();
    let lessons = |l: &Library| {
        let mut lessons = l.store.lessons().unwrap().remove(&dog).unwrap();
        lessons.sort();
        lessons
    };
    let [raw, jpeg, b, c] = ["a.CR2", "a.JPG", "b.JPG", "c.JPG"].map(|name| l.photo(name));
    assert_eq!(lessons(&l), [(jpeg, true), (b, true), (c, false)]);
    // What was decided on one file alone is another decision.
    l.decide("a.CR2", "dog", true, 11);
    assert_eq!(lessons(&l).len(), 4);
    l.decide("a.CR2", "dog", true, 10);
    l.store.write(|w| w.set_stacks(false)).unwrap();
    assert_eq!(
        lessons(&l),
        [(raw, true), (jpeg, true), (b, true), (c, false)]
    );
}
