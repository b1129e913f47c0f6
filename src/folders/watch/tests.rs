use std::fs;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use notify::{Error, ErrorKind};

use crate::folders::watch::backend::OnEvent;
use crate::folders::watch::*;

/// Far longer than needed, so that only a failure waits for it.
const LONG: Duration = Duration::from_secs(20);

fn options() -> WatchOptions {
    WatchOptions {
        debounce: Duration::from_millis(30),
        poll_interval: Duration::from_millis(60),
        ..WatchOptions::default()
    }
}

/// Takes events until one is accepted.
fn wait_for(events: &Receiver<WatchEvent>, what: &str, accept: impl Fn(&WatchEvent) -> bool) {
    let end = Instant::now() + LONG;
    let mut seen = Vec::new();
    loop {
        match events.recv_deadline(end) {
            Ok(event) if accept(&event) => return,
            Ok(event) => seen.push(event),
            Err(_) => panic!("no event for {what}; there were {seen:?}"),
        }
    }
}

/// Whether the hint leads to a look at the files of `folder`.
fn leads_to(event: &WatchEvent, folder: &Path) -> bool {
    match event {
        WatchEvent::Hint(Hint::LookAll { root }) => folder.starts_with(root),
        WatchEvent::Hint(Hint::Look {
            folder: at,
            recursive,
            ..
        }) => at == folder || *recursive && folder.starts_with(at),
        WatchEvent::State { .. } => false,
    }
}

fn look_all(root: &Path) -> impl Fn(&WatchEvent) -> bool {
    let all = WatchEvent::Hint(Hint::LookAll {
        root: root.to_path_buf(),
    });
    move |event| *event == all
}

fn is_offline(event: &WatchEvent) -> bool {
    matches!(
        event,
        WatchEvent::State {
            state: WatchState::Offline { .. },
            ..
        }
    )
}

fn is_watching(event: &WatchEvent) -> bool {
    matches!(
        event,
        WatchEvent::State {
            state: WatchState::Watching,
            ..
        }
    )
}

/// A system that watches nothing; tests fire its events.
#[derive(Default)]
struct Puppet {
    refuses: Option<fn() -> Error>,
    network: Option<&'static str>,
    strings: Arc<Mutex<Vec<OnEvent>>>,
}

impl Backend for Puppet {
    fn watch(&self, _: &Path, _: bool, on_event: OnEvent) -> notify::Result<Box<dyn Send>> {
        if let Some(refuse) = self.refuses {
            return Err(refuse());
        }
        lock(&self.strings).push(on_event);
        Ok(Box::new(()))
    }

    fn network(&self, _: &Path) -> Option<String> {
        self.network.map(str::to_owned)
    }
}

fn puppet_watcher(puppet: Puppet, capacity: usize) -> (Watcher, Receiver<WatchEvent>) {
    let (sender, events) = bounded(capacity);
    let watcher = Watcher::with_backend(options(), sender, Box::new(puppet)).unwrap();
    (watcher, events)
}

fn reason_of(state: WatchState) -> String {
    match state {
        WatchState::Polling { reason } => reason,
        other => panic!("not polling but {other:?}"),
    }
}

