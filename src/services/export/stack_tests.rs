//! Exports of stacks, and what other programs do to their sidecars.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use crate::core::embedding::Embedding;
use crate::core::photo::{ContentHash, FileStamp, Identity};
use crate::indexer::PipelineError;
use crate::indexer::readback;
use crate::services::export::{ExportOptions, export, undo};
use crate::sidecar::{Naming, SidecarError};
use crate::store::*;

struct World {
    folder: tempfile::TempDir,
    store: Store,
}

/// A raw file and its JPEG, of which the machine gives each a label, and another photo.
fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("photos");
    fs::create_dir(&root).unwrap();
    let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
    store
        .write(|w| {
            let (model, root_id) = (w.model("m", &[1; 32])?, w.add_folder(&root)?);
            for (n, name) in (1u8..).zip(["a.CR2", "a.JPG", "b.JPG"]) {
                let path = root.join(name);
                fs::write(&path, [n; 40]).unwrap();
                let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
                let file_id = w.add_file(root_id, &path, stamp)?;
                let embedding = Embedding::normalised(vec![1.0, f32::from(n)]).unwrap();
                let size = (4, 3);
                let content = Content::Embedded {
                    size,
                    complete: true,
                    embedding,
                };
                let result = Ok((Identity::of_file(ContentHash::new([n; 32])), content));
                let outcome = Outcome {
                    file_id,
                    stamp,
                    result,
                };
                let Recorded::Photo(photo) = w.record(model, 1, &outcome)? else {
                    panic!("{name} is not kept");
                };
                let label = w.label(&format!("by machine {n}"))?;
                let row = TagRow {
                    label,
                    score: 1.0,
                    confidence: 0.9,
                    accepted: true,
                };
                w.set_tags(photo, &[row])?;
            }
            Ok(())
        })
        .unwrap();
    World { folder, store }
}

impl World {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("photos").join(name)
    }

    /// Accepts a label on files, as one decision.
    fn accept(&mut self, names: &[&str], label: &str) {
        let photos = names.iter().map(|name| self.store.photo_at(&self.at(name)));
        let photos: Vec<_> = photos.map(|photo| photo.unwrap().unwrap()).collect();
        let decision = Some(Decision::now(Verdict::Accepted, Origin::Person));
        let decide = |w: &Writer<'_>| {
            let label = w.label(label)?;
            photos
                .iter()
                .try_for_each(|p| w.decide(*p, label, decision).map(drop))
        };
        self.store.write(decide).unwrap();
    }

    fn export(&mut self, naming: Naming, names: &[&str]) {
        let options = ExportOptions {
            naming,
            paths: names.iter().map(|name| self.at(name)).collect(),
            ..ExportOptions::default()
        };
        let taken = |path: &Path, result: Result<_, SidecarError>| {
            assert!(result.is_ok(), "{}: {:?}", path.display(), result.err());
            Ok::<_, PipelineError>(())
        };
        export(&mut self.store, &options, &AtomicBool::new(false), taken).unwrap();
    }

    /// Takes in what has changed beside the photos.
    fn read_back(&mut self) {
        read_back(&mut self.store, &self.folder.path().join("photos"));
    }

    /// The sidecars, by name.
    fn sidecars(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("photos")).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|n| n.ends_with(".xmp")).collect();
        names.sort();
        names
    }

    fn texts(&self, sidecars: &[String]) -> Vec<String> {
        let texts = sidecars
            .iter()
            .map(|name| fs::read_to_string(self.at(name)).unwrap());
        texts.collect()
    }

    fn has(&self, sidecar: &str, keyword: &str) -> bool {
        // A sidecar with nothing left in it is removed.
        let text = fs::read_to_string(self.at(sidecar)).unwrap_or_default();
        text.contains(&format!(">{keyword}<"))
    }
}

fn read_back(store: &mut Store, root: &Path) {
    let reader = store.reader().unwrap();
    let keep = |changes: readback::Changes| -> Result<(), PipelineError> {
        store.write(|w| readback::keep(w, changes).map(drop))?;
        Ok(())
    };
    readback::changed(&reader, root, &AtomicBool::new(false), keep).unwrap();
}

/// Rewrites a sidecar later than everything before.
fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = change(fs::read_to_string(path).unwrap());
    fs::write(path, text).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(later).unwrap();
}

#[test]
fn each_file_of_a_stack_gets_its_own_sidecar_with_the_same_keywords() {
    for (naming, raw) in [(Naming::Ext, "a.CR2.xmp"), (Naming::Stem, "a.xmp")] {
        let mut w = world();
        w.accept(&["a.CR2", "a.JPG"], "dog");
        // Naming one file names the photo.
        w.export(naming, &["a.JPG"]);
        let mut expected = vec!["a.JPG.xmp".to_owned(), raw.to_owned()];
        expected.sort();
        assert_eq!(w.sidecars(), expected);
        for sidecar in [raw, "a.JPG.xmp"] {
            assert!(
                w.has(sidecar, "dog") && w.has(sidecar, "by machine 2"),
                "{sidecar}"
            );
            assert!(!w.has(sidecar, "by machine 1"), "{sidecar}");
        }
        let before = w.texts(&expected);
        w.read_back();
        w.export(naming, &[]);
        assert_eq!(
            before,
            w.texts(&expected),
            "the second time changes nothing"
        );
        assert!(w.has("b.JPG.xmp", "by machine 3"));
        for _ in 0..2 {
            let done = |_: &Path, result: Result<_, SidecarError>| {
                assert!(result.is_ok());
                Ok::<_, PipelineError>(())
            };
            undo(&mut w.store, &AtomicBool::new(false), done).unwrap();
        }
        assert_eq!(w.sidecars(), [""; 0], "undone");
    }
}

