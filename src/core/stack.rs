//! Which files are one photo: a raw file and what the camera made of it, a still photo and its short
//! video, a photo and Apple's edited copy of it.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use crate::core::media::{Medium, is_rendering, medium};

/// The most that the capture times of one photo's files differ. Cameras count their files anew, so
/// photos of other days have the same names. A video has its time in UTC, a photo in local time.
const APART_MS: u64 = 24 * 3600 * 1000;

/// How Apple names the edited copy of `IMG_1234`: `IMG_E1234`.
const EDITED: &str = "IMG_E";

/// A file, as far as stacks depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StackFile<'a> {
    /// Where it lies.
    pub(crate) path: &'a Path,
    /// The recorded capture time, in milliseconds since 1970-01-01 by the local clock; `None` if
    /// none is recorded.
    pub(crate) taken_ms: Option<i64>,
    /// Whether it cannot be read.
    pub(crate) failed: bool,
}

/// What a file is in a stack. Of two, the lesser shows the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Rendering,
    OtherStill,
    Raw,
    Video,
}

/// What a file's name alone says about its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StackName {
    /// Equal for files whose names allow one stack, and hardly ever for others.
    pub(crate) hash: u64,
    /// Whether it is a file of the kinds that make a stack of files with one name. Without such a
    /// file there is none.
    pub(crate) makes_stack: bool,
}

impl StackName {
    /// Returns what the name says; `None` if the file is in no stack, whatever else is there.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = StackFile {
            path,
            taken_ms: None,
            failed: false,
        };
        let files = [file];
        let member = member(&files, 0)?;
        Some(Self {
            hash: hash(&files, &member)?,
            makes_stack: makes_stack(&member),
        })
    }
}

fn makes_stack(member: &Member) -> bool {
    member.is_edited || matches!(member.part, Part::Raw | Part::Video)
}

/// A file that may be in a stack, by its index in the list.
#[derive(Clone, Copy, Debug)]
struct Member {
    at: usize,
    part: Part,
    is_edited: bool,
}

/// Returns the stacks: the indices of the files of each photo that has several. The first of them is
/// the face, which shows the photo: the edited copy, else the JPEG or HEIF file, else the raw file;
/// one that can be read before one that cannot. Files of one stack are in one folder and have the
/// same stem, in any case. The time is linear in the number of files, apart from a fast sort.
pub(crate) fn stacks(files: &[StackFile<'_>]) -> Vec<Vec<usize>> {
    let members: Vec<Member> = (0..files.len())
        .filter_map(|at| member(files, at))
        .collect();
    if !members.iter().any(makes_stack) {
        return Vec::new();
    }
    // Sorting hashes is faster than a map of names.
    let hashed = members.iter().filter_map(|m| Some((hash(files, m)?, *m)));
    let mut hashed: Vec<(u64, Member)> = hashed.collect();
    hashed.sort_unstable_by_key(|(hash, member)| (*hash, member.at));
    let mut stacks = Vec::new();
    for same in hashed.chunk_by(|(a, _), (b, _)| a == b) {
        let [(_, first), _, ..] = same else {
            continue;
        };
        let same = same.iter().map(|(_, member)| *member);
        let same: Vec<Member> = same.filter(|m| has_same_name(files, first, m)).collect();
        for taken_together in by_time(files, &same) {
            stacks.extend(stack(files, &taken_together));
        }
    }
    stacks
}

fn member(files: &[StackFile<'_>], at: usize) -> Option<Member> {
    let name = files.get(at)?.path.file_name()?;
    let part = match medium(name)? {
        Medium::Raw => Part::Raw,
        Medium::Video => Part::Video,
        Medium::Still if is_rendering(name) => Part::Rendering,
        Medium::Still => Part::OtherStill,
    };
    let is_edited = Path::new(name).file_stem().is_some_and(is_edited);
    Some(Member {
        at,
        part,
        is_edited,
    })
}

/// Whether it is the stem of one of Apple's edited copies.
fn is_edited(stem: &OsStr) -> bool {
    let bytes = stem.as_encoded_bytes();
    let parts = bytes.split_at_checked(EDITED.len());
    parts.is_some_and(|(start, number)| {
        let digits = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
        digits && start.eq_ignore_ascii_case(EDITED.as_bytes())
    })
}

/// A file's folder and the stem that it shares with the others of its stack.
fn names<'a>(files: &[StackFile<'a>], member: &Member) -> Option<(&'a Path, &'a OsStr)> {
    let path = files.get(member.at)?.path;
    Some((path.parent()?, path.file_stem()?))
}

/// The stem without the letter that marks an edited copy.
fn plain(stem: &str, is_edited: bool) -> impl Iterator<Item = char> {
    let skipped = is_edited.then_some(EDITED.len() - 1);
    let chars = stem.chars().enumerate();
    chars.filter_map(move |(i, c)| (Some(i) != skipped).then_some(c))
}

