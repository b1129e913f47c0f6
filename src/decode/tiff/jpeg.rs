//! Strips and tiles of TIFF that are JPEGs: with the tables in the directory (TIFF Technical Note 2), or
//! in the way of TIFF 6.0, section 22, which no two programs understood alike.

use std::io::Cursor;

use image::ImageDecoder as _;
use image::codecs::jpeg::JpegDecoder;

use crate::decode::error::Fault;
use crate::decode::scaled::{Job, Missing};
use crate::decode::tiff::directory::Directory;

const JPEG_TABLES: u16 = 347;
const INTERCHANGE_FORMAT: u16 = 513;
const INTERCHANGE_LENGTH: u16 = 514;
const RESTART_INTERVAL: u16 = 515;
const QUANTISATION_TABLES: u16 = 519;
const DC_TABLES: u16 = 520;
const AC_TABLES: u16 = 521;
/// Fewer bytes are no picture.
const SHORTEST_SCAN: usize = 16;
const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

/// What the samples of a JPEG are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// Brightness and differences, which the decoder makes RGB.
    YCbCr,
    /// To be taken as they are.
    AsIs,
}

/// A decoded strip or tile: width, height, and RGB.
pub(super) struct Decoded {
    pub(super) size: (u32, u32),
    pub(super) rgb: Vec<u8>,
}

/// The file for one strip or tile whose common tables are in the directory.
pub(super) fn file(directory: &Directory<'_>, data: &[u8], stored: Stored) -> Vec<u8> {
    let tables = directory.get(JPEG_TABLES).map_or(&[][..], |t| t.bytes());
    let tables = tables.strip_prefix(&START).unwrap_or(tables);
    let tables = tables.strip_suffix(&END).unwrap_or(tables);
    let data = data.strip_prefix(&START).unwrap_or(data);
    [&START[..], &adobe(stored), tables, data, &END].concat()
}

