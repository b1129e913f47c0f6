//! Rebuilds a damaged library from its readable parts, and takes the rest from its backups.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params, params_from_iter};

use crate::core::ids::PhotoId;
use crate::store::backup::Backup;
use crate::store::backup_files::backups;
use crate::store::error::is_unavailable;
use crate::store::guard::{self, GUARDED, Guarded, Total};
use crate::store::health::is_damage;
use crate::store::paths::with_suffix;
use crate::store::rows::{self, Key};
use crate::store::swap::{remove, swap};
use crate::store::{Depth, IndexLock, Store, StoreError, Writer, connect, schema};

/// The result of a repair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repaired {
    /// The damage; if there was none, nothing was done.
    pub(crate) damage: Vec<String>,
    /// The name of the backup used.
    pub(crate) backup: Option<String>,
    /// Rows restored from it, by table.
    pub(crate) brought_back: Vec<(&'static str, usize)>,
    /// Lost rows, by table: changed after the backup, or without a backup.
    pub(crate) lost: Vec<(&'static str, usize)>,
    /// Tables that could not be read completely and whose number of rows is unknown.
    pub(crate) untold: Vec<&'static str>,
    /// The path of the damaged file.
    pub(crate) kept: Option<PathBuf>,
}

/// Returns the damage to the library, however bad. A file that is not a library counts as damaged
/// only if it has backups.
///
/// # Errors
/// If anything other than damage prevents opening it.
pub(crate) fn damage_of(path: &Path) -> Result<Vec<String>, StoreError> {
    if path.metadata().is_ok_and(|m| m.len() == 0) && !backups(path).is_empty() {
        return Ok(vec!["the file is empty".into()]);
    }
    match Store::open_existing(path).and_then(|store| store.damage(Depth::Whole)) {
        Err(StoreError::Foreign { .. }) if !backups(path).is_empty() => {
            Ok(vec!["the file is no longer a library".into()])
        }
        Err(StoreError::Newer { .. }) if schema::has_todays_tables(path) => Ok(vec![
            "the file's version number has changed on the disk".into(),
        ]),
        Err(
            StoreError::Open { source, .. }
            | StoreError::Backup { source, .. }
            | StoreError::Sqlite(source),
        ) if is_damage(&source) => Ok(vec![format!("the file cannot be opened: {source}")]),
        other => other,
    }
}

/// Repairs the library at `path`. The damaged file is kept beside the new one.
///
/// # Errors
/// If another process is using it, or the new file cannot be written; then the library is
/// unchanged.
pub(crate) fn repair(path: &Path) -> Result<Repaired, StoreError> {
    let path = &connect::absolute(path)?;
    let _lock = IndexLock::take(path)?;
    let damage = damage_of(path)?;
    if damage.is_empty() {
        return Ok(Repaired::default());
    }
    let new = with_suffix(path, ".repaired");
    let io = |source| StoreError::Folder {
        path: new.clone(),
        source,
    };
    remove(&new).map_err(io)?;
    let mut repaired = match rebuild(path, &new) {
        Ok(repaired) => repaired,
        Err(error) => {
            let _ = remove(&new);
            return Err(error);
        }
    };
    repaired.damage = damage;
    repaired.kept = Some(swap(path, &new).map_err(io)?);
    Ok(repaired)
}

fn rebuild(path: &Path, new: &Path) -> Result<Repaired, StoreError> {
    let backup = Backup::newest(path)?;
    // The old file's last changes are in its log, which only a writer applies.
    let old = connect::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let old = match old.and_then(|old| connect::tune(&old).map(|()| old)) {
        Ok(old) => Some(old),
        // It has more than its backup has.
        Err(error) if is_unavailable(&error) => return Err(StoreError::open(path, error)),
        Err(_) => None,
    };
    let mut store = Store::open(new)?;
    let mut repaired = store.write(|w| {
        w.connection
            .execute_batch("PRAGMA defer_foreign_keys = ON")?;
        let from = backup.as_ref().map(|(_, backup)| backup.connection());
        let hashes = from.map(hashes).transpose()?.unwrap_or_default();
        let mut saved = match &old {
            Some(old) => salvage(old, w.connection, &hashes)?,
            None => HashMap::new(),
        };
        if let Some(from) = from {
            let folders = saved.remove("folders").unwrap_or_default();
            add_identities(from, w.connection, &hashes, folders.is_whole())?;
        }
        let mut repaired = Repaired::default();
        let mut tables = Vec::new();
        for guarded in GUARDED {
            let noted = old.as_ref();
            let noted = noted.and_then(|old| guard::noted(old, guarded.table).ok().flatten());
            let table = Incomplete {
                w,
                guarded,
                saved: saved.remove(guarded.table).unwrap_or_default(),
                noted,
            };
            if let Some(from) = from {
                match table.complete(from)? {
                    0 => {}
                    count => repaired.brought_back.push((guarded.table, count)),
                }
            }
            tables.push(table);
        }
        settle(w)?;
        for table in &tables {
            match table.missing()? {
                Some(0) => {}
                Some(lost) => repaired.lost.push((table.guarded.table, lost)),
                None => repaired.untold.push(table.guarded.table),
            }
            guard::recount(w.connection, &table.guarded)?;
        }
        Ok(repaired)
    })?;
    if !repaired.brought_back.is_empty() {
        repaired.backup = backup.map(|(file, _)| file.name);
    }
    match store.damage(Depth::Whole)?.into_iter().next() {
        None => gather(&store).map(|()| repaired),
        Some(what) => Err(StoreError::damaged(what)),
    }
}

/// Puts all changes into the file itself, which is going to have another name than its log. SQLite
/// does that when a file is closed, but tells nobody if it fails.
fn gather(store: &Store) -> Result<(), StoreError> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    match store.connection.query_row(sql, [], |row| row.get(0))? {
        0 => Ok(()),
        _ => Err(StoreError::GivenUp),
    }
}

