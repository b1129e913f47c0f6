//! The program killed at random moments: the library opens each time, and nothing of it is lost.
//!
//! `TAGLENS_KILLS` says how many kills each test makes and `TAGLENS_KILL_PHOTOS` in how large a
//! library (200 and 2,000 in the proof run); the moments come from `TAGLENS_KILL_SEED`. The model is a
//! tiny one, so that most of a run's time is the library's: with the built-in one, nearly every kill
//! would hit the model.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::world::{ALL_IN_JOURNAL, CHECK_EVERY, Counts, World, kills, stderr, timed};

#[test]
fn indexing_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    let mut usual = timed(|| world.index());
    world.is_whole();
    // What a run that nobody disturbs arrives at is what the others have to arrive at.
    let expected = world.tags();
    assert!(expected.values().all(|tags| !tags.is_empty()));

    let folder = world.folder();
    let args = ["index", folder.to_str().unwrap()];
    let (mut killed, mut halfway, mut runs) = (0, 0, 0);
    while killed < kills() {
        world.new_library();
        let mut before = Counts::default();
        // Some kills leave the library complete: there is a new one then, for a kill of a run
        // without work proves little.
        while killed < kills() && before.embedded < world.photos {
            runs += 1;
            assert!(runs < 20 * kills() + 20, "the runs end before their kill");
            killed += usize::from(world.kill(&args, &mut usual));
            let after = world.counts();
            assert!(after.photos >= before.photos, "{before:?}, then {after:?}");
            assert!(
                after.embedded >= before.embedded,
                "{before:?}, then {after:?}"
            );
            assert!(world.tags().len() as u64 <= after.photos);
            halfway += usize::from(after.embedded > 0 && after.embedded < world.photos);
            before = after;
        }
        world.index();
        world.is_whole();
        assert_eq!(world.tags(), expected);
    }
    let libraries = world.libraries;
    eprintln!("{killed} kills in {libraries} libraries, {halfway} with a part embedded");
}

#[test]
fn a_vocabulary_edit_is_made_whole_or_not_at_all() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let files = [world.file("a.toml"), world.file("b.toml")];
    let mut imports = Duration::ZERO;
    let vocabularies = [1, 0].map(|i| {
        imports += timed(|| drop(world.done(&["vocabulary", "import", &files[i]])));
        world.labels()
    });
    let [b, a] = vocabularies;
    assert_eq!((a.len(), b.len()), (30, 34));
    let mut rescoring = timed(|| world.index());
    let mut import = imports / 2;

    let folder = world.folder();
    let (mut killed, mut runs, mut edits) = (0, 0, 0);
    let mut now = a.clone();
    while killed < kills() {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Always the other one: an import that changes nothing cannot be torn.
        let next = if now == a { &files[1] } else { &files[0] };
        let args = ["vocabulary", "import", next.as_str()];
        killed += usize::from(world.kill(&args, &mut import));
        let labels = world.labels();
        assert!(labels == a || labels == b, "{labels:?}");
        edits += usize::from(labels != now);
        now = labels;
        // The photos get their new tags by `index`, which is killed as well.
        if killed < kills() {
            let args = ["index", folder.to_str().unwrap()];
            killed += usize::from(world.kill(&args, &mut rescoring));
            assert_eq!(world.labels(), now);
            assert_eq!(
                world.counts().embedded,
                world.photos,
                "an edit embeds nothing"
            );
        }
        if runs % CHECK_EVERY == 0 || killed >= kills() {
            world.index();
            world.is_whole();
            for (path, tags) in world.tags() {
                let found: BTreeSet<String> = tags.into_keys().collect();
                assert!(!found.is_empty(), "{path} has no tags");
                let unknown: Vec<_> = found.difference(&now).collect();
                assert!(unknown.is_empty(), "{path} has {unknown:?}");
            }
        }
    }
    eprintln!("{killed} kills, {edits} edits made");
}

