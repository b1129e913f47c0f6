//! Fetches files from a Hugging Face hub, through the cache that programs share.
//!
//! The hub's own answer names commit, length and content id once, and the file that arrives must
//! match them.

mod address;
mod answer;
mod cache;
#[cfg(any(test, feature = "fuzzing"))]
mod check_answer;
mod exchange;
mod failures;
mod receive;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use check_answer::check_answer;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::model_store::error::ModelStoreError;
use crate::model_store::first_download::KnownFile;
use crate::model_store::names::is_file_name;
use crate::model_store::options::PullOptions;
use crate::model_store::progress::{LOOK_EVERY, Progress, Watcher, cancelled};

use address::Address;
use answer::{Answer, ContentId, Head};
use cache::{Cache, Part};
use exchange::{Exchange, Failure, Message, Request};

/// A hub redirects once or twice.
const MAX_HOPS: usize = 6;

/// A repository of the hub.
pub(crate) struct Hub<'a> {
    pub(crate) options: &'a PullOptions,
    pub(crate) repository: &'a str,
    /// The model's name, for advice.
    pub(crate) model: &'a str,
    /// The files that the model cannot do without, for advice; none if the weights are enough.
    pub(crate) required: Vec<&'static str>,
}

/// A file to fetch, and what is known about it.
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    /// The required commit.
    pub(crate) commit: Option<&'a str>,
    /// The required content.
    pub(crate) known: Option<&'a KnownFile>,
    /// The source of that requirement, as words of a sentence, and what to do if it is outdated.
    pub(crate) known_from: (&'a str, &'a str),
    /// Whether the hub must give its SHA-256. Small files have none there.
    pub(crate) is_large: bool,
    /// The greatest allowed length.
    pub(crate) max_bytes: u64,
}

/// A verified file in the cache.
pub(crate) struct Fetched {
    /// The file itself, not a link.
    pub(crate) path: PathBuf,
    pub(crate) commit: String,
    pub(crate) content: KnownFile,
}

/// An answer, followed by its bytes.
struct Body {
    exchange: Exchange,
    id: ContentId,
    commit: String,
    length: u64,
    /// The offset of its first byte.
    from: u64,
    part: Part,
}

