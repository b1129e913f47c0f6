//! Sidecars on disk: written completely, once, and only if they are still what was read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::sidecar::edit_tests::keyword;
use crate::sidecar::embedded_tests::jpeg;
use crate::sidecar::*;

struct Photo {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn photo(content: &[u8]) -> Photo {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("IMG.JPG");
    fs::write(&path, content).unwrap();
    Photo { folder, path }
}

impl Photo {
    fn sidecar(&self) -> PathBuf {
        self.folder.path().join("IMG.JPG.xmp")
    }

    fn plan(&self, wanted: &[Keyword], previously: Option<&Record>) -> Result<Plan, SidecarError> {
        plan_with(&self.path, wanted, previously)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn plan_with(
    photo: &Path,
    wanted: &[Keyword],
    previously: Option<&Record>,
) -> Result<Plan, SidecarError> {
    let request = Request {
        wanted,
        confidences: &[],
        previously,
        properties: &Properties::default(),
        terms: Terms::default(),
    };
    plan(photo, &request, Naming::Ext)
}

fn no_journal(_: &Prior, _: &Record) -> io::Result<()> {
    Ok(())
}

const SIDECAR: &str =
    "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n <Description/>\n</RDF>";

#[test]
fn a_new_sidecar_takes_over_what_is_in_the_photo_and_goes_again() {
    let packet = format!(
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>{}{}<?xpacket end='w'?>\0\0",
        SIDECAR.replace(
            "<Description/>",
            "<Description xmlns:x='http://ns.adobe.com/xap/1.0/' x:Rating='4' \
             xmlns:dc='http://purl.org/dc/elements/1.1/' dc:subject='mine'/>"
        ),
        " ".repeat(2000)
    );
    let long = "a".repeat(64);
    let photo = photo(&jpeg(
        packet.as_bytes(),
        &[b"mine", b"old", long.as_bytes()],
    ));
    let dog = [keyword("animal|dog")];
    assert_eq!(photo.plan(&[], None).unwrap().kind(), Kind::Unchanged);
    let plan = photo.plan(&dog, None).unwrap();
    assert_eq!(plan.kind(), Kind::Create);
    assert!(
        plan.diff().starts_with("--- /dev/null\n+++ "),
        "{}",
        plan.diff()
    );
    let mut priors = Vec::new();
    let written = plan
        .commit(|prior, _| {
            assert!(!photo.sidecar().exists());
            priors.push(prior.clone());
            Ok(())
        })
        .unwrap();
    let bytes = fs::read(photo.sidecar()).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("x:Rating='4'") && text.len() < 3000, "{text}");
    let keywords = read_keywords(&bytes).unwrap();
    assert_eq!(keywords.flat, ["mine", "old", &long, "dog"]);
    assert_eq!(photo.files(), ["IMG.JPG", "IMG.JPG.xmp"]);

    let gone = photo.plan(&[], Some(&written.record)).unwrap();
    assert_eq!(gone.kind(), Kind::Delete);
    let written = gone.commit(no_journal).unwrap();
    assert!(written.record.is_empty());
    assert_eq!(photo.files(), ["IMG.JPG"]);

    fs::write(photo.sidecar(), &bytes).unwrap();
    restore(&priors[0]).unwrap();
    assert_eq!(photo.files(), ["IMG.JPG"]);
    restore(&priors[0]).unwrap();
}

#[test]
fn nothing_to_change_is_nothing_written() {
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let dog = [keyword("dog")];
    let written = photo.plan(&dog, None).unwrap().commit(no_journal).unwrap();
    assert_eq!(written.kind, Kind::Edit);
    let stamp = || fs::metadata(photo.sidecar()).unwrap().modified().unwrap();
    let before = stamp();
    let folder = Folder::read(photo.folder.path()).unwrap();
    assert_eq!(
        folder.sidecar(&photo.path, Naming::Ext).unwrap(),
        photo.sidecar()
    );
    let nobodys = Bookkeeping::default();
    let bytes = fs::read(photo.sidecar()).unwrap();
    let contents = SourceContents::of_sidecar(&bytes, &nobodys).unwrap();
    assert_eq!(contents.digest, written.record.digest());
    assert!(written.record.theirs(&contents, &nobodys, &[]).is_empty());
    let again = photo.plan(&dog, Some(&written.record)).unwrap();
    assert_eq!((again.kind(), again.diff().as_str()), (Kind::Unchanged, ""));
    let never = |_: &Prior, _: &Record| -> io::Result<()> { panic!("nothing to note") };
    let again = again.commit(never).unwrap();
    assert_eq!(again.record, written.record);
    assert_eq!(stamp(), before);
}

#[test]
fn undo_restores_and_never_over_a_change() {
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let mut prior = None;
    let plan = photo.plan(&[keyword("dog")], None).unwrap();
    plan.commit(|p, _| {
        prior = Some(p.clone());
        Ok(())
    })
    .unwrap();
    let prior = prior.unwrap();
    let ours = fs::read(photo.sidecar()).unwrap();
    fs::write(photo.sidecar(), b"changed").unwrap();
    let fault = restore(&prior).unwrap_err().fault;
    assert!(matches!(fault, Fault::ChangedSince), "{fault}");
    assert_eq!(fs::read(photo.sidecar()).unwrap(), b"changed");
    fs::write(photo.sidecar(), ours).unwrap();
    let prior = serde_json::from_str(&serde_json::to_string(&prior).unwrap()).unwrap();
    restore(&prior).unwrap();
    assert_eq!(fs::read(photo.sidecar()).unwrap(), SIDECAR.as_bytes());
}

#[test]
fn a_change_since_the_plan_is_merged() {
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let plan = photo.plan(&[keyword("dog")], None).unwrap();
    let changed = SIDECAR.replace(
        "<Description/>",
        "<Description><!-- rated --></Description>",
    );
    fs::write(photo.sidecar(), &changed).unwrap();
    let written = plan.commit(no_journal).unwrap();
    let bytes = fs::read(photo.sidecar()).unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains("rated"));
    let none = photo.plan(&[], Some(&written.record)).unwrap();
    none.commit(no_journal).unwrap();
    assert_eq!(fs::read(photo.sidecar()).unwrap(), changed.as_bytes());

