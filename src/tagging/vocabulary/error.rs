//! The problems of a vocabulary, by line.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

/// As many problems as a user reads before correcting the file and trying again.
const SHOWN: usize = 20;

/// One problem for the user to correct in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The line, from 1; `None` if the whole file could not be read.
    pub(crate) line: Option<usize>,
    /// The problem and what to do, without the line.
    pub(crate) message: String,
}

impl Problem {
    /// A problem of one line.
    pub(crate) fn at(line: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            message: message.into(),
        }
    }

    /// A problem of the whole file.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self {
            line: None,
            message: message.into(),
        }
    }

    /// `FILE:LINE: message`, the format of compilers that editors understand; without a file, `line
    /// LINE: message`.
    pub(crate) fn located(&self, path: Option<&Path>) -> String {
        let message = &self.message;
        match (path, self.line) {
            (Some(path), Some(line)) => format!("{}:{line}: {message}", path.display()),
            (Some(path), None) => format!("{}: {message}", path.display()),
            (None, Some(line)) => format!("line {line}: {message}"),
            (None, None) => message.clone(),
        }
    }
}

/// Why a vocabulary could not be read: all problems, in the order of the lines.
///
/// Displays the first twenty, one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VocabularyError {
    /// The file, if the text came from one.
    pub(crate) path: Option<PathBuf>,
    /// At least one problem.
    pub(crate) problems: Vec<Problem>,
}

impl VocabularyError {
    /// Sorts the problems by line.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|p| p.line);
        Self {
            path: None,
            problems,
        }
    }

    /// Adds the file's name.
    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }
}

impl fmt::Display for VocabularyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().take(SHOWN).enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&problem.located(self.path.as_deref()))?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl Error for VocabularyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_one_problem_a_line_and_counts_the_rest() {
        let problems = (1..=23).rev().map(|n| Problem::at(n, "no")).collect();
        let error = VocabularyError::new(problems).in_file(Path::new("my.txt"));
        let text = error.to_string();
        assert!(text.starts_with("my.txt:1: no\nmy.txt:2: no\n"), "{text}");
        assert!(text.ends_with("my.txt:20: no\nand 3 more"), "{text}");
    }

    #[test]
    fn leaves_out_what_is_not_known() {
        let whole = Problem::whole("no such file");
        assert_eq!(
            whole.located(Some(Path::new("a.toml"))),
            "a.toml: no such file"
        );
        assert_eq!(
            VocabularyError::new(vec![Problem::at(4, "no")]).to_string(),
            "line 4: no"
        );
    }
}
