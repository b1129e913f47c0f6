//! Deliberately damaged libraries, and what a repair or a backup restores.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::core::photo::ContentHash;
use crate::store::backup::Occasion;
use crate::store::decisions::DecisionRow;
use crate::store::*;

struct Library {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

const DOGS: u8 = 40;

/// Forty decisions on dogs, and a vocabulary.
fn library() -> Library {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    let mut store = Store::open(&path).unwrap();
    store
        .write(|w| {
            w.add_folder(Path::new("/photos"))?;
            w.set_vocabulary(&StoredVocabulary {
                name: "mine".into(),
                text: "dog\ncat\n".into(),
            })?;
            (0..DOGS).try_for_each(|n| decide(w, n, "dog", Verdict::Accepted))
        })
        .unwrap();
    Library {
        _folder: folder,
        path,
    }
}

fn decide(w: &Writer<'_>, n: u8, label: &str, verdict: Verdict) -> Result<(), StoreError> {
    let photo = w.photo_of(&ContentHash::new([n; 32]))?;
    let decision = Decision {
        verdict,
        origin: Origin::Person,
        decided_ms: 1000 + i64::from(n),
    };
    w.decide(photo, w.label(label)?, Some(decision)).map(drop)
}

impl Library {
    fn open(&self) -> Store {
        Store::open(&self.path).unwrap()
    }

    fn back_up(&self) {
        self.open().back_up(Occasion::Daily).unwrap().unwrap();
    }

    /// Writes as damage does: past the triggers.
    fn damage(&self, sql: &str) {
        let raw = Connection::open(&self.path).unwrap();
        raw.execute_batch(sql).unwrap();
    }
}

#[test]
fn a_whole_library_is_left_as_it_is() {
    let library = library();
    let before = std::fs::read(&library.path).unwrap();
    assert_eq!(damage_of(&library.path).unwrap(), Vec::<String>::new());
    let repaired = repair(&library.path).unwrap();
    assert_eq!(repaired.kept, None);
    assert_eq!(std::fs::read(&library.path).unwrap(), before);
}

#[test]
fn what_was_decided_after_the_backup_stays_and_what_was_taken_back_does_not_return() {
    let library = library();
    library.back_up();
    let mut store = library.open();
    store
        .write(|w| {
            decide(w, 1, "cat", Verdict::Rejected)?;
            let (photo, dog) = (w.photo_of(&ContentHash::new([2; 32]))?, w.label("dog")?);
            w.decide(photo, dog, None).map(drop)
        })
        .unwrap();
    let before = store.decisions().unwrap();
    assert_eq!(before.len(), usize::from(DOGS));
    drop(store);
    library.damage("UPDATE decisions SET accepted = 0 WHERE photo_id IN (8, 9) AND label_id = 1");
    let repaired = repair(&library.path).unwrap();
    assert_eq!(repaired.brought_back, [("decisions", 2)]);
    assert_eq!(repaired.lost, []);
    assert!(repaired.backup.unwrap().ends_with("daily"));
    assert_eq!(library.open().decisions().unwrap(), before);
    assert!(repaired.kept.unwrap().ends_with("library.sqlite.damaged-1"));
}

#[test]
fn without_a_backup_what_is_lost_is_counted_and_the_rest_stays() {
    let library = library();
    library.damage(
        "UPDATE decisions SET decided_ms = 7 WHERE photo_id = 8;
         DELETE FROM decisions WHERE photo_id = 9;",
    );
    assert_eq!(damage_of(&library.path).unwrap().len(), 2);
    let repaired = repair(&library.path).unwrap();
    assert_eq!(repaired.lost, [("decisions", 2)]);
    let store = library.open();
    assert_eq!(store.decisions().unwrap().len(), usize::from(DOGS) - 2);
    assert_eq!(store.damage(Depth::Whole).unwrap(), Vec::<String>::new());
}

#[test]
fn a_damaged_label_or_vocabulary_comes_back_with_what_hangs_on_it() {
    let library = library();
    library.back_up();
    let before = library.open().decisions().unwrap();
    library.damage(
        "UPDATE labels SET name = 'fog' WHERE name = 'dog';
         UPDATE vocabularies SET active = 0;",
    );
    let store = library.open();
    assert!(store.vocabulary().is_err());
    assert_eq!(store.decisions().unwrap(), []);
    drop(store);
    repair(&library.path).unwrap();
    let store = library.open();
    assert_eq!(store.decisions().unwrap(), before);
    assert_eq!(store.vocabulary().unwrap().unwrap().name, "mine");
}

#[test]
fn a_file_that_cannot_be_opened_at_all_is_built_from_its_backup() {
    let library = library();
    library.back_up();
    let before = library.open().decisions().unwrap();
    let whole = std::fs::read(&library.path).unwrap();
    for what in ["no magic", "empty", "zeroed", "cut short", "a newer form"] {
        let mut bytes = whole.clone();
        match what {
            "no magic" => bytes[3] ^= 4,
            "empty" => bytes.clear(),
            "zeroed" => bytes.fill(0),
            "cut short" => bytes.truncate(bytes.len() / 3),
            _ => bytes[63] ^= 64,
        }
        std::fs::write(&library.path, bytes).unwrap();
        assert!(!damage_of(&library.path).unwrap().is_empty(), "{what}");
        let repaired = repair(&library.path).unwrap();
        let store = library.open();
        assert_eq!(store.decisions().unwrap(), before, "{what}");
        assert_eq!(store.folders().unwrap().len(), 1, "{what}");
        assert!(repaired.kept.unwrap().exists());
    }
}

#[test]
fn a_file_of_another_program_is_not_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "these are my notes, and no library of anything at all",
    )
    .unwrap();
    let error = repair(&path).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap()[..5], *b"these");
}

