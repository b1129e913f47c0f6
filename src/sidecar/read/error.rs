//! Why a sidecar was not read or not written.

use std::io;
use std::path::{Path, PathBuf};

use crate::sidecar::read::refusal::Refusal;

/// A fault with the path of its sidecar. Nothing was written, unless the fault says otherwise.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct SidecarError {
    /// The sidecar, or the photo if no sidecar could be named.
    pub(crate) path: PathBuf,
    /// What is wrong.
    #[source]
    pub(crate) fault: Fault,
}

impl SidecarError {
    /// The fault of one file.
    pub(crate) fn new(path: &Path, fault: Fault) -> Self {
        Self {
            path: path.to_path_buf(),
            fault,
        }
    }

    /// Wraps a system error on the file.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::new(path, Fault::from_io(error))
    }
}

/// What is wrong with a sidecar or its location.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The text is not well-formed XML.
    #[error(
        "line {line}, column {column}: {reason}; the file was left alone, repair it or move it away"
    )]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the parser found.
        reason: String,
    },
    /// A document type or an entity. No sidecar has one, and they can expand without end.
    #[error("line {line}: it declares a document type, which no sidecar needs; it was left alone")]
    Doctype {
        /// Line, from 1.
        line: usize,
    },
    /// Elements nested beyond any real use.
    #[error("line {line}: its elements are nested more than {limit} deep; it was left alone")]
    TooDeep {
        /// Line, from 1.
        line: usize,
        /// The limit.
        limit: usize,
    },
    /// More of something than a sidecar may have.
    #[error("it has more than {limit} {what}; it was left alone")]
    TooMany {
        /// The things counted.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// More bytes than a sidecar may have.
    #[error("it has {bytes} bytes, more than the {limit} that a sidecar may have")]
    TooLarge {
        /// The file's size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// No bytes, or only zeros: what a cloud drive leaves of a file that it moved to its servers,
    /// or a program that was stopped while it wrote.
    #[error("it is empty; have the cloud drive download it, or remove it to have it written again")]
    Empty,
    /// The content is only on a cloud drive's servers.
    #[error("its content is in the cloud only; have the cloud drive download it")]
    Evicted,
    /// Text in an unsupported encoding.
    #[error("its text is in {encoding}; save it as UTF-8")]
    Encoding {
        /// The encoding.
        encoding: String,
    },
    /// XML, but not XMP.
    #[error("it is XML without an rdf:RDF element, so it is not an XMP sidecar; it was left alone")]
    NotXmp,
    /// A keyword property in a form that cannot be edited without changing its meaning.
    #[error("line {line}: {property} is written {form}, which cannot be edited; it was left alone")]
    Form {
        /// Line of the property, from 1.
        line: usize,
        /// The property.
        property: &'static str,
        /// How it is written.
        form: &'static str,
    },
    /// More than one photo may own the sidecar.
    #[error(
        "it may belong to {} or to {other}; rename it to {}.xmp if it is this photo's",
        photo,
        photo
    )]
    Ambiguous {
        /// Name of the requested photo.
        photo: String,
        /// Name of another photo that may own the sidecar.
        other: String,
    },
    /// A link out of the photo's folder.
    #[error("it is a link to {}, outside the photo's folder; such links are not written through", target.display())]
    LinkOutside {
        /// Where the link leads.
        target: PathBuf,
    },
    /// A link to nothing.
    #[error("it is a link that leads nowhere")]
    DanglingLink,
    /// A link where there was a file a moment ago.
    #[error("it has just become a link; try again")]
    LinkSinceListed,
    /// A folder, a pipe or a device in place of the sidecar.
    #[error("it is {what}, not a file")]
    NotAFile {
        /// What it is.
        what: &'static str,
    },
    /// The file is marked as read-only.
    #[error("it is read-only; make it writable to have keywords written")]
    ReadOnly,
    /// The name is longer than file systems allow.
    #[error("the sidecar's name has {bytes} bytes, more than the {limit} of a file name")]
    NameTooLong {
        /// Length of the name.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// No permission.
    #[error("permission denied; check who may write in the folder")]
    Denied,
    /// The file system is read-only.
    #[error("the file system is read-only")]
    ReadOnlyFileSystem,
    /// The disk is full.
    #[error("the disk is full; nothing was changed")]
    DiskFull,
    /// It has disappeared since it was looked up.
    #[error("the file or its folder is not there")]
    NotFound,
    /// Another program keeps writing the file.
    #[error("another program keeps changing it; try again when that is done")]
    KeepsChanging,
    /// Another Taglens has locked the folder.
    #[error("another Taglens has been writing in this folder for {seconds} s; try again")]
    Busy {
        /// The time waited, in seconds.
        seconds: u64,
    },
    /// The file is no longer what Taglens wrote, so undoing would lose a change.
    #[error("it changed since it was exported; undoing would lose that, so it was left alone")]
    ChangedSince,
    /// The photo is not where the library expects it, and its sidecar may have moved too.
    #[error(
        "its photo is not at {} any more; run `taglens index` on the folder that it is in now, then undo again",
        photo.display()
    )]
    PhotoAway {
        /// The photo.
        photo: PathBuf,
    },
    /// The library names a file that is not a sidecar in one of its folders.
    #[error(
        "it is not a sidecar in a folder of the library and was left alone; if it was, add that folder again, then undo again"
    )]
    Outside,
    /// An export was killed while it wrote the file, which could not be read since.
    #[error(
        "an export that was interrupted may have written it, and it could not be read ({reason}); export again"
    )]
    Unsettled {
        /// Why it could not be read.
        reason: String,
    },
    /// The caller could not record the previous content, so nothing was written.
    #[error("the journal could not be written ({0}); the sidecar was left alone")]
    Journal(#[source] io::Error),
    /// The result of an edit does not read back as intended: a bug here, found before writing.
    #[error("the edit would not have read back as intended ({reason}); it was left alone")]
    Unsound {
        /// What was found.
        reason: String,
    },
    /// Keywords are not written into the photo.
    #[error("{0}")]
    NotEmbedded(#[source] Box<Refusal>),
    /// Any other error of the system.
    #[error("{0}")]
    Io(#[source] io::Error),
}

impl Fault {
    /// Classifies a system error.
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyFileSystem,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::IsADirectory => Self::NotAFile { what: "a folder" },
            _ => Self::Io(error),
        }
    }

    /// Whether undoing may succeed later: when a disk has room or works again, a lock is gone, or the
    /// photo is back. Otherwise the file is not what was written any more.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Io(_)
                | Self::DiskFull
                | Self::Denied
                | Self::ReadOnly
                | Self::ReadOnlyFileSystem
                | Self::NotFound
                | Self::Evicted
                | Self::Busy { .. }
                | Self::PhotoAway { .. }
                | Self::NotEmbedded(_)
                | Self::Outside
        )
    }

    /// A malformed place in `text`.
    pub(crate) fn malformed(text: &str, at: usize, reason: impl Into<String>) -> Self {
        let (line, column) = line_and_column(text, at);
        Self::Malformed {
            line,
            column,
            reason: reason.into(),
        }
    }
}

