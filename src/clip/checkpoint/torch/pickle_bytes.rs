//! Reads the bytes of a pickle from the front.

use crate::clip::checkpoint::torch::pickle_graph::Result;

/// The rest of a pickle.
pub(super) struct Input<'a> {
    pub(super) bytes: &'a [u8],
    /// The number of bytes read.
    pub(super) at: usize,
}

impl<'a> Input<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let taken = rest.get(..length).ok_or("its pickle ends too early")?;
        self.at += length;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        self.take(1).map(|b| b.first().copied().unwrap_or(0))
    }

    /// An unsigned number of `width` bytes, little-endian.
    pub(super) fn number(&mut self, width: usize) -> Result<u64> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    pub(super) fn length(&mut self, width: usize) -> Result<usize> {
        let length = self.number(width)?;
        usize::try_from(length).map_err(|_| "its pickle ends too early".into())
    }

    pub(super) fn text(&mut self, width: usize) -> Result<&'a str> {
        let length = self.length(width)?;
        let text = std::str::from_utf8(self.take(length)?);
        text.map_err(|_| "its pickle has a text that is not UTF-8".into())
    }

    pub(super) fn skip(&mut self, width: usize) -> Result<()> {
        let length = self.length(width)?;
        self.take(length).map(|_| ())
    }

    pub(super) fn line(&mut self) -> Result<&'a str> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let end = memchr::memchr(b'\n', rest).ok_or("its pickle ends too early")?;
        let line = self.take(end)?;
        self.take(1)?;
        std::str::from_utf8(line).map_err(|_| "its pickle has a name that is not UTF-8".into())
    }
}
