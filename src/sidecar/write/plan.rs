//! From a photo and its wanted keywords to a sidecar on the disk.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::sidecar::edit::base::base;
use crate::sidecar::edit::bytes::{Edited, digest, edit};
use crate::sidecar::edit::ours::take_out;
use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::{Request, Terms};
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::{Folder, resolve};
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::open;
use crate::sidecar::read::open::folder_of;
use crate::sidecar::read::property::Properties;
use crate::sidecar::write::diff;
use crate::sidecar::write::file as write;
use crate::sidecar::write::file::{Lock, Outcome};
use crate::sidecar::write::naming::{Naming, Target};

/// How often an edit is made anew because the file changed meanwhile.
const ATTEMPTS: usize = 5;

/// What happens to a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It has what it should have; the file is not touched.
    Unchanged,
    /// It is changed.
    Edit,
    /// There is none yet.
    Create,
    /// Taglens created it, nobody changed it since, and nothing is left to say.
    Delete,
}

/// An edit that is ready to be shown or written.
#[derive(Debug)]
pub struct Plan {
    photo: PathBuf,
    target: Target,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    record: Record,
    kind: Kind,
    wanted: Wanted,
    leftovers: Vec<PathBuf>,
}

/// A request of its own, for making the edit anew.
#[derive(Debug)]
struct Wanted {
    keywords: Vec<Keyword>,
    confidences: Vec<f32>,
    previously: Option<Record>,
    properties: Properties,
    state: Vec<String>,
    synonyms: Vec<String>,
    refused: Vec<Keyword>,
    taken_out: Vec<Keyword>,
}

/// What was there before a write: what undoing needs, to be stored before the write happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    /// The sidecar.
    pub(crate) path: PathBuf,
    /// Its bytes; `None` where there was none.
    pub(crate) before: Option<Vec<u8>>,
    /// BLAKE3 of what is written, in hexadecimal; `None` where the file is deleted.
    pub(crate) after: Option<String>,
}

/// A sidecar that has what it should have.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The sidecar.
    pub path: PathBuf,
    /// What was done.
    pub kind: Kind,
    /// What the caller stores for the next plan.
    pub record: Record,
}

/// Plans the sidecar of one photo. For many photos of a folder, [`plan_in`] lists it only once.
///
/// # Errors
/// Where the sidecar cannot be told, read or edited: see [`Fault`]. Nothing was changed.
pub fn plan(photo: &Path, request: &Request<'_>, naming: Naming) -> Result<Plan, SidecarError> {
    let folder = Folder::read(photo.parent().unwrap_or(Path::new("")))?;
    plan_in(&folder, photo, request, naming)
}

/// [`plan`] with the photo's folder listed before.
///
/// # Errors
/// As [`plan`].
pub fn plan_in(
    folder: &Folder,
    photo: &Path,
    request: &Request<'_>,
    naming: Naming,
) -> Result<Plan, SidecarError> {
    let target = folder.target(photo, naming)?;
    Plan::new(photo, target, request, folder.leftovers.clone())
}

/// [`plan`] with a sidecar that the person chose, as the answer to [`Fault::Ambiguous`].
///
/// # Errors
/// As [`plan`].
pub fn plan_at(photo: &Path, sidecar: &Path, request: &Request<'_>) -> Result<Plan, SidecarError> {
    let target = Target {
        path: resolve(sidecar, folder_of(photo))?,
        for_extension: None,
    };
    Plan::new(photo, target, request, Vec::new())
}

impl Plan {
    fn new(
        photo: &Path,
        target: Target,
        request: &Request<'_>,
        leftovers: Vec<PathBuf>,
    ) -> Result<Self, SidecarError> {
        let mut plan = Self {
            photo: photo.to_path_buf(),
            target,
            before: None,
            after: None,
            record: Record::default(),
            kind: Kind::Unchanged,
            wanted: Wanted {
                keywords: request.wanted.to_vec(),
                confidences: request.confidences.to_vec(),
                previously: request.previously.cloned(),
                properties: *request.properties,
                state: request.terms.state.to_vec(),
                synonyms: request.terms.synonyms.to_vec(),
                refused: request.terms.refused.to_vec(),
                taken_out: request.terms.taken_out.to_vec(),
            },
            leftovers,
        };
        plan.make()?;
        Ok(plan)
    }

    /// Reads the sidecar and makes the edit.
    fn make(&mut self) -> Result<(), SidecarError> {
        let path = self.target.path.clone();
        let fault = |fault| SidecarError::new(&path, fault);
        self.before = open::read(&path)?;
        self.after = None;
        let Some(before) = &self.before else {
            return self.make_new();
        };
        let without = match self.wanted.taken_out.as_slice() {
            [] => Ok(before.clone()),
            keywords => take_out(before, keywords, false),
        };
        let edited = without.and_then(|bytes| self.wanted.edit(&bytes, true));
        let edited = edited.map_err(fault)?;
        let ours = self.wanted.previously.as_ref();
        let ours = ours.is_some_and(|r| r.created && r.file == digest(before));
        if ours && edited.record.is_empty() {
            self.kind = Kind::Delete;
        } else if edited.bytes == *before {
            self.kind = Kind::Unchanged;
            self.after = Some(edited.bytes);
        } else {
            self.kind = Kind::Edit;
            self.after = Some(edited.bytes);
        }
        self.record = edited.record;
        Ok(())
    }

