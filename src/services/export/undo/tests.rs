//! Undoing exports one by one, several at once, and after they were interrupted.

use super::*;

static STOP: AtomicBool = AtomicBool::new(false);

#[test]
fn only_sidecars_in_the_librarys_folders_are_brought_back() {
    let folders = [PathBuf::from("/photos"), PathBuf::from("/more/photos")];
    let cases = [
        ("/photos/a.jpg.xmp", true),
        ("/more/photos/2024/A.XMP", true),
        ("/photos/a.jpg", false),
        ("/photos/.bashrc", false),
        ("/photos2/a.jpg.xmp", false),
        ("/photos/../home/a.xmp", false),
        ("/home/a.xmp", false),
        ("photos/a.xmp", false),
    ];
    for (path, expected) in cases {
        assert_eq!(is_sidecar_in(&folders, Path::new(path)), expected, "{path}");
    }
}

#[test]
fn an_export_is_undone_with_the_later_ones() {
    let folder = tempfile::tempdir().unwrap();
    let sidecar = folder.path().join("a.jpg.xmp");
    let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
    let mut write = |before: &str, after: &str| {
        let write = ExportWrite {
            path: sidecar.clone(),
            before: Some(before.as_bytes().to_vec()),
            after: Some(digest(after.as_bytes())),
            previous: None,
            record: String::new(),
            source: None,
            keywords: Default::default(),
        };
        store
            .write(|w| {
                let export = w.begin_export()?;
                w.note_write(export, &write)?;
                w.settle_write(export, &sidecar)?;
                Ok(export)
            })
            .unwrap()
    };
    let exports = [write("0", "1"), write("1", "2"), write("2", "3")];
    store.write(|w| w.add_folder(folder.path())).unwrap();
    std::fs::write(&sidecar, "3").unwrap();
    let known = store.exports().unwrap();
    let numbers: Vec<(ExportId, usize)> = known.iter().map(|e| (e.id, e.files)).collect();
    assert_eq!(numbers, [(exports[2], 1), (exports[1], 1), (exports[0], 1)]);
    let take = |_: &Path, result: Result<(), SidecarError>| {
        result.unwrap();
        Ok::<_, PipelineError>(())
    };
    let undone = undo_back_to(&mut store, exports[1], &STOP, take).unwrap();
    assert_eq!(undone, Some((2, 0)));
    assert_eq!(std::fs::read_to_string(&sidecar).unwrap(), "1");
    assert_eq!(store.exports().unwrap().len(), 1);
    assert_eq!(
        undo_back_to(&mut store, exports[1], &STOP, take).unwrap(),
        None
    );
}

/// A library in a folder with a sidecar of this content, which a killed export may have written.
fn interrupted(folder: &Path, sidecar: &Path) -> Store {
    let mut store = Store::open(&folder.join("library.sqlite")).unwrap();
    let write = ExportWrite {
        path: sidecar.to_path_buf(),
        before: Some(b"before".to_vec()),
        after: Some(digest(b"after")),
        previous: None,
        record: String::new(),
        source: None,
        keywords: Default::default(),
    };
    store
        .write(|w| {
            w.add_folder(folder)?;
            w.note_write(w.begin_export()?, &write)
        })
        .unwrap();
    store
}

#[test]
fn a_write_to_a_file_that_cannot_be_read_stays_open_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let sidecar = folder.path().join("a.jpg.xmp");
    let mut store = interrupted(folder.path(), &sidecar);
    // Every system refuses to read a folder.
    std::fs::create_dir(&sidecar).unwrap();
    let unread = settle(&mut store).unwrap();
    assert!(unread.contains_key(&sidecar));
    assert_eq!(store.unsettled_writes().unwrap().len(), 1);
    std::fs::remove_dir(&sidecar).unwrap();
    std::fs::write(&sidecar, "after").unwrap();
    assert!(settle(&mut store).unwrap().is_empty());
    assert!(store.unsettled_writes().unwrap().is_empty());
    undo(&mut store, &STOP, |_, result| {
        result.unwrap();
        Ok::<_, PipelineError>(())
    })
    .unwrap();
    assert_eq!(std::fs::read(&sidecar).unwrap(), b"before");
}

#[test]
fn an_export_that_could_not_be_undone_for_now_can_be_undone_later() {
    let folder = tempfile::tempdir().unwrap();
    let sidecar = folder.path().join("away").join("a.jpg.xmp");
    let mut store = interrupted(folder.path(), &sidecar);
    std::fs::create_dir(folder.path().join("away")).unwrap();
    std::fs::write(&sidecar, "after").unwrap();
    settle(&mut store).unwrap();
    // A file in place of the folder: an error of the system that is not "not found".
    let (away, aside) = (folder.path().join("away"), folder.path().join("aside"));
    std::fs::rename(&away, &aside).unwrap();
    std::fs::write(&away, "").unwrap();
    let mut take = |_: &Path, _| Ok::<_, PipelineError>(());
    assert_eq!(undo(&mut store, &STOP, &mut take).unwrap(), Some((0, 1)));
    std::fs::remove_file(&away).unwrap();
    std::fs::rename(&aside, &away).unwrap();
    assert_eq!(undo(&mut store, &STOP, &mut take).unwrap(), Some((1, 0)));
    assert_eq!(std::fs::read(&sidecar).unwrap(), b"before");
    assert_eq!(undo(&mut store, &STOP, &mut take).unwrap(), None);
}
