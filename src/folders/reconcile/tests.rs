use crate::core::ids::FileId;
use crate::core::photo::FileStamp;
use crate::folders::reconcile::*;
use crate::folders::scan::Scope;

/// Seconds, for times in the cases below.
const S: i64 = 1_000_000_000;

fn stamp(size_bytes: u64, seconds: i64) -> FileStamp {
    FileStamp {
        size_bytes,
        modified_ns: seconds * S,
    }
}

/// A known, present file below /r.
fn k(id: i64, path: &str, size_bytes: u64, seconds: i64) -> KnownFile {
    KnownFile {
        id: FileId::new(id),
        path: Path::new("/r").join(path),
        stamp: stamp(size_bytes, seconds),
        hash: None,
        presence: Presence::Present,
    }
}

fn missing(file: KnownFile) -> KnownFile {
    let presence = Presence::Missing;
    KnownFile { presence, ..file }
}

fn offline(file: KnownFile) -> KnownFile {
    let presence = Presence::Offline;
    KnownFile { presence, ..file }
}

/// A found file below /r.
fn f(path: &str, size_bytes: u64, seconds: i64) -> FoundFile {
    FoundFile {
        path: Path::new("/r").join(path),
        stamp: stamp(size_bytes, seconds),
    }
}

/// Changes in short: `+path`, `~id`, `id>path`, `<id`, `-id`, `?id`.
fn short(changes: &[Change]) -> Vec<String> {
    let name = |path: &Path| path.strip_prefix("/r").unwrap().display().to_string();
    let short = |change: &Change| match change {
        Change::Added { path, .. } => format!("+{}", name(path)),
        Change::Edited { id, .. } => format!("~{id}"),
        Change::Moved { id, to, .. } => format!("{id}>{}", name(to)),
        Change::Returned { id, .. } => format!("<{id}"),
        Change::Missing { id } => format!("-{id}"),
        Change::Offline { id } => format!("?{id}"),
    };
    changes.iter().map(short).collect()
}

type Case = (
    &'static str,
    Vec<KnownFile>,
    Vec<FoundFile>,
    &'static [&'static str],
);

