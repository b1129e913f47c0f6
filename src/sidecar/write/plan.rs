//! Plans a photo's sidecar and writes it.

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

/// How often an edit is repeated because the file has changed meanwhile.
const ATTEMPTS: usize = 5;

/// The effect on a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is already right; the file is not touched.
    Unchanged,
    /// It is changed.
    Edit,
    /// It does not exist yet.
    Create,
    /// Taglens created it, nobody has changed it since, and nothing is left in it.
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

/// An owned copy of a request, to repeat the edit.
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

/// The state before a write, which undo needs. To be stored before the write happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    /// The sidecar.
    pub(crate) path: PathBuf,
    /// Its bytes; `None` if there was no file.
    pub(crate) before: Option<Vec<u8>>,
    /// BLAKE3 of the written file, in hexadecimal; `None` if it was deleted.
    pub(crate) after: Option<String>,
}

/// A sidecar that is up to date.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The sidecar.
    pub path: PathBuf,
    /// The effect.
    pub kind: Kind,
    /// For the caller to store for the next plan.
    pub record: Record,
}

/// Plans the sidecar of one photo. For many photos of a folder, [`plan_in`] lists it only once.
///
/// # Errors
/// If the sidecar cannot be determined, read or edited: see [`Fault`]. Nothing was changed.
pub fn plan(photo: &Path, request: &Request<'_>, naming: Naming) -> Result<Plan, SidecarError> {
    let folder = Folder::read(photo.parent().unwrap_or(Path::new("")))?;
    plan_in(&folder, photo, request, naming)
}

/// Like [`plan`], with the photo's folder already listed.
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

/// Like [`plan`], with a sidecar that the user chose to resolve [`Fault::Ambiguous`].
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
                // Wanted keywords are ours here, and go when the photo's own goes.
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

    /// The effect of the plan.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The sidecar; the target if it is a link.
    pub(crate) fn path(&self) -> &Path {
        &self.target.path
    }

    /// The sidecar's bytes now; `None` if there is no file.
    pub(crate) fn before(&self) -> Option<&[u8]> {
        self.before.as_deref()
    }

    /// The sidecar's bytes after [`Plan::commit`]; `None` if there will be no file.
    pub(crate) fn after(&self) -> Option<&[u8]> {
        self.after.as_deref()
    }

    /// The record to store after [`Plan::commit`].
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The data for undo, as long as the sidecar is as planned from.
    pub(crate) fn prior(&self) -> Prior {
        Prior {
            path: self.target.path.clone(),
            before: self.before.clone(),
            after: self.after.as_deref().map(digest),
        }
    }

    /// The change as a unified diff; empty if there is none.
    pub fn diff(&self) -> String {
        diff::unified(&self.target.path, self.before(), self.after())
    }

    /// Writes the sidecar. If it has changed since it was planned, the edit is repeated on the new
    /// content. Calls `journal` with the data for undo and the record just before the file changes,
    /// under the lock. Its last call counts, and if it fails nothing is written.
    ///
    /// # Errors
    /// See [`Fault`]. The sidecar is as it was, complete.
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
                    // From here on no other Taglens can interfere, so only another program can make
                    // this fail again.
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
                // The deletion of a whole sidecar is no decision about its keywords.
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

/// Restores the state before a write, to the byte, and deletes a sidecar that the write created.
///
/// # Errors
/// [`Fault::ChangedSince`] if the file is not what was written; see [`Fault`] for the others.
/// Nothing was changed.
pub(crate) fn restore(prior: &Prior) -> Result<(), SidecarError> {
    let now = open::read(&prior.path)?;
    let changed = || SidecarError::new(&prior.path, Fault::ChangedSince);
    if now == prior.before {
        // The write never happened, or was already undone.
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