    // And one that appeared while a new one was being created.
    fs::remove_file(photo.sidecar()).unwrap();
    let plan = photo.plan(&[keyword("dog")], None).unwrap();
    assert_eq!(plan.kind(), Kind::Create);
    fs::write(photo.sidecar(), &changed).unwrap();
    let written = plan.commit(no_journal).unwrap();
    assert_eq!(written.kind, Kind::Edit);
    let bytes = fs::read(photo.sidecar()).unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains("rated"));
}

#[test]
fn without_a_journal_nothing_is_written() {
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let plan = photo.plan(&[keyword("dog")], None).unwrap();
    let error = plan
        .commit(|_, _| Err(io::ErrorKind::StorageFull.into()))
        .unwrap_err();
    assert!(matches!(error.fault, Fault::Journal(_)), "{error}");
    assert_eq!(fs::read(photo.sidecar()).unwrap(), SIDECAR.as_bytes());
    assert_eq!(photo.files().len(), 2, "{:?}", photo.files());
}

#[cfg(unix)]
#[test]
fn keeps_permissions_and_heeds_them() {
    use std::os::unix::fs::PermissionsExt;
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let set = |mode| fs::set_permissions(photo.sidecar(), fs::Permissions::from_mode(mode));
    set(0o640).unwrap();
    let dog = [keyword("dog")];
    photo.plan(&dog, None).unwrap().commit(no_journal).unwrap();
    let mode = fs::metadata(photo.sidecar()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    set(0o444).unwrap();
    // The superuser can write it anyway.
    let may = fs::OpenOptions::new()
        .append(true)
        .open(photo.sidecar())
        .is_ok();
    let before = fs::read(photo.sidecar()).unwrap();
    let plan = photo.plan(&[keyword("cat")], None).unwrap();
    match plan.commit(no_journal) {
        Ok(_) => assert!(may),
        Err(error) => {
            assert!(!may && matches!(error.fault, Fault::ReadOnly), "{error}");
            assert_eq!(fs::read(photo.sidecar()).unwrap(), before);
        }
    }
    let mode = fs::metadata(photo.sidecar()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o444);
}

#[test]
fn what_is_no_sidecar_is_refused() {
    let photo = photo(b"");
    let dog = [keyword("dog")];
    fs::create_dir(photo.sidecar()).unwrap();
    let fault = photo.plan(&dog, None).unwrap_err().fault;
    assert!(
        matches!(fault, Fault::NotAFile { what: "a folder" }),
        "{fault}"
    );
    fs::remove_dir(photo.sidecar()).unwrap();
    // Sparse, so that it costs nothing.
    let large = fs::File::create(photo.sidecar()).unwrap();
    large.set_len(100 << 20).unwrap();
    let fault = photo.plan(&dog, None).unwrap_err().fault;
    assert!(
        matches!(
            fault,
            Fault::TooLarge {
                bytes: 104_857_600,
                ..
            }
        ),
        "{fault}"
    );
    let missing = photo.folder.path().join("missing.jpg");
    let fault = plan_with(&missing, &dog, None).unwrap_err().fault;
    assert!(matches!(fault, Fault::NotFound), "{fault}");
}

#[test]
fn a_sidecar_that_was_chosen_is_the_one() {
    let photo = photo(b"");
    fs::write(photo.folder.path().join("IMG.CR2"), b"").unwrap();
    let shared = photo.folder.path().join("IMG.xmp");
    fs::write(&shared, SIDECAR).unwrap();
    let dog = [keyword("dog")];
    let fault = photo.plan(&dog, None).unwrap_err().fault;
    assert!(matches!(fault, Fault::Ambiguous { .. }), "{fault}");
    let request = Request {
        wanted: &dog,
        confidences: &[],
        previously: None,
        properties: &Properties::default(),
        terms: Terms::default(),
    };
    let plan = plan_at(&photo.path, &shared, &request).unwrap();
    assert_eq!(plan.commit(no_journal).unwrap().path, shared);
}

#[test]
fn what_killed_processes_left_is_removed_once_it_is_old() {
    let photo = photo(b"");
    let left = |name: &str, age: u64| {
        let file = fs::File::create(photo.folder.path().join(name)).unwrap();
        let time = std::time::SystemTime::now() - Duration::from_secs(age);
        file.set_modified(time).unwrap();
        file
    };
    left(".taglens-sidecar-1-0-0.tmp", 100);
    left(".taglens-sidecar-1-1-0.tmp", 1);
    let alive = left(".taglens-sidecar-1-2-0.tmp", 100);
    alive.lock().unwrap();
    let plan = photo.plan(&[keyword("dog")], None).unwrap();
    plan.commit(no_journal).unwrap();
    let left: Vec<String> = photo
        .files()
        .into_iter()
        .filter(|f| f.ends_with("tmp"))
        .collect();
    assert_eq!(
        left,
        [".taglens-sidecar-1-1-0.tmp", ".taglens-sidecar-1-2-0.tmp"]
    );
}

const CHILD: &str = "TAGLENS_TEST_SIDECAR_CHILD";

/// Not a separate test: the process that the next two start.
#[test]
fn child_writes_until_it_is_killed() {
    let Some(photo) = std::env::var_os(CHILD) else {
        return;
    };
    let photo = PathBuf::from(photo);
    let mine = keyword(&format!("p{}", std::process::id()));
    let turns =
        std::env::var("TAGLENS_TEST_SIDECAR_TURNS").map_or(u32::MAX, |t| t.parse().unwrap());
    let mut record = None;
    for turn in 0..turns {
        let wanted = [mine.clone(), keyword(&format!("{}x{turn}", mine.leaf()))];
        // The first is written once; the second changes every time.
        let plan = plan_with(&photo, &wanted, record.as_ref()).unwrap();
        record = Some(plan.commit(no_journal).unwrap().record);
    }
}

fn child(photo: &Path, turns: Option<u32>) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "sidecar::plan_tests::child_writes_until_it_is_killed",
        ])
        .env(CHILD, photo)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    if let Some(turns) = turns {
        command.env("TAGLENS_TEST_SIDECAR_TURNS", turns.to_string());
    }
    command.spawn().unwrap()
}

