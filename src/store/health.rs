//! Checks the library and names what is damaged.

use rusqlite::{Connection, ErrorCode};

use crate::store::guard::{self, GUARDED, Guarded};
use crate::store::{Store, StoreError, paths, photo_indexes};

/// The depth of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What a backup holds: every row with a checksum, folders, and which photo has which content.
    BackedUp,
    /// Every row with a checksum, and the assignment of photos to paths: quick, since these are
    /// small.
    Kept,
    /// Also every page of the file.
    Quick,
    /// Everything: each index against its table, and each reference.
    Whole,
}

/// How often a query checks whether to end, in steps of SQLite's virtual machine: some
/// milliseconds.
const STEPS: i32 = 10_000;
/// The most damaged rows of a table to name.
const NAMED: usize = 100;

impl Store {
    /// Returns all damage, a sentence each; empty if the library is intact.
    ///
    /// # Errors
    /// If anything other than damage makes the file unreadable.
    pub(crate) fn damage(&self, depth: Depth) -> Result<Vec<String>, StoreError> {
        let mut found = Found(Vec::new());
        for guarded in GUARDED {
            let table = guarded.table;
            let sql = format!("PRAGMA main.integrity_check('{table}')");
            found.lines(&self.connection, &sql)?;
            let named = self.name_damaged(&guarded);
            found.keep(
                named,
                &format!("the table `{table}` cannot be read to its end"),
            )?;
            let miscounted = self.miscounted(&guarded);
            found.keep(
                miscounted,
                &format!("the table `{table}` cannot be counted"),
            )?;
        }
        // These say which photo is at which path: decisions must not move to other photos.
        let mut tables = vec!["folders", "photos"];
        if depth != Depth::BackedUp {
            tables.push("files");
        }
        for table in tables {
            if table == "photos" && self.photos_are_whole() {
                continue;
            }
            let sql = format!("PRAGMA main.integrity_check('{table}')");
            found.lines(&self.connection, &sql)?;
        }
        match depth {
            Depth::BackedUp | Depth::Kept => {}
            Depth::Quick => found.lines(&self.connection, "PRAGMA main.quick_check")?,
            Depth::Whole => {
                found.lines(&self.connection, "PRAGMA main.integrity_check")?;
                found.lines(
                    &self.connection,
                    "SELECT 'a row of `' || \"table\" || '` refers to a row of `' || parent ||
                            '` that is missing' FROM pragma_foreign_key_check",
                )?;
            }
        }
        Ok(found.0)
    }

    /// Returns the first table whose intact rows are not all that were written: a fast form of
    /// [`Store::damage`] for rows with checksums.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn glance(&self) -> Result<Option<String>, StoreError> {
        for guarded in GUARDED {
            let counted = guard::counted(&self.connection, &guarded)?;
            if guard::noted(&self.connection, guarded.table)? != Some(counted) {
                let table = guarded.table;
                return Ok(Some(format!(
                    "rows of `{table}` are not those that were written, and are left out"
                )));
            }
        }
        Ok(None)
    }

    /// Makes queries end with an error as soon as `ended` returns true.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn end_reads_when(
        &mut self,
        ended: impl FnMut() -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        Ok(self.connection.progress_handler(STEPS, Some(ended))?)
    }

    /// Whether a fast check finds `photos` whole. If not, SQLite's slow one says what is damaged.
    fn photos_are_whole(&self) -> bool {
        let sql = "PRAGMA main.quick_check('photos')";
        let said = self.connection.query_row(sql, [], |row| row.get(0));
        said.is_ok_and(|line: String| line == "ok")
            && photo_indexes::agree(&self.connection).unwrap_or(false)
    }

    /// A sentence for each damaged row of the table.
    fn name_damaged(&self, guarded: &Guarded) -> Result<Vec<String>, StoreError> {
        let table = guarded.table;
        let sql = format!(
            "SELECT {} FROM main.{table} WHERE NOT ({})",
            name_of(table),
            guarded.is_intact(table)
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let (mut named, mut more) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if named.len() < NAMED {
                let name = row.get_ref(0)?.as_bytes().unwrap_or(b"a row").to_vec();
                let name = paths::from_bytes(name);
                named.push(format!("{} has changed on the disk", name.display()));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            named.push(format!(
                "{more} more rows of `{table}` have changed on the disk"
            ));
        }
        Ok(named)
    }

    /// Reports missing or surplus rows.
    fn miscounted(&self, guarded: &Guarded) -> Result<Vec<String>, StoreError> {
        let table = guarded.table;
        let sql = format!(
            "SELECT count(*) FROM main.{table} WHERE NOT ({})",
            guarded.is_intact(table)
        );
        let damaged: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        let counted = guard::counted(&self.connection, guarded)?;
        let there = counted.rows + damaged;
        Ok(match guard::noted(&self.connection, table)? {
            None => vec![format!(
                "the count of the rows of `{table}` has changed on the disk"
            )],
            Some(noted) if noted.rows > there => {
                vec![format!(
                    "{} rows of `{table}` have vanished",
                    noted.rows - there
                )]
            }
            Some(noted) if noted.rows < there => {
                vec![format!(
                    "`{table}` has {} rows too many",
                    there - noted.rows
                )]
            }
            Some(noted) if damaged == 0 && noted != counted => {
                vec![format!("rows of `{table}` are not those that were written")]
            }
            Some(_) => Vec::new(),
        })
    }
}

