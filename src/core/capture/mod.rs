//! When a photo was taken, and how that is known.

mod name;
mod time;

use std::path::Path;

use crate::core::capture::name::time_in_name;
pub(crate) use time::CaptureTime;

/// How it is known when a photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapturedFrom {
    /// The camera noted it in the photo.
    Exif,
    /// A program noted it in the photo.
    Xmp,
    /// A program noted it beside the photo.
    Sidecar,
    /// A guess: the file's name has a date.
    Name,
    /// A guess: the file was modified then.
    Modified,
}

impl CapturedFrom {
    /// What it is called in output.
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
    /// By the clock at the place.
    pub(crate) time: CaptureTime,
    /// How that is known.
    pub(crate) from: CapturedFrom,
}

impl Captured {
    /// A guess for a file that says nothing: the date in its name, or else when it was modified, in
    /// nanoseconds since 1970-01-01 UTC.
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

    /// For the window: `Taken 2024-05-06 17:08:09`.
    pub(crate) fn describe(&self) -> String {
        match self.from {
            CapturedFrom::Exif | CapturedFrom::Xmp | CapturedFrom::Sidecar => {
                format!("Taken {}", self.time.shown())
            }
            CapturedFrom::Name => format!("Taken {}, by its name", self.time.day()),
            CapturedFrom::Modified => format!("Changed {}", self.time.day()),
        }
    }
}

/// The times that one place notes of a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotedTimes {
    /// When what it shows was there to be seen.
    pub(crate) taken: Option<CaptureTime>,
    /// When the picture became data: later than `taken` where a print or slide was scanned.
    pub(crate) digitized: Option<CaptureTime>,
}

impl NotedTimes {
    /// The one that says most of when the photo was taken.
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