/// A hash of the folder and of the stem in lower case and Unicode NFC.
fn hash(files: &[StackFile<'_>], member: &Member) -> Option<u64> {
    let (folder, stem) = names(files, member)?;
    let stem = stem.to_string_lossy();
    let mut hasher = DefaultHasher::new();
    folder.as_os_str().hash(&mut hasher);
    match stem.is_ascii() {
        true => plain(&stem, member.is_edited)
            .for_each(|c| hasher.write_u8(c.to_ascii_lowercase() as u8)),
        false => folded(&stem, member.is_edited)
            .bytes()
            .for_each(|b| hasher.write_u8(b)),
    }
    Some(hasher.finish())
}

/// Whether two files have the folder and the stem in common. The case does not matter, nor whether
/// letters are decomposed, as macOS does it.
fn has_same_name(files: &[StackFile<'_>], a: &Member, b: &Member) -> bool {
    let (Some((folder_a, stem_a)), Some((folder_b, stem_b))) = (names(files, a), names(files, b))
    else {
        return false;
    };
    let (stem_a, stem_b) = (stem_a.to_string_lossy(), stem_b.to_string_lossy());
    let same_stem = match stem_a.is_ascii() && stem_b.is_ascii() {
        true => {
            let lower = |c: char| c.to_ascii_lowercase();
            let a = plain(&stem_a, a.is_edited).map(lower);
            a.eq(plain(&stem_b, b.is_edited).map(lower))
        }
        false => folded(&stem_a, a.is_edited) == folded(&stem_b, b.is_edited),
    };
    same_stem && folder_a.as_os_str() == folder_b.as_os_str()
}

fn folded(stem: &str, is_edited: bool) -> String {
    let plain: String = plain(stem, is_edited).collect();
    plain.to_lowercase().nfc().collect()
}

/// Puts files together that were taken at much the same time. A file without a time belongs to the
/// others if these belong together, and otherwise to none.
fn by_time(files: &[StackFile<'_>], same: &[Member]) -> Vec<Vec<Member>> {
    let time = |m: &Member| files.get(m.at).and_then(|file| file.taken_ms);
    let mut known: Vec<(i64, Member)> = same.iter().filter_map(|m| Some((time(m)?, *m))).collect();
    known.sort_by_key(|(time, _)| *time);
    let mut together: Vec<(i64, Vec<Member>)> = Vec::new();
    for (time, member) in known {
        match together.last_mut() {
            Some((first, members)) if time.abs_diff(*first) <= APART_MS => members.push(member),
            _ => together.push((time, vec![member])),
        }
    }
    match together.len() {
        0 | 1 => vec![same.to_vec()],
        _ => together.into_iter().map(|(_, members)| members).collect(),
    }
}

/// The stack of files of one name and time, if they are one.
fn stack(files: &[StackFile<'_>], same: &[Member]) -> Option<Vec<usize>> {
    let mut same = same.to_vec();
    same.sort_by(|a, b| order(files, a, b));
    let videos = same.iter().filter(|m| m.part == Part::Video).copied();
    let stills: Vec<Member> = same
        .iter()
        .filter(|m| m.part != Part::Video)
        .copied()
        .collect();
    let any = |test: &dyn Fn(&Member) -> bool| stills.iter().any(test);
    let is_edit = any(&|m| m.is_edited) && any(&|m| !m.is_edited);
    let is_raw = any(&|m| m.part == Part::Raw) && any(&|m| m.part == Part::Rendering);
    let belongs = |m: &Member| is_edit || is_raw && m.part != Part::OtherStill;
    let mut stack: Vec<usize> = stills.iter().filter(|m| belongs(m)).map(|m| m.at).collect();
    if stack.is_empty() {
        // Other files of the same stem are different photos, or nobody knows. A video belongs to
        // the first.
        stack.extend(stills.first().map(|m| m.at));
    }
    if stack.is_empty() {
        return None;
    }
    stack.extend(videos.map(|m| m.at));
    (stack.len() > 1).then_some(stack)
}

fn order(files: &[StackFile<'_>], a: &Member, b: &Member) -> Ordering {
    let rank = |m: &Member| {
        let file = files.get(m.at);
        let failed = file.is_some_and(|file| file.failed);
        let path = file.map(|file| file.path);
        (m.part == Part::Video, failed, !m.is_edited, m.part, path)
    };
    rank(a).cmp(&rank(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stacks of these files. Text after a `@` is the capture time in hours; `!` marks a file
    /// that cannot be read.
    fn of(names: &[&str]) -> Vec<Vec<String>> {
        let parsed: Vec<(&str, Option<i64>, bool)> = names
            .iter()
            .map(|name| {
                let (name, failed) = match name.strip_suffix('!') {
                    Some(name) => (name, true),
                    None => (*name, false),
                };
                let (name, hours) = name.split_once('@').unwrap_or((name, ""));
                (name, hours.parse::<i64>().ok(), failed)
            })
            .collect();
        let files: Vec<StackFile<'_>> = parsed
            .iter()
            .map(|(name, hours, failed)| StackFile {
                path: Path::new(name),
                taken_ms: hours.map(|h| h * 3_600_000),
                failed: *failed,
            })
            .collect();
        let name = |i: &usize| parsed[*i].0.to_owned();
        let mut stacks: Vec<Vec<String>> = stacks(&files)
            .iter()
            .map(|stack| stack.iter().map(name).collect())
            .collect();
        stacks.sort();
        stacks
    }

    #[test]
    fn files_of_one_photo_are_put_together() {
        for (files, expected) in [
            (
                &["a/IMG_1.CR2", "a/IMG_1.JPG"][..],
                "a/IMG_1.JPG a/IMG_1.CR2",
            ),
            (&["a/IMG_1.dng", "a/img_1.heic"], "a/img_1.heic a/IMG_1.dng"),
            (&["IMG_1.HEIC", "IMG_1.MOV"], "IMG_1.HEIC IMG_1.MOV"),
            (&["x.jpg", "x.mp4"], "x.jpg x.mp4"),
            (&["x.png", "x.mov"], "x.png x.mov"),
            (
                &["IMG_1234.HEIC", "IMG_E1234.JPG"],
                "IMG_E1234.JPG IMG_1234.HEIC",
            ),
            (
                &["IMG_1.HEIC", "IMG_1.MOV", "IMG_E1.HEIC", "IMG_E1.MOV"],
                "IMG_E1.HEIC IMG_1.HEIC IMG_E1.MOV IMG_1.MOV",
            ),
            (
                &["IMG_7.DNG", "IMG_7.JPG", "IMG_7.MOV", "IMG_E7.JPG"],
                "IMG_E7.JPG IMG_7.JPG IMG_7.DNG IMG_7.MOV",
            ),
            (&["IMG_2.PNG", "img_e2.png"], "img_e2.png IMG_2.PNG"),
            (&["IMG_E3.JPG", "IMG_3.MOV"], "IMG_E3.JPG IMG_3.MOV"),
            // Composed and decomposed, in any case.
            (
                &["\u{c9}te.NEF", "e\u{301}te.jpg"],
                "e\u{301}te.jpg \u{c9}te.NEF",
            ),
            // What can be read shows the photo.
            (&["b.JPG!", "b.NEF"], "b.NEF b.JPG"),
            (&["b.JPG!", "b.MOV"], "b.JPG b.MOV"),
            (&["b.JPG!", "b.NEF!"], "b.JPG b.NEF"),
        ] {
            let found = of(files);
            assert_eq!(found.len(), 1, "{files:?}: {found:?}");
            assert_eq!(found[0].join(" "), expected);
        }
    }

    #[test]
    fn other_files_stay_by_themselves() {
        for files in [
            &["a.jpg", "b.jpg"][..],
            &["a/x.cr2", "b/x.jpg"],
            // The same stem alone says nothing: a folder may have both for other reasons.
            &["x.jpg", "x.png"],
            &["x.heic", "x.jpg"],
            &["x.cr2", "x.dng"],
            &["x.cr2", "x.tif"],
            &["x.mov", "x.mp4"],
            &["x.mov"],
            &["IMG_1234.JPG", "IMG_E12345.JPG"],
            &["IMG_E.JPG", "IMG_.JPG"],
            &["IMG_E12a.JPG", "IMG_12a.JPG"],
            &["IMG_E1234.JPG", "img_E1234.HEIC"],
            &["DSC_E12.JPG", "DSC_12.JPG"],
            &["x.cr2", "x.txt", "x.xmp", "x"],
            &["x.cr2", "x.cr2.jpg"],
            &["", ".jpg", "/"],
        ] {
            assert_eq!(of(files), [[""; 0]; 0], "{files:?}");
        }
    }

    #[test]
    fn a_camera_that_counts_anew_makes_no_stack() {
        assert_eq!(of(&["a.nef@0", "a.jpg@25"]), [[""; 0]; 0]);
        assert_eq!(of(&["a.nef@0", "a.jpg@24"]).len(), 1, "clocks of two zones");
        assert_eq!(
            of(&["a.nef@0", "a.jpg"]).len(),
            1,
            "nothing speaks against it"
        );
        assert_eq!(
            of(&["a.nef@0", "a.jpg@1", "A.NEF@900", "A.JPG@901"]),
            [["A.JPG", "A.NEF"], ["a.jpg", "a.nef"]]
        );
        assert_eq!(
            of(&["a.nef@0", "a.jpg@900", "a.mov"]),
            [[""; 0]; 0],
            "nobody knows whose it is"
        );
        // A chain of times does not hold together what is days apart.
        assert_eq!(
            of(&["a.nef@0", "a.jpg@20", "a.heic@40"]),
            [["a.jpg", "a.nef"]]
        );
    }

    #[test]
    fn many_stacks_are_found_each_once() {
        let names: Vec<String> = (0..500)
            .flat_map(|i| ["JPG", "CR3", "XMP"].map(|e| format!("d/IMG_{i:04}.{e}")))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = of(&names);
        assert_eq!(found.len(), 500);
        assert!(found.iter().all(|stack| stack.len() == 2));
    }
}
