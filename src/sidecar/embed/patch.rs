//! Changes to a file's bytes, and the changes that take them back.

/// Replaces `length` bytes at `at` by `bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// In the file before.
    pub(crate) at: usize,
    /// The number of bytes replaced.
    pub(crate) length: usize,
    /// Their replacement.
    pub(crate) bytes: Vec<u8>,
}

/// What a journal's text of segments starts with. No sidecar starts like this: a file that starts
/// with a zero is not XMP.
const MAGIC: &[u8] = b"\0taglens segments 1\n";

/// How to take back a change of a file, as the journal keeps it: the old segments, not the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segments {
    /// BLAKE3 of the old file, in hexadecimal.
    pub(crate) file: String,
    /// The patches that turn the new file into the old one.
    pub(crate) patches: Vec<Patch>,
}

impl Patch {
    /// A patch without the bytes at its ends that stay as they are.
    pub(super) fn trimmed(old: &[u8], at: usize, length: usize, mut bytes: Vec<u8>) -> Self {
        let before = old.get(at..at + length).unwrap_or_default();
        let same = |a: &u8, b: &u8| a == b;
        let pairs = before.iter().zip(&bytes);
        let head = pairs.take_while(|(a, b)| same(a, b)).count();
        let (rest, new) = (&before[head..], &bytes[head..]);
        let pairs = rest.iter().rev().zip(new.iter().rev());
        let tail = pairs.take_while(|(a, b)| same(a, b)).count();
        bytes.truncate(bytes.len() - tail);
        bytes.drain(..head);
        Self {
            at: at + head,
            length: length - head - tail,
            bytes,
        }
    }

    /// Inserts bytes.
    pub(super) fn insert(at: usize, bytes: Vec<u8>) -> Self {
        Self {
            at,
            length: 0,
            bytes,
        }
    }

    fn is_empty(&self) -> bool {
        self.length == 0 && self.bytes.is_empty()
    }
}

/// Sorts patches and leaves out those without effect. Those that insert at one place keep their order.
pub(super) fn in_order(mut patches: Vec<Patch>) -> Vec<Patch> {
    patches.retain(|patch| !patch.is_empty());
    patches.sort_by_key(|patch| (patch.at, patch.length));
    patches
}

/// Applies patches, which are in order. `None` if they overlap or lie outside the file.
pub(crate) fn apply(old: &[u8], patches: &[Patch]) -> Option<Vec<u8>> {
    let added: usize = patches.iter().map(|patch| patch.bytes.len()).sum();
    let mut new = Vec::with_capacity(old.len() + added);
    let mut from = 0;
    for patch in patches {
        new.extend_from_slice(old.get(from..patch.at)?);
        new.extend_from_slice(&patch.bytes);
        from = patch.at.checked_add(patch.length)?;
    }
    new.extend_from_slice(old.get(from..)?);
    Some(new)
}

/// The patches that turn the new file into the old one.
pub(crate) fn inverse(old: &[u8], patches: &[Patch]) -> Option<Vec<Patch>> {
    let (mut before, mut after) = (0, 0);
    let mut inverse = Vec::with_capacity(patches.len());
    for patch in patches {
        let at = patch.at.checked_sub(before)?.checked_add(after)?;
        inverse.push(Patch {
            at,
            length: patch.bytes.len(),
            bytes: old.get(patch.at..patch.at + patch.length)?.to_vec(),
        });
        before += patch.length;
        after += patch.bytes.len();
    }
    Some(inverse)
}

/// The new position of a byte of the old file that no patch replaces.
pub(super) fn moved(at: usize, patches: &[Patch]) -> usize {
    let before = patches.iter().filter(|p| p.at + p.length <= at);
    let (gone, come) = before.fold((0, 0), |(gone, come), patch| {
        (gone + patch.length, come + patch.bytes.len())
    });
    at + come - gone
}

impl Segments {
    /// The bytes for the journal.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.file.as_bytes());
        bytes.push(b'\n');
        for patch in &self.patches {
            for number in [patch.at, patch.length, patch.bytes.len()] {
                bytes.extend((number as u64).to_le_bytes());
            }
            bytes.extend(&patch.bytes);
        }
        bytes
    }

    /// Reads the journal's bytes; `None` if they are a sidecar, or damaged.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (file, mut rest) = rest.split_at_checked(64)?;
        let file = String::from_utf8(file.to_vec()).ok()?;
        rest = rest.strip_prefix(b"\n")?;
        let mut patches = Vec::new();
        while !rest.is_empty() {
            let mut number = || -> Option<usize> {
                let (number, after) = rest.split_first_chunk::<8>()?;
                rest = after;
                usize::try_from(u64::from_le_bytes(*number)).ok()
            };
            let (at, length, count) = (number()?, number()?, number()?);
            let (bytes, after) = rest.split_at_checked(count)?;
            rest = after;
            patches.push(Patch {
                at,
                length,
                bytes: bytes.to_vec(),
            });
        }
        Some(Self { file, patches })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_taken_back_exactly_also_from_the_journal() {
        let old = b"0123456789";
        let patches = in_order(vec![
            Patch::insert(10, b"end".to_vec()),
            Patch::trimmed(old, 2, 4, b"2xx5".to_vec()),
            Patch::insert(0, b"start".to_vec()),
            Patch::trimmed(old, 7, 1, b"7".to_vec()),
            Patch::trimmed(old, 8, 2, Vec::new()),
        ]);
        assert_eq!(patches.len(), 4, "one has no effect");
        let new = apply(old, &patches).unwrap();
        assert_eq!(new, b"start012xx567end");
        assert_eq!(moved(6, &patches), 11);
        let segments = Segments {
            file: "0".repeat(64),
            patches: inverse(old, &patches).unwrap(),
        };
        let kept = Segments::of_bytes(&segments.to_bytes()).unwrap();
        assert_eq!(kept, segments);
        assert_eq!(apply(&new, &kept.patches).unwrap(), old);
        assert_eq!(apply(b"short", &kept.patches), None);
        assert_eq!(Segments::of_bytes(b"<x:xmpmeta/>"), None);
    }
}
