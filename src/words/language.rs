//! The languages of the window, and how each writes numbers.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

/// A language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English, which the others fall back to.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    Chinese,
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// Sets the language of this thread.
pub(crate) fn speak(language: Language) {
    SPOKEN.set(language);
}

/// The language of this thread.
pub(super) fn spoken() -> Language {
    SPOKEN.get()
}

/// A number with the separators of the language: `1,000,000`.
pub(crate) fn number(n: usize) -> String {
    spoken().number(n)
}

/// How a language writes numbers.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    /// Between thousands.
    pub(super) group: char,
    /// The fewest digits that are grouped.
    pub(super) group_from: usize,
    /// Before decimals.
    pub(super) point: char,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Chinese,
    ];

    /// Its own name for itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Chinese => "简体中文",
        }
    }

    /// Its tag (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Chinese => "zh-Hans",
        }
    }

    /// The first language of the system's list that the window speaks; English if it speaks none.
    pub fn of_system() -> Self {
        Self::first_of(sys_locale::get_locales())
    }

    fn first_of(tags: impl Iterator<Item = String>) -> Self {
        tags.filter_map(|tag| Self::of_tag(&tag))
            .next()
            .unwrap_or_default()
    }

    /// The language of a tag such as `de-AT` or `zh_CN.UTF-8`. Traditional Chinese is none of ours:
    /// its readers choose between Simplified Chinese and English themselves.
    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_lowercase();
        let mut parts = tag.split(['-', '_', '.', '@']);
        match parts.next()? {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "fr" => Some(Self::French),
            "es" => Some(Self::Spanish),
            "zh" => {
                let simplified = parts.clone().any(|p| p == "hans");
                let traditional = parts.any(|p| matches!(p, "hant" | "tw" | "hk" | "mo"));
                (simplified || !traditional).then_some(Self::Chinese)
            }
            _ => None,
        }
    }

    pub(super) fn digits(self) -> Digits {
        let (group, group_from, point) = match self {
            Self::English | Self::Chinese => (',', 4, '.'),
            Self::German => ('.', 4, ','),
            Self::French => ('\u{a0}', 4, ','),
            // The Real Academia groups from five digits on.
            Self::Spanish => ('.', 5, ','),
        };
        Digits {
            group,
            group_from,
            point,
        }
    }

    pub(super) fn number(self, n: usize) -> String {
        self.digits().grouped(&n.to_string())
    }
}

impl Digits {
    /// Writes digits, with a point before decimals, as the language does.
    pub(super) fn grouped(self, digits: &str) -> String {
        let (whole, decimals) = match digits.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (digits, None),
        };
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 2);
        for (i, digit) in whole.chars().enumerate() {
            let left = whole.len() - i;
            if i > 0 && left.is_multiple_of(3) && whole.len() >= self.group_from {
                text.push(self.group);
            }
            text.push(digit);
        }
        if let Some(decimals) = decimals {
            text.push(self.point);
            text.push_str(decimals);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_spoken_here_is_taken() {
        let of = |tags: &[&str]| Language::first_of(tags.iter().map(|t| (*t).to_owned()));
        assert_eq!(of(&["de-AT", "en-US"]), Language::German);
        assert_eq!(of(&["it-IT", "fr_CA.UTF-8"]), Language::French);
        assert_eq!(of(&["es-419"]), Language::Spanish);
        assert_eq!(of(&["C", "POSIX"]), Language::English);
        assert_eq!(of(&[]), Language::English);
        for tag in ["zh", "zh-CN", "zh-Hans-HK", "zh_SG"] {
            assert_eq!(of(&[tag]), Language::Chinese, "{tag}");
        }
        for tag in ["zh-TW", "zh-Hant", "zh_HK.UTF-8"] {
            assert_eq!(of(&[tag, "en"]), Language::English, "{tag}");
        }
    }

    #[test]
    fn thousands_stand_apart_as_each_language_writes_them() {
        let texts = |n| Language::ALL.map(|language| language.number(n));
        assert_eq!(texts(999), ["999"; 5]);
        assert_eq!(
            texts(1000),
            ["1,000", "1.000", "1\u{a0}000", "1000", "1,000"]
        );
        assert_eq!(
            texts(1_000_000),
            [
                "1,000,000",
                "1.000.000",
                "1\u{a0}000\u{a0}000",
                "1.000.000",
                "1,000,000"
            ]
        );
    }
}
