//! Writes a file's bytes to disk as they arrive, and verifies them.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::answer::ContentId;
use super::cache::{Cache, Cached, Part};
use super::exchange::{Failure, Message};
use super::{Body, Fetched, Hub, Wanted};
use crate::model_store::error::{ModelStoreError, at};
use crate::model_store::files::{check_space, each_block, hexadecimal};
use crate::model_store::first_download::KnownFile;
use crate::model_store::progress::{Progress, Watcher, cancelled};

/// The least time between progress reports.
const REPORT_EVERY: Duration = Duration::from_millis(50);
/// How often to check the disk space.
const LOOK_AT_DISK_EVERY: u64 = 64 << 20;
/// A slower server counts as silent.
const MIN_BYTES_PER_SECOND: f64 = 1024.0;

impl Part {
    pub(super) fn empty(&mut self) -> Result<(), ModelStoreError> {
        self.file.set_len(0).map_err(at("write", &self.path))?;
        self.length = 0;
        Ok(())
    }
}

/// Counts the bytes, and notices if there are too few.
struct Flow {
    since: Instant,
    bytes: u64,
}

impl Flow {
    fn is_stalled(&mut self, window: Duration) -> bool {
        let elapsed = self.since.elapsed();
        if elapsed < window {
            return false;
        }
        let stalled = (self.bytes as f64) < MIN_BYTES_PER_SECOND * elapsed.as_secs_f64();
        (self.since, self.bytes) = (Instant::now(), 0);
        stalled
    }
}

impl Hub<'_> {
    /// Writes and verifies the bytes, and moves the file into the cache.
    pub(super) fn receive(
        &self,
        cache: &Cache,
        wanted: &Wanted<'_>,
        mut body: Body,
        progress: &mut Watcher<'_>,
    ) -> Result<Fetched, ModelStoreError> {
        if body.from == 0 {
            body.part.empty()?;
        }
        let folder = body
            .part
            .path
            .parent()
            .unwrap_or(&body.part.path)
            .to_owned();
        check_space(&folder, body.length.saturating_sub(body.part.length))?;
        self.write(wanted.name, &mut body, progress)?;
        let Body {
            id, commit, part, ..
        } = body;
        let cached = Cached {
            path: part.path.clone(),
            commit,
            id: Some(id.clone()),
        };
        let fetched = self.check(cache, &cached, wanted, progress)?;
        let path = cache.keep(part, &id, &fetched.commit, wanted.name)?;
        Ok(Fetched { path, ..fetched })
    }

    fn write(
        &self,
        file: &str,
        body: &mut Body,
        progress: &mut Watcher<'_>,
    ) -> Result<(), ModelStoreError> {
        let (total_bytes, part) = (body.length, &mut body.part);
        let folder = part.path.parent().unwrap_or(&part.path).to_owned();
        let mut flow = Flow {
            since: Instant::now(),
            bytes: 0,
        };
        let mut reported: Option<Instant> = None;
        let mut looked = part.length;
        loop {
            let message = body.exchange.next();
            match message {
                Message::Chunk(bytes) => {
                    let length = part.length + bytes.len() as u64;
                    if length > total_bytes {
                        part.empty()?;
                        return Err(self.answer(file, "it sends more than it promised"));
                    }
                    part.file
                        .write_all(&bytes)
                        .map_err(at("write", &part.path))?;
                    part.length = length;
                    flow.bytes += bytes.len() as u64;
                }
                Message::Failed(Failure::Timeout) => return Err(self.stalled(file)),
                Message::Failed(Failure::Broken(reason)) => {
                    return Err(self.unreachable(file, reason));
                }
                Message::End if part.length < total_bytes => {
                    let reason = format!("{} bytes came instead of {total_bytes}", part.length);
                    return Err(self.unreachable(file, reason));
                }
                Message::End | Message::Head(_) | Message::Nothing => {}
            }
            let done = part.length == total_bytes;
            if done || reported.is_none_or(|at| at.elapsed() >= REPORT_EVERY) {
                reported = Some(Instant::now());
                let downloading = Progress::Downloading {
                    file: file.to_owned(),
                    done_bytes: part.length,
                    total_bytes,
                };
                if progress(downloading).is_break() {
                    return Err(cancelled(self.model));
                }
            }
            if done {
                return Ok(());
            }
            if flow.is_stalled(self.options.stall_timeout) {
                return Err(self.stalled(file));
            }
            if part.length - looked >= LOOK_AT_DISK_EVERY {
                looked = part.length;
                check_space(&folder, total_bytes - part.length)?;
            }
        }
    }

    /// Verifies a file, and removes it if it does not match.
    pub(super) fn check(
        &self,
        cache: &Cache,
        cached: &Cached,
        wanted: &Wanted<'_>,
        progress: &mut Watcher<'_>,
    ) -> Result<Fetched, ModelStoreError> {
        let path = &cached.path;
        let total_bytes = fs::metadata(path).map_err(at("read", path))?.len();
        let mut sha256 = Sha256::new();
        let mut git = Sha1::new();
        git.update(format!("blob {total_bytes}\0"));
        let is_git = matches!(cached.id, Some(ContentId::GitBlob(_)));
        let whole = each_block(path, &mut |block, done_bytes| {
            sha256.update(block);
            if is_git {
                git.update(block);
            }
            progress(Progress::Checking {
                file: wanted.name.to_owned(),
                done_bytes,
                total_bytes,
            })
        })?;
        if !whole {
            return Err(cancelled(self.model));
        }
        let (sha256, git) = (
            hexadecimal(&sha256.finalize()),
            hexadecimal(&git.finalize()),
        );
        let corrupt = |algorithm: &'static str, expected: &str, found: &str| {
            cache.remove(cached, wanted.name);
            ModelStoreError::Corrupt {
                url: self.url(wanted.name),
                algorithm,
                expected: expected.to_owned(),
                found: found.to_owned(),
            }
        };
        match &cached.id {
            Some(ContentId::Sha256(id)) if *id != sha256 => {
                return Err(corrupt("SHA-256", id, &sha256));
            }
            Some(ContentId::GitBlob(id)) if *id != git => {
                return Err(corrupt("git id", id, &git));
            }
            _ => {}
        }
        if let Some(known) = wanted.known
            && !known.sha256.eq_ignore_ascii_case(&sha256)
        {
            return Err(corrupt("SHA-256", &known.sha256, &sha256));
        }
        Ok(Fetched {
            path: path.clone(),
            commit: cached.commit.clone(),
            content: KnownFile {
                size_bytes: total_bytes,
                sha256,
            },
        })
    }
}