impl Hub<'_> {
    /// The file's address.
    pub(crate) fn url(&self, file: &str) -> String {
        self.url_at(file, "main")
    }

    fn url_at(&self, file: &str, revision: &str) -> String {
        let (endpoint, repository) = (&self.options.endpoint, self.repository);
        format!("{endpoint}/{repository}/resolve/{revision}/{file}")
    }

    /// Returns the file from the cache or else from the hub, verified.
    pub(crate) fn fetch(
        &self,
        wanted: &Wanted<'_>,
        progress: &mut Watcher<'_>,
    ) -> Result<Fetched, ModelStoreError> {
        let file = wanted.name;
        let cache = self.cache(file)?;
        if let Some(cached) = cache.find(file, wanted.commit) {
            let sure = wanted.known.is_some() || matches!(cached.id, Some(ContentId::Sha256(_)));
            if sure || self.options.offline || !wanted.is_large {
                match self.check(&cache, &cached, wanted, progress) {
                    // The damaged file has been removed from the cache: fetch it again.
                    Err(ModelStoreError::Corrupt { .. }) if !self.options.offline => {}
                    checked => return checked,
                }
            }
        }
        if self.options.offline {
            return Err(self.offline(file));
        }
        let mut attempt = 1;
        let mut starts_anew = true;
        loop {
            let body = self.open_known(&cache, wanted, progress);
            let resumed = body.as_ref().is_ok_and(|body| body.from > 0);
            match body.and_then(|body| self.receive(&cache, wanted, body, progress)) {
                Err(e @ ModelStoreError::Unreachable { .. }) if attempt < self.options.attempts => {
                    let retrying = Progress::Retrying {
                        file: file.to_owned(),
                        reason: e.to_string(),
                    };
                    if progress(retrying).is_break() {
                        return Err(cancelled(self.model));
                    }
                    self.pause(self.options.pause * attempt, progress)?;
                    attempt += 1;
                }
                // The earlier part was not the start of this file: download all of it, once.
                Err(ModelStoreError::Corrupt { .. }) if resumed && starts_anew => {
                    starts_anew = false;
                }
                done => return done,
            }
        }
    }

    /// Asks the hub about a file without downloading it: commit, content id and length.
    pub(crate) fn ask(
        &self,
        wanted: &Wanted<'_>,
        progress: &mut Watcher<'_>,
    ) -> Result<(String, ContentId, u64), ModelStoreError> {
        let cache = self.cache(wanted.name)?;
        let body = self.open(&cache, wanted, "main", progress)?;
        Ok((body.commit, body.id, body.length))
    }

    fn cache(&self, file: &str) -> Result<Cache, ModelStoreError> {
        let cache = Cache::new(&self.options.cache, self.repository);
        match cache.filter(|_| is_file_name(file)) {
            Some(cache) => Ok(cache),
            None => Err(self.answer(file, "its name cannot be that of a file")),
        }
    }

    fn pause(&self, pause: Duration, progress: &mut Watcher<'_>) -> Result<(), ModelStoreError> {
        let started = Instant::now();
        while let Some(left) = pause.checked_sub(started.elapsed()) {
            if progress(Progress::Waiting).is_break() {
                return Err(cancelled(self.model));
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
        Ok(())
    }

    /// Like [`Hub::open`], for a known commit even if the repository has a newer one.
    fn open_known(
        &self,
        cache: &Cache,
        wanted: &Wanted<'_>,
        progress: &mut Watcher<'_>,
    ) -> Result<Body, ModelStoreError> {
        let newest = self.open(cache, wanted, "main", progress);
        let Some(commit) = wanted.commit else {
            return newest;
        };
        match newest {
            Err(changed @ ModelStoreError::Changed { what: "commit", .. }) => {
                match self.open(cache, wanted, commit, progress) {
                    Err(ModelStoreError::NotFound { .. }) => Err(changed),
                    known => known,
                }
            }
            newest => newest,
        }
    }

    /// Requests a file and follows redirects, up to the answer with the bytes.
    fn open(
        &self,
        cache: &Cache,
        wanted: &Wanted<'_>,
        revision: &str,
        progress: &mut Watcher<'_>,
    ) -> Result<Body, ModelStoreError> {
        let file = wanted.name;
        let no_address = || self.answer(file, "HF_ENDPOINT is not an http or https address");
        let hub = Address::parse(&self.options.endpoint).ok_or_else(no_address)?;
        let mut url = Address::parse(&self.url_at(file, revision)).ok_or_else(no_address)?;
        let mut answer = Answer::default();
        let mut part = None;
        for _ in 0..MAX_HOPS {
            let from = part.as_ref().map_or(0, |part: &Part| part.length);
            let is_hub = url.same_server(&hub);
            let token = self.options.token.clone().filter(|_| is_hub);
            let exchange = Exchange::start(Request {
                url: url.clone(),
                token,
                from,
                stall_timeout: self.options.stall_timeout,
            })
            .map_err(|source| ModelStoreError::Thread { source })?;
            let head = self.head(file, &exchange, progress)?;
            if head.status == 416 && from > 0 {
                // Longer than the file, so it cannot be the start of it.
                self.empty(&mut part)?;
                continue;
            }
            self.check_status(file, &head, &url, is_hub)?;
            if is_hub {
                answer.add(&head).map_err(|r| self.answer(file, &r))?;
            }
            let known = part.is_some();
            if !known && answer.id.is_some() {
                part = Some(self.begin(cache, wanted, &answer)?);
            }
            if head.is_redirect() {
                let location = head.one("location").map_err(|r| self.answer(file, &r))?;
                let to = url.redirect(location.unwrap_or_default());
                url = to.map_err(|r| self.answer(file, &r))?;
                continue;
            }
            // Only now is the earlier part known: request the rest.
            if !known && part.as_ref().is_some_and(|part| part.length > 0) {
                continue;
            }
            return self.body(wanted, answer, part, (exchange, &head, from));
        }
        Err(self.answer(file, "it redirects without end"))
    }

    /// Waits for the head of an answer.
    fn head(
        &self,
        file: &str,
        exchange: &Exchange,
        progress: &mut Watcher<'_>,
    ) -> Result<Head, ModelStoreError> {
        let started = Instant::now();
        loop {
            match exchange.next() {
                Message::Head(head) => return Ok(head),
                Message::Failed(Failure::Broken(reason)) => {
                    return Err(self.unreachable(file, reason));
                }
                Message::Failed(Failure::Timeout) => return Err(self.stalled(file)),
                _ if started.elapsed() >= self.options.stall_timeout => {
                    return Err(self.stalled(file));
                }
                _ => {}
            }
            if progress(Progress::Waiting).is_break() {
                return Err(cancelled(self.model));
            }
        }
    }

    /// Compares the answer with what is known, and opens an earlier partial download.
    fn begin(
        &self,
        cache: &Cache,
        wanted: &Wanted<'_>,
        answer: &Answer,
    ) -> Result<Part, ModelStoreError> {
        let file = wanted.name;
        let no_commit = || self.answer(file, "it names no commit");
        let commit = answer.commit.as_deref().ok_or_else(no_commit)?;
        if let Some(known) = wanted.commit
            && known != commit
        {
            return Err(self.changed(wanted, "commit", commit, known));
        }
        if let (Some(ContentId::Sha256(id)), Some(known)) = (&answer.id, wanted.known)
            && !id.eq_ignore_ascii_case(&known.sha256)
        {
            return Err(self.changed(wanted, "SHA-256", id, &known.sha256));
        }
        let id = match &answer.id {
            Some(ContentId::GitBlob(_)) if wanted.is_large => None,
            id => id.as_ref(),
        };
        let id = id.ok_or_else(|| self.answer(file, "it names no SHA-256 of the file"))?;
        let mut part = cache.part(id)?.ok_or_else(|| ModelStoreError::Busy {
            url: self.url(file),
        })?;
        // A download of full length or more cannot be resumed.
        if answer.length.is_some_and(|length| part.length >= length) {
            part.empty()?;
        }
        Ok(part)
    }

    fn empty(&self, part: &mut Option<Part>) -> Result<(), ModelStoreError> {
        part.as_mut().map_or(Ok(()), Part::empty)
    }

    fn body(
        &self,
        wanted: &Wanted<'_>,
        answer: Answer,
        part: Option<Part>,
        (exchange, head, from): (Exchange, &Head, u64),
    ) -> Result<Body, ModelStoreError> {
        let file = wanted.name;
        let (begin, total) = head.body(from).map_err(|r| self.answer(file, &r))?;
        let (Some(part), Some(id), Some(commit)) = (part, answer.id, answer.commit) else {
            return Err(self.answer(file, "it names no SHA-256 and no git id of the file"));
        };
        let length = match (answer.length, total) {
            (Some(said), Some(total)) if said != total => {
                let reason = format!("it promises {said} bytes and sends {total}");
                return Err(self.answer(file, &reason));
            }
            (said, total) => said.or(total),
        };
        let Some(length) = length else {
            return Err(self.answer(file, "it does not say how long the file is"));
        };
        if let Some(known) = wanted.known
            && known.size_bytes != length
        {
            let (found, known) = (length.to_string(), known.size_bytes.to_string());
            return Err(self.changed(wanted, "length", &found, &known));
        }
        if length > wanted.max_bytes {
            let reason = format!(
                "it offers {} MB where at most {} are expected",
                length / 1_000_000,
                wanted.max_bytes / 1_000_000
            );
            return Err(self.answer(file, &reason));
        }
        Ok(Body {
            exchange,
            id,
            commit,
            length,
            from: begin,
            part,
        })
    }
}
