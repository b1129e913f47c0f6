//! Names in Arabic, Hebrew and other scripts that are written from right to left.
//!
//! egui shapes each word in its own direction, but sets the words of a line one after the other from
//! left to right. Here they are put into the order in which they are seen (Unicode's bidirectional
//! algorithm, <https://www.unicode.org/reports/tr9/>), the letters of each left to egui.

use std::borrow::Cow;

use unicode_bidi::{BidiInfo, Level};

/// `text` with its words in the order in which they stand on a line, from the left. What has no
/// letter of such a script is as it was; so is what has several lines.
pub(crate) fn visual(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let info = BidiInfo::new(text, Some(Level::ltr()));
    let Some(paragraph) = info.paragraphs.first().filter(|_| info.has_rtl()) else {
        return Cow::Borrowed(text);
    };
    let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
    let mut line = String::with_capacity(text.len());
    for run in runs {
        let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
        let Some(run) = text.get(run) else {
            return Cow::Borrowed(text);
        };
        match rtl {
            false => line.push_str(run),
            true => {
                // Spaces stay with the word before them, which is then seen to their right.
                let words = run.split_inclusive(char::is_whitespace).rev();
                for word in words {
                    let letters = word.trim_end_matches(char::is_whitespace);
                    line.push_str(word.get(letters.len()..).unwrap_or_default());
                    line.push_str(letters);
                }
            }
        }
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_in_which_they_are_seen() {
        for same in [
            "IMG_1.jpg",
            "été à la mer.jpg",
            "珈琲 カップ.jpg",
            "",
            "a\nאב גד",
        ] {
            assert_eq!(visual(same), same);
        }
        // Alef-bet is the first word, and so the right one.
        assert_eq!(visual("אב גד.jpg"), "גד אב.jpg");
        assert_eq!(visual("photo אב גד end"), "photo גד אב end");
        // Numbers run from left to right inside.
        assert_eq!(visual("אב 2024 גד"), "גד 2024 אב");
    }
}