/// SQL for the name of a row, for a message.
fn name_of(table: &str) -> &'static str {
    match table {
        "labels" => "'the label `' || name || '`'",
        "decisions" => {
            "'the decision on `' || coalesce((SELECT name FROM labels WHERE id = label_id), label_id)
             || '` for ' || coalesce((SELECT CAST(min(path) AS TEXT) FROM files
                 WHERE files.photo_id = decisions.photo_id), 'photo ' || photo_id)"
        }
        "vocabularies" => "'the vocabulary `' || name || '`'",
        "learning" => {
            "'whether the label `' ||
             coalesce((SELECT name FROM labels WHERE id = label_id), label_id) || '` learns'"
        }
        "former_keywords" => "'the former keyword `' || keyword || '`'",
        "exports" => "'the note on export ' || id",
        "export_writes" => "'the note on what export ' || export_id || ' wrote into ' || CAST(path AS TEXT)",
        _ => "'the note on the keyword `' || keyword || '` of write ' || write_id",
    }
}

/// The damage found so far, each once.
struct Found(Vec<String>);

impl Found {
    /// Adds the lines of one of SQLite's checks, which says `ok` if all is well.
    fn lines(&mut self, connection: &Connection, sql: &str) -> Result<(), StoreError> {
        let read = || -> Result<Vec<String>, StoreError> {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let mut lines = read();
        if let Ok(lines) = &mut lines {
            lines.retain(|line| line != "ok");
        }
        self.keep(lines, "the file cannot be checked")
    }

    /// Counts a read error caused by damage as damage, and continues.
    fn keep(
        &mut self,
        lines: Result<Vec<String>, StoreError>,
        failed: &str,
    ) -> Result<(), StoreError> {
        let lines = match lines {
            Ok(lines) => lines,
            Err(StoreError::Sqlite(error)) if is_damage(&error) => {
                vec![format!("{failed}: {error}")]
            }
            Err(error) => return Err(error),
        };
        for line in lines {
            if !self.0.contains(&line) {
                self.0.push(line);
            }
        }
        Ok(())
    }
}

/// Whether an error means that the file is damaged, rather than unavailable.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(..) | rusqlite::Error::SqlInputError { .. } => matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::Unknown
                    | ErrorCode::TypeMismatch
                    | ErrorCode::TooBig
            )
        ),
        // A value of a type that its column cannot have.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::{ContentHash, FileStamp};
    use crate::store::{Decision, Origin, Verdict};

    #[test]
    fn damage_is_named_by_what_it_is_of() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        store
            .write(|w| {
                let root = w.add_folder("/photos".as_ref())?;
                let stamp = FileStamp {
                    size_bytes: 1,
                    modified_ns: 1,
                };
                let file = w.add_file(root, "/photos/a.jpg".as_ref(), stamp)?;
                let photo = w.photo_of(&ContentHash::new([7; 32]))?;
                let sql = "UPDATE files SET photo_id = ?1 WHERE id = ?2";
                w.connection.execute(sql, rusqlite::params![photo, file])?;
                for label in ["dog", "cat"] {
                    let yes = Decision::now(Verdict::Accepted, Origin::Person);
                    w.decide(photo, w.label(label)?, Some(yes))?;
                }
                Ok(())
            })
            .unwrap();
        for depth in [Depth::BackedUp, Depth::Kept, Depth::Quick, Depth::Whole] {
            assert_eq!(store.damage(depth).unwrap(), Vec::<String>::new());
        }
        assert_eq!(store.glance().unwrap(), None);
        let raw = Connection::open(&store.path).unwrap();
        raw.execute_batch(
            "UPDATE decisions SET accepted = 0 WHERE label_id = 1;
             DELETE FROM decisions WHERE label_id = 2;
             UPDATE labels SET name = 'cot' WHERE id = 2;",
        )
        .unwrap();
        assert!(store.glance().unwrap().is_some());
        for depth in [Depth::BackedUp, Depth::Kept, Depth::Quick, Depth::Whole] {
            let expected = [
                "the label `cot` has changed on the disk",
                "the decision on `dog` for /photos/a.jpg has changed on the disk",
                "1 rows of `decisions` have vanished",
            ];
            assert_eq!(store.damage(depth).unwrap(), expected);
        }
    }
}
