//! The store as the pipeline uses it.

use std::path::{Path, PathBuf};

use crate::core::embedding::Embedding;
use crate::core::ids::{FileId, FolderId, ModelId, PhotoId};
use crate::core::photo::{ContentHash, FileStamp, Presence};
use crate::store::*;

struct Library {
    _folder: tempfile::TempDir,
    store: Store,
    model: ModelId,
    root: FolderId,
}

const DECODER: i64 = 3;

fn library() -> Library {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
    let (model, root) = store
        .write(|w| Ok((w.model("m", &[1; 32])?, w.add_folder(Path::new("/photos"))?)))
        .unwrap();
    Library {
        _folder: folder,
        store,
        model,
        root,
    }
}

fn stamp(n: i64) -> FileStamp {
    FileStamp {
        size_bytes: 10,
        modified_ns: n,
    }
}

fn hash(n: u8) -> ContentHash {
    ContentHash::new([n; 32])
}

fn embedded(n: u8) -> Content {
    let angle = f32::from(n) * 0.1;
    Content::Embedded {
        size: (40, 30),
        complete: true,
        embedding: Embedding::normalised(vec![angle.cos(), angle.sin()]).unwrap(),
    }
}

/// After any test, each row must have the right checksum.
impl Drop for Library {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for guarded in guard::GUARDED {
            let connection = &self.store.connection;
            let counted = guard::counted(connection, &guarded).unwrap();
            let noted = guard::noted(connection, guarded.table).unwrap();
            assert_eq!(noted, Some(counted), "{}", guarded.table);
        }
    }
}

impl Library {
    fn add(&mut self, path: &str) -> FileId {
        let root = self.root;
        self.store
            .write(|w| w.add_file(root, Path::new(path), stamp(1)))
            .unwrap()
    }

    fn record(&mut self, file: FileId, at: i64, result: Result<(u8, Content), &str>) -> Recorded {
        let outcome = Outcome {
            file_id: file,
            stamp: stamp(at),
            result: result
                .map(|(n, content)| (hash(n), content))
                .map_err(str::to_owned),
        };
        let model = self.model;
        self.store
            .write(|w| w.record(model, DECODER, &outcome))
            .unwrap()
    }

    fn decide(&mut self, photo: PhotoId, label: &str, verdict: Verdict) {
        self.store
            .write(|w| {
                let label = w.label(label)?;
                w.decide(photo, label, Some(Decision::now(verdict, Origin::Person)))
            })
            .unwrap();
    }

    fn tags_at(&self, path: &str) -> Vec<(String, TagState)> {
        let photo = self.store.photo_at(Path::new(path)).unwrap().unwrap();
        let tags = self.store.tags_of(photo).unwrap();
        tags.into_iter().map(|t| (t.label, t.state)).collect()
    }

    fn summary(&self) -> [usize; 6] {
        let s = self.store.summary(Some(self.model), DECODER).unwrap();
        [
            s.photos, s.embedded, s.waiting, s.failed, s.offline, s.missing,
        ]
    }
}

