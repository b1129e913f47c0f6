//! The window's words: each key that the sources use is in every language with the same arguments, none
//! is left over, and no words stay in the sources of the window.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod messages;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use messages::Messages;

const OTHERS: [&str; 4] = ["de", "fr", "es", "zh-Hans"];

/// Texts of the window's sources that are not words: names, and what only logs and tools read.
const NOT_WORDS: [&str; 27] = [
    "Taglens",
    "io.github.taglens.Taglens",
    "--dest=org.freedesktop.FileManager1",
    "/org/freedesktop/FileManager1",
    "org.freedesktop.FileManager1.ShowItems",
    // Descriptions of models and reasons of files, which docs/languages.md says are in English.
    ", {percent:.0} % on ImageNet",
    " Licence: {}.",
    "{} has no picture",
    // What is said in English where no other language can be drawn.
    "There is no font with Chinese characters here. Install one, such as Noto Sans CJK.",
    // Keys of the keyboard, by the names that egui has for them.
    "Comma",
    "Escape",
    "Minus",
    "Plus",
    "Questionmark",
    "Space",
    // A folder on the disk.
    "Sample photos",
    // A crash's report, and timings for tests.
    "Taglens {}, {} {}\nthread: {thread}\n{panic}\n\n{backtrace}\n",
    "no report in {}: {error}",
    "without a name",
    "{what} after {ms} ms",
    "first frame",
    "library shown",
    "first thumbnails",
    "full size",
    // What marks the built-in vocabulary, which the window shows under a translated name.
    "Built-in",
    // Errors that no user can cause.
    "the model gave no embedding",
    "this is no question",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn messages(language: &str) -> Messages {
    let path = root().join(format!("assets/words/{language}.ftl"));
    Messages::read(&std::fs::read_to_string(path).unwrap(), language)
}

#[test]
fn the_sources_and_english_have_the_same_keys_with_the_same_arguments() {
    let english = messages("en");
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, source) in source::all(&root().join("src")) {
        for (key, arguments) in source::keys(&source) {
            let known = used.entry(key.clone()).or_insert_with(|| arguments.clone());
            assert_eq!(*known, arguments, "{key} in {}", file.display());
        }
    }
    for (key, arguments) in &used {
        let wanted = english.arguments.get(key);
        let wanted = wanted.unwrap_or_else(|| panic!("en.ftl has no `{key}`"));
        assert_eq!(wanted, arguments, "the arguments of `{key}`");
    }
    let unused: Vec<&String> = english
        .arguments
        .keys()
        .filter(|k| !used.contains_key(*k))
        .collect();
    assert!(
        unused.is_empty(),
        "en.ftl has keys that nothing uses: {unused:?}"
    );
    assert!(
        used.len() > 400,
        "the test sees what it is for: {}",
        used.len()
    );
}

#[test]
fn every_language_has_all_messages() {
    let english = messages("en");
    for language in OTHERS {
        let other = messages(language);
        let missing: Vec<_> = english
            .arguments
            .keys()
            .filter(|k| !other.arguments.contains_key(*k))
            .collect();
        let left_over: Vec<_> = other
            .arguments
            .keys()
            .filter(|k| !english.arguments.contains_key(*k))
            .collect();
        assert!(missing.is_empty(), "{language}.ftl lacks {missing:?}");
        assert!(
            left_over.is_empty(),
            "{language}.ftl also has {left_over:?}"
        );
        for (key, arguments) in &english.arguments {
            assert_eq!(
                other.arguments.get(key),
                Some(arguments),
                "{language}: the arguments of `{key}`"
            );
        }
    }
}

#[test]
fn an_ellipsis_and_an_end_are_the_same_in_every_language() {
    let english = messages("en");
    for language in OTHERS {
        let other = messages(language);
        for (key, text) in &english.texts {
            let text_there = &other.texts[key];
            let asks_for_more = |text: &str| text.trim_end().ends_with('…');
            assert_eq!(
                asks_for_more(text),
                asks_for_more(text_there),
                "{language}: `{key}` = {text_there}"
            );
            let ends = |text: &str| text.trim_end().ends_with(['.', '。']);
            assert_eq!(
                ends(text),
                ends(text_there),
                "{language}: `{key}` = {text_there}"
            );
        }
    }
}

/// Most messages differ between languages; those that are the same were looked at.
#[test]
fn messages_are_translated() {
    let english = messages("en");
    for language in OTHERS {
        let other = messages(language);
        let same = english.texts.iter().filter(|(key, text)| {
            let has_words = text.chars().filter(|c| c.is_alphabetic()).count() > 3;
            has_words && other.texts[*key] == **text
        });
        let same: Vec<&String> = same.map(|(key, _)| key).collect();
        assert!(
            same.len() < 30,
            "{language}: {} are in English: {same:?}",
            same.len()
        );
    }
}

#[test]
fn no_words_are_left_in_the_sources_of_the_window() {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for room in ["ui", "app"] {
        for (file, source) in source::all(&root().join("src").join(room)) {
            for (line, text) in source::texts(&source) {
                if NOT_WORDS.contains(&text.as_str()) {
                    seen.insert(text);
                } else if is_words(&text) {
                    found.push(format!("{}:{line}: {text:?}", file.display()));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "words belong into assets/words:\n{}",
        found.join("\n")
    );
    let names: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    let gone: Vec<&&str> = NOT_WORDS.iter().filter(|t| !names.contains(**t)).collect();
    assert!(gone.is_empty(), "no longer in the sources: {gone:?}");
}

/// Whether a text is for people: it has a capital before a small letter, or several words.
fn is_words(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let capital = chars.windows(2).enumerate().any(|(i, pair)| {
        let begins = i == 0 || !chars[i - 1].is_alphanumeric();
        begins && pair[0].is_uppercase() && pair[1].is_lowercase()
    });
    let letters = |c: char| c.is_alphabetic();
    let words = text
        .split(' ')
        .filter(|w| w.len() > 1 && w.chars().all(letters));
    capital || words.count() > 1
}

#[test]
fn the_test_sees_what_it_is_for() {
    assert!(is_words("Undo") && is_words("{} of them") == is_words("of them"));
    assert!(is_words("not read yet") && !is_words("label-list") && !is_words("{name}: {}"));
    let file = syn::parse_file(
        r#"fn f() { let a = tr!("one"); b(format!("{}", tr!("two", count = n + 1, name = g(x, y)))); }
        actions! { A, File, tr!("three"); }
        #[cfg(test)] mod tests { fn g() { tr!("four"); let a = "Words in tests"; } }"#,
    )
    .unwrap();
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|n| (*n).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let keys = source::keys(&file);
    let wanted = [
        ("one", names(&[])),
        ("two", names(&["count", "name"])),
        ("three", names(&[])),
    ];
    assert_eq!(
        keys,
        wanted.map(|(key, arguments)| (key.to_owned(), arguments))
    );
    let texts: Vec<String> = source::texts(&file)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(texts, ["{}"], "keys are no words, and tests may have some");
    let messages = Messages::read("a = { $n ->\n    [one] { $x }\n   *[other] b\n}\n", "en");
    assert_eq!(messages.arguments["a"], names(&["n", "x"]));
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/words")
            .is_dir()
    );
}
