//! Writes into photos, which others change at the wrong moment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::core::photo::FileStamp;
use crate::sidecar::Properties;
use crate::sidecar::edit_tests::{keyword, request};
use crate::sidecar::embed::container::{Container, MetadataEnd};
use crate::sidecar::embed::tests::{jpeg, keywords, xmp};
use crate::sidecar::embed::{EmbedPlan, Segments, photo_digest, plan_embed, restore_embed};
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::refusal::Refusal;
use crate::sidecar::write::plan::{Kind, Written};

struct World {
    folder: tempfile::TempDir,
    photo: PathBuf,
    old: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("IMG.JPG");
        let old = jpeg(&[xmp(10)]);
        fs::write(&photo, &old).unwrap();
        let file = fs::File::options().write(true).open(&photo).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_000);
        file.set_modified(long_ago).unwrap();
        Self { folder, photo, old }
    }

    fn plan_at(&self, photo: &Path) -> Result<EmbedPlan, SidecarError> {
        let wanted = [keyword("animal|dog")];
        let properties = Properties::default();
        let stamp = FileStamp::of(&fs::metadata(photo).unwrap());
        plan_embed(
            photo,
            stamp,
            &request(&wanted, None, &properties),
            Vec::new(),
        )
    }

    fn plan(&self) -> EmbedPlan {
        self.plan_at(&self.photo).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.photo).unwrap()
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|n| n.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn same(_: &Path, _: &[u8], _: &[u8]) -> Result<(), Refusal> {
    Ok(())
}

fn commit(plan: EmbedPlan) -> Result<Written, SidecarError> {
    plan.commit(&same, |_, _| Ok(()))
}