#[test]
fn changes_lead_to_looks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("a")).unwrap();
    fs::create_dir(root.join("b")).unwrap();
    let (sender, events) = bounded(64);
    let watcher = Watcher::new(options(), sender).unwrap();
    assert_eq!(watcher.add(root), WatchState::Watching);
    assert_eq!(
        watcher.states(),
        [(root.to_path_buf(), WatchState::Watching)]
    );
    let see = |what: &str, at: &str| {
        let at = root.join(at);
        wait_for(&events, what, |event| leads_to(event, &at));
    };

    fs::write(root.join("a/x.jpg"), "1").unwrap();
    see("a new file", "a");
    fs::write(root.join("a/x.jpg"), "12").unwrap();
    see("an edited file", "a");
    fs::rename(root.join("a/x.jpg"), root.join("b/x.jpg")).unwrap();
    see("a moved file, at one end", "a");
    fs::remove_file(root.join("b/x.jpg")).unwrap();
    see("a deleted file", "b");
    fs::create_dir_all(root.join("c/d")).unwrap();
    fs::write(root.join("c/d/y.jpg"), "1").unwrap();
    see("a file in new folders", "c/d");
    fs::rename(root.join("c"), root.join("e")).unwrap();
    see("a renamed folder, new name", "e/d");
    fs::write(root.join("e/d/z.jpg"), "1").unwrap();
    see("a file in a renamed folder", "e/d");
    fs::remove_dir_all(root.join("e")).unwrap();
    see("a deleted folder", "e/d");

    fs::create_dir(root.join("many")).unwrap();
    for i in 0..5000 {
        fs::write(root.join(format!("many/{i}.jpg")), "").unwrap();
    }
    see("5,000 files", "many");
    let mut more = 0;
    while events.recv_timeout(Duration::from_millis(300)).is_ok() {
        more += 1;
    }
    assert!(more < 100, "5,000 files made {more} more hints");

    watcher.remove(root);
    assert!(watcher.states().is_empty());
    fs::write(root.join("a/x.jpg"), "1").unwrap();
    assert!(events.recv_timeout(Duration::from_millis(200)).is_err());
}

#[test]
fn both_ends_of_a_renamed_folder_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("old")).unwrap();
    let (sender, events) = bounded(64);
    let watcher = Watcher::new(options(), sender).unwrap();
    watcher.add(root);
    fs::rename(root.join("old"), root.join("new")).unwrap();
    let ends = ["old", "new"].map(|name| root.join(name));
    let mut seen = [false; 2];
    let end = Instant::now() + LONG;
    while seen != [true; 2] {
        let event = events.recv_deadline(end).unwrap();
        for (seen, at) in seen.iter_mut().zip(&ends) {
            *seen |= leads_to(&event, at);
        }
    }
}

#[test]
fn what_is_no_picture_makes_no_hint() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (sender, events) = bounded(64);
    let watcher = Watcher::new(options(), sender).unwrap();
    watcher.add(root);
    for i in 0..20 {
        // Like careful programs: written beside, then renamed into place.
        let temporary = root.join(format!(".x{i}.txt.tmp"));
        fs::write(&temporary, "<x/>").unwrap();
        fs::rename(&temporary, root.join(format!("x{i}.txt"))).unwrap();
    }
    fs::read_dir(root).unwrap().for_each(drop);
    fs::write(root.join("y.jpg"), "").unwrap();
    let first = events.recv_timeout(LONG).unwrap();
    let look = Hint::Look {
        root: root.to_path_buf(),
        folder: root.to_path_buf(),
        recursive: false,
    };
    assert_eq!(first, WatchEvent::Hint(look.clone()), "from y.jpg only");
    fs::write(root.join("x1.txt"), "more").unwrap();
    assert!(events.recv_timeout(Duration::from_millis(200)).is_err());
    // Keywords may have come with a sidecar.
    fs::write(root.join("y.jpg.xmp"), "<x/>").unwrap();
    assert_eq!(events.recv_timeout(LONG).unwrap(), WatchEvent::Hint(look));
}

