//! A hub that lies, in every way it can: nothing of it is believed, nothing outside changes.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use taglens::model_store::{
    Entry, Installed, ModelStore, ModelStoreError, Progress, PullOptions, pull,
};

use crate::server::{COMMIT, GO_ON, WEIGHTS};

const BODY: &[u8] = b"These are weights, as far as anybody can tell.";

fn digest() -> String {
    let bytes = Sha256::digest(BODY);
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What is sent after the head.
#[derive(Clone)]
enum Body {
    Bytes(Vec<u8>),
    /// Bytes without end, in chunks of a kilobyte.
    Endless,
    /// A byte a tenth of a second.
    Drip,
}

struct Reply {
    status: u16,
    headers: Vec<String>,
    body: Body,
}

fn reply(status: u16, headers: &[&str], body: &[u8]) -> Reply {
    let mut headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
    headers.push(format!("Content-Length: {}", body.len()));
    Reply {
        status,
        headers,
        body: Body::Bytes(body.to_vec()),
    }
}

/// A redirect of the hub with these headers.
fn found(headers: &[&str]) -> Reply {
    reply(302, headers, b"")
}

/// Answers to a path, given the own and the other server's address.
type Lie = fn(&str, &str, &str) -> Reply;

struct Server {
    endpoint: String,
    authorization: Arc<Mutex<Vec<String>>>,
}

fn serve(lie: Lie, elsewhere: &str) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let authorization = Arc::new(Mutex::new(Vec::new()));
    let (base, elsewhere, seen) = (
        endpoint.clone(),
        elsewhere.to_owned(),
        authorization.clone(),
    );
    std::thread::Builder::new()
        .name("liar".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                let (base, elsewhere, seen) = (base.clone(), elsewhere.clone(), seen.clone());
                let answer = move || answer(stream.unwrap(), lie, &base, &elsewhere, &seen);
                std::thread::Builder::new()
                    .name("liar-connection".to_owned())
                    .spawn(answer)
                    .unwrap();
            }
        })
        .unwrap();
    Server {
        endpoint,
        authorization,
    }
}

fn answer(mut stream: TcpStream, lie: Lie, base: &str, other: &str, seen: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let lines: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|l| !l.is_empty())
        .collect();
    let Some(path) = lines.first().and_then(|l| l.split(' ').nth(1)) else {
        return;
    };
    let secret = |l: &&String| l.to_lowercase().starts_with("authorization");
    seen.lock()
        .unwrap()
        .extend(lines.iter().find(secret).cloned());
    let reply = lie(path, base, other);
    let headers = reply.headers.join("\r\n");
    let head = format!(
        "HTTP/1.1 {} X\r\n{headers}\r\nConnection: close\r\n\r\n",
        reply.status
    );
    let _ = stream.write_all(head.as_bytes());
    match reply.body {
        Body::Bytes(bytes) => drop(stream.write_all(&bytes)),
        Body::Endless => {
            let chunk = [b"400\r\n".as_slice(), &[7; 1024], b"\r\n"].concat();
            while stream.write_all(&chunk).is_ok() {}
        }
        Body::Drip => {
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// Folders of this test, with something beside them that must not change.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["outside/canary", "data/library.sqlite", "hub/token"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "mine").unwrap();
        }
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn repository(&self) -> PathBuf {
        self.at("hub/models--timm--vit_base_patch32_clip_224.openai")
    }

    fn pull(&self, endpoint: &str) -> Result<Installed, ModelStoreError> {
        let options = PullOptions {
            endpoint: endpoint.to_owned(),
            token: Some("hf_secret".to_owned()),
            attempts: 1,
            stall_timeout: Duration::from_secs(1),
            replace: true,
            ..PullOptions::new(self.at("hub"))
        };
        let store = ModelStore::new(self.at("data"));
        let entry = Entry::find("vit-b-32-openai").unwrap();
        pull(&store, entry, &options, &mut |_| GO_ON, &|_| Ok(()))
    }

    /// Files that are neither the model's nor in its repository's part of the cache.
    fn others(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let ours = [self.at("data/models"), self.repository()];
                if ours.contains(&path) || path.ends_with("first-downloads.json") {
                    continue;
                }
                match std::fs::symlink_metadata(&path).unwrap().is_dir() {
                    true => folders.push(path),
                    false => found.push((path.clone(), std::fs::read_to_string(path).unwrap())),
                }
            }
        }
        found.sort();
        found
    }
}

fn honest(path: &str, _base: &str, _other: &str) -> Reply {
    if !path.ends_with(WEIGHTS) {
        return reply(404, &[], b"");
    }
    let (commit, etag) = (commit(), etag(&digest()));
    reply(200, &[&commit, &etag], BODY)
}

fn commit() -> String {
    format!("X-Repo-Commit: {COMMIT}")
}

