//! Reads a vocabulary from a text or a file, or the built-in one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::parse;

/// The largest commercial keyword collections have some hundred kilobytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

impl Vocabulary {
    /// Reads a vocabulary in any of the three formats.
    ///
    /// # Errors
    /// All problems of the text, each with its line.
    pub fn parse(text: &str) -> Result<Self, VocabularyError> {
        parse::parse(text)
    }

    /// Reads a file: like [`Vocabulary::parse`], in UTF-8 with or without a byte order mark, or in
    /// UTF-16 with one, as Lightroom on Windows writes it.
    ///
    /// # Errors
    /// As [`Vocabulary::parse`], with the file's name; and if the file cannot be read, is not text
    /// or has more than 16 MiB.
    pub(crate) fn read(path: &Path) -> Result<Self, VocabularyError> {
        let parsed = read_bytes(path)
            .map_err(|problem| VocabularyError::new(vec![problem]))
            .and_then(|bytes| parse::parse_bytes(&bytes));
        parsed.map_err(|error| error.in_file(path))
    }

    /// Returns the unchanged text of a valid vocabulary file. A library keeps it, so that it can
    /// return the file as it was.
    ///
    /// # Errors
    /// As [`Vocabulary::read`].
    pub(crate) fn read_text(path: &Path) -> Result<String, VocabularyError> {
        let text = read_bytes(path)
            .and_then(|bytes| parse::decode(&bytes))
            .map_err(|problem| VocabularyError::new(vec![problem]));
        text.and_then(|text| parse::parse(&text).map(|_| text))
            .map_err(|error| error.in_file(path))
    }

    /// The text of [`Vocabulary::builtin`].
    pub(crate) const BUILTIN_TEXT: &'static str = include_str!("../../../assets/vocabulary.toml");

    /// The built-in vocabulary (`assets/vocabulary.toml`).
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Vocabulary> = LazyLock::new(|| {
            Vocabulary::parse(Vocabulary::BUILTIN_TEXT)
                .unwrap_or_else(|error| unreachable!("a test holds the text to be sound: {error}"))
        });
        &BUILTIN
    }
}

/// Reads the file, up to the largest size of a vocabulary.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::whole("there is no such file"),
        _ => Problem::whole(format!("cannot read the vocabulary: {error}")),
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        return within_limit(bytes);
    }
    if path.is_dir() {
        return Err(Problem::whole("it is a folder, not a vocabulary file"));
    }
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    within_limit(bytes)
}

fn within_limit(bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Problem::whole(format!(
            "the file has more than {} MiB; a vocabulary is a short text file",
            MAX_FILE_BYTES >> 20
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let big = folder.path().join("big.txt");
        fs::write(&big, vec![b'a'; (MAX_FILE_BYTES + 1) as usize]).unwrap();
        for (path, word) in [
            (folder.path().join("none.txt"), "no such file"),
            (folder.path().to_owned(), "folder"),
            (big, "16 MiB"),
        ] {
            let error = Vocabulary::read(&path).unwrap_err();
            assert_eq!(error.path.as_deref(), Some(path.as_path()));
            assert!(error.to_string().contains(word), "{error}");
        }
        let small = folder.path().join("small.txt");
        fs::write(&small, "\u{FEFF}dog\r\ncat\r\n").unwrap();
        assert_eq!(Vocabulary::read(&small).unwrap().labels().len(), 2);
    }
}