    fn make_new(&mut self) -> Result<(), SidecarError> {
        self.record = Record::default();
        self.kind = Kind::Unchanged;
        if self.wanted.keywords.is_empty() {
            return Ok(());
        }
        let embedded = Embedded::read(&self.photo).map_err(|e| SidecarError::io(&self.photo, e))?;
        let edited = base(&embedded, self.target.for_extension.as_deref())
            .and_then(|base| {
                // What is wanted is ours here, and goes when the photo's own goes.
                let ours = self.wanted.keywords.iter().chain(&self.wanted.refused);
                let ours: Vec<Keyword> = ours.chain(&self.wanted.taken_out).cloned().collect();
                take_out(&base, &ours, true)
            })
            .and_then(|base| self.wanted.edit(&base, false))
            .map_err(|fault| SidecarError::new(&self.target.path, fault))?;
        self.record = edited.record;
        self.record.created = true;
        self.after = Some(edited.bytes);
        self.kind = Kind::Create;
        Ok(())
    }

    /// What the plan does.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The sidecar; where a link leads, if it is one.
    pub(crate) fn path(&self) -> &Path {
        &self.target.path
    }

    /// The sidecar's bytes now; `None` where there is none.
    pub(crate) fn before(&self) -> Option<&[u8]> {
        self.before.as_deref()
    }

    /// The sidecar's bytes after [`Plan::commit`]; `None` where there will be none.
    pub(crate) fn after(&self) -> Option<&[u8]> {
        self.after.as_deref()
    }

    /// What is to be stored after [`Plan::commit`].
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// What undoing needs, as long as the sidecar is as it was planned from.
    pub(crate) fn prior(&self) -> Prior {
        Prior {
            path: self.target.path.clone(),
            before: self.before.clone(),
            after: self.after.as_deref().map(digest),
        }
    }

    /// The change as a unified diff; empty where there is none.
    pub fn diff(&self) -> String {
        diff::unified(&self.target.path, self.before(), self.after())
    }

    /// Writes the sidecar. If it changed since it was planned, the edit is made anew from what is
    /// there. `journal` gets what undoing needs, and the record, just before the file changes, under the lock; its
    /// last call is the one that counts, and where it fails nothing is written.
    ///
    /// # Errors
    /// See [`Fault`]. The sidecar is as it was, whole.
    pub fn commit(
        mut self,
        mut journal: impl FnMut(&Prior, &Record) -> io::Result<()>,
    ) -> Result<Written, SidecarError> {
        for path in &self.leftovers {
            write::remove_leftover(path);
        }
        let mut lock = None;
        for _ in 0..ATTEMPTS {
            if self.kind == Kind::Unchanged {
                return Ok(self.written());
            }
            let prior = self.prior();
            let record = self.record.clone();
            let outcome = write::replace(
                &self.target.path,
                self.before.as_deref(),
                self.after.as_deref(),
                lock.as_ref(),
                &mut || journal(&prior, &record),
            )?;
            match outcome {
                Outcome::Done => return Ok(self.written()),
                Outcome::Changed => {
                    // From here on no other Taglens comes between, so that only another program
                    // can make this fail again.
                    if lock.is_none() {
                        lock = Some(Lock::take(&self.target.path)?);
                    }
                    self.make()?;
                }
            }
        }
        Err(SidecarError::new(&self.target.path, Fault::KeepsChanging))
    }

    fn written(self) -> Written {
        Written {
            path: self.target.path,
            kind: self.kind,
            record: self.record,
        }
    }
}

impl Wanted {
    fn edit(&self, bytes: &[u8], follow: bool) -> Result<Edited, Fault> {
        edit(
            bytes,
            &Request {
                wanted: &self.keywords,
                confidences: &self.confidences,
                // A sidecar that is gone as a whole is no decision about its keywords.
                previously: self.previously.as_ref().filter(|_| follow),
                properties: &self.properties,
                terms: Terms {
                    state: &self.state,
                    synonyms: &self.synonyms,
                    refused: &self.refused,
                    taken_out: &self.taken_out,
                },
            },
        )
    }
}

/// Brings back what was there before a write, to the byte; a sidecar that was created then is
/// deleted.
///
/// # Errors
/// [`Fault::ChangedSince`] where the file is not what was written then; see [`Fault`] for the
/// others. Nothing was changed.
pub(crate) fn restore(prior: &Prior) -> Result<(), SidecarError> {
    let now = open::read(&prior.path)?;
    let changed = || SidecarError::new(&prior.path, Fault::ChangedSince);
    if now == prior.before {
        // The write never happened, or was taken back already.
        return Ok(());
    }
    if now.as_deref().map(digest) != prior.after {
        return Err(changed());
    }
    let before = prior.before.as_deref();
    match write::replace(&prior.path, now.as_deref(), before, None, &mut || Ok(()))? {
        Outcome::Done => Ok(()),
        Outcome::Changed => Err(changed()),
    }
}