/// Line and column, from 1, of the byte `at`. LF, CRLF and CR end lines.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text.as_bytes()[..at];
    let mut line = 1;
    let mut start = 0;
    for (i, &byte) in before.iter().enumerate() {
        let ends = byte == b'\n' || (byte == b'\r' && before.get(i + 1) != Some(&b'\n'));
        if ends {
            line += 1;
            start = i + 1;
        }
    }
    (line, text[start..at].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_of_every_kind() {
        assert_eq!(line_and_column("", 0), (1, 1));
        assert_eq!(line_and_column("é\nab", 4), (2, 2));
        assert_eq!(line_and_column("a\r\nb\rc", 5), (3, 1));
        assert_eq!(line_and_column("é", 1), (1, 1));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }

    #[test]
    fn the_systems_errors_become_words() {
        for (kind, word) in [
            (io::ErrorKind::StorageFull, "disk is full"),
            (io::ErrorKind::ReadOnlyFilesystem, "read-only"),
            (io::ErrorKind::PermissionDenied, "permission"),
            (io::ErrorKind::IsADirectory, "folder"),
        ] {
            let error = SidecarError::io(Path::new("/p/a.xmp"), kind.into());
            let message = error.to_string();
            assert!(message.starts_with("/p/a.xmp: "), "{message}");
            assert!(message.contains(word), "{message}");
        }
    }
}
