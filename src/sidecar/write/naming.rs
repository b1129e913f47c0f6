//! Which file is a photo's sidecar.
//!
//! Two habits are about: `IMG.JPG.xmp` (darktable, digiKam and others) and `IMG.xmp` (Adobe). The
//! first says whose it is; the second does so only where one photo has that stem, or where
//! `photoshop:SidecarForExtension` says which.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::keywords::check_size;
use crate::sidecar::read::parse::parse;
use crate::sidecar::write::file as write;

/// How new sidecars are named. One that exists under either name is the one that is edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// `IMG.JPG.xmp`.
    #[default]
    Ext,
    /// `IMG.xmp` for raw files that are the only photo of their stem; `IMG.JPG.xmp` for others.
    /// Where both exist, `IMG.xmp` is edited.
    Stem,
}

/// The longest file name, in bytes, of all file systems in use.
const MAX_NAME_BYTES: usize = 255;

/// Raw files, whose sidecars Adobe's programs look for under the stem.
const RAW: [&str; 36] = [
    "3fr", "ari", "arw", "bay", "cap", "cr2", "cr3", "crw", "cs1", "dcr", "dcs", "dng", "eip",
    "erf", "fff", "gpr", "iiq", "k25", "kdc", "mdc", "mef", "mos", "mrw", "nef", "nrw", "orf",
    "ori", "pef", "ptx", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw",
];

/// Others that may own a sidecar of their stem.
const OTHERS: [&str; 37] = [
    "apng", "avi", "avif", "bmp", "dib", "exr", "gif", "hdr", "heic", "heif", "hif", "j2k", "jfif",
    "jp2", "jpe", "jpeg", "jpf", "jpg", "jpx", "jxl", "m4v", "mov", "mp4", "mpo", "mts", "png",
    "pnm", "ppm", "psb", "psd", "qoi", "tga", "tif", "tiff", "wdp", "webp", "x3f",
];

/// What is in a folder: read once for all photos in it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Names by their lower case.
    names: HashMap<String, Vec<OsString>>,
    /// Photos and videos by their stem's lower case.
    owners: HashMap<String, Vec<OsString>>,
    /// What killed processes left behind.
    pub(crate) leftovers: Vec<PathBuf>,
}

