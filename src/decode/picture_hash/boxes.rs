//! Containers whose picture lies in boxes of its own: JPEG XL and Canon's CR3.

use heifer::heifer_isobmff::BoxIter;

use crate::decode::orientation;
use crate::decode::picture_hash::parts::Parts;

/// JPEG XL (ISO/IEC 18181-2): the codestream, whole or in parts. It has the orientation.
pub(super) fn add_jxl(parts: &mut Parts, file: &[u8]) -> Option<()> {
    add_boxes(parts, file, &[b"jxlc", b"jxlp"])
}

/// CR3: all coded data, and the orientation in the first directory.
pub(super) fn add_cr3(parts: &mut Parts, file: &[u8]) -> Option<()> {
    add_boxes(parts, file, &[b"mdat"])?;
    let turned = orientation::of_cr3(file);
    parts.add_orientation(turned.unwrap_or(image::metadata::Orientation::NoTransforms))
}

/// Adds the boxes of these kinds. `None` if there are none, or the file ends inside a box.
fn add_boxes(parts: &mut Parts, file: &[u8], kinds: &[&[u8; 4]]) -> Option<()> {
    let mut any = false;
    for found in BoxIter::new(file) {
        let found = found.ok()?;
        let kind = found.header.box_type.0;
        if kinds.contains(&&kind) {
            parts.add(&kind, found.content)?;
            any |= !found.content.is_empty();
        }
    }
    any.then_some(())
}
