//! The walk of a scan: folders, and slices of large folders, are tasks of a thread pool.
//!
//! No task waits for another, because a task that waits inside the pool runs others meanwhile, and
//! with many folders that nesting has no bound.

use std::collections::HashSet;
use std::fs::{self, DirEntry, FileType, Metadata, ReadDir};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::Scope as Tasks;

use crate::core::photo::FileStamp;
use crate::folders::rules::{IGNORE_FILE, Rules, closes_folder, skips_file, skips_folder};
use crate::folders::scan::passed_over::PassedOver;
use crate::folders::scan::result::{
    FoundFile, Scan, ScanOptions, ScanProblem, Scope, is_gone, path_bytes, unseen_folder,
};
use crate::folders::scan::root::{FolderIdentity, RootState, device, folder_identity};

/// Files per task that reads stamps: enough to be worth a task, few enough to spread one large
/// folder over the threads.
const SLICE: usize = 256;

type AroundRules = Option<Arc<Rules>>;

pub(super) struct Walk<'a> {
    options: &'a ScanOptions,
    stop: &'a AtomicBool,
    on_progress: &'a (dyn Fn(usize) + Sync),
    /// The device to stay on, if requested and known.
    device: Option<u64>,
    found: AtomicUsize,
    cut_short: AtomicBool,
    seen: Mutex<Seen>,
    /// The folders walked so far; only kept if links are followed.
    walked: Mutex<HashSet<FolderIdentity>>,
    links: Mutex<Vec<(PathBuf, AroundRules)>>,
}

#[derive(Default)]
struct Seen {
    files: Vec<FoundFile>,
    problems: Vec<ScanProblem>,
    unseen: Vec<PathBuf>,
    passed_over: PassedOver,
}

/// The relevant entries of a folder.
#[derive(Default)]
struct Listing {
    has_ignore_file: bool,
    folders: Vec<DirEntry>,
    links: Vec<DirEntry>,
    files: Vec<DirEntry>,
    passed_over: PassedOver,
}

