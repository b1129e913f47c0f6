//! Phase One's notes, which Leaf's and Mamiya's backs write too: a directory of 32-bit numbers.

use crate::decode::numbers::number;
use crate::decode::plain_text::plain_text;

/// More entries than any camera writes.
const MOST_ENTRIES: usize = 1000;
/// Each is a tag, a kind, a length in bytes, and the place of the value in the notes.
const ENTRY_BYTES: usize = 16;
const LENS: usize = 0x0412;

/// The lens's name in notes of this form.
pub(super) fn lens(notes: &[u8]) -> Option<String> {
    let little_endian = match notes.first_chunk()? {
        b"IIII" => true,
        b"MMMM" => false,
        _ => return None,
    };
    let read = |at| usize::try_from(number(notes, little_endian, at, 4)?).ok();
    let directory = read(8)?;
    let count = read(directory)?.min(MOST_ENTRIES);
    let first = directory.checked_add(8)?;
    let mut entries = (0..count).map(|i| first + i * ENTRY_BYTES);
    let entry = entries.find(|entry| read(*entry) == Some(LENS))?;
    let (length, place) = (read(entry + 8)?, read(entry + 12)?);
    plain_text(notes.get(place..place.checked_add(length)?)?)
}
