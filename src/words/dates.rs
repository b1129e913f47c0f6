//! Dates in words.

use crate::core::date::{day_of_number, parts};
use crate::words::tr;

/// A month such as `2026-11` in words: `November 2026`.
pub(crate) fn month(month: &str) -> String {
    let number = month.rsplit_once('-').and_then(|(year, number)| {
        let number: usize = number.parse().ok()?;
        (1..=12).contains(&number).then_some((year, number))
    });
    match number {
        Some((year, number)) => tr!(
            "date-month",
            month = tr!("month", month = number),
            year = year
        ),
        None => month.to_owned(),
    }
}

/// The date of a day, counted from 1970-01-01, in words: `Saturday, 28 November 2026`.
pub(crate) fn day(number: i64) -> String {
    let date = day_of_number(number);
    let Some((year, month, day)) = parts(&date) else {
        return date;
    };
    // 1970-01-01 was a Thursday; Monday is 1.
    let weekday = usize::try_from((number + 3).rem_euclid(7)).map_or(1, |n| n + 1);
    tr!(
        "date-day",
        weekday = tr!("weekday", weekday = weekday),
        day = day.to_string(),
        month = tr!("month", month = month),
        year = year
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::date::day_from;
    use crate::words::{Language, speak};

    #[test]
    fn dates_in_words_have_their_weekday() {
        let words = |y, m, d| day(day_from(y, m, d).unwrap());
        assert_eq!(words(1970, 1, 1), "Thursday, 1 January 1970");
        assert_eq!(words(1969, 12, 31), "Wednesday, 31 December 1969");
        assert_eq!(words(2024, 2, 29), "Thursday, 29 February 2024");
        let in_all = Language::ALL.map(|language| {
            speak(language);
            let text = words(2026, 11, 28);
            speak(Language::English);
            text
        });
        assert_eq!(
            in_all,
            [
                "Saturday, 28 November 2026",
                "Samstag, 28. November 2026",
                "samedi 28 novembre 2026",
                "sábado, 28 de noviembre de 2026",
                "2026年11月28日 星期六"
            ]
        );
    }

    #[test]
    fn months_in_words_have_their_year() {
        assert_eq!(month("2026-01"), "January 2026");
        assert_eq!(month("2026-13"), "2026-13");
    }
}
