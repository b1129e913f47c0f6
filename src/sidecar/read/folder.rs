//! The contents of a folder, and which of its sidecars belong to a photo.
//!
//! There are two conventions: `IMG.JPG.xmp` (darktable, digiKam and others) and `IMG.xmp` (Adobe,
//! Apple, Mylio). The first names its photo. The second does only if one still photo has that stem,
//! or if `photoshop:SidecarForExtension` says which.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::core::media::{Medium, medium};
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::open;
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::size::check_size;

/// How the names of our unfinished files start and end.
pub(crate) const TEMPORARY: (&str, &str) = (".taglens-sidecar-", ".tmp");

/// The extensions that cloud drives add to a file whose content is not here. iCloud also puts a dot
/// before the name.
const STUBS: [&str; 4] = [".icloud", ".nextcloud", ".owncloud", ".opencloud"];

/// Whether there may be sidecars in a folder, in any case, here or in the cloud.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn may_have_sidecars(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        let name = name.as_encoded_bytes();
        let end = name.last_chunk::<4>();
        if end.is_some_and(|end| end.eq_ignore_ascii_case(b".xmp"))
            || STUBS.iter().any(|stub| name.ends_with(stub.as_bytes()))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The contents of a folder, read once for all its photos.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Names by their lower case, in Unicode NFC, because macOS decomposes names that other systems
    /// compose.
    names: HashMap<String, Vec<OsString>>,
    /// Photos and videos by their stem, normalised likewise.
    owners: HashMap<String, Vec<OsString>>,
    /// The stub of each sidecar whose content is in the cloud, by the sidecar's name.
    stubs: HashMap<String, OsString>,
    /// Unfinished files of killed processes.
    pub(crate) leftovers: Vec<PathBuf>,
}

