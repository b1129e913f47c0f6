//! Where photos have keywords, and what is remembered of each place.
//!
//! A source belongs to a photo, so that what is known of it follows the photo's file wherever it
//! goes. Records are texts of the sidecar part's, which alone understands them.

use std::path::{Path, PathBuf};

use rusqlite::{Row, params};

use crate::core::capture::CaptureTime;
use crate::core::photo::FileStamp;
use crate::store::about;
use crate::store::runs::meta;
use crate::store::{LabelId, Store, StoreError, Writer, paths};

/// What a keyword is in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The person's, as it was last seen.
    Seen,
    /// Written by Taglens.
    Written,
    /// Written by Taglens, and moved elsewhere by the person.
    Moved,
    /// Written by Taglens and taken out, which is not decided on yet.
    Removed,
    /// Called Taglens's by the source itself.
    Marked,
}

impl Role {
    fn number(self) -> i64 {
        match self {
            Self::Seen => 1,
            Self::Written => 2,
            Self::Moved => 3,
            Self::Removed => 4,
            Self::Marked => 5,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            1 => Self::Seen,
            2 => Self::Written,
            3 => Self::Moved,
            4 => Self::Removed,
            _ => Self::Marked,
        }
    }
}

/// How well a source is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceState {
    /// It was not read yet.
    Unread,
    /// It was read.
    Read,
    /// It was absent at the last look.
    Absent,
}

/// A source as the library knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRow {
    /// Its number; 0 where the library does not have it yet.
    pub(crate) id: i64,
    /// The photo.
    pub(crate) photo_id: i64,
    /// The photo's file that it belongs to; empty for what is inside the photo.
    pub(crate) owner: PathBuf,
    /// 0 inside the photo, 1 `IMG.JPG.xmp`, 2 `IMG.xmp`.
    pub(crate) kind: i64,
    /// The sidecar; empty for what is inside the photo.
    pub(crate) path: PathBuf,
    /// How well it is known.
    pub(crate) state: SourceState,
    /// What the file system said of it when it was last read.
    pub(crate) stamp: Option<FileStamp>,
    /// Digest of the bytes that were last read or written.
    pub(crate) digest: String,
    /// What Taglens wrote, as text of the sidecar part.
    pub(crate) record: Option<String>,
    /// When the photo was taken, as a sidecar says it.
    pub(crate) captured: Option<CaptureTime>,
    /// Its keywords: role, names with `|` between, and label.
    pub(crate) keywords: Vec<(Role, String, String)>,
}

/// A sidecar that could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SidecarProblem {
    /// The sidecar.
    pub(crate) path: PathBuf,
    /// The photo.
    pub(crate) photo: PathBuf,
    /// Whether it could not be written; else it could not be read.
    pub(crate) writing: bool,
    /// Why, and what to do; a sentence that names the sidecar.
    pub(crate) reason: String,
}

impl SidecarProblem {
    /// A sentence for the person, which names the sidecar once.
    pub(crate) fn describe(&self) -> String {
        let path = self.path.display();
        let reason = self.reason.strip_prefix(&format!("{path}: "));
        let done = if self.writing { "written" } else { "read" };
        format!("{path} was not {done}: {}", reason.unwrap_or(&self.reason))
    }
}

const COLUMNS: &str = "id, photo_id, owner, kind, path, state, size_bytes, modified_ns, digest, \
                       record, captured_ms, captured_offset_min";

fn source(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    let size: Option<i64> = row.get(6)?;
    let modified_ns: Option<i64> = row.get(7)?;
    Ok(SourceRow {
        id: row.get(0)?,
        photo_id: row.get(1)?,
        owner: paths::from_bytes(row.get(2)?),
        kind: row.get(3)?,
        path: paths::from_bytes(row.get(4)?),
        state: match row.get(5)? {
            1 => SourceState::Read,
            2 => SourceState::Absent,
            _ => SourceState::Unread,
        },
        stamp: size.zip(modified_ns).map(|(size, modified_ns)| FileStamp {
            size_bytes: size as u64,
            modified_ns,
        }),
        digest: row.get(8)?,
        record: row.get(9)?,
        captured: about::time(row, 10)?,
        keywords: Vec::new(),
    })
}

/// Under which the list of other programs' notes is kept.
const BOOKKEEPING: &str = "bookkeeping";

impl Writer<'_> {
    /// Sets what [`Store::bookkeeping`] gives, and has every source read again.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn set_bookkeeping(&self, text: &str) -> Result<(), StoreError> {
        self.set_meta(BOOKKEEPING, text)?;
        // A sidecar is read again where its stamp is not known, what is inside a photo where it
        // counts as unread.
        let sql = "UPDATE sources SET size_bytes = NULL, modified_ns = NULL,
                       state = iif(kind = 0, 0, state)";
        self.connection.execute(sql, [])?;
        Ok(())
    }
}