fn etag(id: &str) -> String {
    format!("X-Linked-ETag: \"{id}\"")
}

/// With commit and digest, and what else the lie has.
fn known(status: u16, more: &[&str], body: Body) -> Reply {
    let (commit, etag) = (commit(), etag(&digest()));
    let mut headers = vec![commit, etag];
    headers.extend(more.iter().map(|h| (*h).to_owned()));
    Reply {
        status,
        headers,
        body,
    }
}

const NOTHING: Body = Body::Bytes(Vec::new());

#[test]
fn no_lie_is_believed_and_nothing_outside_changes() {
    let lies: &[(&str, Lie)] = &[
        ("neither a SHA-256 nor a git id", |_, _, _| {
            found(&[&commit(), &etag("../../../../outside/canary")])
        }),
        ("neither a SHA-256 nor a git id", |_, _, _| {
            found(&[&commit(), &etag("C:\\outside\\canary")])
        }),
        ("is not a commit", |_, _, _| {
            found(&["X-Repo-Commit: ../../../outside", &etag(&digest())])
        }),
        ("names no commit", |_, _, _| found(&[&etag(&digest())])),
        ("names two commits", |path, base, _| {
            let location = format!("Location: {base}/cdn");
            match path {
                "/cdn" => reply(200, &[&commit().replace('0', "f")], BODY),
                _ => known(302, &[&location], NOTHING),
            }
        }),
        ("two different headers", |_, _, _| {
            let other = etag(&"ab".repeat(32));
            found(&[&commit(), &etag(&digest()), &other])
        }),
        ("names no SHA-256", |_, _, _| {
            found(&[&commit(), &etag(COMMIT)])
        }),
        ("promises 999 bytes", |_, _, _| {
            let length = format!("Content-Length: {}", BODY.len());
            let headers = ["X-Linked-Size: 999", &length];
            known(200, &headers, Body::Bytes(BODY.to_vec()))
        }),
        ("offers 1000000000 MB", |_, _, _| {
            known(200, &["X-Linked-Size: 1000000000000000"], Body::Endless)
        }),
        ("does not say how long", |_, _, _| {
            known(200, &["Transfer-Encoding: chunked"], Body::Endless)
        }),
        ("sends more than it promised", |_, _, _| {
            let headers = ["X-Linked-Size: 5000", "Transfer-Encoding: chunked"];
            known(200, &headers, Body::Endless)
        }),
        ("bytes came instead of", |_, _, _| {
            let headers = ["X-Linked-Size: 46", "Transfer-Encoding: chunked"];
            known(200, &headers, Body::Bytes(b"1\r\nx\r\n0\r\n\r\n".to_vec()))
        }),
        ("arrived damaged", |_, _, _| {
            let length = format!("Content-Length: {}", BODY.len());
            known(200, &[&length], Body::Bytes(BODY.to_ascii_uppercase()))
        }),
        ("compresses", |_, _, _| {
            known(
                200,
                &["Content-Encoding: gzip", "Content-Length: 3"],
                Body::Bytes(vec![1; 3]),
            )
        }),
        ("redirects without end", |path, base, _| {
            let location = format!("Location: {base}{path}x");
            known(302, &[&location], NOTHING)
        }),
        ("leads to", |_, _, _| {
            known(302, &["Location: file:///etc/passwd"], NOTHING)
        }),
        ("leads to", |_, _, _| known(302, &[], NOTHING)),
        ("leads to", |_, _, _| {
            known(302, &["Location: ../../../x"], NOTHING)
        }),
        ("Content-Range", |_, _, _| {
            let headers = ["Content-Range: bytes 10-45/46", "Content-Length: 36"];
            known(206, &headers, Body::Bytes(vec![1; 36]))
        }),
        ("HTTP 403 from", |_, _, other| {
            let location = format!("Location: {other}/forbidden");
            known(302, &[&location], NOTHING)
        }),
        ("arrived damaged", |_, _, other| {
            let location = format!("Location: {other}/wrong");
            known(302, &[&location], NOTHING)
        }),
        ("nothing came", |_, _, _| {
            known(200, &["Content-Length: 46000"], Body::Drip)
        }),
        ("cannot download", |_, _, _| Reply {
            status: 200,
            headers: vec!["X".repeat(100_000)],
            body: NOTHING,
        }),
    ];
    let elsewhere = serve(
        |path, _, _| match path {
            "/wrong" => reply(200, &["ETag: \"../x\""], &BODY.to_ascii_uppercase()),
            _ => reply(403, &[], b""),
        },
        "",
    );
    for (expected, lie) in lies {
        let place = Place::new();
        let before = place.others();
        let hub = serve(*lie, &elsewhere.endpoint);
        let started = Instant::now();
        let error = place.pull(&hub.endpoint).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(started.elapsed() < Duration::from_secs(10), "{expected}");
        assert_eq!(place.others(), before, "{expected}");
        let installed = std::fs::read_dir(place.at("data/models")).map_or(0, Iterator::count);
        assert_eq!(installed, 0, "{expected}");
        assert!(!hub.authorization.lock().unwrap().is_empty());
    }
    let leaked = elsewhere.authorization.lock().unwrap().clone();
    assert!(leaked.is_empty(), "{leaked:?}");
}