/// The contents of photos, by id.
fn hashes(backup: &Connection) -> rusqlite::Result<HashMap<PhotoId, Vec<u8>>> {
    let mut statement = backup.prepare("SELECT id, hash FROM photos")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Adds the backup's photos with their ids, which decisions refer to, and its folders if the
/// library's are damaged.
fn add_identities(
    from: &Connection,
    to: &Connection,
    hashes: &HashMap<PhotoId, Vec<u8>>,
    folders_are_whole: bool,
) -> rusqlite::Result<()> {
    let mut add = to.prepare("INSERT OR IGNORE INTO photos (id, hash) VALUES (?1, ?2)")?;
    for (number, hash) in hashes {
        add.execute(params![number, hash])?;
    }
    let sql = "UPDATE photos SET picture = ?2 WHERE id = ?1 AND picture IS NULL";
    let mut complete = to.prepare(sql)?;
    let mut shown = from.prepare("SELECT id, picture FROM photos WHERE picture IS NOT NULL")?;
    let mut shown = shown.query([])?;
    while let Some(row) = shown.next()? {
        complete.execute(params_from_iter(rows::values(row, 2)?))?;
    }
    match folders_are_whole {
        true => Ok(()),
        false => rows::add_folders(from, to),
    }
}

/// A table with checksums that may lack rows.
struct Incomplete<'a> {
    w: &'a Writer<'a>,
    guarded: Guarded,
    saved: Saved,
    /// The total recorded in the damaged file.
    noted: Option<Total>,
}

impl Incomplete<'_> {
    /// The number of missing rows; `None` if unknown.
    fn missing(&self) -> Result<Option<usize>, StoreError> {
        let now = guard::counted(self.w.connection, &self.guarded)?;
        Ok(match self.noted {
            Some(noted) => Some(usize::try_from(noted.rows - now.rows).unwrap_or(0)),
            None => self.saved.is_whole().then_some(0),
        })
    }

    /// Restores the rows that are known to be damaged, and then, if rows have vanished, all that
    /// the backup has. Returns the number of restored rows.
    fn complete(&self, backup: &Connection) -> Result<usize, StoreError> {
        let mut count = 0;
        for only in [Some(&self.saved.damaged), None] {
            if self.missing()? != Some(0) {
                count += rows::bring_back(backup, self.w.connection, &self.guarded, only)?;
            }
        }
        Ok(count)
    }
}

/// The readable part of a table.
#[derive(Default)]
struct Saved {
    /// Keys of the rows that were left out as damaged.
    damaged: HashSet<Key>,
    /// Whether it was read to its end.
    is_read: bool,
}

impl Saved {
    fn is_whole(&self) -> bool {
        self.is_read && self.damaged.is_empty()
    }
}

/// Copies the readable rows, table by table.
fn salvage(
    old: &Connection,
    new: &Connection,
    hashes: &HashMap<PhotoId, Vec<u8>>,
) -> Result<HashMap<String, Saved>, StoreError> {
    let sql = "SELECT name FROM sqlite_schema
               WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name != 'totals'";
    let mut tables = new.prepare(sql)?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
    let mut all = HashMap::new();
    for table in tables {
        let table = table?;
        let mut saved = Saved::default();
        for order in ["ASC", "DESC"] {
            // If reading breaks off, continue from the other end up to the damage.
            let salvage = Salvage {
                old,
                new,
                hashes,
                table: &table,
            };
            match salvage.copy(order, &mut saved.damaged) {
                Ok(()) => {
                    saved.is_read = true;
                    break;
                }
                Err(error) if is_unavailable(&error) => return Err(error.into()),
                Err(_) => {}
            }
        }
        all.insert(table, saved);
    }
    Ok(all)
}

