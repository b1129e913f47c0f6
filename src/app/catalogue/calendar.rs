//! Days of photos, in UTC.

/// The day of a time, counted from 1970-01-01 in UTC.
pub(crate) fn day_number(ns: i64) -> i64 {
    ns.div_euclid(86_400_000_000_000)
}

/// The date of a time, in UTC.
pub fn day(ns: i64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000_000_000), "2000-02-29");
        assert_eq!(day(-1), "1969-12-31");
    }
}
