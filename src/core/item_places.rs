//! Where the items of a HEIC or AVIF file lie, by the box `iloc` (ISO/IEC 14496-12, 8.11.3). The parser
//! reserves memory for as many pieces as an item claims to have, even if these take no bytes of the box, so
//! that six bytes cost a megabyte and a half. The claims are checked before it sees them.

use heifer::heifer_isobmff::BoxIter;

/// Whether the items that a `meta` box describes have no more pieces than the box has room for.
pub(crate) fn are_there(meta: &[u8]) -> bool {
    // Four bytes of version and flags come first.
    let boxes = BoxIter::new(meta.get(4..).unwrap_or_default());
    let mut places = boxes
        .map_while(Result::ok)
        .filter(|part| part.header.box_type.0 == *b"iloc");
    places.all(|part| walk(part.content).is_some())
}

/// Walks through the box; `None` if it ends before its items do.
fn walk(iloc: &[u8]) -> Option<()> {
    let mut rest = Rest(iloc);
    let version = rest.number(1)?;
    rest.number(3)?;
    let (sizes, more) = (rest.number(1)?, rest.number(1)?);
    let has_index = matches!(version, 1 | 2);
    let index_bytes = if has_index { more & 15 } else { 0 };
    let piece_bytes = (sizes >> 4) + (sizes & 15) + index_bytes;
    let id_bytes = if version < 2 { 2 } else { 4 };
    for _ in 0..rest.number(id_bytes)? {
        let method_bytes = if has_index { 2 } else { 0 };
        rest.skip(id_bytes + method_bytes)?;
        // The file that it is in, and what its pieces count from.
        rest.skip(2 + (more >> 4) as usize)?;
        let pieces = rest.number(2)?;
        // One without place and length is the whole file.
        if piece_bytes == 0 && pieces > 1 {
            return None;
        }
        rest.skip((pieces * piece_bytes) as usize)?;
    }
    Some(())
}

/// The bytes not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    fn number(&mut self, bytes: usize) -> Option<u32> {
        let number = self.0.get(..bytes)?;
        self.skip(bytes)?;
        Some(
            number
                .iter()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `meta` box's content.
    fn meta(iloc: &[u8]) -> Vec<u8> {
        let length = u32::try_from(iloc.len() + 8).unwrap();
        [&[0; 4], &length.to_be_bytes()[..], b"iloc", iloc].concat()
    }

    #[test]
    fn items_whose_pieces_are_there_pass() {
        // Places and lengths of four bytes; item 7 has two pieces.
        let old = [&[0, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, 0, 0, 2][..], &[9; 16]].concat();
        // The same with a method and a base of four bytes, and with numbers of four bytes.
        let with_method = [
            &[1, 0, 0, 0, 0x44, 0x40, 0, 1, 0, 7, 0, 1, 0, 0][..],
            &[9; 4],
            &[0, 2],
            &[9; 16],
        ];
        let long = [
            &[2, 0, 0, 0, 0x44, 0x44, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0][..],
            &[9; 4],
            &[0, 2],
            &[9; 24],
        ];
        let whole_file = [0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 0, 0, 0, 1];
        let all = [&old[..], &with_method.concat(), &long.concat(), &whole_file];
        for (number, iloc) in all.into_iter().enumerate() {
            assert!(are_there(&meta(iloc)), "{number}");
            for cut in 0..iloc.len() {
                assert!(!are_there(&meta(&iloc[..cut])), "{number}, {cut}");
            }
        }
        assert!(are_there(b""));
    }

    #[test]
    fn pieces_without_bytes_are_refused() {
        let items = [
            &[0, 0, 0, 0, 0, 0, 0, 2][..],
            &[0, 7, 0, 0, 0xff, 0xff].repeat(2),
        ];
        assert!(!are_there(&meta(&items.concat())));
        let many = [2, 0, 0, 0, 0x44, 0, 0xff, 0xff, 0xff, 0xff];
        assert!(!are_there(&meta(&many)));
    }
}
