//! Boxes of ISO's and QuickTime's containers, for tests.

/// A box of this kind.
pub(super) fn boxed(kind: &[u8; 4], contents: &[&[u8]]) -> Vec<u8> {
    let content = contents.concat();
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes()[..], kind, &content].concat()
}