/// Adobe's marker, which says what the samples are.
fn adobe(stored: Stored) -> Vec<u8> {
    let transform = u8::from(stored == Stored::YCbCr);
    [b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0", &[transform][..]].concat()
}

/// The file for the whole picture of the old kind, if the directory has one with its scan. Its samples
/// are to be taken as they are.
pub(super) fn whole_old_file(bytes: &[u8], directory: &Directory<'_>) -> Option<Vec<u8>> {
    let inside = interchange(bytes, directory)?;
    let has_scan = scan_start(inside).is_some_and(|after| inside.len() > after + SHORTEST_SCAN);
    has_scan.then(|| [&START[..], &adobe(Stored::AsIs), inside, &END].concat())
}

/// The JPEG file that the directory names, after its first marker. It may only have tables.
fn interchange<'a>(bytes: &'a [u8], directory: &Directory<'_>) -> Option<&'a [u8]> {
    let start = usize::try_from(directory.number(INTERCHANGE_FORMAT)?).ok()?;
    let file = bytes.get(start..)?.strip_prefix(&START)?;
    let length = directory.number(INTERCHANGE_LENGTH);
    let length = length.and_then(|n| usize::try_from(n).ok()?.checked_sub(START.len()));
    Some(
        length
            .filter(|&n| n > 0)
            .and_then(|n| file.get(..n))
            .unwrap_or(file),
    )
}

/// The file for one strip or tile of the old kind, of this size and subsampling of colours. Its samples
/// are to be taken as they are.
pub(super) fn old_file(
    bytes: &[u8],
    directory: &Directory<'_>,
    data: &[u8],
    size: (u32, u32),
    subsampling: [u8; 2],
    components: u8,
) -> Option<Vec<u8>> {
    let adobe = adobe(Stored::AsIs);
    if let Some(rest) = data.strip_prefix(&START) {
        return Some([&START[..], &adobe, rest, &END].concat());
    }
    if let Some(header) = interchange(bytes, directory) {
        let header = match scan_start(header) {
            Some(after) => &header[..after],
            None => header.strip_suffix(&END).unwrap_or(header),
        };
        return Some([&START[..], &adobe, header, data, &END].concat());
    }
    let mut file = [&START[..], &adobe].concat();
    let number = |tag, index: usize| directory.get(tag)?.numbers().nth(index);
    let table = |tag, index| {
        let start = usize::try_from(number(tag, index)?).ok()?;
        bytes.get(start..)
    };
    for index in 0..usize::from(components) {
        file.extend([0xFF, 0xDB, 0, 67, index as u8]);
        file.extend(table(QUANTISATION_TABLES, index)?.get(..64)?);
        for (class, tag) in [(0, DC_TABLES), (0x10, AC_TABLES)] {
            let table = table(tag, index)?;
            let values: usize = table.get(..16)?.iter().map(|&n| usize::from(n)).sum();
            let length = u16::try_from(19 + values).ok()?.to_be_bytes();
            file.extend([0xFF, 0xC4, length[0], length[1], class | index as u8]);
            file.extend(table.get(..16 + values)?);
        }
    }
    if let Some(interval @ 1..=0xFFFF) = directory.number(RESTART_INTERVAL) {
        file.extend([0xFF, 0xDD, 0, 4]);
        file.extend((interval as u16).to_be_bytes());
    }
    let (width, height) = (u16::try_from(size.0).ok()?, u16::try_from(size.1).ok()?);
    let [w0, w1] = width.to_be_bytes();
    let [h0, h1] = height.to_be_bytes();
    file.extend([
        0xFF,
        0xC0,
        0,
        8 + 3 * components,
        8,
        h0,
        h1,
        w0,
        w1,
        components,
    ]);
    for index in 0..components {
        let sampling = match index {
            0 if components > 1 => subsampling[0] << 4 | subsampling[1],
            _ => 0x11,
        };
        file.extend([index + 1, sampling, index]);
    }
    file.extend([0xFF, 0xDA, 0, 6 + 2 * components, components]);
    (0..components).for_each(|index| file.extend([index + 1, index << 4 | index]));
    file.extend([0, 63, 0]);
    file.extend(data);
    file.extend(END);
    Some(file)
}

/// Where the data of the first scan starts, counted after the start of the image.
fn scan_start(markers: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let [0xFF, marker, a, b] = *markers.get(at..at + 4)? else {
            return None;
        };
        let end = at + 2 + usize::from(u16::from_be_bytes([a, b]));
        if marker == 0xDA {
            return Some(end.min(markers.len()));
        }
        at = end;
    }
}

/// Decodes a file that should have no more pixels than `most`.
pub(super) fn decode(file: &[u8], most: u64) -> Result<Decoded, Fault> {
    let admit = |size: (u32, u32)| match u64::from(size.0) * u64::from(size.1) > most {
        true => Err(Fault::damaged("a JPEG in it is larger than it says")),
        false => Ok(size),
    };
    let job = Job::new(file);
    // What it does not know, the other judges.
    if let Ok(job) = &job {
        admit(job.size())?;
    }
    let whole = by_whole_decoder(file, admit);
    match (job, &whole) {
        (Ok(job), Err(_)) => {
            let size = job.size();
            let decoded = job.decode(8, Missing::Data).map_err(|_| Fault::Truncated)?;
            let rgb = decoded.pixels.into_data();
            Ok(Decoded { size, rgb })
        }
        _ => whole,
    }
}

fn by_whole_decoder(
    file: &[u8],
    admit: impl Fn((u32, u32)) -> Result<(u32, u32), Fault>,
) -> Result<Decoded, Fault> {
    let fault = |error| Fault::from_image(error, (0, 0), 0);
    let decoder = JpegDecoder::new(Cursor::new(file)).map_err(fault)?;
    let size = admit(decoder.dimensions())?;
    let mut samples = vec![0; usize::try_from(decoder.total_bytes()).unwrap_or(0)];
    let colour = decoder.color_type();
    decoder.read_image(&mut samples).map_err(fault)?;
    let alpha = crate::decode::colour::Alpha::Straight;
    let rgb = crate::decode::colour::to_rgb(samples, colour, alpha)?;
    Ok(Decoded { size, rgb })
}
