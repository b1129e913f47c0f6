//! Models whose tokenizer comes with them, and notices of licences.

use std::ops::ControlFlow;

use taglens::model_store::catalogue::{Pin, PinnedFile};
use taglens::model_store::{Entry, ModelStoreError, Progress, look_up, pull};

use crate::bench::Bench;
use crate::server::{COMMIT, CONFIG, GO_ON, Manner, TOKENIZER, WEIGHTS, sha256};

const MODEL: &str = "siglip2-b-16-224";

fn bench() -> (Bench, Vec<u8>) {
    let bench = Bench::new();
    let tokenizer: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
    bench.server.shared.lock().unwrap().tokenizer = Some(tokenizer.clone());
    (bench, tokenizer)
}

fn assert_whole(bench: &Bench, tokenizer: &[u8]) {
    let model = bench.store().info(MODEL).unwrap();
    let payload = bench.server.shared.lock().unwrap().payload.clone();
    assert_eq!(std::fs::read(model.weights()).unwrap(), payload);
    let read = |name: &str| std::fs::read(model.folder.join(name)).unwrap();
    assert_eq!(read(TOKENIZER), tokenizer);
    assert_eq!(read("open_clip_config.json"), CONFIG);
    let digests: Vec<&str> = model
        .manifest
        .files
        .iter()
        .map(|f| f.sha256.as_str())
        .collect();
    assert_eq!(
        digests,
        [sha256(&payload), sha256(CONFIG), sha256(tokenizer)]
    );
    // The configuration says which activation it is; the catalogue's word would replace it.
    assert_eq!(model.manifest.quick_gelu, None);
    let record = bench.folder.path().join("data/first-downloads.json");
    let record = std::fs::read_to_string(record).unwrap();
    assert!(record.contains(TOKENIZER) && record.contains(&sha256(tokenizer)));
}

#[test]
fn a_tokenizer_comes_with_its_model() {
    let (mut bench, tokenizer) = bench();
    let mut last = 0;
    bench
        .pull_entry(MODEL, &mut |p| {
            if let Progress::Downloading {
                file, done_bytes, ..
            } = p
                && file == TOKENIZER
            {
                last = done_bytes;
            }
            GO_ON
        })
        .unwrap();
    assert_eq!(last, 100_000, "the download of the tokenizer is shown");
    assert_whole(&bench, &tokenizer);
    bench.options.replace = true;
    bench.options.offline = true;
    bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap();
    assert_whole(&bench, &tokenizer);
}

#[test]
fn an_interrupted_tokenizer_resumes_where_it_broke() {
    let (bench, tokenizer) = bench();
    bench.server.shared.lock().unwrap().treated = TOKENIZER;
    bench.server.behave(Manner::CutAfter(30_000));
    let error = bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap_err();
    assert!(
        matches!(error, ModelStoreError::Unreachable { .. }),
        "{error}"
    );
    bench.assert_nothing_installed();
    bench.server.behave(Manner::Whole);
    bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap();
    assert_whole(&bench, &tokenizer);
    assert_eq!(
        bench.server.served(),
        [(0, 400_000), (0, 30_000), (30_000, 70_000)],
        "the weights came once"
    );
}

#[test]
fn a_corrupted_tokenizer_is_thrown_away() {
    let (bench, tokenizer) = bench();
    bench.server.shared.lock().unwrap().treated = TOKENIZER;
    bench.server.behave(Manner::Corrupt);
    let error = bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap_err();
    assert!(matches!(error, ModelStoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains(TOKENIZER), "{error}");
    bench.assert_nothing_installed();
    bench.server.behave(Manner::Whole);
    bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap();
    assert_whole(&bench, &tokenizer);
}

#[test]
fn without_its_tokenizer_a_model_is_not_installed() {
    let bench = Bench::new();
    let error = bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap_err();
    assert!(matches!(error, ModelStoreError::NotFound { .. }), "{error}");
    let place = "/timm/ViT-B-16-SigLIP2/resolve/main";
    let advice = format!(
        "download {WEIGHTS}, open_clip_config.json and {TOKENIZER} from {}{place} into one folder \
         on another machine and run `taglens model import FOLDER --name {MODEL}`",
        bench.server.endpoint
    );
    assert!(error.to_string().contains(&advice), "{error}");
    bench.assert_nothing_installed();
}

#[test]
fn another_tokenizer_than_the_first_is_refused() {
    let (mut bench, tokenizer) = bench();
    bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap();
    let mut other = tokenizer.clone();
    other[5] ^= 1;
    bench.server.shared.lock().unwrap().tokenizer = Some(other);
    std::fs::remove_dir_all(&bench.options.cache).unwrap();
    bench.options.replace = true;
    let error = bench.pull_entry(MODEL, &mut |_| GO_ON).unwrap_err();
    assert!(matches!(error, ModelStoreError::Changed { .. }), "{error}");
    assert!(error.to_string().contains(TOKENIZER), "{error}");
    assert_whole(&bench, &tokenizer);
}

#[test]
fn a_pin_holds_the_tokenizer_too() {
    let (bench, tokenizer) = bench();
    let plain = Entry::find(MODEL).unwrap();
    let found = look_up(plain, &bench.options).unwrap();
    let names: Vec<&str> = found.files.iter().map(|file| file.0.as_str()).collect();
    assert_eq!(names, [WEIGHTS, "open_clip_config.json", TOKENIZER]);
    assert_eq!(found.files[2].2, sha256(&tokenizer));

    let pinned = |(name, size_bytes, digest): &(String, u64, String)| PinnedFile {
        name: name.clone().leak(),
        size_bytes: *size_bytes,
        sha256: match name == TOKENIZER {
            true => "00000000000000000000000000000000000000000000000000000000000000aa",
            false => digest.clone().leak(),
        },
    };
    let files: Vec<PinnedFile> = found.files.iter().map(pinned).collect();
    let pin = Pin {
        commit: COMMIT,
        files: files.leak(),
    };
    let entry: &'static Entry = Box::leak(Box::new(Entry {
        pin: Some(pin),
        ..plain.clone()
    }));
    let refused = pull(
        &bench.store(),
        entry,
        &bench.options,
        &mut |_| GO_ON,
        &|_| Ok(()),
    );
    let error = refused.unwrap_err().to_string();
    assert!(
        error.contains("catalogue") && error.contains(TOKENIZER),
        "{error}"
    );
    bench.assert_nothing_installed();
}

#[test]
fn a_restricted_licence_is_said_before_the_first_request() {
    let bench = Bench::new();
    let requests = || bench.server.shared.lock().unwrap().authorization.len();
    let mut said = String::new();
    let error = bench.pull_entry("vit-b-16-dfn2b", &mut |p| match p {
        Progress::Warning { text } => {
            assert_eq!(requests(), 0);
            said = text;
            ControlFlow::Break(())
        }
        _ => GO_ON,
    });
    assert!(matches!(error, Err(ModelStoreError::Cancelled { .. })));
    assert!(said.contains("research only"), "{said}");
    bench.assert_nothing_installed();
}
