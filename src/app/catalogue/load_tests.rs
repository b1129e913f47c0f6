//! Reading the catalogue, whole and its beginning.

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::row::{Row, Tag};
use crate::core::embedding::Embedding;
use crate::core::photo::{ContentHash, FileStamp, Identity};
use crate::engine::ModelIdentity;
use crate::indexer::DECODER_VERSION;
use crate::store::{
    Content, Decision, Origin, Outcome, Recorded, Store, StoredVocabulary, Verdict,
};

/// Photos of which some are copies further down, one was not read yet, and two are decided on.
fn library(path: &std::path::Path) -> Store {
    let mut store = Store::open(path).unwrap();
    let stamp = FileStamp {
        size_bytes: 1,
        modified_ns: 1,
    };
    store
        .write(|w| {
            w.set_vocabulary(&StoredVocabulary {
                name: "test".into(),
                text: "dog\ncat\n".into(),
            })?;
            let model = w.model("m", &[1; 32])?;
            let folder = w.add_folder("/p".as_ref())?;
            for (place, content) in [1, 2, 9, 3, 4, 1, 5].into_iter().enumerate() {
                let path = format!("/p/{place}.jpg");
                let file = w.add_file(folder, path.as_ref(), stamp)?;
                if content == 9 {
                    continue;
                }
                let embedding = Embedding::normalised(vec![1.0, f32::from(content)]);
                let content_read = Content::Embedded {
                    size: (1, 1),
                    complete: true,
                    embedding: embedding.unwrap(),
                };
                let identity = Identity::of_file(ContentHash::new([content; 32]));
                let outcome = Outcome {
                    file_id: file,
                    stamp,
                    result: Ok((identity, content_read)),
                };
                let Recorded::Photo(photo) = w.record(model, DECODER_VERSION, &outcome)? else {
                    panic!("the file has changed");
                };
                if content > 3 {
                    continue;
                }
                let yes = Decision::now(Verdict::Accepted, Origin::Person);
                let label = if content == 2 { "unlisted" } else { "dog" };
                w.decide(photo, w.label(label)?, Some(yes))?;
            }
            Ok(())
        })
        .unwrap();
    store
}

#[test]
fn the_first_page_is_the_beginning_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let store = library(&folder.path().join("library.sqlite"));
    let all = Catalogue::load(&store, &ModelIdentity::starter()).unwrap();
    let page = Catalogue::first_page(&store, 3).unwrap();
    let shown = |catalogue: &Catalogue, most: usize| -> Vec<String> {
        let read = catalogue.rows.iter().filter(|row| row.photo.is_some());
        let label = |tag: &Tag| catalogue.labels[tag.label].name.clone();
        let row = |row: &Row| {
            let labels: Vec<String> = row.tags.iter().map(label).collect();
            format!("{} {labels:?} {:?}", row.path.display(), row.captured)
        };
        read.take(most).map(row).collect()
    };
    assert_eq!(all.rows.len(), 7);
    assert_eq!(page.rows.len(), 3);
    assert_eq!(shown(&page, 9), shown(&all, 3));
    assert!(shown(&page, 9)[0].contains("dog"));
    assert!(shown(&page, 9)[1].contains("unlisted"));
    assert!(!store.has_files(8).unwrap() && store.has_files(7).unwrap());
}
