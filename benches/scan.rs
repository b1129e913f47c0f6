//! Looking at a large collection that did not change: what polling costs, and every start.
//!
//! The scan must stay well under a second and the comparison under 100 ms for 100,000 photos.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use taglens::core::ids::FileId;
use taglens::core::photo::{KnownFile, Presence};
use taglens::folders::reconcile::{Change, reconcile};
use taglens::folders::scan::{Scan, ScanOptions, scan};
use tempfile::TempDir;

const FOLDERS: usize = 200;
const FILES_A_FOLDER: usize = 500;

/// Empty files under names as cameras give them, made once.
static COLLECTION: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..FOLDERS {
        let album = folder
            .path()
            .join(format!("{}/album {i:03}", 2000 + i % 20));
        fs::create_dir_all(&album).unwrap();
        for j in 0..FILES_A_FOLDER {
            File::create(album.join(format!("IMG_{j:04}.JPG"))).unwrap();
        }
    }
    folder
});

fn main() {
    divan::main();
    let _ = fs::remove_dir_all(COLLECTION.path());
}

fn look(threads: usize) -> Scan {
    let options = ScanOptions {
        threads,
        ..ScanOptions::default()
    };
    scan(
        COLLECTION.path(),
        &options,
        &AtomicBool::new(false),
        &|_| {},
    )
}

/// A scan of 100,000 files in 200 folders, warm.
#[divan::bench(args = [1, 2, 0], sample_count = 10, sample_size = 1)]
fn scan_100_000(bencher: divan::Bencher<'_, '_>, threads: usize) {
    assert_eq!(look(threads).files.len(), FOLDERS * FILES_A_FOLDER);
    bencher.bench_local(|| look(threads));
}

/// How the known files differ from those found.
#[derive(Clone, Copy, Debug)]
enum Since {
    /// In nothing.
    Unchanged,
    /// They were known by the name of another root folder: all have moved.
    AllMoved,
    /// None was known.
    AllAdded,
}

#[divan::bench(
    args = [Since::Unchanged, Since::AllMoved, Since::AllAdded],
    sample_count = 10,
    sample_size = 1
)]
fn reconcile_100_000(bencher: divan::Bencher<'_, '_>, since: Since) {
    let seen = look(0);
    let known: Vec<KnownFile> = match since {
        Since::AllAdded => Vec::new(),
        Since::Unchanged | Since::AllMoved => seen
            .files
            .iter()
            .zip((1..).map(FileId::new))
            .map(|(file, id)| KnownFile {
                id,
                path: known_path(&file.path, since),
                stamp: file.stamp,
                hash: None,
                presence: Presence::Present,
            })
            .collect(),
    };
    let changes = reconcile(&known, &seen.found());
    match since {
        Since::Unchanged => assert!(changes.is_empty()),
        Since::AllMoved => assert!(changes.iter().all(|c| matches!(c, Change::Moved { .. }))),
        Since::AllAdded => assert_eq!(changes.len(), seen.files.len()),
    }
    bencher.bench_local(|| reconcile(&known, &seen.found()));
}

fn known_path(path: &Path, since: Since) -> PathBuf {
    match since {
        Since::AllMoved => {
            let below = path.strip_prefix(COLLECTION.path()).unwrap();
            COLLECTION.path().join("before").join(below)
        }
        Since::Unchanged | Since::AllAdded => path.to_path_buf(),
    }
}
