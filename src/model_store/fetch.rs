//! One file from the hub, through the hf-hub crate's cache.
//!
//! hf-hub's requests have no timeouts, so each runs in a thread of its own, and whoever waits for
//! it gives up when nothing has come for a while. Its own retries append a file's start to what
//! an earlier run left, so they stay off: here every attempt goes on from the file on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use hf_hub::{Cache, Repo};

use crate::model_store::error::{ByHand, ZooError, at};
use crate::model_store::pull::{Progress, PullOptions, Watcher};
use crate::model_store::store::sha256_hex;

/// Progress is reported at most this often.
const REPORT_EVERY: Duration = Duration::from_millis(50);

/// One repository of the hub.
pub(crate) struct Hub<'a> {
    pub(crate) options: &'a PullOptions,
    pub(crate) repository: &'a str,
    /// The model's name, for advice.
    pub(crate) model: &'a str,
}

/// A file in the cache.
pub(crate) struct Fetched {
    /// The file itself, no link to it.
    pub(crate) path: PathBuf,
    /// Its digest, computed here.
    pub(crate) sha256: String,
}

/// What the downloading thread tells.
enum Message {
    Total(u64),
    More(u64),
    Done(Result<PathBuf, ApiError>),
}

/// What the hub says about a file before it is downloaded.
struct Remote {
    etag: String,
    size: u64,
}

