use crate::tagging::vocabulary::document::*;
use proptest::prelude::*;

const LIST: &str = "# mine\r\nAnimal\r\n\t{fauna}\r\n\tBird\r\n\t\t{aves}\r\n\t\tCrane\r\n\t[Dog]\r\n\r\nThings\r\n\tCrane\r\n";

const FULL: &str = "# mine\n[[label]]\nname = \"animal\" # all of them\n\n# birds\n[[label]]\nname   =   'bird'\nparent = 'animal'\nsynonyms = ['fowl']\n\n[[label]]\nname = \"crane\"\nparent = \"bird\"\nthreshold = 0.25\n";

fn rename(label: &str, name: &str) -> Edit {
    Edit::Rename {
        label: label.into(),
        name: name.into(),
    }
}

fn merge(from: &str, into: &str) -> Edit {
    Edit::Merge {
        from: from.into(),
        into: into.into(),
    }
}

fn add(name: &str, parent: Option<&str>) -> Edit {
    Edit::Add {
        name: name.into(),
        parent: parent.map(str::to_owned),
    }
}

fn set_parent(label: &str, parent: Option<&str>) -> Edit {
    Edit::SetParent {
        label: label.into(),
        parent: parent.map(str::to_owned),
    }
}

fn delete(label: &str) -> Edit {
    Edit::Delete {
        label: label.into(),
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|&w| w.to_owned()).collect()
}

fn edited(text: &str, edit: &Edit) -> (String, Change) {
    let mut document = Document::from_text(text).unwrap();
    let change = document.edit(edit).unwrap();
    assert_eq!(
        &Vocabulary::parse(document.text()).unwrap(),
        document.vocabulary()
    );
    (document.text().to_owned(), change)
}

/// A list of a thousand keywords as Lightroom writes them.
fn thousand() -> String {
    let mut text = String::new();
    for root in 0..20 {
        text += &format!("[Grüppe {root}]\r\n\t{{group {root}}}\r\n");
        for child in 0..7 {
            text += &format!("\tKind {root}.{child}\r\n");
            for leaf in 0..6 {
                text += &format!("\t\tleaf {root}.{child}.{leaf}\r\n");
                if leaf % 2 == 0 {
                    text += &format!("\t\t\t{{blatt {root}.{child}.{leaf}}}\r\n");
                }
            }
        }
    }
    text
}

#[test]
fn a_thousand_keywords_come_back_to_the_byte() {
    let text = thousand();
    let labels = Vocabulary::parse(&text).unwrap().labels().len();
    assert_eq!(labels, 20 * (1 + 7 * 7));
    for text in [
        text.clone(),
        text.replace("\r\n", "\n"),
        text.replace("\r\n", "\r"),
    ] {
        let mut document = Document::from_text(&text).unwrap();
        assert_eq!(document.vocabulary().labels().len(), labels);
        assert_eq!(document.text(), text);
        // There and back again.
        document.edit(&rename("leaf 3.4.5", "x")).unwrap();
        assert_ne!(document.text(), text);
        document.edit(&rename("x", "leaf 3.4.5")).unwrap();
        assert_eq!(document.text(), text);
    }
}

