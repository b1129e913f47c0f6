//! Errors of reading a picture.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use image::ImageError;
use image::error::{ImageFormatHint, UnsupportedError, UnsupportedErrorKind};

/// An error with the path of its file.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {fault}", path.display())]
pub struct DecodeError {
    /// The file.
    pub(crate) path: PathBuf,
    /// The fault.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a file that should be a picture.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file does not exist.
    #[error("there is no such file")]
    NotFound,
    /// A folder, a pipe or a device.
    #[error("it is not a file")]
    NotAFile,
    /// The file could not be read from its disk.
    #[error("{0}")]
    Io(io::Error),
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The content is not a picture, whatever its name.
    #[error("it is not a picture in any known format")]
    Unknown,
    /// A known format, or a variant of it, that Taglens does not read.
    #[error("{format} is not supported; export the picture as JPEG or PNG")]
    Unsupported {
        /// The format, as its users call it.
        format: String,
    },
    /// The file alone exceeds [`Limits::max_file_bytes`](crate::decode::Limits::max_file_bytes).
    #[error("the file has {bytes} bytes, more than the limit of {limit}")]
    FileTooLarge {
        /// The file's size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// More pixels than [`Limits::max_pixels`](crate::decode::Limits::max_pixels).
    #[error("the picture has {width}×{height} pixels, more than the limit of {limit}")]
    TooLarge {
        /// Width in pixels, as the header gives it.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit, in pixels.
        limit: u64,
    },
    /// Decoding would take more memory than [`Limits::max_bytes`](crate::decode::Limits::max_bytes).
    #[error(
        "decoding its {width}×{height} pixels takes more memory than the limit of {limit} bytes"
    )]
    TooMuchMemory {
        /// Width in pixels, as the header gives it.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file ends before the picture does.
    #[error("the file is truncated")]
    Truncated,
    /// The content contradicts its format.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// The decoder's message.
        reason: String,
    },
    /// The decoder panicked: a bug there, triggered by this file.
    #[error("the decoder failed on it ({reason}); the file is probably damaged")]
    Panic {
        /// The panic's message.
        reason: String,
    },
}

impl Fault {
    /// A fault of the file that this program found.
    pub(super) fn damaged(reason: &str) -> Self {
        Self::Damaged {
            reason: reason.to_owned(),
        }
    }

    /// Converts an error of opening or reading the file.
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io(error),
        }
    }

    /// Converts a decoder's error, on a picture of `size` (0×0 if the header was not read).
    pub(super) fn from_image(error: ImageError, size: (u32, u32), limit: u64) -> Self {
        if ends_early(&error) {
            return Self::Truncated;
        }
        match error {
            ImageError::Limits(_) => Self::TooMuchMemory {
                width: size.0,
                height: size.1,
                limit,
            },
            ImageError::Unsupported(error) => Self::Unsupported {
                format: unsupported(&error),
            },
            // The bytes are already in memory, so this is the decoder's view of its content.
            other => Self::Damaged {
                reason: one_line(&other.to_string()),
            },
        }
    }
}

/// The format and the unsupported variant, as far as the decoder says.
fn unsupported(error: &UnsupportedError) -> String {
    let format = match error.format_hint() {
        ImageFormatHint::Exact(format) => format!("{format:?}").to_uppercase(),
        ImageFormatHint::Name(name) => name,
        _ => "picture".to_owned(),
    };
    match error.kind() {
        UnsupportedErrorKind::GenericFeature(feature) => {
            format!("{format} of this kind ({feature})")
        }
        _ => format!("{format} with colours of this kind"),
    }
}

/// Whether the decoder needed bytes past the end of the file.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        // `ImageError::IoError` is transparent, which hides its error from the chain.
        let io = match error.downcast_ref::<ImageError>() {
            Some(ImageError::IoError(io)) => Some(io),
            _ => error.downcast_ref::<io::Error>(),
        };
        if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return true;
        }
        cause = error.source();
    }
    // The GIF decoder has its own error for this, which only its text shows.
    error.to_string().ends_with("Unexpected End of File")
}

/// Removes line breaks from decoders' messages.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_file() {
        let error = DecodeError {
            path: PathBuf::from("/photos/y.jpg"),
            fault: Fault::Truncated,
        };
        assert_eq!(
            error.to_string(),
            "cannot read /photos/y.jpg: the file is truncated"
        );
    }

    #[test]
    fn an_early_end_is_told_apart_from_damage() {
        let eof = ImageError::IoError(io::ErrorKind::UnexpectedEof.into());
        assert!(matches!(
            Fault::from_image(eof, (1, 1), 0),
            Fault::Truncated
        ));
        let other = ImageError::IoError(io::ErrorKind::InvalidData.into());
        assert!(matches!(
            Fault::from_image(other, (1, 1), 0),
            Fault::Damaged { .. }
        ));
    }
}
