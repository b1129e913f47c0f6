//! Kinds of files by their names: raw files, other still photos, videos.

use std::ffi::OsStr;
use std::path::Path;

/// Raw files. Adobe's programs name sidecars by the stem.
const RAW: [&str; 37] = [
    "3fr", "ari", "arw", "bay", "cap", "cr2", "cr3", "crw", "cs1", "dcr", "dcs", "dng", "eip",
    "erf", "fff", "gpr", "iiq", "k25", "kdc", "mdc", "mef", "mos", "mrw", "nef", "nrw", "orf",
    "ori", "pef", "ptx", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
];

/// Still photos besides [`RAW`] and [`RENDERINGS`].
const STILLS: [&str; 24] = [
    "apng", "avif", "bmp", "dib", "exr", "gif", "hdr", "j2k", "jp2", "jpf", "jpx", "jxl", "mpo",
    "png", "pnm", "ppm", "psb", "psd", "qoi", "tga", "tif", "tiff", "wdp", "webp",
];

/// Videos. A phone puts one beside the still photo of the same stem (Live Photo, Motion Photo).
const VIDEOS: [&str; 14] = [
    "3g2", "3gp", "avi", "insv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpg", "mts", "qt", "webm",
    "wmv",
];

/// What cameras and phones write, beside a raw file or instead of one.
const RENDERINGS: [&str; 7] = ["jpg", "jpeg", "jpe", "jfif", "heic", "heif", "hif"];

/// The kind of a photo's or video's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A camera raw file.
    Raw,
    /// Another still photo.
    Still,
    /// A video.
    Video,
}

/// Returns the kind of the file of this name by its extension; `None` if it is neither a photo nor
/// a video, and so can have no sidecar.
pub(crate) fn medium(name: &OsStr) -> Option<Medium> {
    if is_rendering(name) {
        // Most files are, so this comes first.
        Some(Medium::Still)
    } else if has_one_of(name, &RAW) {
        Some(Medium::Raw)
    } else if has_one_of(name, &STILLS) {
        Some(Medium::Still)
    } else if has_one_of(name, &VIDEOS) {
        Some(Medium::Video)
    } else {
        None
    }
}

/// Whether the file of this name is a JPEG or HEIF photo, which cameras make from a raw file.
pub(crate) fn is_rendering(name: &OsStr) -> bool {
    has_one_of(name, &RENDERINGS)
}

fn has_one_of(name: &OsStr, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    extension.is_some_and(|own| extensions.iter().any(|e| e.eq_ignore_ascii_case(own)))
}