/// The existing sidecars of a photo.
#[derive(Debug, Default)]
pub(crate) struct Existing {
    /// `IMG.JPG.xmp`.
    pub(crate) full_name: Option<Result<PathBuf, SidecarError>>,
    /// `IMG.xmp`.
    pub(crate) stem: Option<Result<PathBuf, SidecarError>>,
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
            stubs: HashMap::new(),
            leftovers: Vec::new(),
        };
        let entries = fs::read_dir(path).map_err(|e| SidecarError::io(path, e))?;
        for entry in entries {
            folder.take(entry.map_err(|e| SidecarError::io(path, e))?.file_name());
        }
        Ok(folder)
    }

    fn take(&mut self, name: OsString) {
        let text = name.to_string_lossy();
        if text.starts_with(TEMPORARY.0) && text.ends_with(TEMPORARY.1) {
            self.leftovers.push(self.path.join(&name));
            return;
        }
        if let Some(original) = STUBS.iter().find_map(|stub| text.strip_suffix(stub)) {
            let original = original.strip_prefix('.').unwrap_or(original);
            self.stubs.insert(key(OsStr::new(original)), name.clone());
        }
        if medium(&name).is_some() {
            let stem = key(stem(&name));
            self.owners.entry(stem).or_default().push(name.clone());
        }
        self.names.entry(key(&name)).or_default().push(name);
    }

    /// Its path, as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns all existing sidecars of the photo of this name. Each has an error instead of a path
    /// if it may belong to another photo or its content is not here.
    pub(crate) fn existing(&self, name: &OsStr) -> Existing {
        let mut existing = Existing {
            full_name: self.by_full_name(name).transpose(),
            stem: self.by_stem(name).transpose(),
        };
        for (found, base) in [
            (&mut existing.full_name, Some(name)),
            (&mut existing.stem, self.may_have_stem(name)),
        ] {
            let stub = base.and_then(|base| self.stubs.get(&key(&sidecar_name(base))));
            if let (None, Some(stub)) = (&found, stub) {
                let path = self.path.join(stub);
                *found = Some(Err(SidecarError::new(&path, Fault::Evicted)));
            }
        }
        existing
    }

    fn by_full_name(&self, name: &OsStr) -> Result<Option<PathBuf>, SidecarError> {
        let Some(found) = self.find(name, name)?.filter(|found| *found != name) else {
            return Ok(None);
        };
        self.check_duplicate(name, &found)?;
        self.resolve(&self.path.join(found)).map(Some)
    }

    fn by_stem(&self, name: &OsStr) -> Result<Option<PathBuf>, SidecarError> {
        let Some(stem) = self.may_have_stem(name) else {
            return Ok(None);
        };
        match self.find(stem, name)? {
            Some(found) if self.owns(name, &found)? => {
                self.check_duplicate(name, &found)?;
                self.resolve(&self.path.join(found)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Returns the stem if a sidecar named by it may be the photo's. IMG.CR2.xmp is IMG.CR2's, not
    /// that of IMG.CR2.jpg, which was made from it.
    pub(crate) fn may_have_stem<'n>(&self, name: &'n OsStr) -> Option<&'n OsStr> {
        let stem = stem(name);
        let is_other = stem == name || medium(stem).is_some() || self.has(stem);
        (!is_other).then_some(stem)
    }

    /// Whether there is no `base` + `.xmp`, in any case, here or in the cloud.
    pub(crate) fn has_none(&self, base: &OsStr) -> bool {
        let wanted = key(&sidecar_name(base));
        !self.names.contains_key(&wanted) && !self.stubs.contains_key(&wanted)
    }

    /// Finds `base` + `.xmp`, in any case if there is none in this case.
    fn find(&self, base: &OsStr, photo: &OsStr) -> Result<Option<OsString>, SidecarError> {
        let wanted = sidecar_name(base);
        let Some(found) = self.names.get(&key(&wanted)) else {
            return Ok(None);
        };
        if found.contains(&wanted) {
            return Ok(Some(wanted));
        }
        // On a case-sensitive disk, img.jpg.xmp is img.jpg's, not IMG.JPG's.
        let mut ours = found.iter().filter(|name| {
            let owner = stem(name);
            owner == photo || !self.has(owner)
        });
        match (ours.next(), ours.next()) {
            (Some(one), Some(other)) => Err(self.ambiguous(photo, one, other)),
            (one, _) => Ok(one.cloned()),
        }
    }

    pub(crate) fn has(&self, name: &OsStr) -> bool {
        let same = self.names.get(&key(name));
        same.is_some_and(|names| names.iter().any(|n| n == name))
    }

    /// Other files that may own a sidecar of the photo's stem. A video does not compete with a
    /// still photo: phones make one with each photo, and programs that write `IMG.xmp` mean the
    /// photo.
    pub(crate) fn rivals<'a>(&'a self, photo: &'a OsStr) -> impl Iterator<Item = &'a OsString> {
        let owners = self.owners.get(&key(stem(photo))).into_iter().flatten();
        let is_video = |name: &OsStr| medium(name) == Some(Medium::Video);
        let counts_videos = is_video(photo);
        owners.filter(move |name| *name != photo && (counts_videos || !is_video(name)))
    }

    /// Whether a sidecar named by the stem is this photo's.
    fn owns(&self, photo: &OsStr, sidecar: &OsStr) -> Result<bool, SidecarError> {
        let Some(rival) = self.rivals(photo).next() else {
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
        if self.rivals(photo).any(|rival| is(rival)) {
            return Ok(false);
        }
        if medium(photo) == Some(Medium::Video)
            && self.rivals(photo).any(|r| medium(r) != Some(Medium::Video))
        {
            return Ok(false);
        }
        Err(self.ambiguous(photo, sidecar, rival))
    }

    fn ambiguous(&self, photo: &OsStr, sidecar: &OsStr, other: &OsStr) -> SidecarError {
        let fault = Fault::Ambiguous {
            photo: photo.to_string_lossy().into_owned(),
            other: other.to_string_lossy().into_owned(),
        };
        SidecarError::new(&self.path.join(sidecar), fault)
    }

    /// Refuses darktable's sidecar of a duplicate: IMG_01.CR2.xmp is IMG.CR2's, even if there is an
    /// IMG_01.CR2.
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
            // If it cannot be read, reading its keywords reports that.
            let derived = self.look_into(sidecar).ok().and_then(|h| h.derived_from);
            if derived.is_some_and(|from| from.trim() == original) {
                return Err(self.ambiguous(photo, sidecar, OsStr::new(&original)));
            }
        }
        Ok(())
    }

    fn look_into(&self, sidecar: &OsStr) -> Result<Hints, SidecarError> {
        let path = self.resolve(&self.path.join(sidecar))?;
        let bytes = open::read(&path)?.unwrap_or_default();
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

    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf, SidecarError> {
        resolve(path, &self.path)
    }
}

/// What a sidecar says about its owner.
struct Hints {
    for_extension: Option<String>,
    derived_from: Option<String>,
}

/// Resolves a link, but only within the photo's folder.
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

/// `base` + `.xmp`.
pub(crate) fn sidecar_name(base: &OsStr) -> OsString {
    let mut name = base.to_owned();
    name.push(".xmp");
    name
}

/// A name without its extension.
pub(crate) fn stem(name: &OsStr) -> &OsStr {
    Path::new(name).file_stem().unwrap_or(name)
}

fn key(name: &OsStr) -> String {
    // Nearly all names are ASCII, which nothing composes.
    if let Some(name) = name.to_str().filter(|name| name.is_ascii()) {
        return name.to_ascii_lowercase();
    }
    name.to_string_lossy().to_lowercase().nfc().collect()
}
