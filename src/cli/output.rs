//! Writes results to standard output in the requested format.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use serde::Serialize;

use crate::cli::table;
use crate::cli::table::Cell;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a head line (RFC 4180).
    Csv,
    /// The same for spreadsheets, which would evaluate cells that look like formulas.
    #[value(skip)]
    GuardedCsv,
}

/// The kind of output, which determines the default format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A list of items.
    Items,
    /// A single thing.
    One,
}

/// Writes results one by one; the reader has each when [`Output::item`] returns.
pub(crate) struct Output<W: Write = BufWriter<StdoutLock<'static>>> {
    format: Format,
    kind: Kind,
    head: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
    written: usize,
    /// The terminal's width in columns; `None` if standard output is not a terminal.
    width: Option<usize>,
    to: W,
}

impl Output {
    /// Writes to standard output. `head` names the columns of [`Format::Table`] and
    /// [`Format::Csv`].
    pub(crate) fn stdout(
        format: Option<Format>,
        kind: Kind,
        head: &'static [&'static str],
    ) -> Self {
        let format = format.unwrap_or_else(|| match (io::stdout().is_terminal(), kind) {
            (true, _) => Format::Table,
            (false, Kind::Items) => Format::Jsonl,
            (false, Kind::One) => Format::Json,
        });
        let width = terminal_size::terminal_size_of(io::stdout());
        Self {
            width: width.map(|(width, _)| usize::from(width.0)),
            ..Self::new(format, kind, head, BufWriter::new(io::stdout().lock()))
        }
    }
}

impl<W: Write> Output<W> {
    fn new(format: Format, kind: Kind, head: &'static [&'static str], to: W) -> Self {
        Self {
            format,
            kind,
            head,
            rows: Vec::new(),
            written: 0,
            width: None,
            to,
        }
    }

    /// Writes one result; `cells` are used for formats with columns.
    pub(crate) fn item<T: Serialize, C: Into<Cell>>(
        &mut self,
        item: &T,
        cells: Vec<C>,
    ) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.head.len());
        let cells: Vec<Cell> = cells.into_iter().map(Into::into).collect();
        match self.format {
            Format::Table => self.rows.push(cells),
            Format::Csv | Format::GuardedCsv => {
                if self.written == 0 {
                    self.csv(&self.heads())?;
                }
                self.csv(&cells)?;
            }
            Format::Jsonl => {
                serde_json::to_writer(&mut self.to, item)?;
                self.to.write_all(b"\n")?;
            }
            Format::Json => {
                let before = match (self.kind, self.written) {
                    (Kind::One, _) => "",
                    (Kind::Items, 0) => "[\n",
                    (Kind::Items, _) => ",\n",
                };
                self.to.write_all(before.as_bytes())?;
                serde_json::to_writer(&mut self.to, item)?;
            }
        }
        self.written += 1;
        self.to.flush()
    }

    /// Whether the output is for people to read.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Writes what comes at the end: a table, or the end of a list.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        match (self.format, self.kind, self.written) {
            (Format::Table, ..) => self.table()?,
            (Format::Json, Kind::Items, 0) => self.to.write_all(b"[]\n")?,
            (Format::Json, Kind::Items, _) => self.to.write_all(b"\n]\n")?,
            (Format::Json, Kind::One, _) => self.to.write_all(b"\n")?,
            (Format::Jsonl | Format::Csv | Format::GuardedCsv, ..) => {}
        }
        self.to.flush()
    }

    fn heads(&self) -> Vec<Cell> {
        let head = self.head.iter().map(|h| (*h).to_owned());
        head.map(Cell::from).collect()
    }

    fn csv(&mut self, cells: &[Cell]) -> io::Result<()> {
        let guarded = self.format == Format::GuardedCsv;
        let quote = |cell: &Cell| {
            let mut text = cell.text();
            if guarded && is_formula(&text) {
                text.insert(0, '\'');
            }
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text
            }
        };
        let line: Vec<String> = cells.iter().map(quote).collect();
        write!(self.to, "{}\r\n", line.join(","))
    }

    /// Formats one thing as `name  value` lines, a list as columns.
    fn table(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let rows: Vec<Vec<Cell>> = match self.kind {
            Kind::Items => std::iter::once(self.heads()).chain(rows).collect(),
            Kind::One => {
                let cells = rows.into_iter().flatten();
                let lines = self.heads().into_iter().zip(cells);
                lines.map(|(head, cell)| vec![head, cell]).collect()
            }
        };
        for line in table::lines(&rows, self.width) {
            writeln!(self.to, "{line}")?;
        }
        Ok(())
    }
}

/// Whether a spreadsheet would evaluate a cell
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). A negative number is a number.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(format: Format, kind: Kind, items: &[(&str, u32)]) -> String {
        #[derive(Serialize)]
        struct Item<'a> {
            name: &'a str,
            count: u32,
        }
        let mut out = Vec::new();
        let mut output = Output::new(format, kind, &["name", "count"], &mut out);
        for (name, count) in items {
            let item = Item {
                name,
                count: *count,
            };
            let cells = vec![(*name).to_owned(), count.to_string()];
            output.item(&item, cells).unwrap();
        }
        output.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    const ITEMS: &[(&str, u32)] = &[("naïve, \"x\"", 1), ("写真", 20)];

    #[test]
    fn every_form_of_a_list() {
        assert_eq!(
            print(Format::Jsonl, Kind::Items, ITEMS),
            "{\"name\":\"naïve, \\\"x\\\"\",\"count\":1}\n{\"name\":\"写真\",\"count\":20}\n"
        );
        assert_eq!(
            print(Format::Csv, Kind::Items, ITEMS),
            "name,count\r\n\"naïve, \"\"x\"\"\",1\r\n写真,20\r\n"
        );
        assert_eq!(
            print(Format::Table, Kind::Items, ITEMS),
            "name        count\nnaïve, \"x\"  1\n写真        20\n"
        );
        let json = print(Format::Json, Kind::Items, ITEMS);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read[1]["count"], 20);
        assert_eq!(print(Format::Json, Kind::Items, &[]), "[]\n");
    }

    #[test]
    fn guarded_cells_are_no_formulas() {
        let items = &[
            ("=cmd|'/C calc'!A0", 1),
            ("@a", 2),
            ("-x", 3),
            ("-1.5", 4),
            ("+a\"", 5),
        ];
        assert_eq!(
            print(Format::GuardedCsv, Kind::Items, items),
            "name,count\r\n'=cmd|'/C calc'!A0,1\r\n'@a,2\r\n'-x,3\r\n-1.5,4\r\n\"'+a\"\"\",5\r\n"
        );
        let exact = print(Format::Csv, Kind::Items, items);
        assert!(exact.contains("\r\n=cmd") && exact.contains("\r\n@a"));
    }

    #[test]
    fn one_thing_is_one_object_and_reads_downwards() {
        let json = print(Format::Json, Kind::One, &ITEMS[..1]);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["count"], 1);
        assert_eq!(
            print(Format::Table, Kind::One, &ITEMS[..1]),
            "name   naïve, \"x\"\ncount  1\n"
        );
    }
}