fn photo(recorded: Recorded) -> PhotoId {
    match recorded {
        Recorded::Photo(id) => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_go_from_waiting_to_embedded_or_failed() {
    let mut l = library();
    let files = ["/photos/a.jpg", "/photos/b.jpg", "/photos/c.jpg"].map(|p| l.add(p));
    assert_eq!(l.summary(), [3, 0, 3, 0, 0, 0]);
    assert_eq!(l.store.waiting(l.model, DECODER).unwrap().len(), 3);

    l.record(files[0], 1, Ok((1, embedded(1))));
    let reason = "it is damaged".to_owned();
    l.record(files[1], 1, Ok((2, Content::Undecodable { reason })));
    l.record(files[2], 1, Err("no permission"));
    assert_eq!(l.summary(), [3, 1, 0, 2, 0, 0]);
    let failures = l
        .store
        .failures(Path::new("/photos"), Some(l.model), DECODER)
        .unwrap();
    let failures: Vec<_> = failures.iter().map(|f| f.reason.as_str()).collect();
    assert_eq!(
        failures,
        ["cannot read /photos/b.jpg: it is damaged", "no permission"]
    );
    // A file that could not be read is tried again; one that cannot be decoded is not.
    let waiting = |version| {
        let rows = l.store.waiting(l.model, version).unwrap();
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting(DECODER), [files[2]]);
    assert_eq!(waiting(DECODER + 1), files[1..]);
    let settled = l.store.settled_contents(l.model, DECODER).unwrap();
    assert_eq!(settled, [hash(1), hash(2)].into());
}

#[test]
fn a_result_for_what_the_file_no_longer_is_is_dropped() {
    let mut l = library();
    let file = l.add("/photos/a.jpg");
    l.store.write(|w| w.edit_file(file, stamp(2))).unwrap();
    assert_eq!(l.record(file, 1, Ok((1, embedded(1)))), Recorded::Stale);
    assert_eq!(l.summary(), [1, 0, 1, 0, 0, 0]);
    photo(l.record(file, 2, Ok((1, embedded(1)))));
    let root = l.root;
    l.store.write(|w| w.remove_folder(root)).unwrap();
    assert_eq!(l.record(file, 2, Ok((1, embedded(1)))), Recorded::Stale);
}

#[test]
fn moves_copies_and_edits_keep_decisions() {
    let mut l = library();
    let a = l.add("/photos/a.jpg");
    let first = photo(l.record(a, 1, Ok((1, embedded(1)))));
    l.decide(first, "dog", Verdict::Accepted);
    l.decide(first, "cat", Verdict::Rejected);
    let expected = [
        ("dog".to_owned(), TagState::Accepted),
        ("cat".to_owned(), TagState::Rejected),
    ];

    // Moved: the new path has the same content, and the old entry ends.
    l.store
        .write(|w| w.set_presence(a, Presence::Missing))
        .unwrap();
    assert_eq!(l.summary(), [0, 0, 0, 0, 0, 1]);
    let b = l.add("/photos/b.jpg");
    assert_eq!(photo(l.record(b, 1, Ok((1, Content::Known)))), first);
    assert_eq!(l.tags_at("/photos/b.jpg"), expected);
    assert_eq!(l.summary(), [1, 1, 0, 0, 0, 0]);

    // Copied: the same photo at two paths.
    let c = l.add("/photos/c.jpg");
    photo(l.record(c, 1, Ok((1, Content::Known))));
    assert_eq!(l.store.embedded(l.model).unwrap(), 1);
    assert_eq!(l.summary(), [2, 2, 0, 0, 0, 0]);

    // Edited: another photo, which inherits the decisions, while the copy keeps its own.
    l.store.write(|w| w.edit_file(c, stamp(2))).unwrap();
    let edited = photo(l.record(c, 2, Ok((2, embedded(2)))));
    assert_ne!(edited, first);
    assert_eq!(l.tags_at("/photos/c.jpg"), expected);
    l.decide(edited, "dog", Verdict::Rejected);
    assert_eq!(l.tags_at("/photos/b.jpg"), expected);
}

#[test]
fn photos_that_change_places_keep_their_own_decisions() {
    let mut l = library();
    let files = ["/photos/a.jpg", "/photos/b.jpg"].map(|p| l.add(p));
    let a = photo(l.record(files[0], 1, Ok((1, embedded(1)))));
    let b = photo(l.record(files[1], 1, Ok((2, embedded(2)))));
    l.decide(a, "dog", Verdict::Accepted);
    l.decide(b, "cat", Verdict::Accepted);
    for file in files {
        l.store.write(|w| w.edit_file(file, stamp(2))).unwrap();
    }
    assert_eq!(photo(l.record(files[0], 2, Ok((2, Content::Known)))), b);
    assert_eq!(photo(l.record(files[1], 2, Ok((1, Content::Known)))), a);
    let accepted = |label: &str| vec![(label.to_owned(), TagState::Accepted)];
    assert_eq!(l.tags_at("/photos/a.jpg"), accepted("cat"));
    assert_eq!(l.tags_at("/photos/b.jpg"), accepted("dog"));

    // Edited and reverted: decisions made in between count too.
    l.store.write(|w| w.edit_file(files[0], stamp(3))).unwrap();
    let edited = photo(l.record(files[0], 3, Ok((3, embedded(3)))));
    l.decide(edited, "grass", Verdict::Accepted);
    l.store.write(|w| w.edit_file(files[0], stamp(4))).unwrap();
    photo(l.record(files[0], 4, Ok((2, Content::Known))));
    assert_eq!(l.tags_at("/photos/a.jpg").len(), 2);
}

#[test]
fn the_machine_never_overrides_a_decision() {
    let mut l = library();
    let a = l.add("/photos/a.jpg");
    let id = photo(l.record(a, 1, Ok((1, embedded(1)))));
    l.decide(id, "dog", Verdict::Rejected);
    let tag = |label, confidence, accepted| TagRow {
        label,
        score: 0.5,
        confidence,
        accepted,
    };
    l.store
        .write(|w| {
            let tags = [
                tag(w.label("dog")?, 0.9, true),
                tag(w.label("cat")?, 0.8, true),
                tag(w.label("grass")?, 0.4, false),
            ];
            w.set_tags(id, &tags)
        })
        .unwrap();
    let expected = [
        ("cat", TagState::Accepted),
        ("grass", TagState::Suggested),
        ("dog", TagState::Rejected),
    ]
    .map(|(label, state)| (label.to_owned(), state));
    assert_eq!(l.tags_at("/photos/a.jpg"), expected);

    // Re-scoring one label touches nothing else.
    l.store
        .write(|w| {
            let cat = w.label("cat")?;
            w.set_label_tags(cat, &[7; 32], [])
        })
        .unwrap();
    assert_eq!(l.tags_at("/photos/a.jpg"), expected[1..]);
    let scored = l.store.scored_labels().unwrap();
    let cat = l.store.label("cat").unwrap().unwrap();
    assert_eq!(scored, [(cat, [7; 32])].into());
}

#[test]
fn renaming_and_merging_labels_carries_decisions() {
    let mut l = library();
    let a = l.add("/photos/a.jpg");
    let b = l.add("/photos/b.jpg");
    let a = photo(l.record(a, 1, Ok((1, embedded(1)))));
    let b = photo(l.record(b, 1, Ok((2, embedded(2)))));
    l.decide(a, "dog", Verdict::Accepted);
    l.decide(b, "hound", Verdict::Rejected);
    l.store.write(|w| w.rename_label("dog", "hound")).unwrap();
    let hound = l.store.label("hound").unwrap().unwrap();
    let verdicts: Vec<_> = l.store.decisions_on(hound).unwrap();
    let verdicts: Vec<_> = verdicts.iter().map(|(p, d)| (*p, d.verdict)).collect();
    assert_eq!(verdicts, [(a, Verdict::Accepted), (b, Verdict::Rejected)]);
    assert_eq!(l.store.label("dog").unwrap(), None);
}

#[test]
fn keywords_of_a_renamed_label_are_known_by_its_new_name() {
    let mut l = library();
    let a = l.add("/photos/a.jpg");
    let a = photo(l.record(a, 1, Ok((1, embedded(1)))));
    let row = SourceRow {
        id: None,
        photo_id: a,
        owner: "/photos/a.jpg".into(),
        kind: 1,
        path: "/photos/a.jpg.xmp".into(),
        state: SourceState::Read,
        stamp: None,
        digest: String::new(),
        record: None,
        captured: None,
        keywords: vec![(Role::Seen, "animal|dog".into(), "dog".into())],
    };
    let names = [("dog", "hound"), ("hound", "canine")];
    let names = names.map(|(from, into)| (from.to_owned(), into.to_owned()));
    l.store.write(|w| w.keep_source(&row)).unwrap();
    assert_eq!(l.store.former_keywords().unwrap(), []);
    for (from, into) in &names {
        l.store.write(|w| w.rename_label(from, into)).unwrap();
    }
    // The source itself may go.
    let gone = SourceRow {
        id: l.store.sources(a).unwrap()[0].id,
        keywords: Vec::new(),
        ..row
    };
    l.store.write(|w| w.keep_source(&gone)).unwrap();
    let expected = [("animal|dog".to_owned(), "canine".to_owned())];
    assert_eq!(l.store.former_keywords().unwrap(), expected);
}

#[test]
fn decisions_are_taken_back_by_what_was_before() {
    let mut l = library();
    let a = l.add("/photos/a.jpg");
    let a = photo(l.record(a, 1, Ok((1, embedded(1)))));
    let undone = l
        .store
        .write(|w| {
            let dog = w.label("dog")?;
            let decision = Decision::now(Verdict::Accepted, Origin::Person);
            let before = w.decide(a, dog, Some(decision))?;
            assert_eq!(before, None);
            w.decide(a, dog, before)
        })
        .unwrap();
    assert_eq!(undone.map(|d| d.verdict), Some(Verdict::Accepted));
    assert_eq!(l.store.decisions().unwrap(), []);
}

#[test]
fn the_matrix_has_every_embedding_to_16_bits() {
    let mut l = library();
    for n in 0..20 {
        let file = l.add(&format!("/photos/{n}.jpg"));
        l.record(file, 1, Ok((n, embedded(n))));
    }
    let matrix = l.store.matrix(l.model).unwrap();
    assert_eq!((matrix.len(), matrix.dimension), (20, 2));
    for (n, row) in matrix.rows.chunks(2).enumerate() {
        let angle = n as f32 * 0.1;
        assert!((row[0].to_f32() - angle.cos()).abs() < 5e-4);
        assert!((row[1].to_f32() - angle.sin()).abs() < 5e-4);
    }
    let some = l.store.matrix_of(l.model, &matrix.photo_ids[3..5]).unwrap();
    assert_eq!(some.rows, matrix.rows[6..10]);

    // Another model has its own, and switching back costs nothing.
    let other = l.store.write(|w| w.model("other", &[2; 32])).unwrap();
    assert!(l.store.matrix(other).unwrap().is_empty());
    assert_eq!(l.store.waiting(other, DECODER).unwrap().len(), 20);
    assert_eq!(l.store.waiting(l.model, DECODER).unwrap().len(), 0);
}

#[test]
fn a_vocabulary_is_kept_as_it_was_written() {
    let mut l = library();
    assert_eq!(l.store.vocabulary().unwrap(), None);
    let before = l.store.vocabulary_revision().unwrap();
    let mine = StoredVocabulary {
        name: "mine".into(),
        text: "# my words\r\ndog\r\n".into(),
    };
    l.store.write(|w| w.set_vocabulary(&mine)).unwrap();
    assert_eq!(l.store.vocabulary().unwrap(), Some(mine));
    assert!(l.store.vocabulary_revision().unwrap() > before);
    assert!(!l.store.write(|w| w.use_vocabulary(Some("no"))).unwrap());
    assert!(l.store.write(|w| w.use_vocabulary(None)).unwrap());
    assert_eq!(l.store.vocabulary().unwrap(), None);
    let all = l.store.vocabularies().unwrap();
    assert_eq!(all, [("mine".to_owned(), false)]);
}

#[test]
fn text_embeddings_are_kept_exactly() {
    let mut l = library();
    let embedding = Embedding::normalised(vec![0.3, -0.7, 0.1]).unwrap();
    let model = l.model;
    l.store
        .write(|w| w.keep_texts(model, [("a dog", &embedding)]))
        .unwrap();
    let found = l.store.texts(model, ["a dog", "a cat"]).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found["a dog"].similarity(&embedding) > 0.999_999);
}

#[test]
fn listing_goes_by_path_and_leaves_missing_files_out() {
    let mut l = library();
    for path in [
        "/photos/b/2.jpg",
        "/photos/a/1.jpg",
        "/photos/b.jpg",
        "/photos/gone.jpg",
    ] {
        let file = l.add(path);
        if path.contains("gone") {
            l.store
                .write(|w| w.set_presence(file, Presence::Missing))
                .unwrap();
        }
    }
    let list = |path: Option<&str>| {
        let mut found = Vec::<PathBuf>::new();
        let count = l
            .store
            .each_tagged(&Stacks::default(), path.map(Path::new), |file| {
                found.push(file.path);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(count, found.len());
        found
    };
    let all = ["/photos/a/1.jpg", "/photos/b.jpg", "/photos/b/2.jpg"].map(PathBuf::from);
    assert_eq!(list(None), all);
    assert_eq!(list(Some("/photos/b")), all[2..]);
    assert_eq!(list(Some("/photos/b.jpg")), all[1..2]);
    assert_eq!(list(Some("/photos")), all);
}

#[test]
fn the_photos_that_tell_the_scale_do_not_depend_on_the_order_nor_on_later_ones() {
    let of = |numbers: &[u8]| {
        let mut library = library();
        let model = library.model;
        for n in numbers {
            let file = library.add(&format!("/photos/{n}.jpg"));
            library.record(file, 1, Ok((*n, embedded(*n))));
        }
        assert_eq!(library.store.scale_photos(model).unwrap(), None);
        library
            .store
            .write(|w| w.set_scale_photos(model, 3))
            .unwrap();
        let photos = library.store.scale_photos(model).unwrap().unwrap();
        assert_eq!(photos.count, 3);
        let matrix = |library: &Library| library.store.scale_matrix(model, photos).unwrap().rows;
        let before = matrix(&library);
        assert_eq!(before.len(), 3 * 2);
        // By content it would be the first.
        let file = library.add("/photos/later.jpg");
        library.record(file, 1, Ok((1, embedded(1))));
        assert_eq!(matrix(&library), before);
        before
    };
    assert_eq!(of(&[5, 9, 7, 3]), of(&[9, 3, 5, 7]));
}