#[test]
fn without_stacks_each_file_has_its_own_tags() {
    let mut w = world();
    w.store.write(|w| w.set_stacks(false)).unwrap();
    w.export(Naming::Ext, &[]);
    assert!(w.has("a.CR2.xmp", "by machine 1") && !w.has("a.CR2.xmp", "by machine 2"));
    assert!(w.has("a.JPG.xmp", "by machine 2"));
}

#[test]
fn a_keyword_removed_beside_one_file_is_rejected_for_the_stack() {
    for (label, accepted) in [
        ("by machine 2", &[][..]),
        ("dog", &["a.CR2", "a.JPG"]),
        ("cat", &["a.JPG"]),
    ] {
        let mut w = world();
        if !accepted.is_empty() {
            w.accept(accepted, label);
        }
        w.export(Naming::Stem, &[]);
        w.read_back();
        assert!(
            w.has("a.xmp", label) && w.has("a.JPG.xmp", label),
            "{label}"
        );
        let entry = format!("<rdf:li>{label}</rdf:li>");
        rewrite(&w.at("a.xmp"), |text| text.replace(&entry, ""));
        assert!(!w.has("a.xmp", label), "{label}");
        w.read_back();
        w.export(Naming::Stem, &[]);
        assert!(
            !w.has("a.JPG.xmp", label) && !w.has("a.xmp", label),
            "{label}"
        );
    }
}

#[test]
fn a_keyword_put_beside_one_file_is_the_stacks_until_it_is_removed_there() {
    let mut w = world();
    w.accept(&["a.CR2", "a.JPG"], "dog");
    w.export(Naming::Ext, &[]);
    w.read_back();
    let (ours, theirs) = (
        "<rdf:li>dog</rdf:li>",
        "<rdf:li>dog</rdf:li><rdf:li>zebra</rdf:li>",
    );
    rewrite(&w.at("a.CR2.xmp"), |text| text.replacen(ours, theirs, 1));
    w.read_back();
    w.export(Naming::Ext, &[]);
    assert!(w.has("a.JPG.xmp", "zebra"), "the JPEG gets it too");
    rewrite(&w.at("a.CR2.xmp"), |text| {
        text.replace("<rdf:li>zebra</rdf:li>", "")
    });
    w.read_back();
    w.export(Naming::Ext, &[]);
    assert!(!w.has("a.JPG.xmp", "zebra") && !w.has("a.CR2.xmp", "zebra"));
    assert!(w.has("a.JPG.xmp", "dog") && w.has("a.CR2.xmp", "dog"));
}

#[test]
fn an_export_stopped_at_any_moment_leaves_nothing_half_noted() {
    let mut written = 0;
    for step in 0..40 {
        let mut w = world();
        w.accept(&["a.CR2", "a.JPG", "b.JPG"], "dog");
        let stop = AtomicBool::new(false);
        let exported = |_: &Path, result: Result<_, SidecarError>| {
            assert!(result.is_ok());
            Ok::<_, PipelineError>(())
        };
        let undone = |_: &Path, result: Result<_, SidecarError>| {
            assert!(result.is_ok());
            Ok::<_, PipelineError>(())
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_micros(100 * step));
                stop.store(true, Ordering::Relaxed);
            });
            export(&mut w.store, &ExportOptions::default(), &stop, exported).unwrap();
        });
        let left = w.store.unsettled_writes().unwrap();
        assert!(left.is_empty(), "{left:?}");
        written += w.sidecars().len();
        if !w.sidecars().is_empty() {
            undo(&mut w.store, &AtomicBool::new(false), undone).unwrap();
        }
        assert_eq!(w.sidecars(), [""; 0]);
    }
    // With no delay at all nothing is written, with the longest usually everything.
    assert!(written < 40 * 3);
}

#[test]
fn what_is_read_while_an_export_writes_is_not_taken_for_the_users() {
    let mut w = world();
    w.store.write(|w| w.set_stacks(false)).unwrap();
    let root = w.folder.path().join("photos");
    let mut other = Store::open(&w.folder.path().join("library.sqlite")).unwrap();
    for _ in 0..30 {
        w.accept(&["b.JPG"], "dog");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    read_back(&mut other, &root);
                }
            });
            w.export(Naming::Ext, &[]);
            done.store(true, Ordering::Relaxed);
        });
        w.read_back();
        w.export(Naming::Ext, &[]);
        assert!(w.has("b.JPG.xmp", "dog"), "another export takes it out");
        // The program that takes it out leaves the note on it.
        rewrite(&w.at("b.JPG.xmp"), |text| {
            text.replace("<rdf:li>dog</rdf:li>", "")
        });
        w.read_back();
    }
}

#[test]
fn a_note_goes_with_its_keyword_whoever_it_names() {
    let mut w = world();
    w.export(Naming::Ext, &[]);
    // A copy from a time when the user had confirmed it.
    rewrite(&w.at("b.JPG.xmp"), |text| {
        text.replace("auto|by machine 3", "person|by machine 3")
    });
    w.read_back();
    let photo = w.store.photo_at(&w.at("b.JPG")).unwrap().unwrap();
    let rejected = Some(Decision::now(Verdict::Rejected, Origin::Person));
    let decide = |w: &Writer<'_>| {
        w.decide(photo, w.label("by machine 3")?, rejected)
            .map(drop)
    };
    w.store.write(decide).unwrap();
    w.export(Naming::Ext, &[]);
    let text = fs::read_to_string(w.at("b.JPG.xmp")).unwrap_or_default();
    assert!(!text.contains("by machine 3"), "{text}");
}
