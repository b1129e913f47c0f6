//! Reads when and with what a photo was taken, from its EXIF and XMP.

use std::io;
use std::path::Path;

use crate::core::about::About;
use crate::core::capture::{CaptureTime, Captured, CapturedFrom, NotedTimes};
use crate::decode::{self, Limits};
use crate::sidecar::{Embedded, Facts};

/// Reads the facts in a photo's bytes.
pub(crate) fn about(photo: &[u8]) -> About {
    let (about, exif) = decode::read_about(photo);
    completed(about, exif, || Embedded::of_bytes(photo).facts())
}

/// As [`about`], but reads no more of the file than needed.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn about_file(photo: &Path) -> io::Result<About> {
    let (about, exif) = decode::read_about_file(photo, &Limits::default())?;
    let xmp = || Embedded::read(photo).map(|embedded| embedded.facts());
    Ok(completed(about, exif, || xmp().unwrap_or_default()))
}

/// Adds the capture time, and what only XMP names. XMP is read if anything is missing.
fn completed(about: About, exif: NotedTimes, xmp: impl FnOnce() -> Facts) -> About {
    let is_complete = exif.taken.is_some() && about.camera.is_some() && about.lens.is_some();
    let xmp = if is_complete { Facts::default() } else { xmp() };
    About {
        captured: captured(exif, xmp.times),
        camera: about.camera.or(xmp.camera),
        lens: about.lens.or(xmp.lens),
        ..about
    }
}

/// Chooses among the times in EXIF and XMP. The camera's own comes first. For a scan, the time that the
/// user gave, which most programs write into XMP, comes before the time of scanning.
fn captured(exif: NotedTimes, xmp: NotedTimes) -> Option<Captured> {
    let from = |from| move |time: CaptureTime| Captured { time, from };
    let first = exif.taken.map(from(CapturedFrom::Exif));
    let taken = xmp.taken.map(from(CapturedFrom::Xmp));
    let digitized = exif.digitized.map(from(CapturedFrom::Exif));
    let last = xmp.digitized.map(from(CapturedFrom::Xmp));
    first.or(taken).or(digitized).or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_names_what_exif_does_not() {
        let name = |text: &str| Some(text.to_owned());
        let facts = || Facts {
            camera: name("of XMP"),
            lens: name("of XMP"),
            ..Facts::default()
        };
        let of = |lens| {
            let about = About {
                camera: name("of EXIF"),
                lens,
                ..About::default()
            };
            let about = completed(about, NotedTimes::default(), facts);
            [about.camera, about.lens]
        };
        assert_eq!(of(None), [name("of EXIF"), name("of XMP")]);
        assert_eq!(of(name("of EXIF")), [name("of EXIF"), name("of EXIF")]);
    }

    #[test]
    fn of_two_times_the_one_of_what_is_shown_counts() {
        let time = |text| CaptureTime::parse(text);
        let times = |taken, digitized| NotedTimes { taken, digitized };
        let (a, b, c, d) = (
            time("2001-01-01"),
            time("2002-01-01"),
            time("2003-01-01"),
            time("2004-01-01"),
        );
        let of = |exif, xmp: NotedTimes| captured(exif, xmp).map(|c| (c.time, c.from.name()));
        let all = of(times(a, b), times(c, d));
        assert_eq!(all, a.map(|t| (t, "exif")));
        let scanned = of(times(None, b), times(c, d));
        assert_eq!(scanned, c.map(|t| (t, "xmp")));
        let of_scanner = of(times(None, b), times(None, d));
        assert_eq!(of_scanner, b.map(|t| (t, "exif")));
        let of_program = of(times(None, None), times(None, d));
        assert_eq!(of_program, d.map(|t| (t, "xmp")));
        assert_eq!(of(times(None, None), times(None, None)), None);
    }
}