#[test]
fn a_keyword_list_keeps_what_is_not_edited() {
    let cases = [
        (rename("Dog", "Hound"), "\t[Dog]\r\n", "\t[Hound]\r\n"),
        (rename("Bird", "Fowl"), "\tBird\r\n", "\tFowl\r\n"),
        (
            add("Cat", Some("Animal")),
            "\t[Dog]\r\n",
            "\t[Dog]\r\n\tCat\r\n",
        ),
        (
            add("Heron", Some("Bird")),
            "\t\tCrane\r\n",
            "\t\tCrane\r\n\t\tHeron\r\n",
        ),
        (
            delete("Bird"),
            "\tBird\r\n\t\t{aves}\r\n\t\tCrane\r\n",
            "\tCrane\r\n",
        ),
        (
            Edit::SetSynonyms {
                label: "Animal".into(),
                synonyms: strings(&["beast", "fauna"]),
            },
            "\t{fauna}\r\n",
            "\t{fauna}\r\n\t{beast}\r\n",
        ),
        (
            Edit::SetSynonyms {
                label: "Bird".into(),
                synonyms: vec![],
            },
            "\t\t{aves}\r\n",
            "",
        ),
        (
            Edit::SetExport {
                label: "Dog".into(),
                export: true,
            },
            "[Dog]",
            "Dog",
        ),
        (
            Edit::SetExport {
                label: "Bird".into(),
                export: false,
            },
            "\tBird",
            "\t[Bird]",
        ),
        (
            set_parent("Bird", None),
            LIST,
            "# mine\r\nAnimal\r\n\t{fauna}\r\n\t[Dog]\r\n\r\nThings\r\n\tCrane\r\nBird\r\n\t{aves}\r\n\tCrane\r\n",
        ),
        (
            merge("Bird", "Dog"),
            "\tBird\r\n\t\t{aves}\r\n\t\tCrane\r\n\t[Dog]\r\n",
            "\t[Dog]\r\n\t\t{Bird}\r\n\t\t{aves}\r\n\t\tCrane\r\n",
        ),
        (set_parent("Dog", Some("Animal")), "", ""),
    ];
    for (edit, old, new) in cases {
        assert_eq!(
            edited(LIST, &edit).0,
            LIST.replacen(old, new, 1),
            "{edit:?}"
        );
    }
    // Without an end of the last line one is added, and only there.
    assert_eq!(edited("a\n\tb", &add("c", None)).0, "a\n\tb\nc\n");
    assert_eq!(
        edited("b\r\n# x\r\na", &add("c", None)).0,
        "b\r\n# x\r\na\r\nc\r\n"
    );
    assert_eq!(edited("b\n  a \nc", &rename("a", "d")).0, "b\n  d \nc");
    assert_eq!(edited("b\n# a\na\nc", &delete("a")).0, "b\n# a\nc");
}

#[test]
fn the_full_form_keeps_remarks_and_spacing() {
    let cases = [
        (
            rename("crane", "heron"),
            "name = \"crane\"",
            "name = \"heron\"",
        ),
        (
            Edit::SetThreshold {
                label: "crane".into(),
                threshold: Some(0.3),
            },
            "threshold = 0.25",
            "threshold = 0.3",
        ),
        (
            Edit::SetThreshold {
                label: "crane".into(),
                threshold: None,
            },
            "threshold = 0.25\n",
            "",
        ),
        (
            Edit::SetSynonyms {
                label: "bird".into(),
                synonyms: strings(&["fowl", "aves"]),
            },
            "['fowl']",
            "[\"fowl\", \"aves\"]",
        ),
        (
            Edit::SetPrompts {
                label: "animal".into(),
                prompts: strings(&["a wild animal"]),
            },
            "all of them\n",
            "all of them\nprompts = [\"a wild animal\"]\n",
        ),
        (
            Edit::SetNegatives {
                label: "animal".into(),
                negatives: strings(&["a \"toy\""]),
            },
            "all of them\n",
            "all of them\nnegatives = ['a \"toy\"']\n",
        ),
        (
            Edit::SetExport {
                label: "animal".into(),
                export: false,
            },
            "all of them\n",
            "all of them\nexport = false\n",
        ),
        (set_parent("crane", None), "parent = \"bird\"\n", ""),
        (
            merge("crane", "bird"),
            "synonyms = ['fowl']\n\n[[label]]\nname = \"crane\"\nparent = \"bird\"\nthreshold = 0.25\n",
            "synonyms = [\"fowl\", \"crane\"]\n",
        ),
        (
            add("cat", Some("animal")),
            "threshold = 0.25\n",
            "threshold = 0.25\n\n[[label]]\nname = \"cat\"\nparent = \"animal\"\n",
        ),
    ];
    for (edit, old, new) in cases {
        let expected = FULL.replacen(old, new, 1);
        assert_eq!(edited(FULL, &edit).0, expected, "{edit:?}");
        let windows = FULL.replace('\n', "\r\n");
        assert_eq!(
            edited(&windows, &edit).0,
            expected.replace('\n', "\r\n"),
            "{edit:?}"
        );
    }
    // Labels below it follow.
    let (text, _) = edited(FULL, &rename("bird", "fowl bird"));
    assert_eq!(
        Vocabulary::parse(&text).unwrap().labels()[2]
            .parent
            .as_deref(),
        Some("fowl bird")
    );
    let (text, _) = edited(FULL, &delete("bird"));
    assert_eq!(
        Vocabulary::parse(&text).unwrap().labels()[1]
            .parent
            .as_deref(),
        Some("animal")
    );
}

