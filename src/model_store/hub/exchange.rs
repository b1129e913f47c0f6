//! One request to a server and its answer, on its own thread.
//!
//! The caller can give up at any time. The thread notices when it has something to deliver, or
//! after its timeout.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use ureq::Agent;

use super::address::Address;
use super::answer::Head;
use crate::model_store::progress::LOOK_EVERY;

const CHUNK_BYTES: usize = 128 << 10;
const CHUNKS_AHEAD: usize = 8;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The messages of a request, in this order: a head, chunks, the end; or a failure instead.
pub(super) enum Message {
    Head(Head),
    Chunk(Vec<u8>),
    End,
    Failed(Failure),
    /// Nothing yet.
    Nothing,
}

/// Why a request failed.
pub(super) enum Failure {
    /// The server is silent.
    Timeout,
    Broken(String),
}

/// What is asked for.
pub(super) struct Request {
    pub(super) url: Address,
    /// The token, only for the server that it is meant for.
    pub(super) token: Option<String>,
    /// The first byte to request.
    pub(super) from: u64,
    /// The longest time without data.
    pub(super) stall_timeout: Duration,
}

/// A running request.
pub(super) struct Exchange {
    messages: Receiver<Message>,
}

impl Exchange {
    pub(super) fn start(request: Request) -> std::io::Result<Self> {
        let (sender, messages) = sync_channel(CHUNKS_AHEAD);
        std::thread::Builder::new()
            .name("model-download".to_owned())
            .spawn(move || {
                if let Err(failure) = run(&request, &sender) {
                    // The caller may have given up.
                    let _ = sender.send(Message::Failed(failure));
                }
            })?;
        Ok(Self { messages })
    }

    /// The next message, waiting only a moment.
    pub(super) fn next(&self) -> Message {
        match self.messages.recv_timeout(LOOK_EVERY) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => Message::Nothing,
            Err(RecvTimeoutError::Disconnected) => {
                Message::Failed(Failure::Broken("the download broke off".to_owned()))
            }
        }
    }
}

fn run(request: &Request, sender: &SyncSender<Message>) -> Result<(), Failure> {
    let stall = request.stall_timeout;
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        // Redirects are followed here, after a check.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("taglens/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(CONNECT_TIMEOUT.min(stall)))
        .timeout_connect(Some(CONNECT_TIMEOUT.min(stall)))
        .timeout_recv_response(Some(stall))
        .timeout_per_read(Some(stall))
        .timeout_per_write(Some(stall))
        .build()
        .into();
    let mut builder = agent
        .get(request.url.as_text())
        .header("accept-encoding", "identity");
    if request.from > 0 {
        builder = builder.header("range", format!("bytes={}-", request.from));
    }
    if let Some(token) = &request.token {
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    let response = builder.call().map_err(failure)?;
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let headers = response.headers().iter();
    let head = Head {
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
    };
    if sender.send(Message::Head(head)).is_err() {
        return Ok(());
    }
    let mut body = response.into_body().into_reader();
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        let length = match body.read(&mut chunk) {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(io_failure(e)),
            Ok(length) => length,
        };
        chunk.truncate(length);
        let message = match length {
            0 => Message::End,
            _ => Message::Chunk(chunk),
        };
        if sender.send(message).is_err() || length == 0 {
            return Ok(());
        }
    }
}

fn failure(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::Timeout,
        ureq::Error::Io(e) => io_failure(e),
        e => Failure::Broken(e.to_string()),
    }
}

fn io_failure(error: std::io::Error) -> Failure {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    match error.kind() {
        TimedOut | WouldBlock => Failure::Timeout,
        _ => Failure::Broken(error.to_string()),
    }
}
