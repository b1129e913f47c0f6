//! Fujifilm's RAF: the camera's JPEG, the sensor's data and what describes it. Programs that write
//! metadata rewrite the JPEG and move the rest.

use crate::decode::numbers::u32_at;
use crate::decode::picture_hash::jpeg;
use crate::decode::picture_hash::parts::Parts;

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    // Three positions with their lengths.
    let section = |at| {
        let (start, length) = (u32_at(file, at)? as usize, u32_at(file, at + 4)? as usize);
        file.get(start..start.checked_add(length)?)
    };
    let (picture, header, sensor) = (section(84)?, section(92)?, section(100)?);
    if sensor.is_empty() {
        return None;
    }
    parts.add(b"head", header)?;
    parts.add(b"cfa ", sensor)?;
    jpeg::add(parts, picture)
}