/// The number of kills; more by hand (`TAGLENS_TEST_SIDECAR_KILLS=200`).
fn kills() -> u64 {
    std::env::var("TAGLENS_TEST_SIDECAR_KILLS").map_or(12, |kills| kills.parse().unwrap())
}

#[test]
fn killed_at_any_moment_the_sidecar_is_whole() {
    let photo = photo(b"");
    fs::write(photo.sidecar(), SIDECAR).unwrap();
    let mut written = 0;
    for turn in 0..kills() {
        let mut child = child(&photo.path, None);
        // From before the first write to after many.
        std::thread::sleep(Duration::from_micros(20_000 + turn * 7919 % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let bytes = fs::read(photo.sidecar()).unwrap();
        let keywords = read_keywords(&bytes).unwrap();
        assert!(bytes.ends_with(b"</RDF>"), "cut off after {turn}");
        written = written.max(keywords.flat.len());
    }
    assert!(written > 0, "no child came to writing");
    for name in photo.files() {
        let ours = name.starts_with(".taglens-sidecar-");
        assert!(ours || name.starts_with("IMG.JPG"), "{name}");
    }
}

#[test]
fn processes_writing_at_once_lose_nothing() {
    let photo = photo(b"");
    let mut children: Vec<_> = (0..3).map(|_| child(&photo.path, Some(6))).collect();
    let ids: Vec<u32> = children.iter().map(std::process::Child::id).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let flat = read_keywords(&fs::read(photo.sidecar()).unwrap())
        .unwrap()
        .flat;
    for id in ids {
        assert!(flat.contains(&format!("p{id}")), "{flat:?}");
        assert!(flat.contains(&format!("p{id}x5")), "{flat:?}");
        assert!(!flat.contains(&format!("p{id}x4")), "{flat:?}");
    }
    assert_eq!(photo.files(), ["IMG.JPG", "IMG.JPG.xmp"]);
}