/// A table to salvage.
struct Salvage<'a> {
    old: &'a Connection,
    new: &'a Connection,
    /// The contents of photos in the backup.
    hashes: &'a HashMap<PhotoId, Vec<u8>>,
    table: &'a str,
}

impl Salvage<'_> {
    /// The table's columns, key first, and whether each is part of the key.
    fn columns(&self) -> rusqlite::Result<Vec<(String, bool)>> {
        let sql = "SELECT name, pk > 0 FROM pragma_table_info(?1) ORDER BY pk = 0, pk, cid";
        let mut info = self.old.prepare(sql)?;
        let rows = info.query_map([self.table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    fn copy(&self, order: &str, damaged: &mut HashSet<Key>) -> rusqlite::Result<()> {
        let mut columns = self.columns()?;
        // A library that could not be upgraded may have no checksums yet.
        let has_checksums = columns.iter().any(|(name, _)| name == "checksum");
        columns.retain(|(name, _)| name != "checksum");
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let keys = columns.iter().filter(|(_, is_key)| *is_key);
        let keys: Vec<String> = keys.map(|(name, _)| format!("{name} {order}")).collect();
        let mut guarded = GUARDED.into_iter().filter(|_| has_checksums);
        let guarded = guarded.find(|g| g.table == self.table);
        let intact = guarded.map_or_else(|| agrees(self.table).into(), |g| g.is_intact(self.table));
        let mut read = self.old.prepare(&format!(
            "SELECT {}, {intact} FROM {} NOT INDEXED ORDER BY {}",
            names.join(", "),
            self.table,
            keys.join(", ")
        ))?;
        let mut write = self
            .new
            .prepare(&rows::insert("OR IGNORE", self.table, &names))?;
        let mut found = read.query([])?;
        while let Some(row) = found.next()? {
            let mut values = rows::values(row, names.len())?;
            let is_intact: bool = row.get(names.len())?;
            if !is_intact {
                damaged.insert(rows::key_of(&values, keys.len()));
            }
            if self.table == "photos" {
                let number = row.get(0)?;
                let hash = names.iter().position(|name| *name == "hash");
                match (self.hashes.get(&number), hash) {
                    (Some(known), Some(at)) => values[at] = known.clone().into(),
                    _ if !is_intact => continue,
                    _ => {}
                }
            } else if !is_intact {
                continue;
            }
            // A value of the wrong type is damage too, and costs only its row.
            match write.execute(params_from_iter(values)) {
                Err(error) if is_unavailable(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// SQL for whether a table and its indexes agree on a row, for tables that assign photos to paths.
/// Rows that are left out are read again from the photos.
fn agrees(table: &str) -> &'static str {
    match table {
        "photos" => {
            "EXISTS (SELECT 1 FROM photos again
                     WHERE again.hash = photos.hash AND +again.id = photos.id)"
        }
        "files" => {
            "EXISTS (SELECT 1 FROM files again
                     WHERE again.path = files.path AND +again.id = files.id)
             AND EXISTS (SELECT 1 FROM files again
                         WHERE again.photo_id IS files.photo_id AND +again.id = files.id)"
        }
        "folders" => {
            "EXISTS (SELECT 1 FROM folders again
                     WHERE again.path = folders.path AND +again.id = folders.id)"
        }
        _ => "1",
    }
}

/// Removes references to unreadable rows, and marks all tags as outdated.
fn settle(w: &Writer<'_>) -> Result<(), StoreError> {
    let sql = "SELECT t.name, f.\"from\", f.\"table\"
               FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
               WHERE t.type = 'table' ORDER BY t.name = 'export_keywords', t.name = 'source_keywords'";
    let mut statement = w.connection.prepare(sql)?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for reference in found.collect::<Result<Vec<(String, String, String)>, _>>()? {
        let (table, column, parent) = reference;
        let orphan = format!("{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})");
        let sql = match table.as_str() {
            // A file with an unreadable photo is read again.
            "files" if column != "folder_id" => {
                format!("UPDATE files SET {column} = NULL WHERE {orphan}")
            }
            _ => format!("DELETE FROM {table} WHERE {orphan}"),
        };
        w.connection.execute(&sql, [])?;
    }
    w.connection.execute("DELETE FROM scored", [])?;
    w.bump_revision()
}
