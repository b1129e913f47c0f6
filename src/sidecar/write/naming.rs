//! Chooses the sidecar to write.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::core::media::{Medium, medium};
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::{Existing, Folder, sidecar_name};

/// How new sidecars are named. An existing one is edited under either name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// `IMG.JPG.xmp`.
    #[default]
    Ext,
    /// `IMG.xmp` for raw files that are the only raw file of their stem, as Adobe's programs expect;
    /// `IMG.JPG.xmp` for others. If both exist, `IMG.xmp` is edited.
    Stem,
}

/// The longest file name, in bytes, that all file systems in use allow.
const MAX_NAME_BYTES: usize = 255;

/// A photo's sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The file to read and write; the target if it is a link.
    pub(crate) path: PathBuf,
    /// The photo's extension, if the sidecar is new and its name does not say which photo it
    /// belongs to.
    pub(crate) for_extension: Option<String>,
}

impl Folder {
    /// Returns the existing sidecar of a photo in this folder, or the one to create.
    ///
    /// # Errors
    /// As [`plan`](crate::sidecar::plan()), if it cannot be determined.
    pub(crate) fn sidecar(&self, photo: &Path, naming: Naming) -> Result<PathBuf, SidecarError> {
        Ok(self.target(photo, naming)?.path)
    }

    /// The sidecar of a photo in this folder.
    pub(crate) fn target(&self, photo: &Path, naming: Naming) -> Result<Target, SidecarError> {
        let Some(name) = photo.file_name() else {
            return Err(SidecarError::new(photo, Fault::NotFound));
        };
        let Existing { full_name, stem } = self.existing(name);
        // If one settles it, the other does not matter.
        let existing = match naming {
            Naming::Ext => full_name.or(stem),
            Naming::Stem => match (full_name, stem) {
                (Some(full_name), Some(Err(_))) => Some(full_name),
                (full_name, stem) => stem.or(full_name),
            },
        };
        match existing {
            Some(existing) => Ok(Target {
                path: existing?,
                for_extension: None,
            }),
            None => self.new_target(name, naming),
        }
    }

