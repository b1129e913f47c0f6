//! GIF (89a): XMP in an application extension (XMP specification part 3, section 1.1.2).

use std::io::{self, Read, Seek, SeekFrom};

use crate::sidecar::read::embedded::bytes::{read, read_bytes, skip};
use crate::sidecar::read::embedded::contents::{Embedded, MAX_PARTS};
use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

const XMP: &[u8] = b"XMP DataXMP";
/// The start of the trailer that leads sub-block readers past the packet.
const TRAILER: [u8; 4] = [0x01, 0xff, 0xfe, 0xfd];

pub(super) fn read_gif(found: &mut Embedded, reader: &mut (impl Read + Seek)) -> io::Result<()> {
    reader.seek(SeekFrom::Start(10))?;
    let [flags, _, _] = read(reader)?;
    skip(reader, table_bytes(flags))?;
    for _ in 0..MAX_PARTS {
        let [kind] = read(reader)?;
        match kind {
            // An extension.
            0x21 => {
                let [label, length] = read(reader)?;
                let head = read_bytes(reader, u64::from(length))?;
                let is_xmp = label == 0xff && head == XMP;
                match is_xmp {
                    true => found.take_xmp(packet(&sub_blocks(reader)?)),
                    false if length == 0 => {}
                    false => skip_sub_blocks(reader)?,
                }
            }
            // A picture: its position, a colour table, and its data.
            0x2c => {
                let [.., flags] = read::<9>(reader)?;
                skip(reader, table_bytes(flags) + 1)?;
                skip_sub_blocks(reader)?;
            }
            _ => break,
        }
    }
    Ok(())
}

fn table_bytes(flags: u8) -> u64 {
    match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    }
}

fn skip_sub_blocks(reader: &mut (impl Read + Seek)) -> io::Result<()> {
    loop {
        match read(reader)? {
            [0] => return Ok(()),
            [length] => skip(reader, u64::from(length))?,
        }
    }
}

/// Reads sub-blocks with their length bytes, which are letters of the packet.
fn sub_blocks(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let [length] = read(reader)?;
        bytes.push(length);
        if length == 0 {
            return Ok(bytes);
        }
        bytes.extend(read_bytes(reader, u64::from(length))?);
        if bytes.len() as u64 > MAX_SIDECAR_BYTES {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn packet(blocks: &[u8]) -> Vec<u8> {
    let end = blocks
        .windows(TRAILER.len())
        .rposition(|part| part == TRAILER);
    blocks[..end.unwrap_or(blocks.len())].to_vec()
}
