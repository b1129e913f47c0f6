//! Translates an event of the system into the folder to scan again.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use notify::event::{
    AccessKind, AccessMode, CreateKind, Event, EventKind, ModifyKind, RemoveKind, RenameMode,
};

use crate::core::photo::{is_picture, is_video};
use crate::folders::rules::{IGNORE_FILE, closes_folder, skips_path};

/// The folder to scan because of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The files of this folder.
    Folder(PathBuf),
    /// This folder and everything below it. It may be missing.
    Tree(PathBuf),
    /// Everything: events were lost, or they cannot be located.
    All,
    /// The root itself, and then everything.
    Root,
}

/// Whether an event's path is a folder, as far as the event says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// Ask the file system.
    Unknown,
    /// The event does not say, and the path is missing.
    Gone,
}

/// Returns the folders to scan because of `event`: none if it only reports that something was read
/// (our own reading causes such events) or that a file changed that is neither a picture, a
/// video nor a sidecar. `is_folder` asks the file system.
pub(super) fn looks(
    root: &Path,
    event: &Event,
    hidden: bool,
    is_folder: &dyn Fn(&Path) -> bool,
) -> Vec<Look> {
    if event.need_rescan() {
        return vec![Look::All];
    }
    let kind = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Kind::File,
        EventKind::Access(_) => return Vec::new(),
        EventKind::Create(CreateKind::File) | EventKind::Remove(RemoveKind::File) => Kind::File,
        EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => {
            Kind::Folder
        }
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Kind::Gone,
        EventKind::Modify(ModifyKind::Data(_)) => Kind::File,
        // Both ends of a rename, or either: the missing end is checked too, see below.
        _ => Kind::Unknown,
    };
    let renamed = matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
    if event.paths.is_empty() && kind != Kind::File {
        return vec![Look::All];
    }
    // Windows reports a change of each folder when a file in it has changed.
    let changed = matches!(
        event.kind,
        EventKind::Modify(ModifyKind::Any | ModifyKind::Other)
    );
    let look = |path: &PathBuf| match look(root, path, kind, renamed, hidden, is_folder) {
        Some(Look::Tree(folder)) if changed && folder == *path => Some(Look::Folder(folder)),
        look => look,
    };
    event.paths.iter().filter_map(look).collect()
}

fn look(
    root: &Path,
    path: &Path,
    kind: Kind,
    renamed: bool,
    hidden: bool,
    is_folder: &dyn Fn(&Path) -> bool,
) -> Option<Look> {
    let Ok(relative) = path.strip_prefix(root) else {
        return Some(Look::All);
    };
    let Some(name) = relative.file_name() else {
        return Some(Look::Root);
    };
    let around = path.parent().unwrap_or(root);
    if name == OsStr::new(IGNORE_FILE) || closes_folder(name) {
        let hides = relative.parent().is_some_and(|p| skips_path(p, hidden));
        return (!hides).then(|| Look::Tree(around.to_path_buf()));
    }
    if skips_path(relative, hidden) {
        return None;
    }
    let folder = match kind {
        Kind::File => false,
        Kind::Folder => true,
        Kind::Unknown => is_folder(path),
        Kind::Gone => false,
    };
    // A rename may have removed a folder, and only its name is left to judge by.
    let may_have_been_folder = kind == Kind::Gone || (renamed && kind == Kind::Unknown && !folder);
    if folder {
        Some(Look::Tree(path.to_path_buf()))
    } else if is_picture(path) || is_video(path) || is_sidecar(path) {
        Some(Look::Folder(around.to_path_buf()))
    } else if may_have_been_folder && !is_file_now(path) {
        Some(Look::Tree(path.to_path_buf()))
    } else {
        None
    }
}

/// Sidecars are read when other programs have changed them.
fn is_sidecar(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("xmp"))
}