    fn new_target(&self, name: &OsStr, naming: Naming) -> Result<Target, SidecarError> {
        let extension = Path::new(name).extension().map(|e| e.to_string_lossy());
        let is_raw = |name: &OsStr| medium(name) == Some(Medium::Raw);
        // Of a raw file and a JPEG, it is the raw file's, and says so.
        let only_raw = is_raw(name) && !self.rivals(name).any(|rival| is_raw(rival));
        let free = self.may_have_stem(name).filter(|stem| self.has_none(stem));
        let (base, for_extension) = match (naming, extension, free) {
            (Naming::Stem, Some(e), Some(stem)) if only_raw => (stem, Some(e.into_owned())),
            _ => (name, None),
        };
        let new = self.path().join(sidecar_name(base));
        let bytes = base.len() + ".xmp".len();
        if bytes > MAX_NAME_BYTES {
            let fault = Fault::NameTooLong {
                bytes,
                limit: MAX_NAME_BYTES,
            };
            return Err(SidecarError::new(&new, fault));
        }
        Ok(Target {
            path: self.resolve(&new)?,
            for_extension,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Creates a folder of files; those with a `=` contain the text after it.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let (name, text) = file.split_once('=').unwrap_or((file, ""));
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn target(files: &[&str], photo: &str, naming: Naming) -> Result<String, String> {
        let folder = folder(files);
        let listed = Folder::read(folder.path()).unwrap();
        match listed.target(&folder.path().join(photo), naming) {
            Ok(target) => Ok(target
                .path
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    const FOR_CR2: &str = "IMG.xmp=<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
        <Description xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:SidecarForExtension='CR2'/></RDF>";
    const FOR_JPG: &str = "IMG.xmp=<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
        <Description xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:SidecarForExtension='JPG'/></RDF>";
    const FROM: &str = "IMG_01.CR2.xmp=<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
        <Description xmlns:m='http://ns.adobe.com/xap/1.0/mm/'><m:DerivedFrom>IMG.CR2</m:DerivedFrom>\
        </Description></RDF>";

    #[test]
    fn finds_the_one_that_is_there_or_names_a_new_one() {
        use Naming::{Ext, Stem};
        let cases: &[(&[&str], &str, Naming, &str)] = &[
            (&["IMG.JPG"], "IMG.JPG", Ext, "IMG.JPG.xmp"),
            (&["IMG.JPG"], "IMG.JPG", Stem, "IMG.JPG.xmp"),
            (&["IMG.CR2"], "IMG.CR2", Ext, "IMG.CR2.xmp"),
            (&["IMG.CR2"], "IMG.CR2", Stem, "IMG.xmp"),
            (&["IMG.CR2", "IMG.JPG"], "IMG.CR2", Stem, "IMG.xmp"),
            (&["IMG.CR2", "IMG.JPG"], "IMG.JPG", Stem, "IMG.JPG.xmp"),
            (&["IMG.CR2", "IMG.DNG"], "IMG.CR2", Stem, "IMG.CR2.xmp"),
            (
                &["IMG.CR2", "IMG.JPG", FOR_JPG],
                "IMG.CR2",
                Stem,
                "IMG.CR2.xmp",
            ),
            (&["IMG.CR2", "IMG.JPG", FOR_CR2], "IMG.CR2", Stem, "IMG.xmp"),
            (
                &["IMG.CR2", "IMG.JPG", FOR_CR2],
                "IMG.JPG",
                Stem,
                "IMG.JPG.xmp",
            ),
            (&["IMG.CR2", "IMG.xmp"], "IMG.CR2", Ext, "IMG.xmp"),
            (&["IMG.JPG", "IMG.xmp"], "IMG.JPG", Ext, "IMG.xmp"),
            (
                &["IMG.CR2", "IMG.xmp", "IMG.CR2.xmp"],
                "IMG.CR2",
                Ext,
                "IMG.CR2.xmp",
            ),
            (
                &["IMG.CR2", "IMG.xmp", "IMG.CR2.xmp"],
                "IMG.CR2",
                Stem,
                "IMG.xmp",
            ),
            (&["IMG.CR2", "img.XMP"], "IMG.CR2", Ext, "img.XMP"),
            (&["IMG.CR2", "img.cr2.Xmp"], "IMG.CR2", Ext, "img.cr2.Xmp"),
            (&["IMG.CR2", "IMG.JPG", FOR_CR2], "IMG.CR2", Ext, "IMG.xmp"),
            (
                &["IMG.CR2", "IMG.JPG", FOR_CR2],
                "IMG.JPG",
                Ext,
                "IMG.JPG.xmp",
            ),
            (
                &["IMG.CR2", "IMG_01.CR2.xmp"],
                "IMG.CR2",
                Ext,
                "IMG.CR2.xmp",
            ),
            (
                &["IMG.CR2.jpg", "IMG.CR2", "IMG.CR2.xmp"],
                "IMG.CR2.jpg",
                Ext,
                "IMG.CR2.jpg.xmp",
            ),
            (&["IMG_01.CR2", FROM], "IMG_01.CR2", Ext, "IMG_01.CR2.xmp"),
            (
                &["IMG.JPG", "IMG.txt", "IMG.xmp"],
                "IMG.JPG",
                Ext,
                "IMG.xmp",
            ),
        ];
        for (files, photo, naming, expected) in cases {
            let found = target(files, photo, *naming);
            assert_eq!(found.as_deref(), Ok(*expected), "{files:?} {photo}");
        }
    }

    #[test]
    fn asks_where_more_than_one_photo_may_own_it() {
        let pair = ["IMG.CR2", "IMG.JPG", "IMG.xmp=<a/>"];
        for photo in ["IMG.CR2", "IMG.JPG"] {
            let error = target(&pair, photo, Naming::Ext).unwrap_err();
            assert!(error.contains("may belong to"), "{error}");
        }
        let settled = ["IMG.CR2", "IMG.JPG", "IMG.xmp=<a/>", "IMG.CR2.xmp"];
        assert_eq!(
            target(&settled, "IMG.CR2", Naming::Ext).as_deref(),
            Ok("IMG.CR2.xmp")
        );
        let duplicate = ["IMG.CR2", "IMG_01.CR2", FROM];
        let error = target(&duplicate, "IMG_01.CR2", Naming::Ext).unwrap_err();
        assert!(error.contains("IMG.CR2"), "{error}");
    }

    #[test]
    fn long_names_are_refused_before_the_disk_does() {
        let photo = format!("{}.jpg", "x".repeat(250));
        let error = target(&[&photo], &photo, Naming::Ext).unwrap_err();
        assert!(error.contains("258 bytes"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_the_folder_only() {
        use std::os::unix::fs::symlink;
        let outside = folder(&["IMG.JPG.xmp"]);
        let photos = folder(&["IMG.JPG", "real.xmp", "b.jpg", "c.jpg"]);
        let at = |name: &str| photos.path().join(name);
        symlink(at("real.xmp"), at("IMG.JPG.xmp")).unwrap();
        symlink(outside.path().join("IMG.JPG.xmp"), at("b.jpg.xmp")).unwrap();
        symlink("nowhere", at("c.jpg.xmp")).unwrap();
        let listed = Folder::read(photos.path()).unwrap();
        let found = |name: &str| listed.target(&at(name), Naming::Ext);
        let real = fs::canonicalize(at("real.xmp")).unwrap();
        assert_eq!(found("IMG.JPG").unwrap().path, real);
        let fault = found("b.jpg").unwrap_err().fault;
        assert!(matches!(fault, Fault::LinkOutside { .. }), "{fault}");
        assert!(matches!(
            found("c.jpg").unwrap_err().fault,
            Fault::DanglingLink
        ));
    }
}