impl Hub<'_> {
    /// The file's address.
    pub(crate) fn url(&self, file: &str) -> String {
        format!(
            "{}/{}/resolve/main/{file}",
            self.options.endpoint, self.repository
        )
    }

    fn by_hand(&self, file: &str) -> Box<ByHand> {
        Box::new(ByHand {
            url: self.url(file),
            file: file.to_owned(),
            name: self.model.to_owned(),
        })
    }

    fn repo(&self) -> Repo {
        Repo::model(self.repository.to_owned())
    }

    fn cache(&self) -> Cache {
        Cache::new(self.options.cache.clone())
    }

    /// The file from the cache, or else from the hub, with its digest checked.
    pub(crate) fn fetch(
        &self,
        file: &str,
        progress: &mut Watcher<'_>,
    ) -> Result<Fetched, ZooError> {
        if let Some(pointer) = self.cache().repo(self.repo()).get(file) {
            let expected = digest_in_name(&pointer);
            match self.check(file, &pointer, expected.as_deref(), progress) {
                // A damaged file in the cache is gone now: get a fresh one.
                Err(ZooError::Corrupt { .. }) if !self.options.offline => {}
                checked => return checked,
            }
        }
        if self.options.offline {
            return Err(ZooError::Offline {
                url: self.url(file),
                cache: self.options.cache.clone(),
                by_hand: self.by_hand(file),
            });
        }
        let mut attempt = 1;
        loop {
            match self.download(file, progress) {
                Err(e @ ZooError::Unreachable { .. }) if attempt < self.options.attempts => {
                    let retrying = Progress::Retrying {
                        file: file.to_owned(),
                        reason: e.to_string(),
                    };
                    if progress(retrying).is_break() {
                        return Err(self.cancelled());
                    }
                    std::thread::sleep(self.options.pause * attempt);
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    fn download(&self, file: &str, progress: &mut Watcher<'_>) -> Result<Fetched, ZooError> {
        let remote = self.remote(file)?;
        self.drop_overlong_part(&remote)?;
        let (sender, messages) = sync_channel(64);
        let (api, repo, name) = (self.api(file)?, self.repo(), file.to_owned());
        let given_up = Arc::new(AtomicBool::new(false));
        let ends = given_up.clone();
        self.spawn(file, move || {
            let meter = Meter::new(sender.clone(), ends);
            let done = api.repo(repo).download_with_progress(&name, meter);
            // Whoever waited may have given up.
            let _ = sender.send(Message::Done(done));
        })?;
        let followed = self.follow(file, &messages, remote.size, progress);
        // Where it was given up, hf-hub's thread shall not go on by itself.
        given_up.store(followed.is_err(), Ordering::Relaxed);
        let pointer = followed?;
        let expected = Some(remote.etag.as_str()).filter(|e| is_sha256(e));
        let fetched = self.check(file, &pointer, expected, progress)?;
        let length = fs::metadata(&fetched.path)
            .map_err(at("read", &fetched.path))?
            .len();
        if length != remote.size {
            self.throw_away(&pointer);
            let reason = format!("{length} bytes came instead of {}", remote.size);
            return Err(self.unreachable(file, reason));
        }
        Ok(fetched)
    }

    fn api(&self, file: &str) -> Result<Api, ZooError> {
        ApiBuilder::from_cache(self.cache())
            .with_endpoint(self.options.endpoint.clone())
            .with_token(self.options.token.clone())
            .with_progress(false)
            .build()
            .map_err(|e| self.error(file, e))
    }

    /// Asks what the file is, without downloading it.
    fn remote(&self, file: &str) -> Result<Remote, ZooError> {
        let (sender, answer) = sync_channel(1);
        let (api, url) = (self.api(file)?, self.url(file));
        self.spawn(file, move || {
            let _ = sender.send(api.metadata(&url));
        })?;
        let metadata = match answer.recv_timeout(self.options.stall_timeout) {
            Ok(answer) => answer.map_err(|e| self.error(file, e))?,
            Err(RecvTimeoutError::Timeout) => return Err(self.stalled(file)),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(self.answer(file, "its answer cannot be understood"));
            }
        };
        // hf-hub makes file names of these two.
        let etag = metadata.etag().trim_start_matches("W/");
        if !is_file_name(etag) || !is_file_name(metadata.commit_hash()) {
            return Err(self.answer(file, "its ETag or commit is no plain word"));
        }
        Ok(Remote {
            etag: metadata.etag().to_owned(),
            size: metadata.size() as u64,
        })
    }

    /// A partial download of full length or more has nothing left to resume; it would make the
    /// hub refuse the request.
    fn drop_overlong_part(&self, remote: &Remote) -> Result<(), ZooError> {
        let part = self
            .cache()
            .repo(self.repo())
            .blob_path(&remote.etag)
            .with_extension("part");
        match fs::metadata(&part) {
            Ok(m) if m.len() >= remote.size => fs::remove_file(&part).map_err(at("remove", &part)),
            _ => Ok(()),
        }
    }

    fn spawn(&self, file: &str, run: impl FnOnce() + Send + 'static) -> Result<(), ZooError> {
        std::thread::Builder::new()
            .name("model-download".to_owned())
            .spawn(run)
            .map(drop)
            .map_err(|e| self.unreachable(file, e.to_string()))
    }

    /// Passes progress on until the download is done or nothing comes any more.
    fn follow(
        &self,
        file: &str,
        messages: &Receiver<Message>,
        size: u64,
        progress: &mut Watcher<'_>,
    ) -> Result<PathBuf, ZooError> {
        let (mut done_bytes, mut total_bytes) = (0, size);
        let mut heard = Instant::now();
        loop {
            let message = messages.recv_timeout(LOOK_EVERY.min(self.options.stall_timeout));
            if message.is_ok() {
                heard = Instant::now();
            }
            match message {
                // Comes twice, since hf-hub starts the meter twice.
                Ok(Message::Total(total)) => (done_bytes, total_bytes) = (0, total),
                Ok(Message::More(bytes)) => done_bytes += bytes,
                Ok(Message::Done(done)) => return done.map_err(|e| self.error(file, e)),
                Err(RecvTimeoutError::Timeout) if heard.elapsed() >= self.options.stall_timeout => {
                    return Err(self.stalled(file));
                }
                // Whoever looks on may still want to end it.
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.answer(file, "its answer cannot be understood"));
                }
            }
            let downloading = Progress::Downloading {
                file: file.to_owned(),
                done_bytes,
                total_bytes,
            };
            if progress(downloading).is_break() {
                return Err(self.cancelled());
            }
        }
    }

    fn cancelled(&self) -> ZooError {
        ZooError::Cancelled {
            name: self.model.to_owned(),
        }
    }

    /// Compares the digest with the hub's, and throws the file away if they differ.
    fn check(
        &self,
        file: &str,
        pointer: &Path,
        expected: Option<&str>,
        progress: &mut Watcher<'_>,
    ) -> Result<Fetched, ZooError> {
        let path = pointer.canonicalize().map_err(at("read", pointer))?;
        let total_bytes = fs::metadata(&path).map_err(at("read", &path))?.len();
        let mut ended = false;
        let sha256 = sha256_hex(&path, &mut |done_bytes| {
            let checking = Progress::Checking {
                file: file.to_owned(),
                done_bytes,
                total_bytes,
            };
            ended |= progress(checking).is_break();
        })?;
        if ended {
            return Err(self.cancelled());
        }
        match expected {
            Some(expected) if !expected.eq_ignore_ascii_case(&sha256) => {
                self.throw_away(pointer);
                Err(ZooError::Corrupt {
                    url: self.url(file),
                    expected: expected.to_owned(),
                    found: sha256,
                })
            }
            _ => Ok(Fetched { path, sha256 }),
        }
    }

    fn throw_away(&self, pointer: &Path) {
        if let Ok(blob) = pointer.canonicalize() {
            let _ = fs::remove_file(blob);
        }
        let _ = fs::remove_file(pointer);
    }

    fn error(&self, file: &str, error: ApiError) -> ZooError {
        match error {
            ApiError::RequestError(e) => match *e {
                ureq::Error::StatusCode(status @ (401 | 403)) => ZooError::Refused {
                    url: self.url(file),
                    status,
                    by_hand: self.by_hand(file),
                },
                ureq::Error::StatusCode(404) => ZooError::NotFound {
                    url: self.url(file),
                    by_hand: self.by_hand(file),
                },
                e => self.unreachable(file, e.to_string()),
            },
            ApiError::IoError(e) if is_local(&e) => at("write", &self.options.cache)(e),
            ApiError::IoError(e) => self.unreachable(file, e.to_string()),
            ApiError::InvalidResume => self.unreachable(file, error.to_string()),
            ApiError::LockAcquisition(_) => ZooError::Busy {
                url: self.url(file),
            },
            e => self.answer(file, &e.to_string()),
        }
    }

    fn unreachable(&self, file: &str, reason: String) -> ZooError {
        ZooError::Unreachable {
            url: self.url(file),
            reason,
            by_hand: self.by_hand(file),
        }
    }

    fn stalled(&self, file: &str) -> ZooError {
        ZooError::Stalled {
            url: self.url(file),
            seconds: self.options.stall_timeout.as_secs(),
            by_hand: self.by_hand(file),
        }
    }

    fn answer(&self, file: &str, reason: &str) -> ZooError {
        ZooError::Answer {
            url: self.url(file),
            reason: reason.to_owned(),
            by_hand: self.by_hand(file),
        }
    }
}