#[test]
fn a_configuration_that_is_a_lie_is_done_without() {
    let place = Place::new();
    let hub = serve(
        |path, base, other| match path.ends_with(WEIGHTS) {
            true => honest(path, base, other),
            false => reply(200, &[&commit(), &etag(COMMIT)], b"{}"),
        },
        "",
    );
    let installed = place.pull(&hub.endpoint).unwrap();
    assert_eq!(installed.manifest.files.len(), 1);
    assert_eq!(std::fs::read(installed.weights()).unwrap(), BODY);
}

#[cfg(unix)]
#[test]
fn a_poisoned_cache_heals_and_harms_nobody() {
    use std::os::unix::fs::symlink;
    let hub = serve(honest, "");
    let canary = |place: &Place| place.at("outside/canary");
    let write = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let link = |to: &Path, path: &Path| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    };
    let snapshot = |place: &Place| {
        place
            .repository()
            .join("snapshots")
            .join(COMMIT)
            .join(WEIGHTS)
    };
    let blob = |place: &Place, end: &str| {
        let name = format!("{}{end}", digest());
        place.repository().join("blobs").join(name)
    };
    type Poison<'a> = (&'a str, &'a dyn Fn(&Place));
    let poisons: &[Poison] = &[
        ("a ref that leads out", &|p| {
            write(&p.repository().join("refs/main"), "../../../../outside");
        }),
        ("a snapshot that leads out", &|p| {
            write(&p.repository().join("refs/main"), COMMIT);
            link(&canary(p), &snapshot(p));
        }),
        ("a blob that is a link", &|p| {
            write(&p.repository().join("refs/main"), COMMIT);
            link(&canary(p), &blob(p, ""));
            link(&blob(p, ""), &snapshot(p));
        }),
        ("a part that is a link", &|p| {
            link(&canary(p), &blob(p, ".part"))
        }),
        ("a lock that is a link", &|p| {
            link(&canary(p), &blob(p, ".lock"))
        }),
        ("a part with another name", &|p| {
            std::fs::create_dir_all(p.repository().join("blobs")).unwrap();
            std::fs::hard_link(canary(p), blob(p, ".part")).unwrap();
        }),
        ("a part of something else", &|p| {
            write(&blob(p, ".part"), "Those")
        }),
        ("a part that is too long", &|p| {
            write(&blob(p, ".part"), &"x".repeat(999))
        }),
        ("a rotten blob", &|p| {
            write(&p.repository().join("refs/main"), COMMIT);
            write(&blob(p, ""), "rot");
            link(&blob(p, ""), &snapshot(p));
        }),
    ];
    for (name, poison) in poisons {
        let place = Place::new();
        poison(&place);
        let before = place.others();
        let installed = place
            .pull(&hub.endpoint)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(std::fs::read(installed.weights()).unwrap(), BODY, "{name}");
        assert_eq!(place.others(), before, "{name}");
    }
    // A folder of the cache that is a link is no poison that can be told from a wish: it is refused.
    let place = Place::new();
    std::fs::create_dir_all(place.repository()).unwrap();
    symlink(place.at("outside"), place.repository().join("blobs")).unwrap();
    let error = place.pull(&hub.endpoint).unwrap_err().to_string();
    assert!(error.contains("out of the cache"), "{error}");
}

#[test]
fn a_hub_that_falls_silent_can_be_cancelled_within_two_seconds() {
    let place = Place::new();
    let hub = serve(
        |_, _, _| known(200, &["Content-Length: 46000"], Body::Drip),
        "",
    );
    let options = PullOptions {
        endpoint: hub.endpoint.clone(),
        ..PullOptions::new(place.at("hub"))
    };
    let store = ModelStore::new(place.at("data"));
    let entry = Entry::find("vit-b-32-openai").unwrap();
    let mut asked: Option<Instant> = None;
    let mut watcher = |progress: Progress| match progress {
        Progress::Downloading { done_bytes, .. } if done_bytes > 0 => {
            asked.get_or_insert_with(Instant::now);
            std::ops::ControlFlow::Break(())
        }
        _ => GO_ON,
    };
    let error = pull(&store, entry, &options, &mut watcher, &|_| Ok(()));
    assert!(matches!(error, Err(ModelStoreError::Cancelled { .. })));
    assert!(asked.unwrap().elapsed() < Duration::from_secs(2));
}
