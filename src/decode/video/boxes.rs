//! The boxes of a container.

use heifer::heifer_isobmff::BoxIter;

/// The boxes inside a box. What is damaged, and everything after it, is left out.
pub(super) fn parts(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let boxes = BoxIter::new(bytes).map_while(Result::ok);
    boxes.map(|part| (part.header.box_type.0, part.content))
}

/// The first box of this name.
pub(super) fn part<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    parts(bytes).find(|part| part.0 == *name).map(|part| part.1)
}
