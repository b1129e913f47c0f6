#[cfg(unix)]
use std::slice;
use std::sync::atomic::Ordering;

use crate::core::photo::FileStamp;
use crate::folders::scan::*;

/// A folder with files at these paths; a path that ends in a slash is a folder.
fn tree(paths: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in paths {
        let at = folder.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(at).unwrap();
        } else {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(at, path).unwrap();
        }
    }
    folder
}

fn look(root: &Path, options: &ScanOptions) -> Scan {
    scan(root, options, &AtomicBool::new(false), &|_| {})
}

fn look_again(root: &Path, folder: &Path, recursive: bool, options: &ScanOptions) -> Scan {
    let stop = AtomicBool::new(false);
    scan_folder(root, folder, recursive, options, &stop, &|_| {})
}

fn names(scan: &Scan, root: &Path) -> Vec<String> {
    let relative = |f: &FoundFile| f.path.strip_prefix(root).unwrap().display().to_string();
    scan.files.iter().map(relative).collect()
}

/// Creates a folder whose path is too long to be opened, and returns the outermost folder that
/// cannot be listed: unlike a lack of permission, this stops even the superuser.
#[cfg(unix)]
fn unreadable_folder(root: &Path) -> PathBuf {
    let long = "d".repeat(240);
    let deep = |top: &str| {
        let mut at = root.join(top);
        for _ in 0..9 {
            at.push(&long);
        }
        fs::create_dir_all(&at).unwrap();
        at
    };
    let first = deep("first");
    deep("second");
    fs::rename(root.join("second"), first.join("second")).unwrap();
    let mut at = first.join("second");
    while fs::read_dir(&at).is_ok() {
        at.push(&long);
    }
    at
}

#[test]
fn finds_pictures_with_their_stamps() {
    let folder = tree(&[
        "z.jpg",
        "a/b.PNG",
        "a/c/d.heic",
        "a.b.jpg",
        "notes.txt",
        "e.jpg/",
        ".hidden.jpg",
        ".cache/f.jpg",
        "@eaDir/g.jpg",
        "Previews.lrdata/h.jpg",
    ]);
    let root = folder.path();
    let scan = look(root, &ScanOptions::default());
    assert_eq!(
        names(&scan, root),
        ["a.b.jpg", "a/b.PNG", "a/c/d.heic", "z.jpg"]
    );
    assert_eq!(scan.files[1].stamp.size_bytes, 7);
    let on_disk = FileStamp::of(&fs::metadata(root.join("a/b.PNG")).unwrap());
    assert_eq!(scan.files[1].stamp, on_disk);
    assert!(scan.problems.is_empty() && scan.unseen.is_empty() && !scan.stopped);
    assert_eq!(scan.root, RootState::Present);

    let hidden = ScanOptions {
        hidden: true,
        threads: 3,
        ..ScanOptions::default()
    };
    let scan = look(root, &hidden);
    let expected = [
        ".cache/f.jpg",
        ".hidden.jpg",
        "a.b.jpg",
        "a/b.PNG",
        "a/c/d.heic",
        "z.jpg",
    ];
    assert_eq!(names(&scan, root), expected);
}

#[test]
fn the_ignore_file_is_obeyed() {
    let folder = tree(&[
        "a.jpg",
        "b.png",
        "drafts/c.jpg",
        "2019/drafts/d.jpg",
        "2019/e.png",
        "2019/keep.png",
    ]);
    let root = folder.path();
    fs::write(root.join(IGNORE_FILE), "*.png\n/drafts/\n[z-a]\n").unwrap();
    fs::write(root.join("2019").join(IGNORE_FILE), "!keep.png\n").unwrap();
    fs::write(root.join(".gitignore"), "a.jpg\n").unwrap();
    let options = ScanOptions::default();
    let scan = look(root, &options);
    assert_eq!(
        names(&scan, root),
        ["2019/drafts/d.jpg", "2019/keep.png", "a.jpg"]
    );
    assert_eq!(scan.problems.len(), 1, "the line that is not valid");
    assert!(scan.problems[0].reason.starts_with("line 3"), "{scan:?}");
    assert!(scan.unseen.is_empty(), "the other lines hold");

    let again = |folder: &str| look_again(root, &root.join(folder), true, &options);
    assert_eq!(
        names(&again("2019"), root),
        ["2019/drafts/d.jpg", "2019/keep.png"],
        "rules from around a folder hold when it is looked at alone"
    );
    assert!(again("drafts").files.is_empty());

    fs::write(root.join("2019").join(IGNORE_FILE), [0xff]).unwrap();
    let scan = look(root, &options);
    assert_eq!(names(&scan, root), ["a.jpg"]);
    assert_eq!(scan.unseen, [root.join("2019")]);
    assert_eq!(again("2019/drafts").unseen, [root.join("2019")]);
}

