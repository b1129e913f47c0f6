//! The words of the window, in every language that it speaks.
//!
//! `assets/words/en.ftl` has all of them, each under a key; the other languages have the same keys.
//! [`tr!`] puts a key into words, in the language of the thread that asks: the thread that draws the
//! window calls [`speak`]; all others, and the command line, speak English. What another thread has to
//! say is a [`Phrase`], which the window puts into words.

mod book;
mod dates;
mod language;
mod phrases;

pub(crate) use dates::{day, month};
pub use language::Language;
pub(crate) use language::{number, speak};
pub use phrases::{Phrase, Value};
pub(crate) use phrases::{decimal, plain};

/// The words under a key, in the language of this thread: `tr!("undo")` is a `&'static str`, and
/// `tr!("photos", count = 3)` a `String`. Numbers choose the plural and get separators.
macro_rules! tr {
    ($key:literal) => {
        $crate::words::plain($key)
    };
    ($key:literal, $($argument:tt)+) => {
        $crate::words::phrase!($key, $($argument)+).to_string()
    };
}

/// The same to be put into words later, on another thread.
macro_rules! phrase {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::Phrase::new(
            $key,
            vec![$((stringify!($name), $crate::words::Value::from($value))),*],
        )
    };
}

pub(crate) use {phrase, tr};

/// Numbers of photos and sidecars that are written: `3 photos and 1 sidecar`.
pub(crate) fn files([inside, beside]: [usize; 2]) -> Phrase {
    match (inside, beside) {
        (0, sidecars) => phrase!("sidecars", count = sidecars),
        (photos, 0) => phrase!("photos", count = photos),
        _ => phrase!(
            "photos-and-sidecars",
            photos = phrase!("photos", count = inside),
            sidecars = phrase!("sidecars", count = beside)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `ask` while this thread speaks a language.
    fn in_language<T>(language: Language, ask: impl FnOnce() -> T) -> T {
        speak(language);
        let answer = ask();
        speak(Language::English);
        answer
    }

    #[test]
    fn one_and_many_differ_as_each_language_wants_it() {
        let photos = |language, n: usize| in_language(language, || tr!("photos", count = n));
        let all = |n| Language::ALL.map(|language| photos(language, n));
        assert_eq!(
            all(1),
            ["1 photo", "1 Foto", "1 photo", "1 foto", "1 张照片"]
        );
        // French counts nothing as one.
        assert_eq!(
            all(0),
            ["0 photos", "0 Fotos", "0 photo", "0 fotos", "0 张照片"]
        );
        assert_eq!(
            all(12_345),
            [
                "12,345 photos",
                "12.345 Fotos",
                "12\u{a0}345 photos",
                "12.345 fotos",
                "12,345 张照片"
            ]
        );
    }

    #[test]
    fn a_phrase_is_put_into_words_by_who_speaks() {
        let files = phrase!("photos", count = 2_usize);
        let phrase = phrase!("status-scanning", photos = files);
        assert_eq!(phrase.to_string(), "Scanning folders: 2 photos found");
        let german = in_language(Language::German, || phrase.to_string());
        assert!(german.contains("2 Fotos"), "{german}");
        let error: Box<dyn std::error::Error> = Box::new(phrase.clone());
        assert_eq!(Phrase::from(error), phrase, "through an error too");
        let other: Box<dyn std::error::Error> = "the disk is full".into();
        assert_eq!(Phrase::from(other).to_string(), "the disk is full");
    }

    #[test]
    fn decimals_have_the_point_of_the_language() {
        let size = || tr!("size-mb", size = decimal(1234.56, 1));
        assert_eq!(size(), "1,234.6 MB");
        assert_eq!(in_language(Language::German, size), "1.234,6 MB");
        assert_eq!(in_language(Language::Spanish, size), "1234,6 MB");
    }

    #[test]
    fn a_name_is_inserted_as_it_is() {
        let text = tr!("path-add", name = "{ $name } \u{5d0}");
        assert_eq!(text, "Add “{ $name } \u{5d0}”");
    }
}
