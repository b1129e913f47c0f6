//! A server on the loopback that answers as the Hugging Face hub does.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

pub const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const CONFIG: &[u8] = br#"{"model_cfg":{"quick_gelu":true}}"#;
pub const WEIGHTS: &str = "open_clip_model.safetensors";
pub const TOKENIZER: &str = "tokenizer.json";

/// How the server treats the next requests for the weights themselves.
#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
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

pub struct Shared {
    pub manner: Manner,
    /// The weights' names that the repository has.
    pub name: &'static str,
    pub payload: Vec<u8>,
    /// The tokenizer, if the repository has one: as large a file as weights are.
    pub tokenizer: Option<Vec<u8>>,
    /// The only file that [`Manner`] is for.
    pub treated: &'static str,
    /// Requests for the weights' bytes: where they start, and how many were sent.
    pub served: Vec<(usize, usize)>,
    pub authorization: Vec<Option<String>>,
}

/// The hub: `/REPO/resolve/main/FILE` redirects large files to `/cdn/FILE` and answers small ones.
pub struct Server {
    pub endpoint: String,
    pub shared: Arc<Mutex<Shared>>,
}

impl Server {
    pub fn start() -> Self {
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

    pub fn behave(&self, manner: Manner) {
        self.shared.lock().unwrap().manner = manner;
    }

    pub fn served(&self) -> Vec<(usize, usize)> {
        self.shared.lock().unwrap().served.clone()
    }
}

pub fn answer(mut stream: TcpStream, base: &str, shared: &Mutex<Shared>) {
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

pub fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn git_id(content: &[u8]) -> String {
    let mut digest = sha1::Sha1::new();
    digest.update(format!("blob {}\0", content.len()));
    digest.update(content);
    digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

pub fn send(stream: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    let _ = write!(stream, "{head}Connection: close\r\n\r\n");
    let _ = stream.write_all(body);
}