fn reason(result: Result<impl std::fmt::Debug, SidecarError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_photo_keeps_all_but_its_keywords_and_comes_back() {
    let world = World::new();
    let before = fs::metadata(&world.photo).unwrap();
    #[cfg(target_os = "linux")]
    let has_attributes = rustix::fs::setxattr(
        &world.photo,
        "user.taglens",
        b"mine",
        rustix::fs::XattrFlags::empty(),
    )
    .is_ok();
    let plan = world.plan();
    let prior = plan.prior();
    let [added, removed] = plan.keywords();
    assert_eq!((added, removed.len()), (&[keyword("animal|dog")][..], 0));
    let (_, more) = plan.size();
    commit(plan).unwrap();
    let new = world.bytes();
    assert_eq!(new.len() as i64, world.old.len() as i64 + more);
    assert_eq!(keywords(&new), ["animal|dog", "mine"]);
    assert_eq!(photo_digest(&world.photo).unwrap(), prior.after);
    let after = fs::metadata(&world.photo).unwrap();
    assert_eq!(after.modified().unwrap(), before.modified().unwrap());
    assert_eq!(after.permissions(), before.permissions());
    #[cfg(target_os = "linux")]
    if has_attributes {
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(&world.photo, "user.taglens", &mut value[..]).unwrap();
        assert_eq!(&value[..length], b"mine");
    }
    assert_eq!(world.names(), ["IMG.JPG"]);
    // Undo works once, wherever the photo is, and not after another change.
    let segments = Segments::of_bytes(&prior.before.unwrap()).unwrap();
    let moved = world.folder.path().join("moved.jpg");
    fs::rename(&world.photo, &moved).unwrap();
    let after = prior.after.as_deref();
    let changed = [&new[..], b"more"].concat();
    fs::write(&moved, &changed).unwrap();
    assert!(reason(restore_embed(&moved, &segments, after)).contains("changed since"));
    assert_eq!(fs::read(&moved).unwrap(), changed);
    fs::write(&moved, &new).unwrap();
    restore_embed(&moved, &segments, after).unwrap();
    assert_eq!(fs::read(&moved).unwrap(), world.old);
    restore_embed(&moved, &segments, after).unwrap();
    assert_eq!(world.names(), ["moved.jpg"]);
}

#[test]
fn a_photo_that_others_meant_to_stay_is_left_alone() {
    let world = World::new();
    let link = world.folder.path().join("again.jpg");
    fs::hard_link(&world.photo, &link).unwrap();
    assert!(reason(world.plan_at(&world.photo)).contains("2 names"));
    fs::remove_file(&link).unwrap();

    let mut permissions = fs::metadata(&world.photo).unwrap().permissions();
    let writable = permissions.clone();
    permissions.set_readonly(true);
    fs::set_permissions(&world.photo, permissions).unwrap();
    assert!(reason(world.plan_at(&world.photo)).contains("read-only"));
    fs::set_permissions(&world.photo, writable).unwrap();

    let other = fs::File::open(&world.photo).unwrap();
    other.lock().unwrap();
    assert!(reason(world.plan_at(&world.photo)).contains("locked"));
    drop(other);

    let wanted = [keyword("dog")];
    let properties = Properties::default();
    let stamp = FileStamp {
        size_bytes: 1,
        modified_ns: 2,
    };
    let plan = plan_embed(
        &world.photo,
        stamp,
        &request(&wanted, None, &properties),
        Vec::new(),
    );
    assert!(reason(plan).contains("taglens index"));
    assert_eq!(world.bytes(), world.old);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_written_through() {
    use std::os::unix::fs::symlink;
    let (world, elsewhere) = (World::new(), World::new());
    let link = world.folder.path().join("link.jpg");
    symlink(&elsewhere.photo, &link).unwrap();
    assert!(reason(world.plan_at(&link)).contains("link out of its folder"));
    // Within the folder, the file itself is written.
    fs::remove_file(&link).unwrap();
    symlink("IMG.JPG", &link).unwrap();
    let written = commit(world.plan_at(&link).unwrap()).unwrap();
    assert_eq!(written.path.file_name(), world.photo.file_name());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    // A link that appears after the plan leads nowhere either.
    let world = World::new();
    let plan = world.plan();
    fs::remove_file(&world.photo).unwrap();
    symlink(&elsewhere.photo, &world.photo).unwrap();
    assert!(commit(plan).is_err());
    assert_eq!(elsewhere.bytes(), elsewhere.old);
    assert_eq!(world.names(), ["IMG.JPG"]);
}

#[test]
fn a_photo_that_changes_meanwhile_keeps_the_change() {
    // After the plan, and at the last moment.
    let world = World::new();
    let plan = world.plan();
    let other = jpeg(&[]);
    fs::write(&world.photo, &other).unwrap();
    assert!(reason(commit(plan)).contains("changed"));
    assert_eq!(world.bytes(), other);

    let world = World::new();
    let plan = world.plan();
    let result = plan.commit(&same, |_, _| {
        // Other programs write beside and rename, too.
        let beside = world.folder.path().join("beside");
        fs::write(&beside, &other)?;
        fs::rename(&beside, &world.photo)
    });
    assert!(reason(result).contains("changed"));
    assert_eq!(world.bytes(), other);
    assert_eq!(world.names(), ["IMG.JPG"]);
}

#[test]
fn nothing_is_replaced_before_all_is_checked() {
    let world = World::new();
    let differs = |_: &Path, _: &[u8], _: &[u8]| {
        Err(Refusal::Unsound {
            reason: "its picture differs".to_owned(),
        })
    };
    let result = world.plan().commit(&differs, |_, _| Ok(()));
    assert!(reason(result).contains("its picture differs"));
    // What was found ahead is found for good: pictures are decoded once for each photo.
    let mut plan = world.plan();
    plan.compare_pictures(&differs);
    assert!(reason(commit(plan)).contains("its picture differs"));
    let result = world
        .plan()
        .commit(&same, |_, _| Err(io::ErrorKind::StorageFull.into()));
    assert!(matches!(result.unwrap_err().fault, Fault::Journal(_)));
    assert_eq!(world.bytes(), world.old);
    assert_eq!(world.names(), ["IMG.JPG"]);
}

#[test]
fn a_photo_that_has_its_keywords_is_read_only_up_to_its_picture() {
    let world = World::new();
    let first = world.plan();
    let record = first.record().clone();
    commit(first).unwrap();
    let wanted = [keyword("animal|dog")];
    let properties = Properties::default();
    let plan = |wanted: &[_]| {
        let stamp = FileStamp::of(&fs::metadata(&world.photo).unwrap());
        let again = request(wanted, Some(&record), &properties);
        plan_embed(&world.photo, stamp, &again, Vec::new())
    };
    let whole = plan(&wanted).unwrap();
    assert_eq!(whole.kind(), Kind::Unchanged);
    // A photo of that size is never read to its end.
    let file = fs::File::options().write(true).open(&world.photo).unwrap();
    file.set_len(600 << 20).unwrap();
    let again = plan(&wanted).unwrap();
    assert_eq!(again.kind(), Kind::Unchanged);
    assert_eq!(again.record(), whole.record());
    assert_eq!(commit(again).unwrap().kind, Kind::Unchanged);
    let other = plan(&[keyword("animal|cat")]);
    assert!(
        reason(other).contains("up to which photos are changed"),
        "another keyword needs all of it"
    );
}

#[test]
fn the_metadata_of_a_jpeg_end_at_its_picture_however_little_is_read_at_a_time() {
    let photo = jpeg(&[xmp(10), xmp(40_000)]);
    let end = photo
        .windows(2)
        .position(|two| two == [0xff, 0xda])
        .unwrap()
        + 2;
    for read in 0..photo.len() {
        let found = Container::Jpeg.metadata_end(&photo[..read]);
        let expected = match read < end {
            true => MetadataEnd::Further,
            false => MetadataEnd::At(end),
        };
        assert_eq!(found, expected, "{read} bytes");
    }
}
