//! Checksums on decisions, vocabularies and the journal of exports. A row whose bytes have changed on
//! disk is noticed when it is read, and a vanished row when its table is counted.
//!
//! Triggers of each writing connection maintain them, so no statement can forget to. Readers use
//! the views `intact_decisions` and so on, which leave out damaged rows. Views and triggers are
//! temporary, so damage to the file cannot change them.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, ToSql};

/// A table with a checksum in every row.
#[derive(Clone, Copy)]
pub(super) struct Guarded {
    /// Its name.
    pub(super) table: &'static str,
    /// The key columns.
    pub(super) key: &'static [&'static str],
    /// The other columns, without the checksum.
    pub(super) rest: &'static [&'static str],
}

/// Each table comes after those that it references.
pub(super) const GUARDED: [Guarded; 8] = [
    Guarded {
        table: "labels",
        key: &["id"],
        rest: &["name"],
    },
    Guarded {
        table: "decisions",
        key: &["photo_id", "label_id"],
        rest: &["accepted", "origin", "decided_ms"],
    },
    Guarded {
        table: "vocabularies",
        key: &["id"],
        rest: &["name", "text", "active"],
    },
    Guarded {
        table: "learning",
        key: &["label_id"],
        rest: &["active", "since_ms"],
    },
    Guarded {
        table: "former_keywords",
        key: &["keyword"],
        rest: &["label_id"],
    },
    Guarded {
        table: "exports",
        key: &["id"],
        rest: &["started_ms", "undone_ms"],
    },
    Guarded {
        table: "export_writes",
        key: &["id"],
        rest: &[
            "export_id",
            "path",
            "before",
            "after",
            "previous",
            "record",
            "settled",
            "source_id",
        ],
    },
    Guarded {
        table: "export_keywords",
        key: &["write_id", "later", "keyword"],
        rest: &["label_id"],
    },
];

/// Sums have 40 bits, so that the total of eight million rows fits into SQLite's integers.
const SUM_MASK: i64 = (1 << 40) - 1;

impl Guarded {
    /// All columns except the checksum.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        self.key.iter().chain(self.rest).copied().collect()
    }

    /// SQL for the checksum that the row `of` should have.
    pub(super) fn sum(&self, of: &str) -> String {
        let columns = self.columns();
        let columns: Vec<String> = columns.iter().map(|c| format!("{of}.{c}")).collect();
        format!("row_sum('{}', {})", self.table, columns.join(", "))
    }

    /// SQL for whether the row `of` matches its checksum.
    pub(super) fn is_intact(&self, of: &str) -> String {
        format!("{of}.checksum IS {}", self.sum(of))
    }
}

/// Registers `row_sum` on a connection: the checksum of a table's name and a row's values.
pub(super) fn add_function(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("row_sum", -1, flags, |context| {
        let mut hasher = blake3::Hasher::new();
        let mut add = |kind: u8, bytes: &[u8]| {
            hasher.update(&[kind]);
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for i in 0..context.len() {
            match context.get_raw(i) {
                ValueRef::Null => add(0, &[]),
                ValueRef::Integer(n) => add(1, &n.to_le_bytes()),
                ValueRef::Real(x) => add(2, &x.to_le_bytes()),
                ValueRef::Text(text) => add(3, text),
                ValueRef::Blob(blob) => add(4, blob),
            }
        }
        let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
        Ok(i64::from_le_bytes([a, b, c, d, e, f, g, h]) & SUM_MASK)
    })
}

/// Creates the views without damaged rows: `intact_decisions` and so on.
pub(super) fn add_views(connection: &Connection) -> rusqlite::Result<()> {
    for guarded in GUARDED {
        let table = guarded.table;
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW intact_{table} AS SELECT {} FROM main.{table} AS row WHERE {}",
            guarded.columns().join(", "),
            guarded.is_intact("row")
        ))?;
    }
    Ok(())
}

