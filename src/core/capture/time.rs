//! A time by the local clock of the place where a photo was taken.

use std::fmt;

use crate::core::date::{DAY_MS, day_from, day_of_number};

/// The first photograph is from 1826: an earlier year means that the clock was never set.
const FIRST_YEAR: i64 = 1800;
/// The largest offset from UTC, Kiribati's, in minutes.
const LARGEST_OFFSET_MIN: i16 = 14 * 60;

/// A time by the local clock of the place where a photo was taken. Times are ordered by that clock,
/// because most cameras do not record its offset from UTC, and a day is a local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CaptureTime {
    /// The local time in milliseconds since 1970-01-01, as if the clock showed UTC.
    pub(crate) wall_ms: i64,
    /// The minutes that the clock is ahead of UTC, if known.
    pub(crate) offset_min: Option<i16>,
}

impl CaptureTime {
    /// Parses a time from EXIF, `2024:05:06 17:08:09`, or XMP, `2024-05-06T17:08:09.25+02:00`.
    /// Everything after the year may be missing: a date without a time is its midnight, and a year
    /// is its first day. Returns `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let mut rest = Digits(text);
        let year = rest.take(4)?;
        let date_part = |rest: &mut Digits<'_>| match rest.skip(&['-', ':']) {
            true => rest.take(2).map(Some),
            false => Some(None),
        };
        let month = date_part(&mut rest)?;
        let day = match month {
            Some(_) => date_part(&mut rest)?,
            None => None,
        };
        let date = day_from(year, month.unwrap_or(1), day.unwrap_or(1))?;
        if year < FIRST_YEAR {
            return None;
        }
        let has_time = day.is_some() && rest.skip(&['T', ' ']);
        let of_day_ms = match has_time {
            true => rest.time_of_day_ms()?,
            false => 0,
        };
        let offset_min = match rest.0.trim() {
            "" => None,
            zone if has_time => Some(offset_min(zone)?),
            _ => return None,
        };
        Some(Self {
            wall_ms: date * DAY_MS + of_day_ms,
            offset_min,
        })
    }

    /// Combines the three tags of EXIF. Ignores invalid `subseconds` and `offset`.
    pub(crate) fn of_exif(
        date: &str,
        subseconds: Option<&str>,
        offset: Option<&str>,
    ) -> Option<Self> {
        let mut time = Self::parse(date)?;
        if let Some(ms) = subseconds.and_then(thousandths)
            && time.wall_ms.rem_euclid(1000) == 0
        {
            time.wall_ms += ms;
        }
        time.offset_min = time
            .offset_min
            .or_else(|| offset.and_then(|offset| offset_min(offset.trim())));
        Some(time)
    }

    /// The local day, counted from 1970-01-01.
    pub(crate) fn day_number(&self) -> i64 {
        self.wall_ms.div_euclid(DAY_MS)
    }

    /// The local date: `2024-05-06`.
    pub(crate) fn day(&self) -> String {
        day_of_number(self.day_number())
    }

    fn clock(&self) -> String {
        let seconds = self.wall_ms.div_euclid(1000).rem_euclid(DAY_MS / 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }

    /// The time for the window: `2024-05-06 17:08:09`.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.day(), self.clock())
    }
}

/// Formats as RFC 3339, without the offset if that is unknown.
impl fmt::Display for CaptureTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.day(), self.clock())?;
        match self.wall_ms.rem_euclid(1000) {
            0 => {}
            ms => write!(f, ".{ms:03}")?,
        }
        match self.offset_min {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// The unread rest of a text that contains numbers.
pub(super) struct Digits<'t>(pub(super) &'t str);

impl Digits<'_> {
    /// Reads a number of exactly `digits` digits.
    pub(super) fn take(&mut self, digits: usize) -> Option<i64> {
        let number = self.0.get(..digits)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[digits..];
        number.parse().ok()
    }

    /// Skips the next character if it is one of `any`. Returns whether it was.
    pub(super) fn skip(&mut self, any: &[char]) -> bool {
        match self.0.strip_prefix(any) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Reads `17:08`, `17:08:09` or `17:08:09.25`, in milliseconds.
    fn time_of_day_ms(&mut self) -> Option<i64> {
        let hours = self.take(2)?;
        if !self.skip(&[':']) {
            return None;
        }
        let minutes = self.take(2)?;
        let seconds = match self.skip(&[':']) {
            true => self.take(2)?,
            false => 0,
        };
        let mut ms = 0;
        if self.skip(&['.', ',']) {
            let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
            ms = thousandths(self.0.get(..digits)?)?;
            self.0 = &self.0[digits..];
        }
        Some(of_day_s(hours, minutes, seconds)? * 1000 + ms)
    }

    pub(super) fn begins_with_digit(&self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit())
    }
}