#[test]
fn an_edit_tells_what_became_of_the_ids() {
    let ids = |change: Change| change.ids;
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    for text in [LIST, FULL] {
        assert_eq!(edited(text, &add("new", None)).1, Change::default());
    }
    assert_eq!(
        ids(edited(LIST, &rename("Dog", "Hound")).1),
        [pair("Dog", "Hound")]
    );
    // The two cranes need no paths once one of them is renamed.
    assert_eq!(
        ids(edited(LIST, &rename("Things|Crane", "Derrick")).1),
        [
            pair("Animal|Bird|Crane", "Crane"),
            pair("Things|Crane", "Derrick")
        ]
    );
    assert_eq!(
        ids(edited(LIST, &merge("Bird", "Dog")).1),
        [
            pair("Bird", "Dog"),
            pair("Animal|Bird|Crane", "Animal|Dog|Crane")
        ]
    );
    let (_, change) = edited(FULL, &delete("bird"));
    assert_eq!((change.ids, change.gone), (vec![], vec!["bird".to_owned()]));
    assert_eq!(
        ids(edited(FULL, &merge("crane", "bird")).1),
        [pair("crane", "bird")]
    );
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    for (text, edit, word) in [
        (LIST, rename("Cow", "x"), "no label"),
        (LIST, rename("Dog", "a|b"), "“|”"),
        (LIST, rename("Dog", "a\nb|"), "“|”"),
        (LIST, rename("Dog", "Bird"), "line 4"),
        (LIST, set_parent("Animal", Some("Bird")), "below"),
        (LIST, merge("Animal", "Animal|Bird|Crane"), "below"),
        (LIST, merge("Dog", "Dog"), "same label"),
        (LIST, add("{x}", None), "this name"),
        (LIST, add("# x", None), "this name"),
        (LIST, add("[[x]]", None), "this name"),
        (
            LIST,
            Edit::SetThreshold {
                label: "Dog".into(),
                threshold: Some(0.1),
            },
            "thresholds",
        ),
        ("a\nb\n", add("c", Some("a")), "hierarchy"),
        ("a\nb\n", merge("a", "b"), "synonyms"),
        ("a\nb\n", add("#c", None), "this name"),
        ("a\nb\n", add("[c]", None), "this name"),
        (LIST, rename("Dog", "{x}"), "this name"),
        ("a\n", delete("a"), "no labels"),
        (FULL, rename("crane", "bird "), "line"),
        (
            FULL,
            Edit::SetThreshold {
                label: "bird".into(),
                threshold: Some(2.0),
            },
            "0 to 1",
        ),
        (
            FULL,
            Edit::SetThreshold {
                label: "bird".into(),
                threshold: Some(f32::NAN),
            },
            "0 to 1",
        ),
    ] {
        let mut document = Document::from_text(text).unwrap();
        let error = document.edit(&edit).unwrap_err().to_string();
        assert!(error.contains(word), "{edit:?}: {error}");
        assert_eq!(document.text(), text);
    }
}

#[test]
fn a_list_can_be_converted_to_the_full_form() {
    let list = LIST.replace("Things\r\n\tCrane", "Things\r\n\tHoist");
    let full = Document::from_text(&list).unwrap().to_full_form().unwrap();
    assert!(
        full.text()
            .starts_with("# mine\r\n[[label]]\r\nname = \"Animal\"\r\n"),
        "{}",
        full.text()
    );
    let mut full = full;
    full.edit(&Edit::SetThreshold {
        label: "Dog".into(),
        threshold: Some(0.4),
    })
    .unwrap();
    assert_eq!(full.vocabulary().labels()[3].threshold, Some(0.4));
    // Parents with one name cannot be distinguished there.
    let twice = "a\n\tx\n\t\tb\nc\n\tx\n\t\td\n";
    assert!(Document::from_text(twice).unwrap().to_full_form().is_err());
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let label = || {
        prop::sample::select(strings(&[
            "Animal",
            "Bird",
            "Dog",
            "Things",
            "Animal|Bird|Crane",
            "animal",
            "bird",
            "crane",
            "x",
        ]))
    };
    let word = || {
        prop::sample::select(strings(&[
            "x",
            "Dog",
            "y y",
            "# z",
            "[q]",
            "a\r\nb",
            "bird",
            "{",
            "\u{1F408}",
        ]))
    };
    prop_oneof![
        (word(), prop::option::of(label())).prop_map(|(name, parent)| Edit::Add { name, parent }),
        label().prop_map(|label| Edit::Delete { label }),
        (label(), word()).prop_map(|(label, name)| Edit::Rename { label, name }),
        (label(), label()).prop_map(|(from, into)| Edit::Merge { from, into }),
        (label(), prop::option::of(label()))
            .prop_map(|(label, parent)| Edit::SetParent { label, parent }),
        (label(), prop::collection::vec(word(), 0..3))
            .prop_map(|(label, synonyms)| Edit::SetSynonyms { label, synonyms }),
        (label(), any::<bool>()).prop_map(|(label, export)| Edit::SetExport { label, export }),
        (label(), prop::option::of(any::<f32>()))
            .prop_map(|(label, threshold)| Edit::SetThreshold { label, threshold }),
    ]
}

