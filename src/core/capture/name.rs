//! Dates in file names.

use std::path::Path;

use crate::core::capture::time::{CaptureTime, Digits, of_day_s};
use crate::core::date::{DAY_MS, day_from};

/// Names contain many numbers. A number that looks like a date in any other year is not one.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2099;

/// The date in a file's name, with the time if one follows: `IMG_20240131_170809.jpg`,
/// `2024-01-31 17.08.09.jpg`, `IMG-20240131-WA0001.jpg`.
pub(super) fn time_in_name(path: &Path) -> Option<CaptureTime> {
    let name = path.file_stem()?.to_string_lossy();
    let starts = name.char_indices().filter(|(at, c)| {
        c.is_ascii_digit() && !name[..*at].ends_with(|c: char| c.is_ascii_digit())
    });
    starts.filter_map(|(at, _)| dated(&name[at..])).next()
}

/// The date at the start of `text`, and the time after it.
fn dated(text: &str) -> Option<CaptureTime> {
    const MARKS: [char; 3] = ['-', '_', '.'];
    let mut rest = Digits(text);
    let year = rest.take(4)?;
    let mark = rest.0.chars().next().filter(|c| MARKS.contains(c));
    let mut part = || {
        if let Some(mark) = mark
            && !rest.skip(&[mark])
        {
            return None;
        }
        rest.take(2)
    };
    let (month, day) = (part()?, part()?);
    let date = day_from(year, month, day).filter(|_| YEARS.contains(&year))?;
    let midnight = CaptureTime {
        wall_ms: date * DAY_MS,
        offset_min: None,
    };
    let is_joined = rest.begins_with_digit();
    match clock_in_name(rest) {
        Some(of_day_ms) => Some(CaptureTime {
            wall_ms: midnight.wall_ms + of_day_ms,
            ..midnight
        }),
        // A longer number is not a date.
        None => (!is_joined).then_some(midnight),
    }
}

/// Parses a time in milliseconds: `_170809`, `_170809123`, ` 17.08.09`, `T17-08-09` or ` at 17.08.09`.
fn clock_in_name(mut rest: Digits<'_>) -> Option<i64> {
    match rest.0.strip_prefix(" at ") {
        Some(time) => rest.0 = time,
        None => {
            rest.skip(&['_', '-', ' ', 'T', '.']);
        }
    }
    let hours = rest.take(2)?;
    let is_spaced = rest.skip(&['.', '-', ':', '_']);
    let minutes = rest.take(2)?;
    if is_spaced && !rest.skip(&['.', '-', ':', '_']) {
        return None;
    }
    let seconds = rest.take(2)?;
    let of_day_ms = of_day_s(hours, minutes, seconds)? * 1000;
    if !rest.begins_with_digit() {
        return Some(of_day_ms);
    }
    let ms = rest.take(3)?;
    (!rest.begins_with_digit()).then_some(of_day_ms + ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_tell_dates() {
        for (name, expected) in [
            ("IMG_20240131_170809.jpg", Some("2024-01-31T17:08:09")),
            (
                "PXL_20240131_170809123.jpg",
                Some("2024-01-31T17:08:09.123"),
            ),
            ("IMG-20240131-WA0001.jpg", Some("2024-01-31T00:00:00")),
            (
                "Screenshot_20240131-170809.png",
                Some("2024-01-31T17:08:09"),
            ),
            (
                "Screenshot 2024-01-31 at 17.08.09.png",
                Some("2024-01-31T17:08:09"),
            ),
            ("2024-01-31 17.08.09.jpg", Some("2024-01-31T17:08:09")),
            (
                "2024-01-31 Anna's birthday 3.jpg",
                Some("2024-01-31T00:00:00"),
            ),
            (
                "signal-2024-01-31-17-08-09-123.jpg",
                Some("2024-01-31T17:08:09"),
            ),
            ("2024_01_31.jpg", Some("2024-01-31T00:00:00")),
            ("20240131170809.jpg", Some("2024-01-31T17:08:09")),
            ("20240131_996199.jpg", Some("2024-01-31T00:00:00")),
            ("scan 12 of 1965-07-04.tif", Some("1965-07-04T00:00:00")),
            ("IMG_20241399_000000.jpg", None),
            ("DSC_0042.jpg", None),
            ("12345678.jpg", None),
            ("202401311.jpg", None),
            ("FB_IMG_1706720889123.jpg", None),
            ("2024-01_31.jpg", None),
            ("2024.jpg", None),
            ("é2024é.jpg", None),
        ] {
            let found = time_in_name(Path::new(name)).map(|t| t.to_string());
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_has_a_date_or_none(name in "\\PC{0,30}", digits in "[-_. 0-9]{0,30}") {
            let _ = (time_in_name(Path::new(&name)), time_in_name(Path::new(&digits)));
        }
    }
}
