//! Formats and numbers calendar dates.

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The date of a time in nanoseconds since 1970-01-01: `2026-11-28`.
pub(crate) fn day(ns: i64) -> String {
    day_of_number(ns.div_euclid(DAY_MS * 1_000_000))
}

/// The date of a day (civil-from-days, <https://howardhinnant.github.io/date_algorithms.html>).
pub(crate) fn day_of_number(number: i64) -> String {
    let days = number + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The year, month and day of a date such as `2026-11-28`.
pub(crate) fn parts(date: &str) -> Option<(&str, usize, usize)> {
    // Years before 0 begin with a minus.
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Some((year, month.parse().ok()?, day.parse().ok()?))
}

/// The number of days from 1970-01-01 to a date (days-from-civil, from the same source); `None` if
/// the calendar has no such date.
pub(crate) fn day_from(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let number = era * 146_097 + of_era - 719_468;
    // The 31st of a shorter month is a day of the next.
    let is_date = day_of_number(number) == format!("{year:04}-{month:02}-{day:02}");
    is_date.then_some(number)
}

/// Formats a time in milliseconds since 1970-01-01 so that it sorts and is a valid name on every
/// file system: `2026-11-28T02-14-07-123Z`.
pub(crate) fn file_name_time(ms: i64) -> String {
    let day = day_of_number(ms.div_euclid(DAY_MS));
    let (seconds, ms) = (ms.rem_euclid(DAY_MS) / 1000, ms.rem_euclid(1000));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hours:02}-{minutes:02}-{seconds:02}-{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_a_year_a_month_and_a_day() {
        assert_eq!(parts("2026-11-08"), Some(("2026", 11, 8)));
        assert_eq!(parts("-001-02-28"), Some(("-001", 2, 28)));
        assert_eq!(parts("2026-11"), None);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000_000_000), "2000-02-29");
        assert_eq!(day(-1), "1969-12-31");
    }

    #[test]
    fn days_are_numbered_as_they_are_named() {
        for number in (-700_000..2_900_000).step_by(97) {
            let date = day_of_number(number);
            let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().unwrap();
            assert_eq!(day_from(part(0..4), part(5..7), part(8..10)), Some(number));
        }
        for (year, month, day) in [(2023, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 1, 0)] {
            assert_eq!(day_from(year, month, day), None);
        }
    }

    #[test]
    fn moments_are_those_of_the_calendar() {
        assert_eq!(file_name_time(0), "1970-01-01T00-00-00-000Z");
        assert_eq!(file_name_time(951_782_400_000), "2000-02-29T00-00-00-000Z");
        assert_eq!(
            file_name_time(1_795_832_047_123),
            "2026-11-28T02-14-07-123Z"
        );
    }
}
