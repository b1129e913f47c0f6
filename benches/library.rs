//! The library at its full size: reading embeddings, scoring labels, searching.
//!
//! `cargo bench --bench library`. The libraries are made once, in the build folder, which takes
//! about a minute and 1.5 GB; `TAGLENS_BENCH_LARGE=0` leaves out the million.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod made;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use divan::Bencher;
use made::{Random, mixtures};
use taglens::core::embedding::Embedding;
use taglens::core::ids::ModelId;
use taglens::engine::EngineCache;
use taglens::indexer::{Control, IndexOptions, Indexer, Phase};
use taglens::model_store::ModelStore;
use taglens::services::vocabulary_edit;
use taglens::store::{EmbeddingMatrix, Store};
use taglens::tagging::{Edit, Matrix};

const HUNDRED_THOUSAND: usize = 100_000;
const MILLION: usize = 1_000_000;

fn main() {
    divan::main();
}

fn large() -> bool {
    std::env::var("TAGLENS_BENCH_LARGE").as_deref() != Ok("0")
}

fn path(count: usize) -> PathBuf {
    let build = std::env::current_exe().unwrap();
    let folder = build.ancestors().nth(3).unwrap().join("bench-data");
    folder.join(format!("library-{count}.sqlite"))
}

/// The library of that many photos.
fn library(count: usize) -> (Store, ModelId) {
    let path = path(count);
    let mut random = Random(1);
    make_once(&path, count, ("random", [1; 32]), || random.embedding());
    let mut store = Store::open(&path).unwrap();
    let model = store.write(|w| w.model("random", &[1; 32])).unwrap();
    (store, model)
}

/// Makes a library where there is none yet: photos of these embeddings, which lie in no folder of
/// this machine.
fn make_once(
    path: &Path,
    count: usize,
    model: (&str, [u8; 32]),
    embedding: impl FnMut() -> Embedding,
) {
    if !path.exists() {
        let partial = path.with_extension("partial");
        let _ = std::fs::remove_file(&partial);
        make(&partial, count, model, embedding);
        std::fs::rename(&partial, path).unwrap();
    }
}

fn make(
    path: &Path,
    count: usize,
    (name, fingerprint): (&str, [u8; 32]),
    embedding: impl FnMut() -> Embedding,
) {
    let mut store = Store::open(path).unwrap();
    let model = store.write(|w| w.model(name, &fingerprint)).unwrap();
    made::fill(
        &mut store,
        model,
        Path::new("/photos"),
        (count, 1),
        embedding,
    );
}

static SMALL: LazyLock<EmbeddingMatrix> = LazyLock::new(|| load(HUNDRED_THOUSAND));
static LARGE: LazyLock<EmbeddingMatrix> = LazyLock::new(|| load(MILLION));

fn load(count: usize) -> EmbeddingMatrix {
    let (store, model) = library(count);
    store.matrix(model).unwrap()
}

fn rows(matrix: &EmbeddingMatrix) -> Matrix<'_> {
    Matrix::new(&matrix.rows, matrix.dimension).unwrap()
}

fn labels(count: usize) -> Vec<f32> {
    let mut random = Random(2);
    (0..count)
        .flat_map(|_| random.embedding().values().to_vec())
        .collect()
}

#[divan::bench(args = [HUNDRED_THOUSAND, MILLION], sample_count = 5, sample_size = 1)]
fn open_and_read_embeddings(bencher: Bencher<'_, '_>, count: usize) {
    if count == MILLION && !large() {
        return;
    }
    library(count);
    bencher.bench_local(|| load(count).len());
}

#[divan::bench(args = [HUNDRED_THOUSAND, MILLION], sample_count = 5, sample_size = 1)]
fn known_files(bencher: Bencher<'_, '_>, count: usize) {
    if count == MILLION && !large() {
        return;
    }
    let (store, _) = library(count);
    let folder = store.folders().unwrap()[0].id;
    bencher.bench_local(|| store.files(folder, None).unwrap().len());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn score_1000_labels_on_100_000(bencher: Bencher<'_, '_>) {
    let (matrix, labels) = (rows(&SMALL), labels(1000));
    let mut out = vec![0.0; HUNDRED_THOUSAND * 1000];
    bencher.bench_local(|| matrix.scores(&labels, &mut out).unwrap());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn score_1_label_on_1_000_000(bencher: Bencher<'_, '_>) {
    if !large() {
        return;
    }
    let (matrix, labels) = (rows(&LARGE), labels(1));
    let mut out = vec![0.0; MILLION];
    bencher.bench_local(|| matrix.scores(&labels, &mut out).unwrap());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn search_1_000_000(bencher: Bencher<'_, '_>) {
    if !large() {
        return;
    }
    let matrix = rows(&LARGE);
    let query = Random(3).embedding();
    bencher.bench_local(|| matrix.nearest(query.values(), 20).unwrap());
}

/// From the edit of one label to all its tags in the library, while an indexer watches as it does
/// under the window.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn edit_one_label_of_100_000(bencher: Bencher<'_, '_>) {
    let models = || ModelStore::new(std::env::temp_dir().join("taglens-bench"));
    let engine = made::engine();
    let identity = engine.identify(&models()).unwrap();
    let path = path(HUNDRED_THOUSAND).with_file_name(made::named("starter", &identity.fingerprint));
    let model = (identity.name.as_str(), identity.fingerprint);
    make_once(&path, HUNDRED_THOUSAND, model, mixtures(1.0));
    let mut store = Store::open(&path).unwrap();
    let mut options = IndexOptions::new(path, identity, engine, EngineCache::new(models()));
    options.watch = true;
    let indexer = Indexer::start(options).unwrap();
    // Until all is tagged, and made ready for edits.
    let start = Instant::now();
    let mut edits = 0u8;
    let mut edit = || {
        edits += 1;
        let edit = Edit::SetPrompts {
            label: "dog".into(),
            prompts: vec![format!("a photo of dog number {edits}")],
        };
        vocabulary_edit::edit(&mut store, &[edit]).unwrap();
        let dog = store.write(|w| w.label("dog")).unwrap();
        let before = store.scored_labels().unwrap().get(&dog).copied();
        indexer.control(Control::Retag);
        while store.scored_labels().unwrap().get(&dog).copied() == before {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    edit();
    while indexer.progress().phase != Phase::Idle {
        std::thread::sleep(Duration::from_millis(10));
    }
    eprintln!("the first tagging of all labels took {:?}", start.elapsed());
    std::thread::sleep(Duration::from_secs(2));
    bencher.bench_local(&mut edit);
    indexer.stop();
    indexer.finish().unwrap();
}