impl Listing {
    fn add(&mut self, entry: DirEntry, kind: FileType, options: &ScanOptions, recursive: bool) {
        let name = entry.file_name();
        if name == IGNORE_FILE {
            self.has_ignore_file = true;
        } else if kind.is_dir() {
            if recursive && !skips_folder(&name, options.hidden) {
                self.folders.push(entry);
            } else if recursive {
                self.passed_over.ignored += 1;
            }
        } else if skips_file(&name, options.hidden) {
            self.passed_over.ignored += usize::from(options.takes(Path::new(&name)));
        } else if kind.is_symlink() {
            if options.follow_links || options.links_to_files {
                self.links.push(entry);
            }
        } else if kind.is_file() && options.takes(Path::new(&name)) {
            self.files.push(entry);
        } else if kind.is_file() {
            self.passed_over.add(Path::new(&name));
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        root: &Path,
        options: &'a ScanOptions,
        stop: &'a AtomicBool,
        on_progress: &'a (dyn Fn(usize) + Sync),
    ) -> Self {
        let stay = options.one_file_system.then(|| fs::metadata(root).ok());
        Self {
            options,
            stop,
            on_progress,
            device: stay.flatten().as_ref().and_then(device),
            found: AtomicUsize::new(0),
            cut_short: AtomicBool::new(false),
            seen: Mutex::default(),
            walked: Mutex::default(),
            links: Mutex::default(),
        }
    }

    /// Whether files with this metadata are on an allowed file system.
    pub(super) fn on_right_file_system(&self, metadata: &Metadata) -> bool {
        self.device.is_none() || device(metadata) == self.device
    }

    /// Walks `folder`, which the rules `around` allow.
    pub(super) fn run(
        self,
        folder: &Path,
        around: AroundRules,
        recursive: bool,
        scope: Scope,
    ) -> Scan {
        // Without its own threads, a scan uses the global pool.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.threads)
            .thread_name(|i| format!("scan-{i}"))
            .build()
            .ok();
        let start = |path: PathBuf, rules: AroundRules| match &pool {
            Some(pool) => pool.scope(|tasks| self.folder(tasks, path, rules, recursive)),
            None => rayon::scope(|tasks| self.folder(tasks, path, rules, recursive)),
        };
        if self.enter(folder) {
            start(folder.to_path_buf(), around);
        }
        loop {
            let mut links = mem::take(&mut *lock(&self.links));
            if links.is_empty() {
                break;
            }
            links.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            for (link, rules) in links {
                if self.enter(&link) {
                    start(link, rules);
                }
            }
        }
        let mut seen = self
            .seen
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        seen.files
            .sort_unstable_by(|a, b| path_bytes(&a.path).cmp(path_bytes(&b.path)));
        seen.problems.sort_unstable_by(|a, b| {
            (path_bytes(&a.path), &a.reason).cmp(&(path_bytes(&b.path), &b.reason))
        });
        seen.unseen.sort_unstable();
        Scan {
            files: seen.files,
            problems: seen.problems,
            unseen: seen.unseen,
            passed_over: seen.passed_over,
            root: RootState::Present,
            scope,
            stopped: self.cut_short.into_inner(),
        }
    }

    /// Records that a folder is being walked; false if it was walked before. Without links nothing
    /// is walked twice.
    fn enter(&self, folder: &Path) -> bool {
        if !self.options.follow_links {
            return true;
        }
        match fs::metadata(folder) {
            Ok(metadata) => folder_identity(folder, &metadata).is_none_or(|id| {
                self.on_right_file_system(&metadata) && lock(&self.walked).insert(id)
            }),
            // Listing it will report the error.
            Err(_) => true,
        }
    }

    fn stopping(&self) -> bool {
        let stopping = self.stop.load(Ordering::Relaxed);
        if stopping {
            self.cut_short.store(true, Ordering::Relaxed);
        }
        stopping
    }

    fn cannot_see(&self, problem: ScanProblem) {
        let mut seen = lock(&self.seen);
        seen.unseen.push(problem.path.clone());
        seen.problems.push(problem);
    }

    fn folder<'s>(
        &'s self,
        tasks: &Tasks<'s>,
        folder: PathBuf,
        around: AroundRules,
        recursive: bool,
    ) {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // It has disappeared since it was listed.
            Err(e) if is_gone(&e) => return,
            Err(e) => return self.cannot_see(unseen_folder(folder, &e)),
        };
        let Some(listing) = self.list(&folder, entries, recursive) else {
            return;
        };
        self.pass_over(&listing.passed_over);
        let rules = match listing.has_ignore_file {
            true => self.read_rules(folder, around),
            false => Some(around),
        };
        let Some(rules) = rules else {
            return;
        };
        for inner in listing.folders {
            self.inner_folder(tasks, &inner, rules.clone());
        }
        for link in listing.links {
            self.link(link.path(), &rules, recursive);
        }
        // Entries keep their folder open, so slices are pushed last: a thread takes its newest task
        // first.
        let mut files = listing.files;
        while files.len() > SLICE {
            let slice = files.split_off(files.len() - SLICE);
            let rules = rules.clone();
            tasks.spawn(move |_| self.slice(&slice, &rules));
        }
        self.slice(&files, &rules);
    }

    /// Lists a folder by name; `None` if all of it is skipped.
    fn list(&self, folder: &Path, entries: ReadDir, recursive: bool) -> Option<Listing> {
        let mut listing = Listing::default();
        for entry in entries {
            if self.stopping() {
                return None;
            }
            let kind = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)));
            match kind {
                Ok((entry, _)) if closes_folder(&entry.file_name()) => {
                    // What was seen here so far is skipped with the folder.
                    self.pass_over(&PassedOver::ignored(1));
                    return None;
                }
                Ok((entry, kind)) => listing.add(entry, kind, self.options, recursive),
                Err(e) if is_gone(&e) => {}
                Err(e) => {
                    // The rest of the listing may be lost; what was listed still counts.
                    self.cannot_see(unseen_folder(folder.to_path_buf(), &e));
                    break;
                }
            }
        }
        Some(listing)
    }

    /// Returns the rules of a folder; `None` if they cannot be read, so that nothing in it is
    /// known.
    fn read_rules(&self, folder: PathBuf, around: AroundRules) -> Option<AroundRules> {
        match Rules::read(&folder, around) {
            Ok((rules, nonsense)) => {
                let problem = |reason| ScanProblem {
                    path: folder.clone(),
                    reason,
                };
                let problems = nonsense.into_iter().map(problem);
                lock(&self.seen).problems.extend(problems);
                Some(Some(rules))
            }
            Err(reason) => {
                let path = folder;
                self.cannot_see(ScanProblem { path, reason });
                None
            }
        }
    }

    fn inner_folder<'s>(&'s self, tasks: &Tasks<'s>, inner: &DirEntry, rules: AroundRules) {
        let path = inner.path();
        if rules.as_ref().is_some_and(|r| r.ignore(&path, true)) {
            return self.pass_over(&PassedOver::ignored(1));
        }
        if self.device.is_some() {
            match inner.metadata() {
                Ok(metadata) if !self.on_right_file_system(&metadata) => return,
                Err(e) if is_gone(&e) => return,
                Err(e) => return self.cannot_see(unseen_folder(path, &e)),
                Ok(_) => {}
            }
        }
        if self.enter(&path) {
            tasks.spawn(move |tasks| self.folder(tasks, path, rules, true));
        }
    }

    /// Records a link to a folder for later; takes a link to a picture as the picture.
    fn link(&self, path: PathBuf, rules: &AroundRules, recursive: bool) {
        let ignored = |is_folder| rules.as_ref().is_some_and(|r| r.ignore(&path, is_folder));
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let skipped = path
                    .file_name()
                    .is_some_and(|n| skips_folder(n, self.options.hidden));
                let follow = self.options.follow_links;
                if recursive && follow && !skipped && !ignored(true) {
                    lock(&self.links).push((path, rules.clone()));
                }
            }
            Ok(metadata) => {
                if metadata.is_file() && self.options.takes(&path) && !ignored(false) {
                    let stamp = FileStamp::of(&metadata);
                    self.add(vec![FoundFile { path, stamp }]);
                }
            }
            // A link that leads nowhere, or to itself, is not a picture.
            Err(e) if is_gone(&e) || is_loop(&path) => {}
            Err(e) => self.cannot_see(unseen_file(path, &e)),
        }
    }

    /// Reads the stamps of some files of a folder.
    fn slice(&self, files: &[DirEntry], rules: &AroundRules) {
        let mut found = Vec::with_capacity(files.len());
        for entry in files {
            if self.stopping() {
                return;
            }
            let path = entry.path();
            if rules.as_ref().is_some_and(|r| r.ignore(&path, false)) {
                self.pass_over(&PassedOver::ignored(1));
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => found.push(FoundFile {
                    path,
                    stamp: FileStamp::of(&metadata),
                }),
                Err(e) if is_gone(&e) => {}
                Err(e) => self.cannot_see(unseen_file(path, &e)),
            }
        }
        self.add(found);
    }

    fn pass_over(&self, more: &PassedOver) {
        if *more != PassedOver::default() {
            lock(&self.seen).passed_over.merge(more);
        }
    }

    fn add(&self, mut files: Vec<FoundFile>) {
        if files.is_empty() {
            return;
        }
        let so_far = self.found.fetch_add(files.len(), Ordering::Relaxed) + files.len();
        lock(&self.seen).files.append(&mut files);
        (self.on_progress)(so_far);
    }
}

fn unseen_file(path: PathBuf, error: &std::io::Error) -> ScanProblem {
    let reason = format!("cannot be read ({error}). What the library knows about it is kept");
    ScanProblem { path, reason }
}

/// Whether a link is part of a cycle of links.
fn is_loop(link: &Path) -> bool {
    let mut at = link.to_path_buf();
    // Linux gives up after 40 links.
    for _ in 0..41 {
        match fs::read_link(&at) {
            Ok(to) => at = at.parent().map_or(to.clone(), |folder| folder.join(to)),
            Err(_) => return false,
        }
    }
    true
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
