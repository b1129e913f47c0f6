//! Formats numbers for people.

/// Formats a number with separators for thousands: `1,000,000`.
pub(crate) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a number of things, with the singular for one: `1 photo`, `1,000,000 photos`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {many}", number(n)),
    }
}

/// Formats a number of photos.
pub(crate) fn photos(n: usize) -> String {
    count(n, "photo", "photos")
}

/// Formats numbers of photos and sidecars that are written: `3 photos and 1 sidecar`.
pub(crate) fn files([inside, beside]: [usize; 2]) -> String {
    let sidecars = count(beside, "sidecar", "sidecars");
    match (inside, beside) {
        (0, _) => sidecars,
        (_, 0) => photos(inside),
        _ => format!("{} and {sidecars}", photos(inside)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_one_is_one() {
        let texts = [0, 7, 999, 1000, 12_345, 999_999, 1_000_000].map(number);
        let wanted = ["0", "7", "999", "1,000", "12,345", "999,999", "1,000,000"];
        assert_eq!(texts, wanted);
        assert_eq!(photos(1_000_000), "1,000,000 photos");
        assert_eq!(photos(1), "1 photo");
        assert_eq!(photos(0), "0 photos");
        let texts = [[0, 0], [0, 2], [1, 0], [3, 1]].map(files);
        let wanted = [
            "0 sidecars",
            "2 sidecars",
            "1 photo",
            "3 photos and 1 sidecar",
        ];
        assert_eq!(texts, wanted);
    }
}
