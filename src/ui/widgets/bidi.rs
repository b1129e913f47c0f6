//! Names in Arabic, Hebrew and other right-to-left scripts.
//!
//! egui shapes each word in its own direction, but places the words of a line from left to right.
//! This puts them into visual order (Unicode's bidirectional algorithm,
//! <https://www.unicode.org/reports/tr9/>) and leaves the letters of each to egui.

use std::borrow::Cow;

use unicode_bidi::{BidiInfo, Level};

/// Returns `text` with its words in visual order, from the left. Text without letters of such a
/// script is unchanged, and so is text of several lines.
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
                // Spaces stay with the word before them, which is then on their right.
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
        // Alef-bet is the first word, so it is on the right.
        assert_eq!(visual("אב גד.jpg"), "גד אב.jpg");
        assert_eq!(visual("photo אב גד end"), "photo גד אב end");
        // Numbers still run from left to right.
        assert_eq!(visual("אב 2024 גד"), "גד 2024 אב");
    }
}