#[test]
fn changes_of_a_whole_root_that_is_seen() {
    let cases: Vec<Case> = vec![
        ("nothing", vec![], vec![], &[]),
        (
            "unchanged",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 5, 9)],
            &[],
        ),
        ("added", vec![], vec![f("a.jpg", 5, 9)], &["+a.jpg"]),
        (
            "edited: longer",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 6, 9)],
            &["~1"],
        ),
        (
            "edited: later",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 5, 10)],
            &["~1"],
        ),
        (
            "replaced by an older file",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 5, 2)],
            &["~1"],
        ),
        ("deleted", vec![k(1, "a.jpg", 5, 9)], vec![], &["-1"]),
        (
            "moved",
            vec![k(1, "a/x.jpg", 5, 9)],
            vec![f("b/x.jpg", 5, 9)],
            &["1>b/x.jpg"],
        ),
        (
            "renamed",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 5, 9)],
            &["1>b.jpg"],
        ),
        (
            "renamed in case",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("A.JPG", 5, 9)],
            &["1>A.JPG"],
        ),
        (
            "a folder renamed, with a copy of one of its files elsewhere moved at once",
            vec![
                k(1, "a/t/x.jpg", 5, 9),
                k(2, "a/t/y.jpg", 6, 9),
                k(3, "a/u/x.jpg", 5, 9),
            ],
            vec![
                f("b/t/x.jpg", 5, 9),
                f("b/t/y.jpg", 6, 9),
                f("b/u/x.jpg", 5, 9),
            ],
            &["1>b/t/x.jpg", "2>b/t/y.jpg", "3>b/u/x.jpg"],
        ),
        (
            "names decide among files of one stamp, like a burst on FAT",
            vec![k(1, "a/x.jpg", 5, 8), k(2, "a/y.jpg", 5, 8)],
            vec![f("b/y.jpg", 5, 8), f("b/x.jpg", 5, 8)],
            &["1>b/x.jpg", "2>b/y.jpg"],
        ),
        (
            "names swapped",
            vec![k(1, "a.jpg", 5, 9), k(2, "b.jpg", 6, 9)],
            vec![f("a.jpg", 6, 9), f("b.jpg", 5, 9)],
            &["1>b.jpg", "2>a.jpg"],
        ),
        (
            "names shifted by one",
            vec![
                k(1, "1.jpg", 5, 9),
                k(2, "2.jpg", 6, 9),
                k(3, "3.jpg", 7, 9),
            ],
            vec![f("2.jpg", 5, 9), f("3.jpg", 6, 9), f("4.jpg", 7, 9)],
            &["1>2.jpg", "2>3.jpg", "3>4.jpg"],
        ),
        (
            "names shifted by one onto a file that is gone: all stay, content will tell",
            vec![
                k(1, "1.jpg", 5, 9),
                k(2, "2.jpg", 6, 9),
                k(3, "3.jpg", 7, 9),
            ],
            vec![f("2.jpg", 5, 9), f("3.jpg", 6, 9)],
            &["~2", "~3", "-1"],
        ),
        (
            "moved onto another",
            vec![k(1, "a.jpg", 5, 9), k(2, "b.jpg", 6, 9)],
            vec![f("b.jpg", 5, 9)],
            &["~2", "-1"],
        ),
        (
            "saved by way of a backup: a.jpg became a~.jpg, and a new a.jpg was written",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 7, 20), f("a~.jpg", 5, 9)],
            &["1>a~.jpg", "+a.jpg"],
        ),
        (
            "moved and edited",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 6, 10)],
            &["-1", "+b.jpg"],
        ),
        (
            "copied",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("a.jpg", 5, 9), f("b.jpg", 5, 9)],
            &["+b.jpg"],
        ),
        (
            "copied over another",
            vec![k(1, "a.jpg", 5, 9), k(2, "b.jpg", 6, 9)],
            vec![f("a.jpg", 5, 9), f("b.jpg", 5, 9)],
            &["~2"],
        ),
        (
            "copied with its time, then the original deleted",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 5, 9)],
            &["1>b.jpg"],
        ),
        (
            "copied without its time, then the original deleted",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 5, 30)],
            &["-1", "+b.jpg"],
        ),
        (
            "copied twice, then the original deleted",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 5, 9), f("c.jpg", 5, 9)],
            &["-1", "+b.jpg", "+c.jpg"],
        ),
        (
            "copied twice, once under its name, then the original deleted",
            vec![k(1, "a.jpg", 5, 9)],
            vec![f("b.jpg", 5, 9), f("c/a.jpg", 5, 9)],
            &["1>c/a.jpg", "+b.jpg"],
        ),
        (
            "two of one stamp vanish and one appears",
            vec![k(1, "a.jpg", 5, 9), k(2, "b.jpg", 5, 9)],
            vec![f("c.jpg", 5, 9)],
            &["-1", "-2", "+c.jpg"],
        ),
        (
            "two of one stamp vanish and one of their names appears",
            vec![k(1, "a.jpg", 5, 9), k(2, "b.jpg", 5, 9)],
            vec![f("c/b.jpg", 5, 9)],
            &["2>c/b.jpg", "-1"],
        ),
        (
            "still missing",
            vec![missing(k(1, "a.jpg", 5, 9))],
            vec![],
            &[],
        ),
        (
            "back",
            vec![missing(k(1, "a.jpg", 5, 9))],
            vec![f("a.jpg", 5, 9)],
            &["<1"],
        ),
        (
            "back, edited",
            vec![missing(k(1, "a.jpg", 5, 9))],
            vec![f("a.jpg", 6, 9)],
            &["~1"],
        ),
        (
            "drive back",
            vec![offline(k(1, "a.jpg", 5, 9))],
            vec![f("a.jpg", 5, 9)],
            &["<1"],
        ),
        (
            "drive back, edited",
            vec![offline(k(1, "a.jpg", 5, 9))],
            vec![f("a.jpg", 6, 9)],
            &["~1"],
        ),
        (
            "drive back without it",
            vec![offline(k(1, "a.jpg", 5, 9))],
            vec![f("b.jpg", 7, 9)],
            &["-1", "+b.jpg"],
        ),
        (
            "drive back, moved there meanwhile",
            vec![offline(k(1, "a.jpg", 5, 9))],
            vec![f("b.jpg", 5, 9)],
            &["1>b.jpg"],
        ),
        (
            "long missing, turned up elsewhere",
            vec![missing(k(1, "a.jpg", 5, 9))],
            vec![f("b.jpg", 5, 9)],
            &["1>b.jpg"],
        ),
        (
            "vanished now goes before long missing",
            vec![missing(k(1, "a.jpg", 5, 9)), k(2, "b.jpg", 5, 9)],
            vec![f("c.jpg", 5, 9)],
            &["2>c.jpg"],
        ),
        (
            "modified in the future, unchanged and moved",
            vec![
                k(1, "a.jpg", 5, 9_000_000_000),
                k(2, "b.jpg", 6, 9_000_000_000),
            ],
            vec![f("a.jpg", 5, 9_000_000_000), f("c.jpg", 6, 9_000_000_000)],
            &["2>c.jpg"],
        ),
        (
            "modified before 1970",
            vec![k(1, "a.jpg", 5, -9)],
            vec![f("a.jpg", 5, -8)],
            &["~1"],
        ),
        (
            "names with other names in front",
            vec![k(1, "a", 5, 9), k(2, "a.jpg", 6, 9), k(3, "a/b.jpg", 7, 9)],
            vec![f("a.jpg", 6, 9), f("a/b.jpg", 7, 9)],
            &["-1"],
        ),
    ];
    for (name, known, files, expected) in cases {
        let found = Found {
            files: &files,
            unseen: &[],
            root: &RootState::Present,
            scope: &Scope::Root,
            stopped: false,
        };
        assert_eq!(short(&reconcile(&known, &found)), expected, "{name}");
    }
}

