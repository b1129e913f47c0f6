//! `model pull` against a server on the loopback that answers as the Hugging Face hub does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod lying;
mod tokenizer;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use taglens::model_store::catalogue::{Pin, PinnedFile};
use taglens::model_store::{
    Entry, ModelStore, ModelStoreError, Progress, PullOptions, Watcher, look_up, pull,
};

const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const CONFIG: &[u8] = br#"{"model_cfg":{"quick_gelu":true}}"#;
const WEIGHTS: &str = "open_clip_model.safetensors";
const TOKENIZER: &str = "tokenizer.json";

/// How the server treats the next requests for the weights themselves.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Whole,
    /// Sends so many bytes and closes the connection.
    CutAfter(usize),
    /// Sends other bytes of the same length.
    Corrupt,
    /// Sends the headers and then nothing.
    Stall,
    /// Answers everything with this status.
    Status(u16),
}

struct Shared {
    manner: Manner,
    /// The weights' names that the repository has.
    name: &'static str,
    payload: Vec<u8>,
    /// The tokenizer, if the repository has one: as large a file as weights are.
    tokenizer: Option<Vec<u8>>,
    /// The only file that [`Manner`] is for.
    treated: &'static str,
    /// Requests for the weights' bytes: where they start, and how many were sent.
    served: Vec<(usize, usize)>,
    authorization: Vec<Option<String>>,
}

/// The hub: `/REPO/resolve/main/FILE` redirects large files to `/cdn/FILE` and answers small ones.
struct Server {
    endpoint: String,
    shared: Arc<Mutex<Shared>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let payload = (0..400_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
        let shared = Arc::new(Mutex::new(Shared {
            manner: Manner::Whole,
            name: WEIGHTS,
            payload: payload.collect(),
            tokenizer: None,
            treated: WEIGHTS,
            served: Vec::new(),
            authorization: Vec::new(),
        }));
        let (for_thread, base) = (Arc::clone(&shared), endpoint.clone());
        std::thread::Builder::new()
            .name("hub".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    let (shared, base) = (Arc::clone(&for_thread), base.clone());
                    std::thread::Builder::new()
                        .name("hub-connection".to_owned())
                        .spawn(move || answer(stream.unwrap(), &base, &shared))
                        .unwrap();
                }
            })
            .unwrap();
        Self { endpoint, shared }
    }

    fn behave(&self, manner: Manner) {
        self.shared.lock().unwrap().manner = manner;
    }

    fn served(&self) -> Vec<(usize, usize)> {
        self.shared.lock().unwrap().served.clone()
    }
}

fn answer(mut stream: TcpStream, base: &str, shared: &Mutex<Shared>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let headers: Vec<(String, String)> = lines
        .take_while(|l| !l.is_empty())
        .filter_map(|l| {
            l.split_once(':')
                .map(|(k, v)| (k.to_lowercase(), v.trim().to_owned()))
        })
        .collect();
    let header = |name: &str| {
        headers
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.clone())
    };
    let range = header("range").unwrap_or_else(|| "bytes=0-".to_owned());
    let (from, to) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let (from, to) = (from.parse::<usize>().unwrap(), to.parse::<usize>().ok());

    let mut shared = shared.lock().unwrap();
    shared.authorization.push(header("authorization"));
    let manner = shared.manner;
    if let Manner::Status(status) = manner {
        return send(&mut stream, &format!("{status} No"), &[], b"");
    }
    let file = path.rsplit('/').next().unwrap();
    let commit = format!("X-Repo-Commit: {COMMIT}");
    let large = match file {
        TOKENIZER => shared.tokenizer.clone(),
        _ if file == shared.name => Some(shared.payload.clone()),
        _ => None,
    };
    if let (true, Some(large)) = (path.contains("/resolve/main/"), &large) {
        let digest = sha256(large);
        let place = format!("Location: {base}/cdn/{file}");
        let etag = format!("X-Linked-ETag: \"{digest}\"");
        return send(&mut stream, "302 Found", &[&commit, &place, &etag], b"");
    }
    let whole = if file == "open_clip_config.json" {
        CONFIG.to_vec()
    } else if let (true, Some(large)) = (path.starts_with("/cdn/"), large) {
        large
    } else {
        return send(&mut stream, "404 Not Found", &[], b"");
    };
    if from >= whole.len() {
        return send(&mut stream, "416 Range Not Satisfiable", &[], b"");
    }
    let end = to.map_or(whole.len(), |t| t + 1);
    let mut body = whole[from..end].to_vec();
    let is_download = path.starts_with("/cdn/") && to.is_none();
    let range = format!("Content-Range: bytes {from}-{}/{}", end - 1, whole.len());
    let length = format!("Content-Length: {}", body.len());
    if is_download {
        match manner {
            _ if file != shared.treated => {}
            Manner::CutAfter(bytes) => body.truncate(bytes),
            Manner::Corrupt => body[0] ^= 1,
            Manner::Stall => body.clear(),
            _ => {}
        }
        shared.served.push((from, body.len()));
    }
    drop(shared);
    let etag = format!("ETag: \"{}\"", git_id(&whole));
    let head = [
        "HTTP/1.1 206 Partial Content",
        &commit,
        &etag,
        &range,
        &length,
    ];
    let _ = write!(stream, "{}\r\nConnection: close\r\n\r\n", head.join("\r\n"));
    let _ = stream.write_all(&body);
    let _ = stream.flush();
    if is_download && body.is_empty() && manner == Manner::Stall {
        std::thread::sleep(Duration::from_secs(5));
    }
}

fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn git_id(content: &[u8]) -> String {
    let mut digest = sha1::Sha1::new();
    digest.update(format!("blob {}\0", content.len()));
    digest.update(content);
    digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn send(stream: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    let _ = write!(stream, "{head}Connection: close\r\n\r\n");
    let _ = stream.write_all(body);
}

/// A server, and folders of this test's own: never the user's cache.
struct Bench {
    server: Server,
    folder: tempfile::TempDir,
    options: PullOptions,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start();
        let options = PullOptions {
            endpoint: server.endpoint.clone(),
            attempts: 1,
            pause: Duration::from_millis(1),
            stall_timeout: Duration::from_secs(20),
            ..PullOptions::new(folder.path().join("hub"))
        };
        Self {
            server,
            folder,
            options,
        }
    }

    fn store(&self) -> ModelStore {
        ModelStore::new(self.folder.path().join("data"))
    }

    fn entry() -> &'static Entry {
        Entry::find("vit-b-32-openai").unwrap()
    }

    fn pull(&self) -> Result<taglens::model_store::Installed, ModelStoreError> {
        self.pull_with(&mut |_| GO_ON)
    }

    fn pull_with(
        &self,
        progress: &mut Watcher<'_>,
    ) -> Result<taglens::model_store::Installed, ModelStoreError> {
        pull(
            &self.store(),
            Self::entry(),
            &self.options,
            progress,
            &|_| Ok(()),
        )
    }

    fn pull_entry(
        &self,
        name: &str,
        progress: &mut Watcher<'_>,
    ) -> Result<taglens::model_store::Installed, ModelStoreError> {
        let entry = Entry::find(name).unwrap();
        pull(&self.store(), entry, &self.options, progress, &|_| Ok(()))
    }

    fn assert_nothing_installed(&self) {
        assert!(self.store().list().unwrap().is_empty());
        let models = self.folder.path().join("data").join("models");
        let left = std::fs::read_dir(models).map_or(0, Iterator::count);
        assert_eq!(left, 0, "staging folders are left");
    }

    fn assert_installed(&self) {
        let model = self.store().info("vit-b-32-openai").unwrap();
        let payload = self.server.shared.lock().unwrap().payload.clone();
        assert_eq!(std::fs::read(model.weights()).unwrap(), payload);
        let config = std::fs::read(model.folder.join("open_clip_config.json")).unwrap();
        assert_eq!(config, CONFIG);
        assert_eq!(model.manifest.quick_gelu, Some(true));
        assert_eq!(model.manifest.catalogue_entry(), Some(Self::entry()));
        let digest = &model.manifest.files[0].sha256;
        let expected: String = Sha256::digest(&payload)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(*digest, expected);
    }
}

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
