use std::collections::BTreeMap;

use super::*;
use crate::core::photo::ContentHash;
use crate::engine::{DeviceChoice, EngineCache, EngineOptions, STARTER};
use crate::indexer::{labels, tag_inputs};
use crate::model_store::ModelStore;
use crate::store::{Decision, Origin, StoredVocabulary, Verdict};
use crate::tagging::vocabulary::name;

const OTHERS: [Language; 4] = [
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Chinese,
];

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("library")).unwrap();
    (folder, store)
}

fn vocabulary(store: &Store) -> Vocabulary {
    tag_inputs::vocabulary(store).unwrap()
}

fn language(vocabulary: &Vocabulary) -> Option<Language> {
    let labels = vocabulary.labels().iter();
    language_of(labels.map(|l| (l.name.as_str(), l.model_names.as_slice())))
}

fn decide(store: &mut Store, label: &str) {
    let decision = Decision::now(Verdict::Accepted, Origin::Person);
    let decided = store.write(|w| {
        let photo = w.photo_of(&ContentHash::new([7; 32]))?;
        w.decide(photo, w.label(label)?, Some(decision))
    });
    decided.unwrap();
}

fn decided(store: &Store) -> Vec<String> {
    let all = store.decisions().unwrap();
    all.into_iter().map(|d| d.label).collect()
}

#[test]
fn each_language_names_every_label_and_none_twice() {
    let english: BTreeMap<&str, ()> = Vocabulary::builtin()
        .labels()
        .iter()
        .map(|l| (l.name.as_str(), ()))
        .collect();
    for language in OTHERS {
        let table = table(language);
        let known: BTreeMap<&str, ()> = table.keys().map(|k| (k.as_str(), ())).collect();
        assert_eq!(known, english, "{language:?}");
        let mut names: HashMap<String, &str> = HashMap::new();
        for (english, words) in &table {
            assert!(!words.is_empty(), "{english} in {language:?}");
            for word in words {
                assert_eq!(*word, name::clean(word), "spaces in {language:?}");
                assert_eq!(name::fault(word), None, "{language:?}");
            }
            if let Some(other) = names.insert(name::key(&words[0]), english) {
                panic!("{} names {english} and {other}", words[0]);
            }
        }
        for (english, words) in &table {
            for synonym in &words[1..] {
                let other = names.get(&name::key(synonym));
                assert_eq!(other, None, "{synonym} of {english} in {language:?}");
            }
        }
    }
}

#[test]
fn the_model_reads_the_same_words_in_every_language() {
    let english = Vocabulary::builtin();
    for to in OTHERS {
        let (_folder, mut store) = store();
        begin(&mut store, to).unwrap();
        let translated = vocabulary(&store);
        assert_eq!(language(&translated), Some(to));
        assert_eq!(translated.labels().len(), english.labels().len());
        assert_eq!(translated.warnings(), []);
        for (at, (a, b)) in english.labels().iter().zip(translated.labels()).enumerate() {
            assert_eq!(a.texts(), b.texts());
            assert_eq!((&a.prompts, &a.negatives), (&b.prompts, &b.negatives));
            assert_eq!(a.given_from(), b.given_from(), "{}", a.name);
            assert_eq!(a.likely_share(), b.likely_share(), "{}", a.name);
            assert_eq!((a.export, &b.id), (b.export, &b.name));
            assert_eq!(english.parent(at), translated.parent(at));
        }
    }
}

#[test]
fn a_label_has_the_same_vector_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let engines = EngineCache::new(ModelStore::new(folder.path().to_owned()));
    let options = EngineOptions {
        model: STARTER.into(),
        quick_gelu: None,
        device: DeviceChoice::Cpu,
        fast: false,
        templates: Vec::new(),
    };
    let engine = engines.get(&options).unwrap();
    let every = |vocabulary: &Vocabulary| {
        let labels: Vec<&Label> = vocabulary.labels().iter().step_by(20).collect();
        let models = labels::models(&engine, &labels).unwrap();
        models
            .iter()
            .map(|m| m.vector().to_vec())
            .collect::<Vec<_>>()
    };
    let english = every(Vocabulary::builtin());
    for to in OTHERS {
        let (_folder, mut store) = store();
        begin(&mut store, to).unwrap();
        assert_eq!(every(&vocabulary(&store)), english, "{to:?}");
    }
}

