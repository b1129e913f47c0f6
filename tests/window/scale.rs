//! Tags follow what is usual in the library: told in the window, looked at, undone and made again.

use std::collections::BTreeSet;

use taglens::indexer::Phase;
use taglens::store::NamedChange;

use crate::driven::Driven;

/// Photos from which the library shows what is usual: parts of a photo, each another.
const PARTS: u32 = 14;

/// Each photo with its labels that are applied or suggested.
fn tags(driven: &mut Driven) -> BTreeSet<(String, String)> {
    let catalogue = &driven.app().library.catalogue;
    let mut tags = BTreeSet::new();
    for row in &catalogue.rows {
        for (at, label) in catalogue.labels.iter().enumerate() {
            if let Some(tag) = row.tag(at) {
                tags.insert((
                    row.name().to_string(),
                    format!("{} {:?}", label.name, tag.state),
                ));
            }
        }
    }
    tags
}

/// Adds parts of a photo until the library is large enough to adjust to.
pub fn add_parts(driven: &Driven) {
    let cat = image::open(driven.photos.join("cat.jpg")).unwrap();
    let (width, height) = (cat.width(), cat.height());
    for n in 1..PARTS {
        let part = cat.crop_imm(n * 9, n * 5, width - n * 11, height - n * 8);
        let part = part.resize(300, 300, image::imageops::FilterType::Triangle);
        part.save(driven.photos.join(format!("{n:02}.png")))
            .unwrap();
    }
}

#[test]
fn an_adjustment_to_the_library_is_shown_undone_and_made_again() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    add_parts(&driven);
    driven.drop_folder();
    driven.until_seen("Show");
    let adjusted = tags(&mut driven);
    driven.click("Show");
    driven.until_seen("Adjustment to this library");
    assert!(driven.sees_containing("among the 16 photos of this library"));
    let report = driven.app().messages.scale.clone().unwrap();
    let NamedChange { name, gained, lost } = report.labels[0].clone();
    assert!(!report.undone && gained + lost > 0);
    assert!(driven.sees_containing(&name), "{name} is listed");
    assert!(!driven.sees("Show"), "the toast is gone");
    let messages = driven.app().messages.list.iter();
    let again: Vec<&str> = messages
        .map(|m| m.text.as_str())
        .filter(|text| text.to_lowercase().contains("usual among"))
        .collect();
    assert!(again.is_empty(), "told twice: {again:?}");
    assert!(driven.sees("All photos could be read."));
    assert!(!driven.sees("0 photos cannot be read"), "said once");

    driven.click("Undo the adjustment");
    settled(&mut driven, |tags| *tags != adjusted);
    let before = tags(&mut driven);
    assert_ne!(before, adjusted);
    driven.click("Adjust tags again");
    settled(&mut driven, |tags| *tags == adjusted);
    assert!(driven.sees("Undo the adjustment"));
}

/// Draws until the tags are as they should be and the indexer rests.
fn settled(driven: &mut Driven, is_so: impl Fn(&BTreeSet<(String, String)>) -> bool) {
    for _ in 0..30 {
        driven.until("rest", |app| {
            app.work.is_some_and(|w| w.now.phase == Phase::Idle)
        });
        driven.settle();
        if is_so(&tags(driven)) {
            return;
        }
    }
    panic!("waited in vain for the tags");
}