/// Makes the connection maintain checksums and totals. A change to a damaged row leaves it damaged,
/// unless it corrects the damage.
pub(super) fn add_triggers(connection: &Connection) -> rusqlite::Result<()> {
    for guarded in GUARDED {
        let Guarded { table, key, .. } = guarded;
        let this: Vec<String> = key.iter().map(|k| format!("{k} = NEW.{k}")).collect();
        let new = guarded.sum("NEW");
        let set = format!(
            "UPDATE {table} SET checksum = {new} WHERE {}",
            this.join(" AND ")
        );
        let was_intact = guarded.is_intact("OLD");
        let more = add_to_totals(table, "1", &new);
        let other = add_to_totals(table, "0", &format!("{new} - OLD.checksum"));
        let fewer = add_to_totals(table, "-1", "-OLD.checksum");
        connection.execute_batch(&format!(
            "CREATE TEMP TRIGGER {table}_added AFTER INSERT ON main.{table}
             BEGIN {set}; {more}; END;
             CREATE TEMP TRIGGER {table}_changed AFTER UPDATE OF {columns} ON main.{table}
             WHEN {was_intact} BEGIN {set}; {other}; END;
             CREATE TEMP TRIGGER {table}_removed AFTER DELETE ON main.{table}
             WHEN {was_intact} BEGIN {fewer}; END;",
            columns = guarded.columns().join(", ")
        ))?;
    }
    Ok(())
}

fn add_to_totals(table: &str, rows: &str, sum: &str) -> String {
    format!(
        "UPDATE totals SET rows = rows + {rows}, total = total + ({sum}),
             checksum = row_sum('totals', name, rows + {rows}, total + ({sum}))
         WHERE name = '{table}' AND checksum IS row_sum('totals', name, rows, total)"
    )
}

/// Removes a damaged row that is about to be replaced.
pub(super) fn drop_damaged(
    connection: &Connection,
    table: &str,
    key: impl ToSql,
) -> rusqlite::Result<()> {
    let Some(guarded) = GUARDED.iter().find(|g| g.table == table) else {
        return Ok(());
    };
    let sql = format!(
        "DELETE FROM {table} WHERE {} = ?1 AND NOT ({})",
        guarded.key.join(", "),
        guarded.is_intact(table)
    );
    connection.prepare_cached(&sql)?.execute([key])?;
    Ok(())
}

/// A table's rows and the sum of their checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) rows: i64,
    pub(super) sum: i64,
}

/// The recorded total of a table; `None` if the record is damaged.
pub(super) fn noted(connection: &Connection, table: &str) -> rusqlite::Result<Option<Total>> {
    let sql = "SELECT rows, total FROM main.totals
               WHERE name = ?1 AND checksum IS row_sum('totals', name, rows, total)";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Total {
            rows: row.get(0)?,
            sum: row.get(1)?,
        })
    };
    connection.query_row(sql, [table], read).optional()
}

/// Counts the intact rows of a table.
pub(super) fn counted(connection: &Connection, guarded: &Guarded) -> rusqlite::Result<Total> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(checksum), 0) FROM main.{0} WHERE {1}",
        guarded.table,
        guarded.is_intact(guarded.table)
    );
    connection.query_row(&sql, [], |row| {
        Ok(Total {
            rows: row.get(0)?,
            sum: row.get(1)?,
        })
    })
}

