//! When a photo was taken, and the source of that time.

mod name;
mod time;

use std::path::Path;

use crate::core::capture::name::time_in_name;
pub(crate) use time::CaptureTime;

/// The source of a capture time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapturedFrom {
    /// EXIF in the photo.
    Exif,
    /// XMP in the photo.
    Xmp,
    /// A sidecar.
    Sidecar,
    /// A guess: a date in the file's name.
    Name,
    /// A guess: the file's modification time.
    Modified,
}

impl CapturedFrom {
    /// The name in output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exif => "exif",
            Self::Xmp => "xmp",
            Self::Sidecar => "sidecar",
            Self::Name => "name",
            Self::Modified => "mtime",
        }
    }
}

/// When a photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    /// The time by the local clock.
    pub(crate) time: CaptureTime,
    /// The source of the time.
    pub(crate) from: CapturedFrom,
}

impl Captured {
    /// Guesses for a file without a recorded time: by the date in its name, or by its modification
    /// time in nanoseconds since 1970-01-01 UTC.
    pub(crate) fn guess(path: &Path, modified_ns: i64) -> Self {
        match time_in_name(path) {
            Some(time) => Self {
                time,
                from: CapturedFrom::Name,
            },
            None => Self {
                time: CaptureTime {
                    wall_ms: modified_ns.div_euclid(1_000_000),
                    offset_min: Some(0),
                },
                from: CapturedFrom::Modified,
            },
        }
    }

    /// Whether no one recorded it.
    pub(crate) fn is_guess(&self) -> bool {
        matches!(self.from, CapturedFrom::Name | CapturedFrom::Modified)
    }
}

/// The times that EXIF, XMP or a sidecar records for a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotedTimes {
    /// When the photo was taken.
    pub(crate) taken: Option<CaptureTime>,
    /// When it was digitized: later than `taken` for a scan of a print or slide.
    pub(crate) digitized: Option<CaptureTime>,
}

impl NotedTimes {
    /// The best estimate of the capture time.
    pub(crate) fn best(&self) -> Option<CaptureTime> {
        self.taken.or(self.digitized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_marked_as_one() {
        let named = Captured::guess(Path::new("/2001-01-01/IMG_20240131_1.jpg"), 5);
        assert_eq!(
            (named.from.name(), named.time.day()),
            ("name", "2024-01-31".into())
        );
        let modified = Captured::guess(Path::new("/2001-01-01/a.jpg"), 951_782_400_000_000_000);
        assert_eq!(modified.from.name(), "mtime");
        assert_eq!(modified.time.to_string(), "2000-02-29T00:00:00Z");
    }
}
