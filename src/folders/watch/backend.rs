//! The system's part: watching through `notify`, and facts about file systems.

use std::path::Path;

use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Receives each event on a thread of the watcher.
pub(super) type OnEvent = Box<dyn FnMut(notify::Result<Event>) + Send>;

/// The system, or a replacement in tests.
pub(super) trait Backend: Send + Sync {
    /// Watches everything below `root` as long as the result lives.
    fn watch(
        &self,
        root: &Path,
        follow_links: bool,
        on_event: OnEvent,
    ) -> notify::Result<Box<dyn Send>>;

    /// The type of network file system that `root` is on, if any: there, events report only changes
    /// made by this computer.
    fn network(&self, root: &Path) -> Option<String>;
}

/// inotify, FSEvents, ReadDirectoryChangesW.
pub(super) struct System;

impl Backend for System {
    fn watch(
        &self,
        root: &Path,
        follow_links: bool,
        on_event: OnEvent,
    ) -> notify::Result<Box<dyn Send>> {
        let config = Config::default().with_follow_symlinks(follow_links);
        // One watcher per root: when one fails, only its own watches go with it.
        let mut watcher = RecommendedWatcher::new(on_event, config)?;
        watcher.watch(root, RecursiveMode::Recursive)?;
        Ok(Box::new(watcher))
    }

    #[cfg(target_os = "linux")]
    fn network(&self, root: &Path) -> Option<String> {
        use std::os::unix::fs::MetadataExt;
        let device = std::fs::metadata(root).ok()?.dev();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        let kind = file_system(&mounts, device)?;
        is_network(kind).then(|| kind.to_owned())
    }

    #[cfg(not(target_os = "linux"))]
    fn network(&self, _root: &Path) -> Option<String> {
        None
    }
}

/// Why a root is not watched and what to do, in a sentence or two.
pub(super) fn reason(error: &notify::Error) -> String {
    let os_error = match &error.kind {
        ErrorKind::Io(e) => e.raw_os_error(),
        _ => None,
    };
    // The numbers of "no space left on device" and "too many open files" on Linux.
    match (&error.kind, os_error) {
        (ErrorKind::MaxFilesWatch, _) | (_, Some(28)) if cfg!(target_os = "linux") => {
            "The system's limit on watched folders is reached. Raise it with `sudo sysctl \
             fs.inotify.max_user_watches=1048576`, then start Taglens again."
                .to_owned()
        }
        (_, Some(24)) if cfg!(target_os = "linux") => {
            "The system's limit on programs that watch folders is reached. Raise it with `sudo \
             sysctl fs.inotify.max_user_instances=1024`, then start Taglens again."
                .to_owned()
        }
        _ => format!("The system cannot watch it ({error})."),
    }
}

/// Returns the type of the file system on `device` (`st_dev`), from the text of Linux's `mountinfo`
/// (proc_pid_mountinfo(5): the third field is the device as major:minor, and the type is the first
/// field after a lone hyphen).
#[cfg(target_os = "linux")]
fn file_system(mounts: &str, device: u64) -> Option<&str> {
    // Splits it as glibc's gnu_dev_major and gnu_dev_minor do.
    let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
    let minor = (device & 0xff) | (device >> 12 & !0xff);
    let device = format!("{major}:{minor}");
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let is_it = before.split(' ').nth(2) == Some(&device);
        is_it.then(|| after.split(' ').next())?
    })
}

/// Whether other computers can change a file system of this type. FUSE on a block device
/// (`fuseblk`, for NTFS) is local.
#[cfg(target_os = "linux")]
fn is_network(kind: &str) -> bool {
    const NETWORK: [&str; 18] = [
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "gfs2",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
    ];
    NETWORK.contains(&kind) || kind == "fuse" || kind.starts_with("fuse.")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn file_systems_are_told_apart() {
        let mounts = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:45 / /mnt/nas rw shared:9 master:3 - nfs4 nas:/photos rw,vers=4.2
31 22 0:46 / /mnt/with\\040space\\040-\\040x rw - fuse.sshfs me@host:/ rw
32 22 259:300 /a /media/usb rw - fuseblk /dev/nvme0 rw
broken line
33 22 0:47
";
        for (device, kind, network) in [
            (8 << 8 | 1, Some("ext4"), false),
            (45, Some("nfs4"), true),
            (46, Some("fuse.sshfs"), true),
            // 259:300, whose minor number takes more than 8 bits.
            (
                (300 >> 8) << 20 | 259 << 8 | 300 & 0xff,
                Some("fuseblk"),
                false,
            ),
            (47, None, false),
            (99, None, false),
        ] {
            assert_eq!(file_system(mounts, device), kind, "{device}");
            assert_eq!(kind.is_some_and(is_network), network, "{kind:?}");
        }
    }

    #[test]
    fn this_systems_mounts_are_understood() {
        use std::os::unix::fs::MetadataExt;
        let proc = std::fs::metadata("/proc").unwrap().dev();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert_eq!(file_system(&mounts, proc), Some("proc"));
        assert_eq!(System.network(Path::new("/proc")), None);
    }

    #[test]
    fn reasons_say_what_to_do() {
        let limit = notify::Error::new(ErrorKind::MaxFilesWatch);
        assert!(reason(&limit).contains("max_user_watches"));
        let limit = notify::Error::io(std::io::Error::from_raw_os_error(24));
        assert!(reason(&limit).contains("max_user_instances"));
        let other = notify::Error::generic("no such luck");
        assert!(reason(&other).contains("no such luck"));
    }
}
