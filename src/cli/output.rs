//! Results on standard output, in the form that was asked for.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a head line (RFC 4180).
    Csv,
}

/// What a command prints unless it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One item after the other.
    Items,
    /// One thing as a whole.
    One,
}

/// Writes one result after the other; each is through to the reader when [`Output::item`] returns.
pub struct Output<W: Write = BufWriter<StdoutLock<'static>>> {
    format: Format,
    kind: Kind,
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    written: usize,
    to: W,
}

impl Output {
    /// To standard output. `head` names the columns of [`Format::Table`] and [`Format::Csv`].
    pub fn stdout(format: Option<Format>, kind: Kind, head: &'static [&'static str]) -> Self {
        let format = format.unwrap_or_else(|| match (io::stdout().is_terminal(), kind) {
            (true, _) => Format::Table,
            (false, Kind::Items) => Format::Jsonl,
            (false, Kind::One) => Format::Json,
        });
        Self::new(format, kind, head, BufWriter::new(io::stdout().lock()))
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
            to,
        }
    }

    /// Writes one result; `cells` stands for it where there are columns.
    pub fn item<T: Serialize>(&mut self, item: &T, cells: Vec<String>) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.head.len());
        match self.format {
            Format::Table => self.rows.push(cells),
            Format::Csv => {
                if self.written == 0 {
                    let head: Vec<String> = self.head.iter().map(|h| (*h).to_owned()).collect();
                    self.csv(&head)?;
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

    /// Writes what waits for the end: a table, or the end of a list.
    pub fn finish(mut self) -> io::Result<()> {
        match (self.format, self.kind, self.written) {
            (Format::Table, ..) => self.table()?,
            (Format::Json, Kind::Items, 0) => self.to.write_all(b"[]\n")?,
            (Format::Json, Kind::Items, _) => self.to.write_all(b"\n]\n")?,
            (Format::Json, Kind::One, _) => self.to.write_all(b"\n")?,
            (Format::Jsonl | Format::Csv, ..) => {}
        }
        self.to.flush()
    }

    fn csv(&mut self, cells: &[String]) -> io::Result<()> {
        let quote = |cell: &String| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let line: Vec<String> = cells.iter().map(quote).collect();
        write!(self.to, "{}\r\n", line.join(","))
    }

    /// One thing reads best as `name  value` lines, a list as columns.
    fn table(&mut self) -> io::Result<()> {
        let head = self.head.iter().map(|h| (*h).to_owned()).collect();
        let rows = std::mem::take(&mut self.rows);
        let lines: Vec<Vec<String>> = match self.kind {
            Kind::Items => std::iter::once(head).chain(rows).collect(),
            Kind::One => {
                let cells = rows.into_iter().flatten();
                head.into_iter()
                    .zip(cells)
                    .map(|(h, c)| vec![h, c])
                    .collect()
            }
        };
        let columns = lines.first().map_or(0, Vec::len);
        let mut widths = vec![0; columns];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.width());
            }
        }
        for line in &lines {
            let mut text = String::new();
            for (width, cell) in widths.iter().zip(line) {
                text += cell;
                text.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
            }
            writeln!(self.to, "{}", text.trim_end())?;
        }
        Ok(())
    }
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
