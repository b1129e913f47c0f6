//! The messages of each language, parsed when they are first needed.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::words::language::Language;

/// The messages of one language.
struct Book {
    bundle: FluentBundle<FluentResource>,
    /// Those without arguments, in words.
    plain: HashMap<String, String>,
}

static ENGLISH: LazyLock<Book> = LazyLock::new(|| Book::read(Language::English));
static GERMAN: LazyLock<Book> = LazyLock::new(|| Book::read(Language::German));
static FRENCH: LazyLock<Book> = LazyLock::new(|| Book::read(Language::French));
static SPANISH: LazyLock<Book> = LazyLock::new(|| Book::read(Language::Spanish));
static CHINESE: LazyLock<Book> = LazyLock::new(|| Book::read(Language::Chinese));

fn book(language: Language) -> &'static Book {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Chinese => &CHINESE,
    }
}

fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../assets/words/en.ftl"),
        Language::German => include_str!("../../assets/words/de.ftl"),
        Language::French => include_str!("../../assets/words/fr.ftl"),
        Language::Spanish => include_str!("../../assets/words/es.ftl"),
        Language::Chinese => include_str!("../../assets/words/zh-Hans.ftl"),
    }
}

/// The words under a key without arguments.
pub(super) fn plain(language: Language, key: &'static str) -> &'static str {
    let of = |language| book(language).plain.get(key).map(String::as_str);
    of(language)
        .or_else(|| of(Language::English))
        .unwrap_or(key)
}

/// The words under a key with these arguments.
pub(super) fn filled(language: Language, key: &'static str, arguments: &FluentArgs<'_>) -> String {
    let of = |language| book(language).message(key, Some(arguments));
    of(language)
        .or_else(|| of(Language::English))
        .unwrap_or_else(|| key.to_owned())
}

impl Book {
    fn read(language: Language) -> Self {
        let resource = match FluentResource::try_new(source(language).to_owned()) {
            Ok(resource) => resource,
            // The rest of it is good, and `tests/words` finds what is not.
            Err((resource, _)) => resource,
        };
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // egui draws the marks that would keep names apart as squares; `ui::widgets::bidi` orders
        // names in right-to-left scripts instead.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::English => |value, _| formatted(Language::English, value),
            Language::German => |value, _| formatted(Language::German, value),
            Language::French => |value, _| formatted(Language::French, value),
            Language::Spanish => |value, _| formatted(Language::Spanish, value),
            Language::Chinese => |value, _| formatted(Language::Chinese, value),
        }));
        let keys: Vec<String> = resource.entries().filter_map(key).collect();
        // `tests/words` finds keys that occur twice.
        bundle.add_resource_overriding(resource);
        let mut book = Self {
            bundle,
            plain: HashMap::new(),
        };
        for key in keys {
            if let Some(text) = book.message(&key, None) {
                book.plain.insert(key, text);
            }
        }
        book
    }

    /// A message in words; `None` if there is none, or an argument is missing.
    fn message(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

fn key(entry: &fluent_syntax::ast::Entry<&str>) -> Option<String> {
    match entry {
        fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    }
}

/// A number as the language writes it; `None` for everything else, which stays as it is.
fn formatted(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    let decimals = number.options.minimum_fraction_digits.unwrap_or(0);
    let digits = format!("{:.decimals$}", number.value);
    Some(language.digits().grouped(&digits))
}