pub(super) fn of_day_s(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    let is_time = hours < 24 && minutes < 60 && seconds < 60;
    is_time.then_some((hours * 60 + minutes) * 60 + seconds)
}

/// Converts the decimals of a second, of any number, to milliseconds.
fn thousandths(digits: &str) -> Option<i64> {
    let digits = digits.trim();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{:0<3}", &digits[..digits.len().min(3)])
        .parse()
        .ok()
}

/// Parses `Z`, `+02:00` or `+0200`, in minutes.
fn offset_min(zone: &str) -> Option<i16> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let mut rest = Digits(&zone[1..]);
    let hours = rest.take(2)?;
    rest.skip(&[':']);
    let minutes = rest.take(2)?;
    let total = i16::try_from(hours * 60 + minutes).ok()?;
    let is_offset = minutes < 60 && total <= LARGEST_OFFSET_MIN && rest.0.is_empty();
    is_offset.then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Option<String> {
        CaptureTime::parse(text).map(|time| time.to_string())
    }

    #[test]
    fn times_of_cameras_and_programs_are_read() {
        for (text, expected) in [
            ("2024:05:06 17:08:09", "2024-05-06T17:08:09"),
            ("2024:05:06 17:08:09.250", "2024-05-06T17:08:09.250"),
            (" 2024:05:06 17:08:09\0\0", "2024-05-06T17:08:09"),
            ("2024-05-06T17:08:09+02:00", "2024-05-06T17:08:09+02:00"),
            ("2024-05-06T17:08:09.5Z", "2024-05-06T17:08:09.500Z"),
            ("2024-05-06T17:08-0330", "2024-05-06T17:08:00-03:30"),
            ("2024-05-06", "2024-05-06T00:00:00"),
            ("2024-02", "2024-02-01T00:00:00"),
            ("1912", "1912-01-01T00:00:00"),
            ("2024:02:29 23:59:59", "2024-02-29T23:59:59"),
            (
                "2024-05-06T17:08:09.1234567890123456789012345678901234567890",
                "2024-05-06T17:08:09.123",
            ),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in [
            "",
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "    :  :     ",
            "2024:13:01 00:00:00",
            "2023:02:29 00:00:00",
            "2024:00:10 00:00:00",
            "2024:05:06 24:00:00",
            "2024:05:06 17:60:00",
            "2024:05:06 17:08:61",
            "2024-05-06T17:08:09+99:99",
            "2024-05-06T17:08:09+14:01",
            "2024-05-06T17:08:09 CET",
            "2024-05-06T",
            "2024-05-06x",
            "0001:01:01 00:00:00",
            "20240506",
            "२०२४:05:06 17:08:09",
            "99999-01-01",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn nonsense_beside_a_date_leaves_the_date() {
        let of = |subseconds, offset| {
            let time = CaptureTime::of_exif("2024:05:06 17:08:09", subseconds, offset);
            time.unwrap().to_string()
        };
        assert_eq!(of(None, None), "2024-05-06T17:08:09");
        assert_eq!(
            of(Some("7"), Some("+05:45")),
            "2024-05-06T17:08:09.700+05:45"
        );
        let forty = "9".repeat(40);
        assert_eq!(of(Some(&forty), Some("+99:99")), "2024-05-06T17:08:09.999");
        assert_eq!(of(Some("-1"), Some("   :  ")), "2024-05-06T17:08:09");
        assert_eq!(of(Some(" 04 "), Some("Z ")), "2024-05-06T17:08:09.040Z");
        assert_eq!(CaptureTime::of_exif("    :  :     ", Some("1"), None), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_none(text in "\\PC{0,30}", stamp in any::<i64>()) {
            if let Some(time) = CaptureTime::parse(&text) {
                prop_assert_eq!(CaptureTime::parse(&time.to_string()), Some(time));
            }
            let _ = CaptureTime { wall_ms: stamp, offset_min: Some(i16::MIN) }.to_string();
        }

        #[test]
        fn what_looks_like_a_time_is_one_or_none(text in "[0-9]{4}[-:][0-9]{2}[-:][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,40})?(Z|[+-][0-9]{2}:[0-9]{2})?") {
            if let Some(time) = CaptureTime::parse(&text) {
                prop_assert_eq!(CaptureTime::parse(&time.to_string()), Some(time));
            }
        }
    }
}
