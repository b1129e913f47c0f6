//! Formats times as calendar dates, in UTC.

const DAY_MS: i64 = 86_400_000;

/// The number of days from 1970-01-01 to a time in nanoseconds since then.
pub(crate) fn day_number(ns: i64) -> i64 {
    ns.div_euclid(DAY_MS * 1_000_000)
}

/// The date of a time in nanoseconds since 1970-01-01: `2026-11-28`.
pub(crate) fn day(ns: i64) -> String {
    day_of_number(day_number(ns))
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
    fn dates_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000_000_000), "2000-02-29");
        assert_eq!(day(-1), "1969-12-31");
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
