//! Flips bits in a library's file: no decision may change silently, and a repair restores
//! everything.
//!
//! `TAGLENS_BIT_FLIPS` sets how many bits to flip in the pages of decisions, and as many anywhere.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::core::ids::ExportId;
use crate::core::photo::{ContentHash, FileStamp};
use crate::store::backup::Occasion;
use crate::store::*;

const PHOTOS: i64 = 300;
const LABELS: [&str; 7] = [
    "dog", "cat", "beach", "birthday", "bicycle", "bridge", "boat",
];

/// The user's decisions, and what they see of them at their photos' paths.
#[derive(Debug, PartialEq)]
struct Said {
    /// Content, label, decision.
    decisions: Vec<(String, String, Decision)>,
    vocabulary: Option<StoredVocabulary>,
    writes: Vec<ExportWrite>,
    former: Vec<(String, String)>,
    learning: usize,
}

fn said(store: &Store) -> Result<Said, StoreError> {
    let decisions = store.decisions()?.into_iter();
    let decisions = decisions.map(|row| (format!("{:?}", row.hash), row.label, row.decision));
    Ok(Said {
        decisions: decisions.collect(),
        vocabulary: store.vocabulary()?,
        writes: store.export_writes(ExportId::new(1))?,
        former: store.former_keywords()?,
        learning: store.learning_settings()?.len(),
    })
}

/// The decisions at a path.
type Shown = (PathBuf, Vec<(String, Decision)>);

fn shown(store: &Store) -> Result<Vec<Shown>, StoreError> {
    let mut all = Vec::new();
    for ReadFile { path, photo, .. } in store.read_files_below(Path::new("/photos"))? {
        let tags = store.tags_of(photo)?.into_iter();
        let decided = tags.filter_map(|tag| Some((tag.label, tag.decision?)));
        all.push((path, decided.collect()));
    }
    Ok(all)
}

/// A library with decisions of all kinds, in one file and with a backup.
fn make(path: &Path) {
    let mut store = Store::open(path).unwrap();
    let decide = |w: &Writer<'_>| {
        let root = w.add_folder(Path::new("/photos"))?;
        for n in 0..PHOTOS {
            let stamp = FileStamp {
                size_bytes: 1000,
                modified_ns: n,
            };
            let file = w.add_file(root, Path::new(&format!("/photos/IMG_{n:04}.jpg")), stamp)?;
            let photo = w.photo_of(&ContentHash::new(blake3::hash(&n.to_le_bytes()).into()))?;
            let sql = "UPDATE files SET photo_id = ?1 WHERE id = ?2";
            w.connection.execute(sql, rusqlite::params![photo, file])?;
            for (i, label) in (0..).zip(LABELS) {
                if (n * 7 + i) % 3 == 0 {
                    let decision = Decision {
                        verdict: match (n + i) % 4 {
                            0 => Verdict::Rejected,
                            _ => Verdict::Accepted,
                        },
                        origin: match n % 5 {
                            0 => Origin::Sidecar,
                            _ => Origin::Person,
                        },
                        decided_ms: 1_700_000_000_000 + n * 1000 + i,
                    };
                    w.decide(photo, w.label(label)?, Some(decision))?;
                }
            }
        }
        w.set_vocabulary(&StoredVocabulary {
            name: "mine".into(),
            text: LABELS.join("\n").repeat(40),
        })?;
        w.reset_learning(w.label("cat")?)
    };
    let export = |w: &Writer<'_>| {
        let export = w.begin_export()?;
        for n in 0..PHOTOS {
            let keywords = vec![("dog".to_owned(), "dog".to_owned())];
            w.note_write(
                export,
                &ExportWrite {
                    path: format!("/photos/IMG_{n:04}.jpg.xmp").into(),
                    before: (n % 2 == 0).then(|| b"<x:xmpmeta/>".repeat(20)),
                    after: Some(format!("{n:064}")),
                    previous: None,
                    record: "{\"keywords\":[[\"dog\"]]}".into(),
                    source: None,
                    keywords: [Vec::new(), keywords],
                },
            )?;
        }
        w.rename_label("dog", "hound")
    };
    store.write(decide).unwrap();
    store.write(export).unwrap();
    store.back_up(Occasion::Daily).unwrap().unwrap();
}

