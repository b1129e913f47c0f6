//! `model pull` against a server on the loopback that answers as the Hugging Face hub does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bench;
mod lying;
mod server;
mod tokenizer;

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use taglens::model_store::catalogue::{Pin, PinnedFile};
use taglens::model_store::{Entry, ModelStoreError, Progress, look_up, pull};

use crate::bench::Bench;
use crate::server::{COMMIT, GO_ON, Manner, WEIGHTS};

#[test]
fn a_whole_model_is_pulled_once() {
    let mut bench = Bench::new();
    bench.options.token = Some("hf_secret".to_owned());
    let (mut last, mut installing, mut warnings) = (0, false, 0);
    bench
        .pull_with(&mut |p| {
            match p {
                Progress::Downloading {
                    file,
                    done_bytes,
                    total_bytes,
                } if file == WEIGHTS => {
                    assert_eq!(total_bytes, 400_000);
                    last = done_bytes;
                }
                Progress::Installing => installing = true,
                Progress::Warning { text } => warnings += usize::from(text.contains("http")),
                _ => {}
            }
            GO_ON
        })
        .unwrap();
    assert_eq!(last, 400_000, "the last report is of the whole file");
    assert!(installing);
    assert_eq!(warnings, 1, "a token over http is no secret");
    bench.assert_installed();
    assert_eq!(bench.server.served(), [(0, 400_000)]);
    let sent = bench.server.shared.lock().unwrap().authorization.clone();
    assert!(sent.contains(&Some("Bearer hf_secret".to_owned())));

    assert!(matches!(bench.pull(), Err(ModelStoreError::Exists { .. })));
    bench.options.replace = true;
    bench.pull().unwrap();
    assert_eq!(
        bench.server.served().len(),
        1,
        "the second comes from the cache"
    );
}

#[test]
fn an_interrupted_pull_resumes_where_it_broke() {
    let bench = Bench::new();
    bench.server.behave(Manner::CutAfter(200_000));
    let error = bench.pull().unwrap_err();
    assert!(
        matches!(error, ModelStoreError::Unreachable { .. }),
        "{error}"
    );
    bench.assert_nothing_installed();

    bench.server.behave(Manner::Whole);
    let mut first = None;
    bench
        .pull_with(&mut |p| {
            if let Progress::Downloading { done_bytes, .. } = p
                && done_bytes > 0
            {
                first.get_or_insert(done_bytes);
            }
            GO_ON
        })
        .unwrap();
    bench.assert_installed();
    assert!(
        first >= Some(200_000),
        "progress starts with what is there: {first:?}"
    );
    assert_eq!(bench.server.served(), [(0, 200_000), (200_000, 200_000)]);
}

#[test]
fn broken_connections_are_tried_again_a_few_times() {
    let mut bench = Bench::new();
    bench.options.attempts = 3;
    bench.server.behave(Manner::CutAfter(150_000));
    let mut retries = 0;
    bench
        .pull_with(&mut |p| {
            retries += usize::from(matches!(p, Progress::Retrying { .. }));
            GO_ON
        })
        .unwrap();
    assert_eq!(retries, 2);
    assert_eq!(
        bench.server.served(),
        [(0, 150_000), (150_000, 150_000), (300_000, 100_000)]
    );
    bench.assert_installed();
}

#[test]
fn a_corrupted_download_is_thrown_away() {
    let bench = Bench::new();
    bench.server.behave(Manner::Corrupt);
    let error = bench.pull().unwrap_err();
    assert!(matches!(error, ModelStoreError::Corrupt { .. }), "{error}");
    bench.assert_nothing_installed();

    bench.server.behave(Manner::Whole);
    bench.pull().unwrap();
    bench.assert_installed();
    assert_eq!(bench.server.served(), [(0, 400_000), (0, 400_000)]);
}

#[test]
fn a_cached_file_that_went_bad_is_fetched_again() {
    let mut bench = Bench::new();
    let model = bench.pull().unwrap();
    // The installed file may be the cached one under another name: go through a new file.
    let blobs = bench
        .options
        .cache
        .join("models--timm--vit_base_patch32_clip_224.openai/blobs");
    let blob = blobs.join(&model.manifest.files[0].sha256);
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(&blob, b"rot").unwrap();
    bench.options.replace = true;
    bench.pull().unwrap();
    bench.assert_installed();
    assert_eq!(bench.server.served().len(), 2);
}

#[test]
fn refusals_say_what_to_do() {
    let mut bench = Bench::new();
    for (status, hint) in [
        (401, "HF_TOKEN"),
        (403, "HF_TOKEN"),
        (404, "HTTP 404"),
        (503, "503"),
    ] {
        bench.server.behave(Manner::Status(status));
        let error = bench.pull().unwrap_err().to_string();
        assert!(error.contains(hint), "{status}: {error}");
        let advice =
            "run `taglens model import open_clip_model.safetensors --name vit-b-32-openai`";
        assert!(error.contains(advice), "{status}: {error}");
        let url = "/timm/vit_base_patch32_clip_224.openai/resolve/main/open_clip_model.safetensors";
        assert!(error.contains(url), "{status}: {error}");
        bench.assert_nothing_installed();
    }
    // A port that was free a moment ago: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    bench.options.endpoint = format!("http://{free}");
    let error = bench.pull().unwrap_err();
    assert!(
        matches!(error, ModelStoreError::Unreachable { .. }),
        "{error}"
    );
    bench.assert_nothing_installed();
}

