//! The sources of a photo's keywords: the photo itself and each of its sidecars.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::core::capture::NotedTimes;
use crate::core::photo::FileStamp;
use crate::sidecar::read::bookkeeping::Bookkeeping;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::Folder;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, Values, read_values_and_facts};
use crate::sidecar::read::open;
use crate::sidecar::read::property::Property;

/// The kind of a source. Together with the photo's path it identifies the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SourceKind {
    /// The metadata inside the photo.
    Embedded,
    /// `IMG.JPG.xmp`.
    FullName,
    /// `IMG.xmp`.
    Stem,
}

/// A source that was found but not read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its kind.
    pub(crate) kind: SourceKind,
    /// The file: the photo itself, a sidecar (the target if it is a link), or the stub that a cloud
    /// drive left of it.
    pub(crate) path: PathBuf,
    /// Its stamp, or why it cannot be read. An unreadable source still exists, so none of its
    /// keywords count as removed.
    pub(crate) found: Result<FileStamp, SidecarError>,
}

/// The contents of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceContents {
    /// The keywords as written, each once, without other programs' bookkeeping. Names that
    /// `dc:subject` has beside a path that contains them are not separate keywords.
    pub(crate) keywords: Vec<Keyword>,
    /// Taglens's notes from its own property, in order.
    pub(crate) state: Vec<String>,
    /// BLAKE3 in hexadecimal: of a sidecar's bytes, or of the embedded metadata that was read.
    pub(crate) digest: String,
    /// The times from a sidecar.
    pub(crate) times: NotedTimes,
    /// All values, to determine who wrote them.
    pub(in crate::sidecar) values: Values,
    /// Flat names from outside XMP.
    plain: Vec<String>,
}

impl Folder {
    /// Lists the existing sources of a photo in this folder, the photo itself first. Reads a file
    /// only if it must find out which photo an `IMG.xmp` belongs to.
    pub(crate) fn sources(&self, photo: &Path) -> Vec<Source> {
        let mut sources = vec![Source::at(SourceKind::Embedded, photo.to_path_buf())];
        let Some(name) = photo.file_name() else {
            return sources;
        };
        let existing = self.existing(name);
        for (kind, found) in [
            (SourceKind::FullName, existing.full_name),
            (SourceKind::Stem, existing.stem),
        ] {
            sources.extend(found.map(|found| match found {
                Ok(path) => Source::at(kind, path),
                Err(error) => Source {
                    kind,
                    path: error.path.clone(),
                    found: Err(error),
                },
            }));
        }
        sources
    }
}

/// The stamp of a source as it is now.
///
/// # Errors
/// If it is not there, is not a file, or has its content elsewhere.
pub(crate) fn stamp(path: &Path) -> Result<FileStamp, SidecarError> {
    let metadata = std::fs::metadata(path).map_err(|e| SidecarError::io(path, e))?;
    open::check(&metadata).map_err(|fault| SidecarError::new(path, fault))?;
    Ok(FileStamp::of(&metadata))
}

impl Source {
    fn at(kind: SourceKind, path: PathBuf) -> Self {
        let found = stamp(&path);
        Self { kind, path, found }
    }

    /// Reads the source. Damaged metadata inside a photo counts as none; a damaged sidecar is an
    /// error.
    ///
    /// # Errors
    /// If it cannot be read: see [`Fault`]. It still exists.
    pub(crate) fn read(&self, bookkeeping: &Bookkeeping) -> Result<SourceContents, SidecarError> {
        if self.kind == SourceKind::Embedded {
            let embedded = Embedded::read(&self.path);
            let embedded = embedded.map_err(|e| SidecarError::io(&self.path, e))?;
            return Ok(SourceContents::of_embedded(&embedded, bookkeeping));
        }
        let fail = |fault| SidecarError::new(&self.path, fault);
        match open::read(&self.path)? {
            Some(bytes) => SourceContents::of_sidecar(&bytes, bookkeeping).map_err(fail),
            None => Err(fail(Fault::NotFound)),
        }
    }
}

impl SourceContents {
    /// Parses a sidecar's bytes.
    ///
    /// # Errors
    /// If the bytes are not XMP: see [`Fault`].
    pub(crate) fn of_sidecar(bytes: &[u8], bookkeeping: &Bookkeeping) -> Result<Self, Fault> {
        let (values, facts) = read_values_and_facts(bytes)?;
        let digest = blake3::hash(bytes).to_hex().to_string();
        Ok(Self {
            times: facts.times,
            ..Self::new(values, Vec::new(), digest, bookkeeping)
        })
    }

    /// Returns the contents of the metadata inside a photo.
    pub(crate) fn of_embedded(embedded: &Embedded, bookkeeping: &Bookkeeping) -> Self {
        let (values, plain) = embedded.values();
        let mut hasher = blake3::Hasher::new();
        for value in values.iter().flatten().chain(&plain) {
            hasher.update(value.as_bytes());
            hasher.update(&[0]);
        }
        let digest = hasher.finalize().to_hex().to_string();
        Self::new(values, plain, digest, bookkeeping)
    }

    fn new(values: Values, plain: Vec<String>, digest: String, bookkeeping: &Bookkeeping) -> Self {
        let mut contents = Self {
            keywords: Vec::new(),
            state: values[Property::State as usize].clone(),
            digest,
            times: NotedTimes::default(),
            values,
            plain,
        };
        contents.keywords = contents.keywords_where(bookkeeping, |_, _| true);
        contents
    }