/// A generator whose numbers are the same every time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

/// The pages with decisions, and the size of a page.
fn decision_pages(path: &Path) -> (Vec<usize>, usize) {
    let raw = Connection::open(path).unwrap();
    let size: i64 = raw
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    let sql = "SELECT pageno FROM dbstat WHERE name IN ('decisions', 'decisions_by_label')";
    let mut statement = raw.prepare(sql).unwrap();
    let pages = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    (pages.map(|n| n.unwrap() as usize).collect(), size as usize)
}

#[derive(Debug, Default)]
struct Tally {
    flips: usize,
    /// The file could not be opened or read at all.
    refused: usize,
    /// A quick check named the damage.
    named: usize,
    /// Decisions were left out when read.
    left_out: usize,
    /// The flip changed nothing relevant.
    harmless: usize,
    repaired: usize,
}

/// Flips one bit of the library at `path`, whose bytes are `whole`, and records the effect.
fn flip(path: &Path, whole: &[u8], bit: usize, before: &Before, tally: &mut Tally) {
    let mut bytes = whole.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).unwrap();
    tally.flips += 1;
    let read = Store::open(path).and_then(|store| {
        let read = (said(&store)?, shown(&store)?);
        Ok((read, store.damage(Depth::Kept)?))
    });
    match read {
        Err(_) => tally.refused += 1,
        Ok(((now, seen), damage)) => {
            for decision in &now.decisions {
                assert!(
                    before.said.decisions.contains(decision),
                    "bit {bit}: {decision:?} is new"
                );
            }
            let same = now == before.said && seen.iter().all(|at| before.shown.contains(at));
            assert!(
                same || !damage.is_empty(),
                "bit {bit} changes something in silence"
            );
            tally.left_out += usize::from(now.decisions.len() < before.said.decisions.len());
            tally.named += usize::from(!damage.is_empty());
            tally.harmless += usize::from(damage.is_empty());
        }
    }
    let repaired = repair(path).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
    assert_eq!(repaired.lost, [], "bit {bit}");
    tally.repaired += usize::from(repaired.kept.is_some());
    let store = Store::open(path).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
    assert_eq!(
        said(&store).unwrap(),
        before.said,
        "bit {bit} is not repaired: {repaired:?}"
    );
    for at in shown(&store).unwrap() {
        assert!(before.shown.contains(&at), "bit {bit}: {at:?} is new");
    }
    drop(store);
    if let Some(kept) = repaired.kept {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(paths::with_suffix(&kept, suffix));
        }
    }
}

struct Before {
    said: Said,
    shown: Vec<Shown>,
}

#[test]
fn no_flipped_bit_changes_a_decision_in_silence_and_all_come_back() {
    let flips = std::env::var("TAGLENS_BIT_FLIPS").ok();
    let flips: usize = flips.map_or(30, |flips| flips.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    make(&path);
    let (pages, page_size) = decision_pages(&path);
    let whole = std::fs::read(&path).unwrap();
    let store = Store::open(&path).unwrap();
    let before = Before {
        said: said(&store).unwrap(),
        shown: shown(&store).unwrap(),
    };
    assert!(before.said.decisions.len() > 600 && before.shown.len() == PHOTOS as usize);
    drop(store);
    let mut numbers = Numbers(20);
    let mut inside = Tally::default();
    for _ in 0..flips {
        let page = pages[numbers.below(pages.len())];
        let bit = (page - 1) * page_size * 8 + numbers.below(page_size * 8);
        flip(&path, &whole, bit, &before, &mut inside);
    }
    println!("in {} pages of decisions: {inside:?}", pages.len());
    let mut anywhere = Tally::default();
    for _ in 0..flips {
        let bit = numbers.below(whole.len() * 8);
        flip(&path, &whole, bit, &before, &mut anywhere);
    }
    println!("anywhere in {} bytes: {anywhere:?}", whole.len());
    assert!(inside.named + inside.refused > 0, "flips are noticed");
}
