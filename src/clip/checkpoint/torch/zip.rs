//! The directory of a zip archive as PyTorch writes it: entries are stored, not compressed.
//!
//! Source: PKWARE's APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to
//! 4.3.16 (its end, also in 64 bits).

use std::collections::HashMap;
use std::fs::File;
use std::io;

use crate::clip::checkpoint::file::read_vec_at;

/// Two thousand tensors make a directory of 200 kB.
const MAX_DIRECTORY_BYTES: u64 = 16 << 20;
const MAX_ENTRIES: usize = 100_000;
/// The end record, and the longest comment that may follow it.
const END_BYTES: usize = 22;
const MAX_COMMENT_BYTES: usize = 65_535;

/// One entry of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The offset of its local header.
    header: u64,
    pub(super) length: u64,
    pub(super) crc32: u32,
    is_stored: bool,
}

/// Why an archive is not read: a system error, or the rest of a sentence about the file.
pub(super) enum ZipError {
    Io(io::Error),
    Format(String),
}

impl From<io::Error> for ZipError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn format(reason: &str) -> ZipError {
    ZipError::Format(reason.to_owned())
}

/// All entries, by name.
pub(super) fn directory(file: &File, length: u64) -> Result<HashMap<String, Entry>, ZipError> {
    let (start, size) = find_directory(file, length)?;
    let inside = start.checked_add(size).is_some_and(|end| end <= length);
    if !inside || size > MAX_DIRECTORY_BYTES {
        return Err(format("its directory lies outside the archive"));
    }
    let bytes = read_vec_at(file, start, size as usize)?;
    let mut entries = HashMap::new();
    let mut rest = bytes.as_slice();
    while rest.starts_with(b"PK\x01\x02") {
        if entries.len() >= MAX_ENTRIES {
            return Err(format("its directory has more than 100,000 entries"));
        }
        let (name, entry, length) =
            entry(rest).ok_or_else(|| format("its directory cannot be read"))?;
        // Programs differ in which of two entries with one name they use, so there is no honest
        // reason for it.
        if entries.insert(name, entry).is_some() {
            return Err(format("its directory names an entry twice"));
        }
        rest = rest.get(length..).unwrap_or(&[]);
    }
    Ok(entries)
}

/// The offset and the length of the directory.
fn find_directory(file: &File, length: u64) -> Result<(u64, u64), ZipError> {
    let missing = || format("the end of the archive is missing");
    let tail = length.min((END_BYTES + MAX_COMMENT_BYTES) as u64);
    let bytes = read_vec_at(file, length - tail, tail as usize)?;
    let at = memchr::memmem::rfind(&bytes, b"PK\x05\x06").ok_or_else(missing)?;
    let end = bytes.get(at..).unwrap_or(&[]);
    let comment = number(end, 20, 2).ok_or_else(missing)?;
    if end.len() as u64 != END_BYTES as u64 + comment {
        return Err(missing());
    }
    let size = number(end, 12, 4).ok_or_else(missing)?;
    let start = number(end, 16, 4).ok_or_else(missing)?;
    if start != u64::from(u32::MAX) && size != u64::from(u32::MAX) {
        return Ok((start, size));
    }
    // The 64-bit record is found through a locator before the 32-bit one.
    let locator = at.checked_sub(20).and_then(|at| bytes.get(at..));
    let locator = locator.filter(|l| l.starts_with(b"PK\x06\x07"));
    let place = locator.and_then(|l| number(l, 8, 8)).ok_or_else(missing)?;
    if place.checked_add(56).is_none_or(|end| end > length) {
        return Err(missing());
    }
    let record = read_vec_at(file, place, 56)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(missing());
    }
    let field = |at| number(&record, at, 8).ok_or_else(missing);
    Ok((field(48)?, field(40)?))
}

/// Parses the entry at the start of a directory's bytes. Returns it with its length.
fn entry(bytes: &[u8]) -> Option<(String, Entry, usize)> {
    let name_length = number(bytes, 28, 2)? as usize;
    let extra_length = number(bytes, 30, 2)? as usize;
    let comment_length = number(bytes, 32, 2)? as usize;
    let name = bytes.get(46..46 + name_length)?;
    let extra = bytes.get(46 + name_length..46 + name_length + extra_length)?;
    let flags = number(bytes, 8, 2)?;
    let method = number(bytes, 10, 2)?;
    let compressed = number(bytes, 20, 4)?;
    // Lengths and offsets of more than 32 bits are in a separate field, in this order.
    let mut wide = wide_numbers(extra);
    let mut widened = |value: u64| match value == u64::from(u32::MAX) {
        true => wide.next(),
        false => Some(value),
    };
    let length = widened(number(bytes, 24, 4)?)?;
    let compressed = widened(compressed)?;
    let header = widened(number(bytes, 42, 4)?)?;
    let entry = Entry {
        header,
        length,
        crc32: number(bytes, 16, 4)? as u32,
        is_stored: method == 0 && flags & 1 == 0 && compressed == length,
    };
    let name = std::str::from_utf8(name).ok()?.to_owned();
    let record = 46 + name_length + extra_length + comment_length;
    (record <= bytes.len()).then_some((name, entry, record))
}

/// The numbers of the extra field for 64 bits.
fn wide_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut found: &[u8] = &[];
    while let (Some(kind), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let end = 4 + length as usize;
        if kind == 1 {
            found = extra.get(4..end).unwrap_or(&[]);
        }
        extra = extra.get(end..).unwrap_or(&[]);
    }
    found
        .as_chunks::<8>()
        .0
        .iter()
        .map(|b| u64::from_le_bytes(*b))
}

impl Entry {
    /// The offset of its bytes, which are checked to be in the file.
    pub(super) fn start(&self, file: &File, length: u64) -> Result<u64, ZipError> {
        let outside = || format("an entry lies outside the archive");
        if !self.is_stored {
            return Err(format(
                "it is compressed or encrypted, which PyTorch never does",
            ));
        }
        if self.header.checked_add(30).is_none_or(|end| end > length) {
            return Err(outside());
        }
        let header = read_vec_at(file, self.header, 30)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(outside());
        }
        let name = number(&header, 26, 2).unwrap_or(0);
        let extra = number(&header, 28, 2).unwrap_or(0);
        let start = self.header + 30 + name + extra;
        match start.checked_add(self.length) {
            Some(end) if end <= length => Ok(start),
            _ => Err(outside()),
        }
    }
}

/// A number of `width` bytes at `at`, little-endian.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + width)?;
    Some(bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
}