/// Every file below the folder, by its path there.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn exporting_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let folder = world.folder();
    // Half of the photos have a sidecar of another program's.
    let theirs = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\r\n<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\r\n<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'/>\r\n</rdf:RDF>\r\n</x:xmpmeta>\r\n";
    let photos: Vec<String> = contents(&folder).into_keys().collect();
    for name in photos.iter().step_by(2) {
        std::fs::write(folder.join(format!("{name}.xmp")), theirs).unwrap();
    }
    world.index();
    let before = contents(&folder);
    let mut usual = timed(|| drop(world.done(&["export"])));
    let mut known: BTreeSet<String> = contents(&folder).into_keys().collect();
    assert_eq!(known.len(), 2 * photos.len());
    // Some tags are decided on; nothing that a killed export leaves behind decides on others.
    let mut labels = world.labels().into_iter();
    let [label, changing] = [labels.next().unwrap(), labels.next().unwrap()];
    let rejected = photos.iter().step_by(10);
    let rejected: Vec<String> = rejected
        .map(|name| folder.join(name).to_str().unwrap().to_owned())
        .collect();
    for some in rejected.chunks(100) {
        let paths = some.iter().map(String::as_str);
        let args: Vec<&str> = ["decide", "reject", &label]
            .into_iter()
            .chain(paths)
            .collect();
        world.done(&args);
    }
    let decisions = |world: &World| world.done(&["decisions", "export", "-"]).stdout;

    let (mut killed, mut runs, mut turns, mut has_turned) = (0, 0, 1, true);
    let mut decided_before = decisions(&world);
    assert!(!decided_before.is_empty());
    // How the folder was before each export.
    let mut states = vec![state(&before), state(&contents(&folder))];
    while killed < kills() {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Another decision once the last one has reached a sidecar, so that there is something to write.
        let verdict = ["reject", "accept"][turns % 2];
        world.done(&["decide", verdict, &changing, folder.to_str().unwrap()]);
        let decided = decisions(&world);
        assert!(!has_turned || decided != decided_before);
        killed += usize::from(world.kill(&["export"], &mut usual));
        let now = contents(&folder);
        let found = state(&now);
        has_turned = states.last() != Some(&found);
        turns += usize::from(has_turned);
        states.push(found);
        for (name, bytes) in &now {
            let text = String::from_utf8_lossy(bytes);
            let is_sidecar = name.ends_with(".xmp");
            let whole = text.trim_end().ends_with("</x:xmpmeta>")
                || text.trim_end().ends_with("<?xpacket end=\"w\"?>");
            assert!(!is_sidecar || whole, "{name} is {} bytes", bytes.len());
        }
        let names: BTreeSet<String> = now.into_keys().collect();
        let lost: Vec<_> = known.difference(&names).collect();
        assert!(lost.is_empty(), "{lost:?} are gone");
        known.extend(names.into_iter().filter(|n| n.ends_with(".xmp")));
        if runs % 4 == 0 {
            world.index();
            let now = decisions(&world);
            assert_eq!(
                String::from_utf8_lossy(&now),
                String::from_utf8_lossy(&decided)
            );
        }
        decided_before = decided;
    }
    world.index();
    assert_eq!(decisions(&world), decided_before);
    // What was written by any of them can be taken back, as long as the journal has it: one after
    // the other, to the byte.
    world.done(&["export"]);
    let (undone, back) = undo_all(&world, &states);
    assert!(undone > 1);
    let after = contents(&folder);
    let has_all = world.photos * (runs as u64) < ALL_IN_JOURNAL;
    assert!(back == 0 || !has_all, "{back} exports are not undone");
    let mine = |name: &str| name.ends_with(".xmp") && !has_all;
    let differing: Vec<_> = before
        .iter()
        .filter(|(k, v)| after.get(*k) != Some(v) && !mine(k))
        .collect();
    assert!(
        differing.is_empty(),
        "{} files are not as they were",
        differing.len()
    );
    // What a killed writer had not finished lies under a hidden name, until a later export finds it
    // old enough to be nobody's.
    let others = after
        .keys()
        .filter(|name| !before.contains_key(*name) && !mine(name));
    let (unfinished, strange): (Vec<_>, Vec<_>) = others.partition(|name| {
        let name = Path::new(name).file_name().unwrap().to_str().unwrap();
        name.starts_with(".taglens-sidecar-") && name.ends_with(".tmp")
    });
    assert!(strange.is_empty(), "{strange:?}");
    let unfinished = unfinished.len();
    eprintln!("{killed} kills, {undone} exports undone, {unfinished} unfinished files");
}

