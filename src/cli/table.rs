//! Columns of text that fit the width of a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::cli::terminal::harmless;

/// The space between two columns.
const GAP: usize = 2;
/// The least width of a column, whatever the terminal.
const LEAST: usize = 8;

/// The content of one cell: some lines, usually one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell(Vec<String>);

impl Cell {
    /// A cell of several lines.
    pub(crate) fn lines(lines: impl IntoIterator<Item = String>) -> Self {
        Self(lines.into_iter().collect())
    }

    /// The text for programs.
    pub(crate) fn text(&self) -> String {
        self.0.join("\n")
    }

    fn harmless(&self) -> Vec<String> {
        self.0.iter().map(|l| harmless(l).into_owned()).collect()
    }
}

impl From<String> for Cell {
    fn from(line: String) -> Self {
        Self(vec![line])
    }
}

/// Formats rows as lines of text, without anything that controls a terminal. If `width` columns are
/// too few, the widest cells are wrapped.
pub(crate) fn lines(rows: &[Vec<Cell>], width: Option<usize>) -> Vec<String> {
    let rows: Vec<Vec<Vec<String>>> = rows
        .iter()
        .map(|row| row.iter().map(Cell::harmless).collect())
        .collect();
    let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let widest = cell.iter().map(|l| l.width()).max();
            *width = (*width).max(widest.unwrap_or(0));
        }
    }
    if let Some(width) = width {
        fit(&mut widths, width);
    }
    let mut lines = Vec::new();
    for row in &rows {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| cell.iter().flat_map(|line| wrap(line, *width)).collect())
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for i in 0..height {
            let mut text = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                let line = cell.get(i).map_or("", String::as_str);
                text += line;
                let padding = (width + GAP).saturating_sub(line.width());
                text.extend(std::iter::repeat_n(' ', padding));
            }
            lines.push(text.trim_end().to_owned());
        }
    }
    lines
}

/// Narrows the widest columns until all fit into `total`.
fn fit(widths: &mut [usize], total: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > total {
        match widths.iter_mut().max() {
            Some(widest) if *widest > LEAST => *widest -= 1,
            _ => return,
        }
    }
}

/// Wraps a line after a space or a slash if possible, else anywhere.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.width() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut rest = line;
    while rest.width() > width {
        let mut used = 0;
        let fits = rest.char_indices().take_while(|(_, c)| {
            used += c.width().unwrap_or(0);
            used <= width
        });
        let (mut end, mut good) = (0, None);
        for (at, c) in fits {
            end = at + c.len_utf8();
            if matches!(c, ' ' | '/' | '\\') {
                good = Some(end);
            }
        }
        // A character wider than the column gets its own line.
        let end = match end {
            0 => rest.chars().next().map_or(rest.len(), char::len_utf8),
            end => good.unwrap_or(end),
        };
        let (line, after) = rest.split_at(end);
        lines.push(line.trim_end().to_owned());
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<Cell>> {
        let cell = |text: &&str| Cell::from((*text).to_owned());
        rows.iter().map(|r| r.iter().map(cell).collect()).collect()
    }

    #[test]
    fn wide_rows_fit_the_terminal_and_lose_nothing() {
        let path = "/photos/2024/05/a very long name of a photo.jpg";
        let rows = rows(&[
            &["photo", "tags"],
            &[path, "dog 93 %, cat 80 %, 写真写真写真"],
        ]);
        for width in [20, 30, 47, 60, 200] {
            let lines = lines(&rows, Some(width));
            for line in &lines {
                assert!(line.width() <= width, "{width}: {line}");
            }
            let shown: String = lines.concat().split_whitespace().collect();
            assert_eq!(shown.matches("写").count(), 3, "{width}");
        }
        assert_eq!(lines(&rows, None).len(), 2);
        // Even far too narrow, it is a table.
        assert!(lines(&rows, Some(1)).len() > 2);
    }

    #[test]
    fn lines_break_at_spaces_and_slashes() {
        assert_eq!(wrap("dog 93 %, cat", 10), ["dog 93 %,", "cat"]);
        assert_eq!(wrap("/photos/2024/a.jpg", 14), ["/photos/2024/", "a.jpg"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("写真", 1), ["写", "真"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn names_cannot_drive_the_terminal_nor_add_rows() {
        let rows = rows(&[&["a\n\u{1b}[2Jb", "\u{202e}c"]]);
        assert_eq!(lines(&rows, None), ["a\\n\\u{1b}[2Jb  \\u{202e}c"]);
    }
}