/// Whether a file that is not a picture is there now, so no folder with pictures disappeared.
fn is_file_now(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|m| !m.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{DataChange, Flag, MetadataKind};

    #[test]
    fn events_say_where_to_look() {
        // On the imagined disk, names of folders have no dot.
        let is_folder = |path: &Path| path.extension().is_none() && !path.ends_with("notes");
        let close = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let open = EventKind::Access(AccessKind::Open(AccessMode::Any));
        let data = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let metadata = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
        let rename = |mode| EventKind::Modify(ModifyKind::Name(mode));
        let any_change = EventKind::Modify(ModifyKind::Any);
        // kind of event, its paths, what to scan (a star: and below)
        #[rustfmt::skip]
        let cases: Vec<(EventKind, &[&str], &[&str])> = vec![
            (EventKind::Create(CreateKind::File), &["a/x.jpg"], &["a"]),
            (EventKind::Create(CreateKind::File), &["x.jpg"], &[""]),
            (EventKind::Create(CreateKind::File), &["a/x.jpg.xmp"], &["a"]),
            (EventKind::Create(CreateKind::File), &["a/.x.jpg.xmp"], &[]),
            (EventKind::Create(CreateKind::File), &["a/.x.jpg"], &[]),
            (EventKind::Create(CreateKind::File), &["@eaDir/x.jpg"], &[]),
            (EventKind::Create(CreateKind::File), &["a/.taglensignore"], &["a*"]),
            (EventKind::Create(CreateKind::File), &[".cache/.taglensignore"], &[]),
            (EventKind::Create(CreateKind::Folder), &["a/b"], &["a/b*"]),
            (EventKind::Create(CreateKind::Folder), &["a/b.jpg"], &["a/b.jpg*"]),
            (EventKind::Create(CreateKind::Folder), &["a/.cache"], &[]),
            (EventKind::Create(CreateKind::Any), &["a/b"], &["a/b*"]),
            (EventKind::Create(CreateKind::Any), &["a/b.jpg"], &["a"]),
            (EventKind::Remove(RemoveKind::File), &["a/x.jpg"], &["a"]),
            (EventKind::Remove(RemoveKind::File), &["a/x.txt"], &[]),
            (EventKind::Remove(RemoveKind::Folder), &["a"], &["a*"]),
            (EventKind::Remove(RemoveKind::Any), &["a"], &["a*"]),
            (EventKind::Remove(RemoveKind::Any), &["a/x.jpg"], &["a"]),
            (EventKind::Remove(RemoveKind::Folder), &[""], &["root"]),
            (rename(RenameMode::From), &["a/x.jpg"], &["a"]),
            (rename(RenameMode::From), &["a/b"], &["a/b*"]),
            (rename(RenameMode::From), &["a/.x.tmp"], &[]),
            (rename(RenameMode::From), &[""], &["root"]),
            (rename(RenameMode::To), &["a/x.jpg"], &["a"]),
            (rename(RenameMode::To), &["a/b"], &["a/b*"]),
            (rename(RenameMode::Any), &["a/b"], &["a/b*"]),
            (rename(RenameMode::Both), &["a/x.jpg", "b/x.jpg"], &["a", "b"]),
            (rename(RenameMode::Both), &["a/b", "c"], &["a/b*", "c*"]),
            (data, &["a/x.jpg"], &["a"]),
            (data, &["a/x.XMP"], &["a"]),
            (close, &["a/x.jpg"], &["a"]),
            (open, &["a/x.jpg"], &[]),
            (open, &["a"], &[]),
            (open, &[""], &[]),
            (metadata, &["a/x.jpg"], &["a"]),
            (metadata, &["a"], &["a*"]),
            (metadata, &["a/notes"], &[]),
            (any_change, &["a"], &["a"]),
            (any_change, &["a/x.jpg"], &["a"]),
            (EventKind::Any, &["a"], &["a*"]),
            (EventKind::Any, &[], &["all"]),
            (EventKind::Any, &["/elsewhere/x.jpg"], &["all"]),
        ];
        let root = Path::new("/r");
        for (kind, paths, expected) in cases {
            let mut event = Event::new(kind);
            event.paths = paths.iter().map(|p| root.join(p)).collect();
            let below = |p: &Path| p.strip_prefix(root).unwrap().display().to_string();
            let short: Vec<String> = looks(root, &event, false, &is_folder)
                .into_iter()
                .map(|look| match look {
                    Look::Folder(path) => below(&path),
                    Look::Tree(path) => below(&path) + "*",
                    Look::All => "all".to_owned(),
                    Look::Root => "root".to_owned(),
                })
                .collect();
            assert_eq!(short, expected, "{kind:?} {paths:?}");
        }
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(looks(root, &overflow, false, &is_folder), [Look::All]);
        let hidden = Event::new(EventKind::Create(CreateKind::File)).add_path("/r/a/.x.jpg".into());
        let look = looks(root, &hidden, true, &is_folder);
        assert_eq!(look, [Look::Folder("/r/a".into())]);
    }
}
