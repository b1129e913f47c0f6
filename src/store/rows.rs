//! Copies rows from one library's file to another.

use std::collections::HashSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::store::guard::Guarded;

/// A row's key in a comparable form.
pub(super) type Key = Vec<String>;

/// Returns the key of a row: its first `length` values.
pub(super) fn key_of(values: &[Value], length: usize) -> Key {
    let key = values.iter().take(length);
    key.map(|value| format!("{value:?}")).collect()
}

/// Copies rows with the same ids.
///
/// # Errors
/// If one cannot be read or written.
pub(super) fn copy(
    from: &Connection,
    to: &Connection,
    source: &str,
    table: &str,
    columns: &[&str],
) -> rusqlite::Result<()> {
    let mut write = to.prepare(&insert("", table, columns))?;
    let mut read = from.prepare(&format!("SELECT {} FROM {source}", columns.join(", ")))?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        write.execute(params_from_iter(values(row, columns.len())?))?;
    }
    Ok(())
}

/// The first `count` values of a row.
pub(super) fn values(row: &rusqlite::Row<'_>, count: usize) -> rusqlite::Result<Vec<Value>> {
    (0..count).map(|i| row.get(i)).collect()
}

/// SQL that inserts a row.
pub(super) fn insert(or: &str, table: &str, columns: &[&str]) -> String {
    let marks = vec!["?"; columns.len()].join(", ");
    let columns = columns.join(", ");
    format!("INSERT {or} INTO {table} ({columns}) VALUES ({marks})")
}

/// Adds the backup's rows that are not in the library: those with the keys `only`, or all. Photos
/// are matched by content and labels by name, whatever their ids. Returns the number of rows.
///
/// # Errors
/// If the backup cannot be read or the library cannot be written.
pub(super) fn bring_back(
    from: &Connection,
    to: &Connection,
    guarded: &Guarded,
    only: Option<&HashSet<Key>>,
) -> rusqlite::Result<usize> {
    let columns = guarded.columns();
    let sql = format!(
        "SELECT {} FROM intact_{}",
        columns.join(", "),
        guarded.table
    );
    let mut read = from.prepare(&sql)?;
    let mut rows = read.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let mut values = values(row, columns.len())?;
        for (column, value) in columns.iter().zip(&mut values) {
            match *column {
                "photo_id" => *value = photo(from, to, value)?,
                "label_id" => *value = label(from, to, value)?,
                _ => {}
            }
        }
        if only.is_some_and(|only| !only.contains(&key_of(&values, guarded.key.len()))) {
            continue;
        }
        count += match guarded.table {
            "labels" => add_label(to, &values)?,
            "vocabularies" => add_vocabulary(to, &values)?,
            table => to
                .prepare_cached(&insert("OR IGNORE", table, &columns))?
                .execute(params_from_iter(values))?,
        };
    }
    Ok(count)
}

/// The library's id of the photo with this id in the backup.
fn photo(from: &Connection, to: &Connection, number: &Value) -> rusqlite::Result<Value> {
    let mut hashes = from.prepare_cached("SELECT hash, picture FROM photos WHERE id = ?1")?;
    let hashes: [Value; 2] = hashes.query_row([number], |row| Ok([row.get(0)?, row.get(1)?]))?;
    let sql = "SELECT id FROM photos WHERE picture = ?2
               UNION ALL SELECT id FROM photos WHERE hash = ?1 LIMIT 1";
    let known = to
        .prepare_cached(sql)?
        .query_row(params![hashes[0], hashes[1]], |row| row.get(0));
    match known.optional()? {
        Some(id) => Ok(id),
        None => to
            .prepare_cached("INSERT INTO photos (hash, picture) VALUES (?1, ?2) RETURNING id")?
            .query_row(params![hashes[0], hashes[1]], |row| row.get(0)),
    }
}

/// The library's id of the label with this id in the backup.
fn label(from: &Connection, to: &Connection, number: &Value) -> rusqlite::Result<Value> {
    let mut name = from.prepare_cached("SELECT name FROM labels WHERE id = ?1")?;
    let name: Value = name.query_row([number], |row| row.get(0))?;
    add_label(to, &[number.clone(), name.clone()])?;
    to.prepare_cached("SELECT id FROM labels WHERE name = ?1")?
        .query_row([&name], |row| row.get(0))
}

/// Adds a missing label, with its old id if that is free, because tags refer to it.
fn add_label(to: &Connection, row: &[Value]) -> rusqlite::Result<usize> {
    let sql = "INSERT INTO labels (id, name)
               SELECT iif(EXISTS (SELECT 1 FROM labels WHERE id = ?1), NULL, ?1), ?2
               WHERE NOT EXISTS (SELECT 1 FROM labels WHERE name = ?2)";
    to.prepare_cached(sql)?.execute(params_from_iter(row))
}

/// Adds a vocabulary if its name is free. It is in use only if no other is.
fn add_vocabulary(to: &Connection, row: &[Value]) -> rusqlite::Result<usize> {
    let sql = "INSERT INTO vocabularies (name, text, active)
               SELECT ?2, ?3, ?4 AND NOT EXISTS (SELECT 1 FROM vocabularies WHERE active = 1)
               WHERE ?1 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM vocabularies WHERE name = ?2)";
    to.prepare_cached(sql)?.execute(params_from_iter(row))
}

/// Adds a backup's missing folders, with their old ids if those are free.
pub(super) fn add_folders(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let mut read = from.prepare("SELECT id, path, added_ms FROM folders")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let sql = "INSERT OR IGNORE INTO folders (id, path, added_ms)
                   SELECT iif(EXISTS (SELECT 1 FROM folders WHERE id = ?1), NULL, ?1), ?2, ?3";
        to.prepare_cached(sql)?
            .execute(params_from_iter(values(row, 3)?))?;
    }
    Ok(())
}