#[test]
fn decisions_follow_into_another_language_and_back() {
    let (_folder, mut store) = store();
    decide(&mut store, "dog");
    let edited = rename(&mut store, Language::German).unwrap().unwrap();
    assert_eq!(edited.vocabulary.name, "Taglens");
    assert_eq!(decided(&store), ["Hund"]);
    let dog = ("dog".to_owned(), "Hund".to_owned());
    assert!(edited.renamed.contains(&dog));
    let find = |store: &Store, name| vocabulary_edit::find(store, name).unwrap();
    for named in ["Hund", "hund", "dog"] {
        assert_eq!(find(&store, named).as_deref(), Some("Hund"), "{named}");
    }
    rename(&mut store, Language::Chinese).unwrap().unwrap();
    assert_eq!(decided(&store), ["狗"]);
    assert_eq!(rename(&mut store, Language::Chinese).unwrap(), None);
    rename(&mut store, Language::English).unwrap().unwrap();
    assert_eq!(decided(&store), ["dog"]);
    assert_eq!(vocabulary(&store), *Vocabulary::builtin());
    let names = store.vocabularies().unwrap();
    assert_eq!(names, [("Taglens".to_owned(), true)]);
}

#[test]
fn labels_of_the_user_stay_as_they_are() {
    let (_folder, mut store) = store();
    let edits = [
        Edit::Add {
            name: "Katze".into(),
            parent: Some("animal".into()),
        },
        Edit::SetSynonyms {
            label: "Katze".into(),
            synonyms: vec!["Vogel".into()],
        },
        Edit::Rename {
            label: "horse".into(),
            name: "Fury".into(),
        },
        Edit::SetSynonyms {
            label: "dog".into(),
            synonyms: vec!["hound".into(), "Rex".into()],
        },
    ];
    vocabulary_edit::edit(&mut store, &edits).unwrap();
    let before = vocabulary(&store);
    let edited = rename(&mut store, Language::German).unwrap().unwrap();
    assert_eq!(edited.vocabulary.name, "My labels");
    let now = vocabulary(&store);
    let label = |name: &str| now.labels().iter().find(|l| l.name == name);
    assert!(label("Katze").is_some_and(|l| l.parent.as_deref() == Some("Tier")));
    assert!(
        label("cat").is_some_and(|l| l.model_names.is_empty()),
        "the name is taken"
    );
    assert!(
        label("bird").is_some(),
        "its name is a synonym of the user's"
    );
    assert!(label("Fury").is_some_and(|l| l.parent.as_deref() == Some("Säugetier")));
    assert!(label("Hund").is_some_and(|l| l.synonyms == ["Rex"]));
    assert!(label("Hund").is_some_and(|l| l.texts() == ["dog", "hound", "Rex"]));
    rename(&mut store, Language::English).unwrap().unwrap();
    let texts = |v: &Vocabulary| v.labels().iter().map(Label::texts).collect::<Vec<_>>();
    assert_eq!(texts(&vocabulary(&store)), texts(&before));
}

#[test]
fn only_a_new_library_and_the_built_in_labels_are_translated() {
    let (_folder, mut store) = store();
    let own = StoredVocabulary {
        name: "mine".into(),
        text: "dog\ncat\n".into(),
    };
    store.write(|w| w.set_vocabulary(&own)).unwrap();
    assert_eq!(rename(&mut store, Language::German).unwrap(), None);
    store.write(|w| w.use_vocabulary(None)).unwrap();
    begin(&mut store, Language::German).unwrap();
    assert_eq!(vocabulary(&store), *Vocabulary::builtin());
    let (_folder, mut store) = self::store();
    begin(&mut store, Language::English).unwrap();
    assert_eq!(store.vocabulary().unwrap(), None);
}
