//! Changes tags in the first directory of a TIFF structure without moving anything: a value changes
//! in its place, or goes to the end, and with it the directory if it gets a new entry (TIFF 6.0,
//! section 2; BigTIFF).

use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::names;
use crate::sidecar::embed::packet::Names;
use crate::sidecar::embed::patch::Patch;
use crate::sidecar::read::refusal::{Refusal, damaged};

pub(super) const XMP: u16 = 700;
pub(super) const IPTC: u16 = 33723;
pub(super) const PHOTOSHOP: u16 = 34377;
pub(super) const WINDOWS: u16 = 40094;
/// The tags that hold keywords.
pub(super) const KEYWORDS: [u16; 4] = [XMP, IPTC, PHOTOSHOP, WINDOWS];
const DNG_VERSION: u16 = 50706;
const PHOTOMETRIC: u16 = 262;
const SUB_DIRECTORIES: u16 = 330;
const MODEL: u16 = 272;
/// The content credentials of C2PA.
const CREDENTIALS: u16 = 0xcd41;
/// The samples of a camera's sensor: such a file is a raw file unless it is a DNG.
const COLOUR_FILTER_ARRAY: u64 = 32803;
const BYTE: u16 = 1;
const MOST_ENTRIES: u64 = 4096;

/// A TIFF structure: a file, or an EXIF block.
#[derive(Clone, Debug)]
pub(super) struct Tiff<'b> {
    bytes: &'b [u8],
    little: bool,
    /// Whether it is BigTIFF.
    big: bool,
    /// The first directory.
    pub(super) first: Directory,
}

/// A directory of tags.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// Where the place of the next directory stands.
    pub(super) next_at: usize,
}

/// A tag with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where the entry is.
    pub(super) at: usize,
    pub(super) tag: u16,
    pub(super) kind: u16,
    count: u64,
    /// Where its value is, and how long that is.
    pub(super) value_at: usize,
    pub(super) length: usize,
}

impl<'b> Tiff<'b> {
    /// Reads the first directory.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, Refusal> {
        let little = match bytes.first_chunk::<4>() {
            Some([b'I', b'I', 42 | 43, 0]) => true,
            Some([b'M', b'M', 0, 42 | 43]) => false,
            _ => return Err(damaged("no TIFF header")),
        };
        let big = bytes.get(2..4).is_some_and(|magic| magic.contains(&43));
        let mut tiff = Self {
            bytes,
            little,
            big,
            first: Directory {
                entries: Vec::new(),
                next_at: 0,
            },
        };
        let at = tiff.number(tiff.first_at(), tiff.word());
        let at = at.and_then(|at| usize::try_from(at).ok());
        tiff.first = at
            .and_then(|at| tiff.directory(at))
            .ok_or_else(|| damaged("its first directory"))?;
        Ok(tiff)
    }

    /// The bytes of an offset, and of a count.
    fn word(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    /// Where the place of the first directory stands.
    fn first_at(&self) -> usize {
        self.word()
    }

    /// The bytes of an entry.
    pub(super) fn entry_bytes(&self) -> usize {
        4 + 2 * self.word()
    }

    pub(super) fn number(&self, at: usize, length: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(match self.little {
            true => bytes.iter().rev().fold(0, join),
            false => bytes.iter().fold(0, join),
        })
    }

    fn put(&self, number: u64, length: usize) -> Vec<u8> {
        match self.little {
            true => number.to_le_bytes()[..length].to_vec(),
            false => number.to_be_bytes()[8 - length..].to_vec(),
        }
    }

    /// Reads a directory; `None` if it or one of its values is not all there.
    pub(super) fn directory(&self, at: usize) -> Option<Directory> {
        let head = if self.big { 8 } else { 2 };
        let count = self.number(at, head)?;
        if at < 2 * self.word() || count > MOST_ENTRIES {
            return None;
        }
        let entries = (0..count as usize).map(|i| self.entry(at + head + i * self.entry_bytes()));
        let entries = entries.collect::<Option<Vec<_>>>()?;
        let next_at = at + head + entries.len() * self.entry_bytes();
        self.number(next_at, self.word())?;
        Some(Directory { entries, next_at })
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let word = self.word();
        let kind = self.number(at + 2, 2)? as u16;
        let count = self.number(at + 4, word)?;
        let length = usize::try_from(count.checked_mul(unit(kind))?).ok()?;
        let inside = at + 4 + word;
        let value_at = match length <= word {
            true => inside,
            false => usize::try_from(self.number(inside, word)?).ok()?,
        };
        Some(Entry {
            at,
            tag: self.number(at, 2)? as u16,
            kind,
            count,
            value_at,
            length,
        })
    }

    pub(super) fn find(&self, tag: u16) -> Option<&Entry> {
        self.first.entries.iter().find(|entry| entry.tag == tag)
    }

    /// The bytes of a tag's value; `None` if there is no such tag, or the file ends before.
    pub(super) fn value(&self, tag: u16) -> Option<&'b [u8]> {
        let entry = self.find(tag)?;
        let end = entry.value_at.checked_add(entry.length)?;
        self.bytes.get(entry.value_at..end)
    }

    /// The numbers of a tag.
    fn numbers(&self, entry: &Entry) -> Vec<u64> {
        let unit = unit(entry.kind) as usize;
        let count = (entry.count as usize).min(64);
        let numbers = (0..count).map(|i| self.number(entry.value_at + i * unit, unit));
        numbers.map_while(|number| number).collect()
    }

    /// Whether the file is a camera's raw file other than a DNG.
    fn is_raw(&self) -> bool {
        if self.find(DNG_VERSION).is_some() {
            return false;
        }
        if self.bytes.get(8..10) == Some(b"CR") {
            return true;
        }
        let model = self.value(MODEL).unwrap_or_default();
        let model = String::from_utf8_lossy(model);
        // These cameras named their raw files .TIF.
        if ["Canon EOS-1D", "Canon EOS-1DS", "EOS-1D", "EOS-1DS"]
            .contains(&model.trim_end_matches('\0').trim())
            || model.starts_with("Kodak DCS")
        {
            return true;
        }
        let is_sensor = |directory: &Directory| {
            let mut entries = directory.entries.iter();
            let photometric = entries.find(|e| e.tag == PHOTOMETRIC);
            photometric.is_some_and(|e| self.numbers(e) == [COLOUR_FILTER_ARRAY])
        };
        let below = self.find(SUB_DIRECTORIES).map(|e| self.numbers(e));
        let below = below.into_iter().flatten().filter_map(|at| {
            let at = usize::try_from(at).ok()?;
            self.directory(at)
        });
        is_sensor(&self.first) || below.into_iter().any(|directory| is_sensor(&directory))
    }
}