#[test]
fn roots_that_are_not_there() {
    let folder = tree(&["empty/", "file.jpg", "full/notes.txt"]);
    let at = |name: &str| look(&folder.path().join(name), &ScanOptions::default()).root;
    assert_eq!(at("gone"), RootState::Missing);
    assert_eq!(at("empty"), RootState::Empty);
    assert_eq!(at("full"), RootState::Present);
    assert!(matches!(at("file.jpg"), RootState::Unreadable(_)));
    let gone = folder.path().join("gone");
    let scan = look_again(&gone, &gone.join("a"), false, &ScanOptions::default());
    assert_eq!((scan.root, scan.scope), (RootState::Missing, Scope::Root));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_unseen() {
    let folder = tree(&["a.jpg", "b/c.jpg"]);
    let root = folder.path();
    let unreadable = unreadable_folder(root);
    let scan = look(root, &ScanOptions::default());
    assert_eq!(names(&scan, root), ["a.jpg", "b/c.jpg"], "the rest goes on");
    assert_eq!(scan.unseen, slice::from_ref(&unreadable));
    assert_eq!(scan.problems[0].path, unreadable);
    assert!(scan.problems[0].reason.contains("cannot be read"));
    let again = look_again(root, &unreadable, true, &ScanOptions::default());
    assert_eq!(again.unseen, [unreadable]);
}

#[cfg(unix)]
#[test]
fn a_forbidden_folder_is_unseen() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&["a.jpg", "b/c.jpg"]);
    let forbidden = folder.path().join("b");
    fs::set_permissions(&forbidden, fs::Permissions::from_mode(0o000)).unwrap();
    let scan = look(folder.path(), &ScanOptions::default());
    // The superuser may read everything; the test before this one holds for all.
    if fs::read_dir(&forbidden).is_err() {
        assert_eq!(scan.unseen, slice::from_ref(&forbidden));
        assert!(scan.problems[0].reason.contains(IGNORE_FILE));
    }
    fs::set_permissions(&forbidden, fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_when_asked_and_loops_end() {
    use std::os::unix::fs::symlink;
    let outside = tree(&["far/x.jpg", "far/y/z.jpg", "one.jpg"]);
    let folder = tree(&["a/b.jpg", "c/d.jpg"]);
    let root = folder.path();
    symlink(root, root.join("a/up")).unwrap();
    symlink(root.join("a"), root.join("c/a")).unwrap();
    symlink(root.join("c"), root.join("a/c")).unwrap();
    symlink(outside.path().join("far"), root.join("l1")).unwrap();
    symlink(outside.path().join("far/y"), root.join("l2")).unwrap();
    symlink(outside.path().join("one.jpg"), root.join("one.jpg")).unwrap();
    symlink("self.jpg", root.join("self.jpg")).unwrap();
    symlink("nowhere.jpg", root.join("dangling.jpg")).unwrap();
    let scan = look(root, &ScanOptions::default());
    assert_eq!(names(&scan, root), ["a/b.jpg", "c/d.jpg"]);

    let follow = ScanOptions {
        follow_links: true,
        threads: 2,
        ..ScanOptions::default()
    };
    let expected = ["a/b.jpg", "c/d.jpg", "l1/x.jpg", "l1/y/z.jpg", "one.jpg"];
    for _ in 0..5 {
        let scan = look(root, &follow);
        assert_eq!(names(&scan, root), expected, "each folder once");
        assert!(scan.problems.is_empty(), "{:?}", scan.problems);
    }
    let scan = look_again(root, &root.join("l1/y"), false, &follow);
    assert_eq!(scan.scope, Scope::Root, "only a full scan can judge a link");
    assert_eq!(names(&scan, root), expected);
    let scan = look_again(root, &root.join("l1/y"), false, &ScanOptions::default());
    assert!(scan.files.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn other_file_systems_are_left_out_by_option() {
    // Nearly everywhere /dev/shm is a separate file system; elsewhere both are one.
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    fs::write(other.path().join("x.jpg"), "").unwrap();
    let folder = tree(&["a/b.jpg"]);
    std::os::unix::fs::symlink(other.path(), folder.path().join("l")).unwrap();
    let count = |one_file_system| {
        let options = ScanOptions {
            follow_links: true,
            one_file_system,
            ..ScanOptions::default()
        };
        look(folder.path(), &options).files.len()
    };
    assert_eq!(count(false), 2);
    let id = |path: &Path| root::device(&fs::metadata(path).unwrap());
    let expected = if id(other.path()) == id(folder.path()) {
        2
    } else {
        1
    };
    assert_eq!(count(true), expected);
}

#[cfg(target_os = "linux")]
#[test]
fn names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tree(&[]);
    let path = folder.path().join(OsStr::from_bytes(b"f\xff\xfe.jpg"));
    fs::write(&path, "").unwrap();
    let scan = look(folder.path(), &ScanOptions::default());
    assert_eq!(scan.files[0].path, path);
}

#[test]
fn a_folder_looked_at_again() {
    let folder = tree(&["a/b.jpg", "a/c/d.jpg", "e.jpg", ".h/f.jpg"]);
    let root = folder.path();
    let options = ScanOptions::default();
    let at = |name: &str| root.join(name);
    // folder, recursive, found files, and scope
    let cases = [
        ("a", false, vec!["a/b.jpg"], Scope::Folder(at("a"))),
        (
            "a",
            true,
            vec!["a/b.jpg", "a/c/d.jpg"],
            Scope::Tree(at("a")),
        ),
        ("gone", false, vec![], Scope::Tree(at("gone"))),
        ("gone/deeper", true, vec![], Scope::Tree(at("gone/deeper"))),
        ("e.jpg", true, vec!["e.jpg"], Scope::Folder(at(""))),
        (".h", true, vec![], Scope::Tree(at(".h"))),
        ("", false, vec!["e.jpg"], Scope::Folder(at(""))),
    ];
    for (name, recursive, expected, scope) in cases {
        let scan = look_again(root, &at(name), recursive, &options);
        assert_eq!(names(&scan, root), expected, "{name}");
        assert_eq!(scan.scope, scope, "{name}");
        assert!(scan.problems.is_empty(), "{name}");
    }
    let elsewhere = look_again(&at("a"), root, false, &options);
    assert_eq!(elsewhere.scope, Scope::Root);
    assert_eq!(elsewhere.files.len(), 2);
}

#[test]
fn scopes_cover() {
    let path = Path::new("/r/a/b.jpg");
    for (scope, expected) in [
        (Scope::Root, true),
        (Scope::Folder("/r/a".into()), true),
        (Scope::Folder("/r".into()), false),
        (Scope::Tree("/r".into()), true),
        (Scope::Tree("/r/a/b.jpg".into()), true),
        (Scope::Tree("/r/a/b".into()), false),
    ] {
        assert_eq!(scope.covers(path), expected, "{scope:?}");
    }
}

#[test]
fn progress_counts_and_stopping_stops() {
    let folder = tree(&["a/", "b/"]);
    let root = folder.path();
    for i in 0..1000 {
        fs::write(root.join(format!("a/{i}.jpg")), "").unwrap();
    }
    let most = std::sync::atomic::AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let options = ScanOptions::default();
    let whole = scan(root, &options, &stop, &|so_far| {
        most.fetch_max(so_far, Ordering::Relaxed);
    });
    assert_eq!((whole.files.len(), most.into_inner()), (1000, 1000));
    assert!(!whole.stopped);

    let cut = scan(root, &options, &stop, &|_| {
        stop.store(true, Ordering::Relaxed)
    });
    assert!(cut.stopped && cut.files.len() < 1000, "{}", cut.files.len());
    stop.store(true, Ordering::Relaxed);
    let none = scan(root, &options, &stop, &|_| {});
    assert!(none.stopped && none.files.is_empty());
}