#[test]
fn a_backup_is_restored_into_its_library_and_into_an_empty_one() {
    let library = library();
    library.back_up();
    let said = |store: &Store| -> Vec<(ContentHash, String, Decision)> {
        let rows = store.decisions().unwrap().into_iter();
        let mut said: Vec<_> = rows
            .map(|row| (row.hash, row.label, row.decision))
            .collect();
        said.sort_by_key(|(hash, ..)| hash.to_string());
        said
    };
    let mut store = library.open();
    let before = said(&store);
    store
        .write(|w| {
            decide(w, 1, "dog", Verdict::Rejected)?;
            decide(w, 1, "cat", Verdict::Rejected)?;
            w.use_vocabulary(None).map(drop)
        })
        .unwrap();
    let backup = Backup::open(&backups(&library.path)[0].path).unwrap();
    assert_eq!(store.restore(&backup).unwrap(), usize::from(DOGS));
    assert_eq!(said(&store), before);
    assert_eq!(store.vocabulary().unwrap().unwrap().name, "mine");
    assert!(
        backups(&library.path)
            .iter()
            .any(|b| b.name.ends_with("before-restore"))
    );

    let other = library.path.with_file_name("other.sqlite");
    let mut other = Store::open(&other).unwrap();
    // Its photos and labels have other ids.
    other
        .write(|w| {
            (0..9)
                .rev()
                .try_for_each(|n| decide(w, n, "boat", Verdict::Accepted))
        })
        .unwrap();
    other.restore(&backup).unwrap();
    assert_eq!(said(&other), before);
    assert_eq!(other.folders().unwrap(), store.folders().unwrap());
    assert_eq!(other.damage(Depth::Whole).unwrap(), Vec::<String>::new());
}

#[test]
fn a_damaged_library_that_could_not_be_upgraded_keeps_what_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    schema::make_version(&path, 5);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "INSERT INTO labels (id, name) VALUES (1, 'dog');
         INSERT INTO photos (id, hash)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         SELECT i, CAST(printf('%032d', i) AS BLOB) FROM n;
         INSERT INTO decisions SELECT id, 1, 1, 1, id FROM photos;",
    )
    .unwrap();
    let sql = "SELECT pageno FROM dbstat WHERE name = 'decisions' AND pagetype = 'leaf'
               ORDER BY pageno LIMIT 1 OFFSET 1";
    let page: i64 = raw.query_row(sql, [], |row| row.get(0)).unwrap();
    raw.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page as usize - 1) * 8192..][..200].fill(0xee);
    std::fs::write(&path, bytes).unwrap();
    assert!(Store::open(&path).is_err());
    let repaired = repair(&path).unwrap();
    assert_eq!(repaired.untold, ["decisions"]);
    let store = Store::open(&path).unwrap();
    let decisions = store.decisions().unwrap();
    assert!(
        decisions.len() > 500 && decisions.len() < 2000,
        "{}",
        decisions.len()
    );
    let of = |row: &DecisionRow| format!("{:032}", row.decision.decided_ms).into_bytes();
    assert!(decisions.iter().all(|row| row.hash.bytes() == &of(row)[..]));
}