fn unit(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}

/// What is to become of the tags.
pub(super) struct Editor<'t, 'b> {
    tiff: &'t Tiff<'b>,
    patches: Vec<Patch>,
    /// The entries of the first directory as they will be.
    entries: Vec<(u16, Vec<u8>)>,
    has_new: bool,
    /// What comes after the end.
    tail: Vec<u8>,
}

impl<'t, 'b> Editor<'t, 'b> {
    pub(super) fn new(tiff: &'t Tiff<'b>) -> Self {
        let size = tiff.entry_bytes();
        let entries = tiff.first.entries.iter();
        let entries = entries.map(|e| (e.tag, tiff.bytes[e.at..e.at + size].to_vec()));
        Self {
            tiff,
            patches: Vec::new(),
            entries: entries.collect(),
            has_new: false,
            tail: Vec::new(),
        }
    }

    /// Gives a tag a value of bytes. A new tag consists of bytes; an existing one keeps its type,
    /// and zeros fill its last number.
    pub(super) fn set(&mut self, tag: u16, mut value: Vec<u8>) -> Result<(), Refusal> {
        let tiff = self.tiff;
        let old = tiff.find(tag).copied();
        let kind = old.map_or(BYTE, |entry| entry.kind);
        let unit = unit(kind) as usize;
        value.resize(value.len().next_multiple_of(unit), 0);
        let count = (value.len() / unit) as u64;
        let word = tiff.word();
        let place = match old {
            _ if value.len() <= word => {
                value.resize(word, 0);
                value
            }
            Some(entry) if entry.length >= value.len() => {
                let length = value.len();
                let patch = Patch::trimmed(tiff.bytes, entry.value_at, length, value);
                self.patches.push(patch);
                tiff.put(entry.value_at as u64, word)
            }
            _ => {
                let at = self.append(&value)?;
                tiff.put(at, word)
            }
        };
        let mut entry = tiff.put(u64::from(tag), 2);
        entry.extend(tiff.put(u64::from(kind), 2));
        entry.extend(tiff.put(count, word));
        entry.extend(place);
        match self.entries.iter_mut().find(|(t, _)| *t == tag) {
            Some((_, known)) => *known = entry,
            None => {
                let after = self.entries.iter().position(|(t, _)| *t > tag);
                let at = after.unwrap_or(self.entries.len());
                self.entries.insert(at, (tag, entry));
                self.has_new = true;
            }
        }
        Ok(())
    }