/// A photo's sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The file to read and write; where a link leads, if it is one.
    pub path: PathBuf,
    /// The photo's extension, where the sidecar is new and its name does not tell whose it is.
    pub for_extension: Option<String>,
}

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(path: &Path) -> Result<Self, SidecarError> {
        let path = match path.as_os_str().is_empty() {
            true => Path::new("."),
            false => path,
        };
        let mut folder = Self {
            path: path.to_path_buf(),
            names: HashMap::new(),
            owners: HashMap::new(),
            leftovers: Vec::new(),
        };
        let entries = fs::read_dir(path).map_err(|e| SidecarError::io(path, e))?;
        for entry in entries {
            let name = entry.map_err(|e| SidecarError::io(path, e))?.file_name();
            if write::is_temporary(&name) {
                folder.leftovers.push(path.join(&name));
                continue;
            }
            if is_owner(&name) {
                let stem = lower(Path::new(&name).file_stem().unwrap_or(&name));
                folder.owners.entry(stem).or_default().push(name.clone());
            }
            folder.names.entry(lower(&name)).or_default().push(name);
        }
        Ok(folder)
    }

    /// Where it lies, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is any sidecar in it.
    pub fn has_sidecars(&self) -> bool {
        self.names.keys().any(|name| name.ends_with(".xmp"))
    }

    /// The sidecar of a photo in this folder: the one that exists, or the one that would be made.
    ///
    /// # Errors
    /// As [`plan`](crate::sidecar::write::plan::plan), where it cannot be told.
    pub fn sidecar(&self, photo: &Path, naming: Naming) -> Result<PathBuf, SidecarError> {
        Ok(self.target(photo, naming)?.path)
    }

    /// The sidecar of a photo in this folder.
    pub(crate) fn target(&self, photo: &Path, naming: Naming) -> Result<Target, SidecarError> {
        let Some(name) = photo.file_name() else {
            return Err(SidecarError::new(photo, Fault::NotFound));
        };
        let stem = Path::new(name).file_stem().unwrap_or(name);
        let by_ext = self.find(name, name)?.filter(|found| *found != name);
        // IMG.CR2.xmp is IMG.CR2's, not that of IMG.CR2.jpg, which was made from it.
        let by_stem = match is_owner(stem) || self.has(stem) {
            true => None,
            false => self.find(stem, name)?,
        };
        let by_stem = match by_stem.filter(|found| Some(found) != by_ext.as_ref()) {
            // Settled without asking, whatever the other is.
            Some(_) if by_ext.is_some() && naming == Naming::Ext => None,
            Some(found) => match self.owns(name, &found) {
                Ok(true) => Some(found),
                Ok(false) => None,
                Err(_) if by_ext.is_some() => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let existing = match naming {
            Naming::Ext => by_ext.or(by_stem),
            Naming::Stem => by_stem.or(by_ext),
        };
        if let Some(existing) = existing {
            self.check_duplicate(name, &existing)?;
            let path = self.resolve(&self.path.join(existing))?;
            return Ok(Target {
                path,
                for_extension: None,
            });
        }
        let extension = Path::new(name).extension().map(|e| e.to_string_lossy());
        let raw = extension.as_ref().filter(|e| is_one_of(e, &RAW));
        let alone = self.others(name).next().is_none();
        let (base, for_extension) = match (naming, raw) {
            (Naming::Stem, Some(e)) if alone => (stem, Some(e.clone().into_owned())),
            _ => (name, None),
        };
        let new = self.path.join(sidecar_name(base));
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

    /// The file that is called `base` + `.xmp`, in any case if there is none in this case.
    fn find(&self, base: &OsStr, photo: &OsStr) -> Result<Option<OsString>, SidecarError> {
        let wanted = sidecar_name(base);
        let Some(found) = self.names.get(&lower(&wanted)) else {
            return Ok(None);
        };
        if found.contains(&wanted) {
            return Ok(Some(wanted));
        }
        // On a disk that tells cases apart, img.jpg.xmp is img.jpg's, not IMG.JPG's.
        let mut ours = found.iter().filter(|name| {
            let owner = Path::new(name).file_stem().unwrap_or(name);
            owner == photo || !self.has(owner)
        });
        match (ours.next(), ours.next()) {
            (Some(one), Some(other)) => Err(self.ambiguous(photo, one, other)),
            (one, _) => Ok(one.cloned()),
        }
    }

    fn has(&self, name: &OsStr) -> bool {
        let same = self.names.get(&lower(name));
        same.is_some_and(|names| names.iter().any(|n| n == name))
    }

    /// Other photos of the same stem.
    fn others<'a>(&'a self, photo: &'a OsStr) -> impl Iterator<Item = &'a OsString> {
        let stem = lower(Path::new(photo).file_stem().unwrap_or(photo));
        let owners = self.owners.get(&stem).into_iter().flatten();
        owners.filter(move |name| *name != photo)
    }

    /// Whether a sidecar named by the stem is this photo's.
    fn owns(&self, photo: &OsStr, sidecar: &OsStr) -> Result<bool, SidecarError> {
        let Some(other) = self.others(photo).next() else {
            return Ok(true);
        };
        let says = self.look_into(sidecar)?.for_extension;
        let is = |name: &OsStr| {
            let extension = Path::new(name).extension().unwrap_or_default();
            says.as_deref()
                .is_some_and(|e| extension.eq_ignore_ascii_case(e.trim().trim_start_matches('.')))
        };
        if is(photo) {
            return Ok(true);
        }
        if self.others(photo).any(|other| is(other)) {
            return Ok(false);
        }
        Err(self.ambiguous(photo, sidecar, other))
    }

    fn ambiguous(&self, photo: &OsStr, sidecar: &OsStr, other: &OsStr) -> SidecarError {
        let fault = Fault::Ambiguous {
            photo: photo.to_string_lossy().into_owned(),
            other: other.to_string_lossy().into_owned(),
        };
        SidecarError::new(&self.path.join(sidecar), fault)
    }

    /// Refuses what darktable wrote for a duplicate: IMG_01.CR2.xmp, which is IMG.CR2's although
    /// there may be an IMG_01.CR2 too.
    fn check_duplicate(&self, photo: &OsStr, sidecar: &OsStr) -> Result<(), SidecarError> {
        let name = photo.to_string_lossy();
        let path = Path::new(name.as_ref());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let numbered = stem
            .rsplit_once('_')
            .filter(|(_, number)| number.len() >= 2 && number.chars().all(|c| c.is_ascii_digit()));
        let Some((base, _)) = numbered else {
            return Ok(());
        };
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let original = format!("{base}.{extension}");
        if self.has(OsStr::new(&original)) {
            let derived = self.look_into(sidecar)?.derived_from;
            if derived.is_some_and(|from| from.trim() == original) {
                return Err(self.ambiguous(photo, sidecar, OsStr::new(&original)));
            }
        }
        Ok(())
    }

    fn look_into(&self, sidecar: &OsStr) -> Result<Hints, SidecarError> {
        let path = self.resolve(&self.path.join(sidecar))?;
        let bytes = write::read(&path)?.unwrap_or_default();
        let hints = || -> Result<Hints, Fault> {
            check_size(&bytes)?;
            let decoded = Decoded::read(&bytes)?;
            let document = parse(&decoded.text)?;
            Ok(Hints {
                for_extension: document.for_extension,
                derived_from: document.derived_from,
            })
        };
        hints().map_err(|fault| SidecarError::new(&path, fault))
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, SidecarError> {
        resolve(path, &self.path)
    }
}

/// What a sidecar says about whose it is.
struct Hints {
    for_extension: Option<String>,
    derived_from: Option<String>,
}

/// Where a sidecar really is. Links are followed within the photo's folder only.
pub(crate) fn resolve(path: &Path, folder: &Path) -> Result<PathBuf, SidecarError> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_symlink());
    if !is_link {
        return Ok(path.to_path_buf());
    }
    let target = fs::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => SidecarError::new(path, Fault::DanglingLink),
        _ => SidecarError::io(path, error),
    })?;
    let folder = fs::canonicalize(folder).map_err(|e| SidecarError::io(folder, e))?;
    if target.starts_with(&folder) {
        return Ok(target);
    }
    Err(SidecarError::new(path, Fault::LinkOutside { target }))
}

fn sidecar_name(base: &OsStr) -> OsString {
    let mut name = base.to_owned();
    name.push(".xmp");
    name
}

fn lower(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}

fn is_owner(name: &OsStr) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    let extension = extension.to_string_lossy();
    is_one_of(&extension, &RAW) || is_one_of(&extension, &OTHERS)
}

fn is_one_of(extension: &str, list: &[&str]) -> bool {
    list.iter().any(|e| e.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of files; those with a `=` have the text after it.
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
            (&["IMG.CR2", "IMG.JPG"], "IMG.CR2", Stem, "IMG.CR2.xmp"),
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