#[test]
fn a_root_that_goes_away_is_picked_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("drive");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.jpg"), "").unwrap();
    let (sender, events) = bounded(64);
    let watcher = Watcher::new(options(), sender).unwrap();
    watcher.add(&root);

    let away = folder.path().join("away");
    fs::rename(&root, &away).unwrap();
    wait_for(&events, "the drive being gone", is_offline);
    wait_for(&events, "a look at nothing", look_all(&root));
    // The empty folder that the drive will be mounted on is not the drive.
    fs::create_dir(&root).unwrap();
    assert!(events.recv_timeout(Duration::from_millis(200)).is_err());
    fs::remove_dir(&root).unwrap();
    fs::rename(&away, &root).unwrap();
    wait_for(&events, "the drive being back", is_watching);
    wait_for(&events, "a look at all of it", look_all(&root));
    fs::write(root.join("b.jpg"), "").unwrap();
    wait_for(&events, "a file on it", |e| leads_to(e, &root));

    // Deleted and created again: often a folder with the same number.
    fs::remove_dir_all(&root).unwrap();
    fs::create_dir(&root).unwrap();
    fs::write(root.join("c.jpg"), "").unwrap();
    wait_for(&events, "another drive", look_all(&root));
    let end = Instant::now() + LONG;
    let mut i = 0;
    while !events
        .try_iter()
        .any(|e| matches!(&e, WatchEvent::Hint(Hint::Look { folder, .. }) if *folder == root))
    {
        assert!(Instant::now() < end, "files on it make no hints");
        fs::write(root.join(format!("{i}.jpg")), "").unwrap();
        i += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_root_that_is_not_there_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("later");
    let (watcher, events) = puppet_watcher(Puppet::default(), 16);
    assert!(matches!(watcher.add(&root), WatchState::Offline { .. }));
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.jpg"), "").unwrap();
    wait_for(&events, "the folder", is_watching);
    wait_for(&events, "a look", look_all(&root));
}

#[test]
fn where_watching_fails_it_says_so_and_polls() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let too_many = || Error::new(ErrorKind::MaxFilesWatch);
    let broken = || Error::generic("no such luck");
    let cases = [
        (Some(too_many as fn() -> Error), None, "max_user_watches"),
        (Some(broken as fn() -> Error), None, "no such luck"),
        (None, Some("nfs4"), "network file system (nfs4)"),
    ];
    for (refuses, network, expected) in cases {
        let puppet = Puppet {
            refuses,
            network,
            ..Puppet::default()
        };
        let (watcher, events) = puppet_watcher(puppet, 16);
        let reason = reason_of(watcher.add(root));
        if cfg!(target_os = "linux") || network.is_some() {
            assert!(reason.contains(expected), "{reason}");
        }
        for _ in 0..3 {
            wait_for(&events, "a poll", look_all(root));
        }
    }
    let (sender, events) = bounded(16);
    let force_polling = true;
    let options = WatchOptions {
        force_polling,
        ..options()
    };
    let watcher = Watcher::new(options, sender).unwrap();
    assert!(matches!(watcher.add(root), WatchState::Polling { .. }));
    wait_for(&events, "a poll", look_all(root));
}

#[test]
fn a_limit_that_is_reached_later_ends_in_polling() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let puppet = Puppet::default();
    let strings = Arc::clone(&puppet.strings);
    let (watcher, events) = puppet_watcher(puppet, 16);
    assert_eq!(watcher.add(root), WatchState::Watching);
    lock(&strings)[0](Err(Error::new(ErrorKind::MaxFilesWatch)));
    wait_for(&events, "the new state", |event| {
        matches!(
            event,
            WatchEvent::State {
                state: WatchState::Polling { .. },
                ..
            }
        )
    });
    for _ in 0..3 {
        wait_for(&events, "a poll", look_all(root));
    }
    reason_of(watcher.states().remove(0).1);
}

#[test]
fn a_busy_receiver_gets_one_look_at_everything() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let puppet = Puppet::default();
    let strings = Arc::clone(&puppet.strings);
    let (watcher, events) = puppet_watcher(puppet, 1);
    watcher.add(root);
    let create = notify::EventKind::Create(notify::event::CreateKind::File);
    let started = Instant::now();
    for i in 0..20_000 {
        let path = root.join(format!("{}/{i}.jpg", i % 100));
        lock(&strings)[0](Ok(notify::Event::new(create).add_path(path)));
    }
    assert!(started.elapsed() < LONG, "events are taken without waiting");
    // Nobody receives meanwhile: one hint is in the channel and all others merge.
    while !events.is_full() {
        std::thread::sleep(Duration::from_millis(5));
    }
    wait_for(&events, "a look at everything", look_all(root));
    assert!(events.recv_timeout(Duration::from_millis(200)).is_err());

    let overflow =
        notify::Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan);
    lock(&strings)[0](Ok(overflow));
    wait_for(&events, "lost events", look_all(root));
}