    /// Puts bytes behind the end, at an even place. Returns where.
    fn append(&mut self, bytes: &[u8]) -> Result<u64, Refusal> {
        let end = self.tiff.bytes.len();
        if (end + self.tail.len()) % 2 == 1 {
            self.tail.push(0);
        }
        let at = end + self.tail.len();
        let limit = if self.tiff.big {
            usize::MAX
        } else {
            u32::MAX as usize
        };
        if at + bytes.len() > limit {
            let bytes = at + bytes.len();
            return Err(Refusal::NoRoom { bytes, limit });
        }
        self.tail.extend(bytes);
        Ok(at as u64)
    }

    /// The patches of the structure's bytes.
    pub(super) fn finish(mut self) -> Result<Vec<Patch>, Refusal> {
        let tiff = self.tiff;
        let word = tiff.word();
        if self.has_new {
            let mut directory = match tiff.big {
                true => tiff.put(self.entries.len() as u64, 8),
                false => tiff.put(self.entries.len() as u64, 2),
            };
            directory.extend(self.entries.iter().flat_map(|(_, entry)| entry));
            let next = tiff.first.next_at;
            directory.extend(&tiff.bytes[next..next + word]);
            let at = self.append(&directory)?;
            let place = tiff.put(at, word);
            let patch = Patch::trimmed(tiff.bytes, tiff.first_at(), word, place);
            self.patches.push(patch);
        } else {
            for (old, (_, entry)) in tiff.first.entries.iter().zip(self.entries) {
                let patch = Patch::trimmed(tiff.bytes, old.at, entry.len(), entry);
                self.patches.push(patch);
            }
        }
        let tail = Patch::insert(tiff.bytes.len(), self.tail);
        self.patches.push(tail);
        Ok(self.patches)
    }
}

/// The packet of a TIFF or DNG file.
pub(super) fn packet(bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    let tiff = Tiff::read(bytes)?;
    if tiff.is_raw() {
        return Err(Refusal::Format { format: "raw" });
    }
    if tiff.find(CREDENTIALS).is_some() {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    let twice = |tag: u16| {
        let entries = tiff.first.entries.iter();
        entries.filter(|entry| entry.tag == tag).count() > 1
    };
    if KEYWORDS.into_iter().any(twice) {
        return Err(damaged("a tag that is there twice"));
    }
    match tiff.find(XMP) {
        None => Ok(None),
        Some(_) => {
            let value = tiff.value(XMP);
            value.map(Some).ok_or_else(|| damaged("its XMP tag"))
        }
    }
}

/// The patches of a TIFF or DNG file.
pub(super) fn patches(bytes: &[u8], changes: &Changes<'_>) -> Result<Vec<Patch>, Refusal> {
    let tiff = Tiff::read(bytes)?;
    let mut editor = Editor::new(&tiff);
    editor.set(XMP, changes.packet.to_vec())?;
    if let Some(new) = tiff
        .value(IPTC)
        .and_then(|v| names::in_iptc(v, changes.names))
    {
        editor.set(IPTC, new)?;
    }
    let resources = tiff.value(PHOTOSHOP);
    if let Some(new) = resources.and_then(|v| names::in_photoshop(v, changes.names)) {
        editor.set(PHOTOSHOP, new)?;
    }
    if let Some(new) = tiff
        .value(WINDOWS)
        .and_then(|v| names::in_windows(v, changes.names))
    {
        editor.set(WINDOWS, new)?;
    }
    editor.finish()
}

/// The patches of an EXIF block for Windows' keywords; none if it has no such keywords.
pub(super) fn exif_patches(block: &[u8], names: &Names) -> Result<Vec<Patch>, Refusal> {
    let Ok(tiff) = Tiff::read(block) else {
        return Ok(Vec::new());
    };
    let value = tiff.value(WINDOWS);
    let Some(new) = value.and_then(|value| names::in_windows(value, names)) else {
        return Ok(Vec::new());
    };
    let mut editor = Editor::new(&tiff);
    editor.set(WINDOWS, new)?;
    editor.finish()
}