#[test]
fn what_was_not_seen_is_not_gone() {
    let unreadable = || RootState::Unreadable("It is a drawer.".to_owned());
    let known = || {
        vec![
            k(1, "a/x.jpg", 5, 9),
            k(2, "b/y.jpg", 6, 9),
            offline(k(3, "b/z.jpg", 7, 9)),
            missing(k(4, "b/old.jpg", 8, 9)),
        ]
    };
    let all_offline: &[&str] = &["?1", "?2"];
    let x = || f("a/x.jpg", 5, 9);
    let scope = |make: fn(PathBuf) -> Scope, path: &str| make(Path::new("/r").join(path));
    let tree = |path| scope(Scope::Tree, path);
    let folder = |path| scope(Scope::Folder, path);
    /// Name, root, unseen, scope, stopped, found, changes.
    type Case = (
        &'static str,
        RootState,
        &'static [&'static str],
        Scope,
        bool,
        Vec<FoundFile>,
        &'static [&'static str],
    );
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        ("drive gone", RootState::Missing, &[], Scope::Root, false, vec![], all_offline),
        ("drive not mounted", RootState::Empty, &[], Scope::Root, false, vec![], all_offline),
        ("drive fails", unreadable(), &[], Scope::Root, false, vec![], all_offline),
        ("folder unreadable", RootState::Present, &["b"], Scope::Root, false, vec![x()], &["?2"]),
        ("a similar name is another folder", RootState::Present, &["b/y"], Scope::Root, false,
            vec![x()], &["-2", "-3"]),
        ("one file unreadable", RootState::Present, &["b/y.jpg"], Scope::Root, false,
            vec![x()], &["?2", "-3"]),
        ("readable in part", RootState::Present, &["b"], Scope::Root, false,
            vec![x(), f("b/y.jpg", 6, 9)], &[]),
        ("moved out of an unreadable folder, or a copy", RootState::Present, &["b"], Scope::Root,
            false, vec![x(), f("a/y.jpg", 6, 9)], &["?2", "+a/y.jpg"]),
        ("stopped", RootState::Present, &[], Scope::Root, true, vec![x()], &[]),
        ("stopped, with news", RootState::Present, &[], Scope::Root, true,
            vec![f("a/x.jpg", 5, 10), f("c/y.jpg", 6, 9)], &["~1", "+c/y.jpg"]),
        ("all seen", RootState::Present, &[], Scope::Root, false, vec![x()], &["-2", "-3"]),
        ("only a", RootState::Present, &[], folder("a"), false, vec![], &["-1"]),
        ("only the root's own files", RootState::Present, &[], folder(""), false, vec![], &[]),
        ("only below b", RootState::Present, &[], tree("b"), false, vec![], &["-2", "-3"]),
        ("a came from outside of what was looked at", RootState::Present, &[], folder("c"), false,
            vec![f("c/x.jpg", 5, 9)], &["+c/x.jpg"]),
        ("looked at a folder, found no root", RootState::Missing, &[], Scope::Root, false, vec![],
            all_offline),
    ];
    for (name, root, unseen, scope, stopped, files, expected) in cases {
        let unseen: Vec<PathBuf> = unseen.iter().map(|p| Path::new("/r").join(p)).collect();
        let found = Found {
            files: &files,
            unseen: &unseen,
            root: &root,
            scope: &scope,
            stopped,
        };
        assert_eq!(short(&reconcile(&known(), &found)), expected, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let path = |bytes: &[u8]| Path::new("/r").join(OsStr::from_bytes(bytes));
    let mut known = vec![k(1, "", 5, 9), k(2, "", 6, 9)];
    known[0].path = path(b"\xff.jpg");
    known[1].path = path(b"\xfe.jpg");
    let mut files = vec![f("", 5, 9), f("", 6, 9)];
    files[0].path = path(b"\xff.jpg");
    files[1].path = path(b"\xfd.jpg");
    let found = Found {
        files: &files,
        unseen: &[],
        root: &RootState::Present,
        scope: &Scope::Root,
        stopped: false,
    };
    let (id, to, stamp) = (FileId::new(2), path(b"\xfd.jpg"), stamp(6, 9));
    assert_eq!(reconcile(&known, &found), [Change::Moved { id, to, stamp }]);
}

proptest::proptest! {
    /// Whatever happens, once the changes are applied the same look finds nothing new, no two
    /// present files share a path, and no known file is forgotten.
    #[test]
    fn changes_lead_to_what_was_found(
        before in proptest::collection::btree_map(0..12_u8, (0..3_u64, 0..3_u8), 0..10),
        after in proptest::collection::btree_map(0..12_u8, 0..3_u64, 0..10),
    ) {
        let name = |n: u8| format!("{}/{}.jpg", n % 2, n / 2);
        let mut known: Vec<KnownFile> = before
            .iter()
            .zip(1..)
            .map(|((n, (size, presence)), id)| {
                let file = k(id, &name(*n), *size, 0);
                match presence {
                    0 => missing(file),
                    1 => offline(file),
                    _ => file,
                }
            })
            .collect();
        let files: Vec<FoundFile> = after.iter().map(|(n, size)| f(&name(*n), *size, 0)).collect();
        let found = Found {
            files: &files,
            unseen: &[],
            root: &RootState::Present,
            scope: &Scope::Root,
            stopped: false,
        };
        let count = known.len();
        let changes = reconcile(&known, &found);
        for change in &changes {
            let id = match change {
                Change::Added { .. } => continue,
                Change::Edited { id, .. }
                | Change::Moved { id, .. }
                | Change::Returned { id, .. }
                | Change::Missing { id }
                | Change::Offline { id } => *id,
            };
            let file = known.iter_mut().find(|k| k.id == id).unwrap();
            match change {
                Change::Added { .. } => {}
                Change::Edited { stamp, .. } | Change::Returned { stamp, .. } => {
                    file.stamp = *stamp;
                    file.presence = Presence::Present;
                }
                Change::Moved { to, stamp, .. } => {
                    assert_eq!(file.stamp, *stamp);
                    file.path.clone_from(to);
                    file.presence = Presence::Present;
                }
                Change::Missing { .. } => file.presence = Presence::Missing,
                Change::Offline { .. } => file.presence = Presence::Offline,
            }
        }
        for (change, id) in changes.iter().zip((100..).map(FileId::new)) {
            if let Change::Added { path, stamp } = change {
                let presence = Presence::Present;
                let (path, stamp, hash) = (path.clone(), *stamp, None);
                known.push(KnownFile { id, path, stamp, hash, presence });
            }
        }
        let present = known.iter().filter(|k| k.presence == Presence::Present);
        let mut paths: Vec<&Path> = present.map(|k| k.path.as_path()).collect();
        paths.sort_unstable();
        let expected: Vec<&Path> = files.iter().map(|f| f.path.as_path()).collect();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(paths, expected, "{changes:?}");
        assert!(known.len() >= count);
        // Missing files that lie where another is present now are the store's to keep apart; the
        // rest must be stable.
        let present: Vec<KnownFile> = known
            .into_iter()
            .filter(|k| k.presence == Presence::Present)
            .collect();
        assert_eq!(reconcile(&present, &found), []);
    }
}