impl Store {
    /// Which keywords are other programs' notes, as text of the sidecar part's; `None` where the
    /// person never said so.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn bookkeeping(&self) -> Result<Option<String>, StoreError> {
        meta(&self.connection, BOOKKEEPING)
    }

    /// The sources of a photo, the one inside it first.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub(crate) fn sources(&self, photo: i64) -> Result<Vec<SourceRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM sources WHERE photo_id = ?1 ORDER BY kind != 0, id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([photo], source)?;
        let mut sources = rows.collect::<Result<Vec<_>, _>>()?;
        let sql = "SELECT role, keyword, labels.name FROM source_keywords
                   JOIN labels ON labels.id = label_id WHERE source_id = ?1 ORDER BY role, keyword";
        let mut statement = self.connection.prepare_cached(sql)?;
        for source in &mut sources {
            let rows = statement.query_map([source.id], |row| {
                Ok((Role::of(row.get(0)?), row.get(1)?, row.get(2)?))
            })?;
            source.keywords = rows.collect::<Result<_, _>>()?;
        }
        Ok(sources)
    }

    /// Where a source lies by now: its owner and itself.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub(crate) fn source_place(&self, id: i64) -> Result<Option<(PathBuf, PathBuf)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT owner, path FROM sources WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        Ok(match rows.next()? {
            Some(row) => Some((
                paths::from_bytes(row.get(0)?),
                paths::from_bytes(row.get(1)?),
            )),
            None => None,
        })
    }

    /// The source that the sidecar at `path` is.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub(crate) fn source_at(&self, path: &Path) -> Result<Option<i64>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT max(id) FROM sources WHERE path = ?1")?;
        Ok(statement.query_row(params![paths::to_bytes(path)], |row| row.get(0))?)
    }

    /// Sidecars that could not be read or written, of files that are not missing, by path.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub(crate) fn sidecar_problems(&self) -> Result<Vec<SidecarProblem>, StoreError> {
        let sql = "SELECT path, photo, writing, reason FROM sidecar_problems
                   WHERE EXISTS (SELECT 1 FROM files WHERE files.path = photo AND presence != 1)
                   ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(SidecarProblem {
                path: paths::from_bytes(row.get(0)?),
                photo: paths::from_bytes(row.get(1)?),
                writing: row.get(2)?,
                reason: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Keeps a source with its keywords; gives its number.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub(crate) fn keep_source(&self, source: &SourceRow) -> Result<i64, StoreError> {
        let state = match source.state {
            SourceState::Unread => 0,
            SourceState::Read => 1,
            SourceState::Absent => 2,
        };
        // Where it was found again, another may have been begun at its place.
        let sql =
            "DELETE FROM sources WHERE photo_id = ?1 AND owner = ?2 AND kind = ?3 AND id != ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let owner = paths::to_bytes(&source.owner);
        statement.execute(params![source.photo_id, owner, source.kind, source.id])?;
        let sql = "INSERT INTO sources (id, photo_id, owner, kind, path, state, size_bytes,
                       modified_ns, digest, record, captured_ms, captured_offset_min)
                   VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                   ON CONFLICT (id) DO UPDATE SET photo_id = ?2, owner = ?3, kind = ?4, path = ?5,
                       state = ?6, size_bytes = ?7, modified_ns = ?8, digest = ?9, record = ?10,
                       captured_ms = ?11, captured_offset_min = ?12
                   RETURNING id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![
            source.id,
            source.photo_id,
            owner,
            source.kind,
            paths::to_bytes(&source.path),
            state,
            source.stamp.map(|s| s.size_bytes as i64),
            source.stamp.map(|s| s.modified_ns),
            source.digest,
            source.record,
            source.captured.map(|t| t.wall_ms),
            source.captured.and_then(|t| t.offset_min)
        ];
        let id: i64 = statement.query_row(values, |row| row.get(0))?;
        self.connection
            .prepare_cached("DELETE FROM source_keywords WHERE source_id = ?1")?
            .execute([id])?;
        let sql = "INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
                   VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (role, keyword, label) in &source.keywords {
            let label: LabelId = self.label(label)?;
            statement.execute(params![id, role.number(), keyword, label.0])?;
        }
        Ok(id)
    }

    /// Has the sources of a file, and a copy of what was inside its photo, pass on to the photo
    /// that its content has become.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub(super) fn pass_on_sources(
        &self,
        file: i64,
        previous: i64,
        photo: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE OR REPLACE sources SET photo_id = ?3
                   WHERE photo_id = ?2 AND owner = (SELECT path FROM files WHERE id = ?1)";
        self.connection.execute(sql, [file, previous, photo])?;
        // What is inside is read anew.
        let sql = "INSERT OR IGNORE INTO sources (photo_id, owner, kind, path)
                   SELECT ?2, owner, kind, path FROM sources WHERE photo_id = ?1 AND kind = 0";
        let made = self.connection.execute(sql, [previous, photo])?;
        if made > 0 {
            let sql = "INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
                       SELECT new.id, k.role, k.keyword, k.label_id
                       FROM sources new, sources old, source_keywords k
                       WHERE new.photo_id = ?2 AND new.kind = 0 AND old.photo_id = ?1 AND old.kind = 0
                         AND k.source_id = old.id";
            self.connection.execute(sql, [previous, photo])?;
        }
        Ok(())
    }

    /// Notes which sidecars of a photo's file could not be read, or with `writing` not be written:
    /// sidecar and reason.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub(crate) fn set_sidecar_problems(
        &self,
        photo: &Path,
        writing: bool,
        problems: &[(PathBuf, String)],
    ) -> Result<(), StoreError> {
        let owner = paths::to_bytes(photo);
        self.connection
            .prepare_cached("DELETE FROM sidecar_problems WHERE photo = ?1 AND writing = ?2")?
            .execute(params![owner, writing])?;
        let sql = "INSERT OR REPLACE INTO sidecar_problems (path, photo, reason, writing)
                   VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (path, reason) in problems {
            statement.execute(params![paths::to_bytes(path), owner, reason, writing])?;
        }
        Ok(())
    }
}