#[test]
fn a_silent_hub_is_given_up() {
    let mut bench = Bench::new();
    bench.options.stall_timeout = Duration::from_secs(1);
    bench.server.behave(Manner::Stall);
    let started = Instant::now();
    let error = bench.pull().unwrap_err();
    assert!(matches!(error, ModelStoreError::Stalled { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(4));
    bench.assert_nothing_installed();
}

#[test]
fn a_pull_can_be_cancelled_and_goes_on_later() {
    let bench = Bench::new();
    // The hub falls silent in the middle: nothing but the looking on can end it.
    bench.server.behave(Manner::Stall);
    let started = Instant::now();
    let error = bench.pull_with(&mut |p| match p {
        Progress::Downloading { file, .. } if file == WEIGHTS => ControlFlow::Break(()),
        _ => GO_ON,
    });
    let error = error.unwrap_err();
    assert!(
        matches!(error, ModelStoreError::Cancelled { .. }),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    bench.assert_nothing_installed();
}

#[test]
fn a_cancelled_download_leaves_no_lock_behind() {
    let bench = Bench::new();
    bench.server.behave(Manner::Whole);
    let error = bench.pull_with(&mut |p| match p {
        Progress::Downloading { done_bytes, .. } if done_bytes > 0 => ControlFlow::Break(()),
        _ => GO_ON,
    });
    assert!(matches!(error, Err(ModelStoreError::Cancelled { .. })));
    // The thread that downloads has at most a moment to notice.
    let started = Instant::now();
    while let Err(error) = bench.pull() {
        assert!(matches!(error, ModelStoreError::Busy { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10), "{error}");
        std::thread::sleep(Duration::from_millis(20));
    }
    bench.assert_installed();
}

#[test]
fn the_second_name_is_tried_when_the_first_is_missing() {
    let bench = Bench::new();
    bench.server.shared.lock().unwrap().name = "open_clip_pytorch_model.bin";
    let model = bench.pull().unwrap();
    assert_eq!(model.manifest.weights, "model.bin");
    assert!(
        model
            .manifest
            .source
            .ends_with("open_clip_pytorch_model.bin")
    );
}

#[test]
fn offline_takes_the_cache_or_nothing() {
    let mut bench = Bench::new();
    bench.options.offline = true;
    let error = bench.pull().unwrap_err();
    assert!(matches!(error, ModelStoreError::Offline { .. }), "{error}");
    assert!(error.to_string().contains("HF_HUB_OFFLINE"));
    assert!(
        bench.server.shared.lock().unwrap().authorization.is_empty(),
        "no request was made"
    );

    bench.options.offline = false;
    bench.pull().unwrap();
    bench.store().remove("vit-b-32-openai").unwrap();
    let requests = bench.server.shared.lock().unwrap().authorization.len();
    bench.options.offline = true;
    bench.pull().unwrap();
    bench.assert_installed();
    assert_eq!(
        bench.server.shared.lock().unwrap().authorization.len(),
        requests
    );
}

#[test]
fn a_model_that_cannot_be_read_is_not_installed() {
    let bench = Bench::new();
    fn refuse(_: &Path) -> Result<(), String> {
        Err("model.safetensors has no tensor `visual.proj`".to_owned())
    }
    let error = pull(
        &bench.store(),
        Bench::entry(),
        &bench.options,
        &mut |_| GO_ON,
        &refuse,
    );
    assert!(error.unwrap_err().to_string().contains("visual.proj"));
    bench.assert_nothing_installed();
}

#[test]
fn what_was_downloaded_first_is_what_later_downloads_are() {
    let mut bench = Bench::new();
    bench.pull().unwrap();
    let record = bench.folder.path().join("data/first-downloads.json");
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(text.contains(COMMIT), "{text}");

    // The hub gives another file of the same length, and knows its digest.
    bench.server.shared.lock().unwrap().payload[7] ^= 1;
    std::fs::remove_dir_all(&bench.options.cache).unwrap();
    bench.options.replace = true;
    let error = bench.pull().unwrap_err();
    assert!(matches!(error, ModelStoreError::Changed { .. }), "{error}");
    assert!(
        error.to_string().contains("first-downloads.json"),
        "{error}"
    );
    assert_eq!(bench.server.served().len(), 1, "it was not even downloaded");

    std::fs::remove_file(&record).unwrap();
    bench.pull().unwrap();
    bench.assert_installed();
}

#[test]
fn a_pinned_model_is_the_pinned_one() {
    static FILES: std::sync::OnceLock<Vec<PinnedFile>> = std::sync::OnceLock::new();
    let bench = Bench::new();
    let wrong = PinnedFile {
        name: WEIGHTS,
        size_bytes: 400_000,
        sha256: "00000000000000000000000000000000000000000000000000000000000000aa",
    };
    let files = FILES.get_or_init(|| vec![wrong]);
    let entry = Entry {
        pin: Some(Pin {
            commit: COMMIT,
            files,
        }),
        ..Bench::entry().clone()
    };
    let entry: &'static Entry = Box::leak(Box::new(entry));
    let pulled = pull(
        &bench.store(),
        entry,
        &bench.options,
        &mut |_| GO_ON,
        &|_| Ok(()),
    );
    let error = pulled.unwrap_err();
    assert!(matches!(error, ModelStoreError::Changed { .. }), "{error}");
    assert!(error.to_string().contains("catalogue"), "{error}");
    bench.assert_nothing_installed();

    let found = look_up(entry, &bench.options).unwrap();
    assert_eq!(found.commit, COMMIT);
    let payload = bench.server.shared.lock().unwrap().payload.clone();
    let digest: String = Sha256::digest(&payload)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(found.files[0], (WEIGHTS.to_owned(), 400_000, digest));
    assert_eq!(found.files[1].0, "open_clip_config.json");
}