    /// Returns the keywords of only those values that `wanted` accepts, as
    /// [`SourceContents::keywords`] has them.
    pub(crate) fn keywords_where(
        &self,
        bookkeeping: &Bookkeeping,
        wanted: impl Fn(Property, &String) -> bool,
    ) -> Vec<Keyword> {
        let values = Property::ALL.map(|property| {
            let values = self.values[property as usize].iter();
            values.filter(|v| wanted(property, v)).cloned().collect()
        });
        let mut keywords = Keywords::of(&values).with_plain(&self.plain).unified();
        keywords.retain(|keyword| !bookkeeping.has(keyword));
        keywords
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sidecar(subject: &str) -> String {
        format!(
            "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:subject='{subject}'/></RDF>"
        )
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    /// The sources of a photo, each with its keywords or its fault.
    fn said(folder: &tempfile::TempDir, photo: &str) -> Vec<(SourceKind, String)> {
        let listed = Folder::read(folder.path()).unwrap();
        let sources = listed.sources(&folder.path().join(photo));
        let said = sources.into_iter().map(|source| {
            let contents = match source.found {
                Ok(_) => source.read(&Bookkeeping::default()),
                Err(error) => Err(error),
            };
            let said = match contents {
                Ok(contents) => {
                    let paths = contents.keywords.iter().map(|k| k.path().join("|"));
                    paths.collect::<Vec<_>>().join(";")
                }
                Err(error) => error.fault.to_string(),
            };
            (source.kind, said)
        });
        said.collect()
    }

    #[test]
    fn every_sidecar_of_a_photo_is_a_source_of_its_own() {
        let (a, b) = (sidecar("a"), sidecar("b"));
        let both = folder(&[("IMG.JPG", ""), ("IMG.JPG.xmp", &a), ("IMG.xmp", &b)]);
        let expected = [
            (SourceKind::Embedded, String::new()),
            (SourceKind::FullName, "a".to_owned()),
            (SourceKind::Stem, "b".to_owned()),
        ];
        assert_eq!(said(&both, "IMG.JPG"), expected);
        let none = folder(&[("IMG.JPG", "")]);
        assert_eq!(said(&none, "IMG.JPG"), expected[..1]);
    }

    #[test]
    fn a_still_photo_wins_over_a_video() {
        let text = sidecar("Rome");
        for video in ["IMG.mov", "IMG.MP4", "IMG.3gp"] {
            let live = folder(&[("IMG.HEIC", ""), (video, ""), ("IMG.xmp", &text)]);
            assert_eq!(said(&live, "IMG.HEIC")[1].1, "Rome");
            assert_eq!(said(&live, video).len(), 1, "{video}");
        }
        let pair = folder(&[
            ("IMG.CR2", ""),
            ("IMG.JPG", ""),
            ("IMG.mov", ""),
            ("IMG.xmp", &text),
        ]);
        assert!(said(&pair, "IMG.JPG")[1].1.contains("may belong to"));
    }

    #[test]
    fn a_sidecar_in_the_cloud_is_there_but_not_read() {
        for (stub, text) in [
            (".IMG.JPG.xmp.icloud", "x"),
            (".IMG.xmp.icloud", "x"),
            ("IMG.JPG.xmp.nextcloud", " "),
            ("IMG.JPG.xmp", ""),
            ("IMG.xmp", "\0\0\0\0"),
        ] {
            let evicted = folder(&[("IMG.JPG", ""), (stub, text)]);
            let said = said(&evicted, "IMG.JPG");
            assert!(said[1].1.contains("cloud drive"), "{stub}: {said:?}");
        }
        let back = folder(&[
            ("a.JPG", ""),
            (".a.JPG.xmp.icloud", ""),
            ("a.JPG.xmp", &sidecar("a")),
        ]);
        assert_eq!(said(&back, "a.JPG")[1].1, "a");
    }

    #[test]
    fn names_are_one_in_either_composition() {
        let text = sidecar("a");
        let decomposed = folder(&[("caf\u{e9}.jpg", ""), ("cafe\u{301}.jpg.xmp", &text)]);
        assert_eq!(said(&decomposed, "caf\u{e9}.jpg")[1].1, "a");
    }

    #[test]
    fn bookkeeping_of_programs_is_no_keyword() {
        let text = "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
            <Description xmlns:dc='http://purl.org/dc/elements/1.1/' \
            xmlns:lr='http://ns.adobe.com/lightroom/1.0/'><dc:subject><Bag><li>Folk</li><li>cr2</li>\
            <li>darktable</li><li>format</li></Bag></dc:subject><lr:hierarchicalSubject><Bag>\
            <li>Folk</li><li>darktable|format|cr2</li></Bag></lr:hierarchicalSubject></Description></RDF>";
        let contents =
            SourceContents::of_sidecar(text.as_bytes(), &Bookkeeping::default()).unwrap();
        assert_eq!(contents.keywords, [Keyword::new(["Folk"]).unwrap()]);
    }

    /// Opening a pipe would wait for a writer.
    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_named_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = folder(&[("IMG.JPG", "")]);
        let pipe = folder.path().join("IMG.JPG.xmp");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::from(0o600), 0).unwrap();
        assert!(said(&folder, "IMG.JPG")[1].1.contains("a pipe"));
        // Also if it appears after the listing.
        let source = Source {
            kind: SourceKind::FullName,
            path: pipe.clone(),
            found: Ok(FileStamp {
                size_bytes: 0,
                modified_ns: 0,
            }),
        };
        let fault = source.read(&Bookkeeping::default()).unwrap_err().fault;
        assert!(matches!(fault, Fault::NotAFile { .. }), "{fault}");
        assert!(open::open(&pipe, open::Purpose::Writing).is_err());
        assert_eq!(Embedded::read(&pipe).unwrap(), Embedded::default());
        std::fs::remove_file(&pipe).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &pipe).unwrap();
        let fault = source.read(&Bookkeeping::default()).unwrap_err().fault;
        assert!(matches!(fault, Fault::LinkSinceListed), "{fault}");
    }
}