/// Records the current total of the table.
pub(super) fn recount(connection: &Connection, guarded: &Guarded) -> rusqlite::Result<()> {
    let Total { rows, sum } = counted(connection, guarded)?;
    connection.execute(
        "INSERT OR REPLACE INTO totals (name, rows, total, checksum)
         VALUES (?1, ?2, ?3, row_sum('totals', ?1, ?2, ?3))",
        rusqlite::params![guarded.table, rows, sum],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::{ExportId, PhotoId};
    use crate::core::photo::ContentHash;
    use crate::store::{Decision, Origin, Store, StoredVocabulary, Verdict, schema};

    fn library(folder: &std::path::Path) -> Store {
        let mut store = Store::open(&folder.join("library.sqlite")).unwrap();
        store
            .write(|w| {
                for n in 0..9 {
                    let photo = w.photo_of(&ContentHash::new([n; 32]))?;
                    let yes = Decision::now(Verdict::Accepted, Origin::Person);
                    w.decide(photo, w.label("dog")?, Some(yes))?;
                    w.decide(photo, w.label("cat")?, Some(yes))?;
                }
                w.set_vocabulary(&StoredVocabulary {
                    name: "mine".into(),
                    text: "dog\ncat\n".into(),
                })
            })
            .unwrap();
        store
    }

    /// Writes past the triggers, as damage does.
    fn damage(store: &Store, sql: &str) {
        let raw = Connection::open(&store.path).unwrap();
        assert!(raw.execute(sql, []).unwrap() > 0);
    }

    #[test]
    fn every_column_is_guarded() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        for guarded in GUARDED {
            let sql = "SELECT name FROM pragma_table_info(?1) WHERE name != 'checksum'";
            let mut statement = store.connection.prepare(sql).unwrap();
            let rows = statement.query_map([guarded.table], |row| row.get::<_, String>(0));
            let mut there: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
            there.sort();
            let mut named = guarded.columns();
            named.sort_unstable();
            assert_eq!(there, named, "{}", guarded.table);
        }
    }

    #[test]
    fn a_damaged_decision_is_left_out_and_a_new_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = library(folder.path());
        damage(
            &store,
            "UPDATE decisions SET accepted = 0 WHERE photo_id = 3 AND label_id = 1",
        );
        let (dog, cat) = (store.label("dog").unwrap(), store.label("cat").unwrap());
        let on = |store: &Store, label: Option<_>| store.decisions_on(label.unwrap()).unwrap();
        assert_eq!((on(&store, dog).len(), on(&store, cat).len()), (8, 9));
        assert_eq!(store.decisions().unwrap().len(), 17);
        assert_eq!(store.tags_of(PhotoId::new(3)).unwrap().len(), 1);
        assert_eq!(store.lessons().unwrap()[&dog.unwrap()].len(), 8);
        assert_eq!(store.overview_tags(None).unwrap().len(), 17);
        let no = Decision::now(Verdict::Rejected, Origin::Person);
        let before = store
            .write(|w| w.decide(PhotoId::new(3), dog.unwrap(), Some(no)))
            .unwrap();
        assert_eq!(before, None);
        assert!(on(&store, dog).contains(&(PhotoId::new(3), no)));
    }

    #[test]
    fn what_cannot_be_trusted_is_an_error_and_not_another_thing() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = library(folder.path());
        damage(
            &store,
            "UPDATE vocabularies SET text = 'dog' || x'0a' || 'cot'",
        );
        let error = store.vocabulary().unwrap_err().to_string();
        assert!(error.contains("`mine`"), "{error}");
        damage(&store, "UPDATE labels SET checksum = 1 WHERE name = 'dog'");
        assert_eq!(store.label("dog").unwrap(), None);
        assert_eq!(store.decisions().unwrap().len(), 9);
        let error = store.write(|w| w.label("dog")).unwrap_err().to_string();
        assert!(error.contains("`dog`"), "{error}");
        // The user's new decision counts.
        let again = StoredVocabulary {
            name: "mine".into(),
            text: "dog\n".into(),
        };
        store.write(|w| w.set_vocabulary(&again)).unwrap();
        assert_eq!(store.vocabulary().unwrap(), Some(again));
    }

    #[test]
    fn rows_that_vanish_are_missed() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        let decisions = GUARDED[1];
        let totals = |store: &Store| {
            let noted = noted(&store.connection, "decisions").unwrap();
            (noted, counted(&store.connection, &decisions).unwrap())
        };
        let (noted, counted) = totals(&store);
        assert_eq!(noted, Some(counted));
        damage(&store, "DELETE FROM decisions WHERE photo_id = 3");
        let (noted, counted) = totals(&store);
        assert_eq!(noted.unwrap().rows, counted.rows + 2);
        damage(
            &store,
            "UPDATE totals SET rows = 16 WHERE name = 'decisions'",
        );
        assert_eq!(totals(&store).0, None);
        recount(&store.connection, &decisions).unwrap();
        let (noted, counted) = totals(&store);
        assert_eq!(noted, Some(counted));
    }

    #[test]
    fn an_older_library_gets_its_sums() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        schema::make_version(&path, 5);
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch(
            "INSERT INTO photos (id, hash) VALUES (1, zeroblob(32));
             INSERT INTO labels (id, name) VALUES (1, 'dog');
             INSERT INTO decisions VALUES (1, 1, 1, 1, 77);
             INSERT INTO vocabularies (name, text, active) VALUES ('mine', 'dog', 1);
             INSERT INTO exports (started_ms) VALUES (5);
             INSERT INTO export_writes (export_id, path, record) VALUES (1, x'2f', 'r');",
        )
        .unwrap();
        drop(raw);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.decisions().unwrap()[0].decision.decided_ms, 77);
        assert_eq!(store.vocabulary().unwrap().unwrap().text, "dog");
        assert_eq!(store.export_writes(ExportId::new(1)).unwrap().len(), 1);
        for guarded in GUARDED {
            let noted = noted(&store.connection, guarded.table).unwrap();
            assert_eq!(noted, Some(counted(&store.connection, &guarded).unwrap()));
        }
    }
}