/// Whether the disk, not the network, is to blame.
fn is_local(error: &io::Error) -> bool {
    use io::ErrorKind::{
        NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    matches!(
        error.kind(),
        NotFound | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull
    )
}

/// Large files are kept under their SHA-256, small ones under a git hash.
fn digest_in_name(pointer: &Path) -> Option<String> {
    let blob = pointer.canonicalize().ok()?;
    let name = blob.file_name()?.to_str()?;
    is_sha256(name).then(|| name.to_owned())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_file_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain)
}

/// How often whoever looks on is asked whether to go on, while nothing comes.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Counts downloaded bytes in hf-hub's thread.
struct Meter {
    messages: SyncSender<Message>,
    /// Whether nobody wants the file any more.
    given_up: Arc<AtomicBool>,
    unreported: u64,
    reported: Instant,
}

impl Meter {
    fn new(messages: SyncSender<Message>, given_up: Arc<AtomicBool>) -> Self {
        Self {
            messages,
            given_up,
            unreported: 0,
            reported: Instant::now(),
        }
    }

    fn report(&mut self) {
        let bytes = std::mem::take(&mut self.unreported);
        let heard = self.messages.send(Message::More(bytes)).is_ok();
        if !heard || self.given_up.load(Ordering::Relaxed) {
            // hf-hub offers no way to stop. Unwinding, which is no panic and says nothing, takes its
            // thread apart and with it the lock on the file; what has come stays for resumption.
            std::panic::resume_unwind(Box::new("given up"));
        }
        self.reported = Instant::now();
    }
}

impl hf_hub::api::Progress for Meter {
    fn init(&mut self, size: usize, _file: &str) {
        self.unreported = 0;
        let _ = self.messages.send(Message::Total(size as u64));
    }

    fn update(&mut self, size: usize) {
        self.unreported += size as u64;
        if self.reported.elapsed() >= REPORT_EVERY {
            self.report();
        }
    }

    fn finish(&mut self) {
        self.report();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_become_file_names() {
        for bad in ["", "..", "../x", "a/b", "a\\b", ".x", "a b", "\u{e9}"] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
        assert!(is_file_name("40d365715913c9da98579312b702a82c18be219c"));
        assert!(is_sha256(&"aB".repeat(32)));
        assert!(!is_sha256(&"ag".repeat(32)) && !is_sha256("ab"));
    }
}