/// Undoes all exports that the journal has; each must lead to an earlier one of the folder's states.
/// Returns how many there were, and the index of the state reached.
fn undo_all(world: &World, states: &[blake3::Hash]) -> (usize, usize) {
    let folder = world.folder();
    let (mut undone, mut back) = (0, states.len());
    while !stderr(&world.done(&["export", "--undo"])).contains("no export") {
        undone += 1;
        let now = state(&contents(&folder));
        let earlier = states.iter().take(back).rposition(|state| *state == now);
        back = earlier.unwrap_or_else(|| panic!("undo {undone} leads to no earlier state"));
    }
    (undone, back)
}

/// The pixels of every photo among these files.
fn pictures(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let photos = files.iter().filter(|(name, _)| name.ends_with(".png"));
    let decoded = photos.map(|(name, bytes)| {
        let picture = image::load_from_memory(bytes);
        let picture = picture.unwrap_or_else(|error| panic!("{name} is unreadable: {error}"));
        (name.clone(), picture.to_rgb8().into_raw())
    });
    decoded.collect()
}

#[test]
fn embedding_survives_being_killed() {
    let mut world = World::new();
    world.new_library();
    world.index();
    let folder = world.folder();
    let before = contents(&folder);
    let shown = pictures(&before);
    world.done(&["export", "--embed"]);
    // How the folder was before each export.
    let mut states = vec![state(&before), state(&contents(&folder))];
    assert_ne!(states[0], states[1]);
    let changing = world.labels().into_iter().next().unwrap();
    let decide = |world: &World, verdict| {
        world.done(&["decide", verdict, &changing, folder.to_str().unwrap()]);
    };
    // A change takes longer than a packet where there was none.
    decide(&world, "reject");
    let mut usual = timed(|| drop(world.done(&["export", "--embed"])));
    states.push(state(&contents(&folder)));
    assert_ne!(states[1], states[2]);
    let (mut killed, mut runs, mut written) = (0, 0, 0);
    // A kill before the first write proves little: there is at least one that comes later.
    while killed < kills() || written == 0 {
        runs += 1;
        assert!(runs < 20 * kills() + 20, "the runs end before their kill");
        // Another decision once the last one has reached a photo: there is something to write each time.
        decide(&world, ["accept", "reject"][written % 2]);
        killed += usize::from(world.kill(&["export", "--embed"], &mut usual));
        // No photo is missing, shorter or unreadable.
        let now = contents(&folder);
        assert_eq!(pictures(&now), shown);
        let now = state(&now);
        written += usize::from(states.last() != Some(&now));
        states.push(now);
        if runs % CHECK_EVERY == 0 {
            world.index();
            let all = world.photos;
            assert_eq!(world.counts().embedded, all, "the same photos");
        }
    }
    world.done(&["export", "--embed"]);
    // One after the other is taken back, to the byte.
    let (undone, back) = undo_all(&world, &states);
    assert!(undone > 0);
    let has_all = world.photos * (runs as u64) < ALL_IN_JOURNAL;
    assert!(back == 0 || !has_all, "{back} exports are not undone");
    eprintln!("{killed} kills, of which {written} met writes, {undone} exports into photos undone");
}

/// The hash of all files, except for what a killed writer has not finished.
fn state(files: &BTreeMap<String, Vec<u8>>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with(".tmp")) {
        hasher.update(name.as_bytes());
        hasher.update(blake3::hash(bytes).as_bytes());
    }
    hasher.finalize()
}
