//! Which files may own a sidecar named by their stem.

use std::ffi::OsStr;
use std::path::Path;

/// Raw files. Adobe's programs name sidecars by the stem.
const RAW: [&str; 37] = [
    "3fr", "ari", "arw", "bay", "cap", "cr2", "cr3", "crw", "cs1", "dcr", "dcs", "dng", "eip",
    "erf", "fff", "gpr", "iiq", "k25", "kdc", "mdc", "mef", "mos", "mrw", "nef", "nrw", "orf",
    "ori", "pef", "ptx", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
];

/// Other still photos.
const STILLS: [&str; 31] = [
    "apng", "avif", "bmp", "dib", "exr", "gif", "hdr", "heic", "heif", "hif", "j2k", "jfif", "jp2",
    "jpe", "jpeg", "jpf", "jpg", "jpx", "jxl", "mpo", "png", "pnm", "ppm", "psb", "psd", "qoi",
    "tga", "tif", "tiff", "wdp", "webp",
];

/// Videos. A phone puts one beside the still photo of the same stem (Live Photo, Motion Photo).
const VIDEOS: [&str; 13] = [
    "3g2", "3gp", "avi", "insv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpg", "mts", "webm", "wmv",
];

/// The role of a file for sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Raw,
    Still,
    Video,
}

/// Returns the role of the file of this name; `None` if it can have no sidecar.
pub(crate) fn owner(name: &OsStr) -> Option<Owner> {
    let extension = Path::new(name).extension()?.to_string_lossy();
    let is_one_of = |list: &[&str]| list.iter().any(|e| e.eq_ignore_ascii_case(&extension));
    if is_one_of(&RAW) {
        Some(Owner::Raw)
    } else if is_one_of(&STILLS) {
        Some(Owner::Still)
    } else if is_one_of(&VIDEOS) {
        Some(Owner::Video)
    } else {
        None
    }
}
