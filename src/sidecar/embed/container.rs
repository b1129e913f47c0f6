//! The formats into which keywords are written.

use std::ffi::OsStr;

use crate::core::media::{Medium, medium};
use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::patch::{Patch, in_order};
use crate::sidecar::embed::{jpeg, png, tiff, webp};
use crate::sidecar::read::refusal::Refusal;

/// The largest packet in a format without a limit of its own.
const MOST_PACKET_BYTES: usize = 8 << 20;

/// A format into which keywords are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Jpeg,
    Png,
    WebP,
    Tiff,
}

/// Where the metadata of a photo end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetadataEnd {
    /// Before this byte; only the picture follows.
    At(usize),
    /// Perhaps further on.
    Further,
    /// The format has them anywhere.
    Anywhere,
}

impl Container {
    /// The format of a photo by its first bytes. Its extension, in lower case, decides between a
    /// TIFF file and a raw file built like one.
    ///
    /// # Errors
    /// [`Refusal::Format`] for others.
    pub(crate) fn of(bytes: &[u8], extension: &str) -> Result<Self, Refusal> {
        let name = format!("photo.{extension}");
        if extension != "dng" && medium(OsStr::new(&name)) == Some(Medium::Raw) {
            return Err(Refusal::Format { format: "raw" });
        }
        let is_tiff = matches!(extension, "tif" | "tiff" | "dng");
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            _ if bytes.starts_with(png::SIGNATURE) => Ok(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Ok(Self::WebP),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] if is_tiff => {
                Ok(Self::Tiff)
            }
            _ => Err(Refusal::Format {
                format: format(bytes, extension),
            }),
        }
    }

    /// The packet of a photo; `None` if it has none.
    ///
    /// # Errors
    /// If the photo must not be changed.
    pub(super) fn packet(self, bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
        match self {
            Self::Jpeg => jpeg::packet(bytes),
            Self::Png => png::packet(bytes),
            Self::WebP => webp::packet(bytes),
            Self::Tiff => tiff::packet(bytes),
        }
    }

    /// Where the metadata of a photo end that begins like this. With the bytes up to there,
    /// [`Container::packet`] is what it is with all.
    pub(super) fn metadata_end(self, bytes: &[u8]) -> MetadataEnd {
        match self {
            Self::Jpeg => jpeg::metadata_end(bytes).map_or(MetadataEnd::Further, MetadataEnd::At),
            Self::Png | Self::WebP | Self::Tiff => MetadataEnd::Anywhere,
        }
    }

    /// The patches that put a packet and names into a photo.
    ///
    /// # Errors
    /// If that is not safe.
    pub(super) fn patches(
        self,
        bytes: &[u8],
        changes: &Changes<'_>,
    ) -> Result<Vec<Patch>, Refusal> {
        match self {
            Self::Jpeg => jpeg::patches(bytes, changes),
            Self::Png => png::patches(bytes, changes),
            Self::WebP => webp::patches(bytes, changes),
            Self::Tiff => tiff::patches(bytes, changes).map(in_order),
        }
    }

    /// The longest packet that the format takes.
    pub(super) fn most_packet_bytes(self) -> usize {
        match self {
            Self::Jpeg => jpeg::MOST_PACKET_BYTES,
            _ => MOST_PACKET_BYTES,
        }
    }
}

/// The name of a format that is not written, for messages.
fn format(bytes: &[u8], extension: &str) -> &'static str {
    let brand = bytes.get(4..12).unwrap_or_default();
    match brand {
        b"ftypavif" | b"ftypavis" => return "AVIF",
        b"ftypcrx " => return "raw",
        _ if brand.starts_with(b"ftyp") && matches!(extension, "heic" | "heif" | "hif") => {
            return "HEIC";
        }
        _ => {}
    }
    match extension {
        "gif" => "GIF",
        "bmp" | "dib" => "BMP",
        "jxl" => "JPEG XL",
        "jp2" | "j2k" | "jpf" | "jpx" => "JPEG 2000",
        "avif" => "AVIF",
        "heic" | "heif" | "hif" => "HEIC",
        "mp4" | "mov" | "m4v" | "3gp" => "video",
        "jpg" | "jpeg" | "png" | "webp" | "tif" | "tiff" | "dng" => "incomplete",
        "psd" | "qoi" | "pnm" | "ppm" | "mpo" => "such",
        _ => "raw",
    }
}
