//! The names of all files in one text, for searches while the user types.

use std::ops::Range;

use crate::app::catalogue::row::Row;

/// The names of the rows' files, in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileNames {
    /// One name a line.
    text: String,
    /// Where the name of each row begins.
    starts: Vec<u32>,
}

impl FileNames {
    /// The names of these rows.
    pub(crate) fn of(rows: &[Row]) -> Self {
        let mut names = Self::default();
        for row in rows {
            let start = u32::try_from(names.text.len()).unwrap_or(u32::MAX);
            names.starts.push(start);
            let name = row.name().to_lowercase();
            names.text.extend(name.chars().filter(|c| *c != '\n'));
            names.text.push('\n');
        }
        names
    }

    /// The first `most` of these rows whose names contain `part`, which is in lower case.
    pub(crate) fn find(&self, part: &str, rows: Range<usize>, most: usize) -> Vec<usize> {
        let start = |row: usize| match self.starts.get(row) {
            Some(start) => *start as usize,
            None => self.text.len(),
        };
        let (mut from, end) = (start(rows.start), start(rows.end));
        let mut found = Vec::new();
        while found.len() < most
            && let Some(hit) = self.text.get(from..end).and_then(|text| text.find(part))
        {
            let row = self.starts.partition_point(|s| *s as usize <= from + hit);
            found.push(row.saturating_sub(1));
            from = start(row);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::row;

    #[test]
    fn each_file_is_found_once_by_a_part_of_its_name() {
        let paths = ["/a/DSC_1.jpg", "/a/jpg.jpg", "/a/Ü.png", "/b/dsc_2.jpg"];
        let rows = paths.map(|path| row(path, Some(1), 0));
        let names = FileNames::of(&rows);
        assert_eq!(names.find("jpg", 0..4, 9), [0, 1, 3]);
        assert_eq!(names.find("dsc", 0..4, 1), [0]);
        assert_eq!(names.find("dsc", 1..9, 9), [3]);
        assert_eq!(names.find("ü", 0..4, 9), [2]);
        assert!(names.find("gdsc", 0..4, 9).is_empty(), "names are apart");
    }
}
