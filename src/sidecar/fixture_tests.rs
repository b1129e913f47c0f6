//! Edits the sidecars of other programs, and files that are not sidecars.

use std::fs;
use std::path::PathBuf;

use crate::sidecar::edit_tests::{keyword, request, there_and_back};
use crate::sidecar::*;

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let wanted = [keyword("dog")];
    let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "empty"),
        ("<a/>".into(), "not an XMP sidecar"),
        ("<a>".into(), "ends before"),
        ("<a></b>".into(), "line 1"),
        ("<a/><b/>".into(), "second root"),
        ("<a/>x".into(), "outside"),
        ("  ".into(), "no root"),
        ("\n<?xml version='1.0'?><a/>".into(), "line 2"),
        ("<a b='1' b='2'/>".into(), "twice"),
        ("<p:a/>".into(), "not declared"),
        ("<a>&lol;</a>".into(), "&lol"),
        ("<a>]]></a>".into(), "CDATA"),
        ("<a>\u{1}</a>".into(), "U+0001"),
        ("<a><!-- -- --></a>".into(), "line 1"),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".into(),
            "document type",
        ),
        ("<a xmlns:b=''/>".into(), "namespace"),
        (deep, "nested"),
        (" ".repeat((16 << 20) + 1), "16777216"),
        ("\u{FEFF}\u{FEFF}<a/>".into(), "line 1"),
    ];
    for (text, word) in cases {
        let fault = edit(
            text.as_bytes(),
            &request(&wanted, None, &Properties::default()),
        );
        let message = fault.unwrap_err().to_string();
        let start: String = text.chars().take(40).collect();
        assert!(message.contains(word), "{start:?}: {message}");
    }
}

/// The sidecars of other programs, if available.
#[test]
fn fixtures_come_back_to_the_byte() {
    let Some(shared) = std::env::var_os("TAGLENS_SHARED") else {
        return;
    };
    let mut sound = 0;
    for entry in fs::read_dir(PathBuf::from(shared).join("xmp")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.display().to_string();
        if let Err(fault) = read_keywords(&bytes) {
            assert!(name.contains("issue_1713"), "{name}: {fault}");
            assert!(fault.to_string().starts_with("line 23, "), "{fault}");
            continue;
        }
        sound += 1;
        for properties in [Properties::default(), Properties::EVERY] {
            let after = there_and_back(&name, &bytes, &properties);
            only_keyword_lines(&name, &Decoded::read(&bytes).unwrap().text, &after);
        }
    }
    assert!(sound >= 19, "{sound}");
}

fn only_keyword_lines(name: &str, before: &str, after: &str) {
    let diff = similar::TextDiff::from_lines(before, after);
    for change in diff.iter_all_changes() {
        let line = change.value().trim();
        let keyword = ["<rdf:li>", "</rdf:li>", "rdf:Bag>", "rdf:Seq>"];
        let fine = match change.tag() {
            similar::ChangeTag::Equal => true,
            // A value on one line, or an element that had no end tag.
            similar::ChangeTag::Delete => line.contains("categories") || line.ends_with("/>"),
            similar::ChangeTag::Insert => {
                keyword.iter().any(|word| line.contains(word))
                    || Property::ALL.iter().any(|p| line.contains(p.facts().local))
                    || line == "</rdf:Description>"
            }
        };
        assert!(fine, "{name}: {change}");
    }
}