#[test]
fn a_merged_label_is_read_by_the_words_of_both() {
    let text = "[[label]]\nname = \"Hund\"\nmodel_names = [\"dog\", \"hound\"]\n\n[[label]]\nname = \"Welpe\"\nsynonyms = [\"puppy\"]\n";
    let (merged, _) = edited(text, &merge("Welpe", "Hund"));
    let vocabulary = Vocabulary::parse(&merged).unwrap();
    assert_eq!(vocabulary.labels()[0].synonyms, ["Welpe", "puppy"]);
    assert_eq!(
        vocabulary.labels()[0].texts(),
        ["dog", "hound", "Welpe", "puppy"]
    );
    let (merged, _) = edited(text, &merge("Hund", "Welpe"));
    let vocabulary = Vocabulary::parse(&merged).unwrap();
    assert_eq!(
        vocabulary.labels()[0].texts(),
        ["Welpe", "puppy", "dog", "hound"]
    );
    // A new name alone does not change what the model reads.
    let (renamed, _) = edited(text, &rename("Hund", "Hunde"));
    let vocabulary = Vocabulary::parse(&renamed).unwrap();
    assert_eq!(vocabulary.labels()[0].texts(), ["dog", "hound"]);
}

#[test]
fn a_translation_needs_the_full_form_and_takes_children_along() {
    let vogel = NewNames {
        label: "bird".into(),
        name: "Vogel".into(),
        synonyms: vec!["Piepmatz".into()],
        model_names: vec!["bird".into(), "fowl".into()],
    };
    let translate = Edit::Translate(vec![vogel]);
    let (text, change) = edited(FULL, &translate);
    assert_eq!(change.ids, [("bird".to_owned(), "Vogel".to_owned())]);
    let vocabulary = Vocabulary::parse(&text).unwrap();
    assert_eq!(vocabulary.labels()[2].parent.as_deref(), Some("Vogel"));
    assert_eq!(vocabulary.labels()[1].texts(), ["bird", "fowl"]);
    assert!(text.contains("# birds"), "comments stay: {text}");
    let mut list = Document::from_text("bird\n").unwrap();
    let refused = list.edit(&translate).unwrap_err();
    assert!(matches!(refused, DocumentError::NeedsFullForm { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_edits_leave_a_sound_document(
        full: bool,
        edits in prop::collection::vec(any_edit(), 1..12)
    ) {
        let mut document = Document::from_text(if full { FULL } else { LIST }).unwrap();
        for edit in edits {
            let before = document.clone();
            match document.edit(&edit) {
                Ok(change) => {
                    let ids: Vec<&str> = document.vocabulary().labels().iter().map(|l| l.id.as_str()).collect();
                    for (_, new) in &change.ids {
                        prop_assert!(ids.contains(&new.as_str()));
                    }
                    let old = before.vocabulary().labels().iter();
                    let kept = old.filter(|l| {
                        !change.gone.contains(&l.id) && !change.ids.iter().any(|(from, _)| *from == l.id)
                    });
                    for label in kept {
                        prop_assert!(ids.contains(&label.id.as_str()), "{:?} {}", edit, label.id);
                    }
                }
                Err(_) => prop_assert_eq!(document.text(), before.text()),
            }
            prop_assert!(Vocabulary::parse(document.text()).is_ok());
        }
    }
}
