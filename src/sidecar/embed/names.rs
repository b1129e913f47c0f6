//! Keeps a photo's IPTC and Windows keywords in step, where it has some, in their character set.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use md5::{Digest, Md5};

use crate::core::text::clean;
use crate::sidecar::embed::packet::Names;
use crate::sidecar::read::iptc::{Iptc, KEYWORD, KEYWORD_BYTES, RESOURCE, data_set};

/// The Photoshop resource with the MD5 of the IPTC data: programs that find another one take the
/// IPTC data for newer than the XMP.
const DIGEST: u16 = 0x0425;

/// IPTC data with the changed names; `None` if it has no keywords, or nothing to change.
pub(super) fn in_iptc(data: &[u8], names: &Names) -> Option<Vec<u8>> {
    let page = Iptc::read(data).declared();
    let written = |name: &String| encoded(page, name);
    let added: Vec<Vec<u8>> = names.added.iter().filter_map(written).collect();
    let removed: Vec<Vec<u8>> = names.removed.iter().filter_map(written).collect();
    let (mut out, mut there, mut last) = (Vec::new(), Vec::new(), None);
    let mut rest = data;
    while let Some((key, value, after)) = data_set(rest) {
        let set = &rest[..rest.len() - after.len()];
        rest = after;
        let is_keyword = key == KEYWORD;
        if is_keyword && removed.iter().any(|name| name == value) {
            last = last.or(Some(out.len()));
            continue;
        }
        out.extend(set);
        if is_keyword {
            there.push(value.to_vec());
            last = Some(out.len());
        }
    }
    let end = last?;
    let mut new = Vec::new();
    for name in added {
        if !there.contains(&name) {
            new.extend([0x1c, KEYWORD.0, KEYWORD.1]);
            new.extend((name.len() as u16).to_be_bytes());
            new.extend(&name);
            there.push(name);
        }
    }
    out.splice(end..end, new);
    out.extend(rest);
    (out != data).then_some(out)
}

/// A name as these data have it, cut off where IPTC does; `None` if their character set does not
/// have its letters. If none is declared, only ASCII is certain.
fn encoded(page: Option<&'static Encoding>, name: &str) -> Option<Vec<u8>> {
    let Some(page) = page.filter(|page| *page != UTF_8) else {
        let is_certain = page.is_some() || name.is_ascii();
        let end = name.floor_char_boundary(KEYWORD_BYTES);
        return is_certain.then(|| name.as_bytes()[..end].to_vec());
    };
    let (bytes, _, is_lossy) = page.encode(name);
    // ISO 8859-1 is read as its superset, which has letters where it has control characters.
    let is_beyond = |byte: &u8| page == WINDOWS_1252 && (0x80..0xa0).contains(byte);
    let is_sound = !is_lossy && !bytes.iter().any(is_beyond);
    is_sound.then(|| bytes[..bytes.len().min(KEYWORD_BYTES)].to_vec())
}

/// Photoshop resources with the changed names in their IPTC data; `None` if those have no keywords,
/// or there is nothing to change.
pub(super) fn in_photoshop(block: &[u8], names: &Names) -> Option<Vec<u8>> {
    let mut resources = Vec::new();
    let mut rest = block;
    while let Some((resource, after)) = resource(rest) {
        resources.push(resource);
        rest = after;
    }
    let iptc = resources.iter().find(|r| r.id == RESOURCE)?;
    let new = in_iptc(iptc.data, names)?;
    let mut out = Vec::with_capacity(block.len() + new.len());
    for resource in &resources {
        let digest = Md5::digest(&new);
        let data = match resource.id {
            RESOURCE if resource.head == iptc.head => &new,
            // One that was wrong before says that a program has changed the IPTC data alone.
            DIGEST if resource.data == Md5::digest(iptc.data).as_slice() => digest.as_slice(),
            _ => resource.data,
        };
        out.extend(resource.head);
        out.extend((data.len() as u32).to_be_bytes());
        out.extend(data);
        if data.len() % 2 == 1 {
            out.push(0);
        }
    }
    out.extend(rest);
    Some(out)
}

/// A Photoshop resource.
struct Resource<'b> {
    id: u16,
    /// Its signature, id and name.
    head: &'b [u8],
    data: &'b [u8],
}

/// The first resource of a block, and the rest of it. The last one may lack its padding.
fn resource(block: &[u8]) -> Option<(Resource<'_>, &[u8])> {
    let rest = block.strip_prefix(b"8BIM")?;
    let id = u16::from_be_bytes(*rest.first_chunk()?);
    let name = usize::from(*rest.get(2)?);
    let size_at = 6 + (1 + name).next_multiple_of(2);
    let size = u32::from_be_bytes(*block.get(size_at..)?.first_chunk()?) as usize;
    let data = block.get(size_at + 4..)?.get(..size)?;
    let end = size_at + 4 + size;
    let end = (end + size % 2).min(block.len());
    let head = &block[..size_at];
    Some((Resource { id, head, data }, &block[end..]))
}

/// Windows' keywords with the changed names; `None` if there are none, or nothing to change.
pub(super) fn in_windows(value: &[u8], names: &Names) -> Option<Vec<u8>> {
    let (pairs, _) = value.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
    let text = String::from_utf16(&units).ok()?;
    let mut list: Vec<String> = text.split(';').map(str::to_owned).collect();
    list.retain(|name| !name.trim().is_empty());
    if list.is_empty() {
        return None;
    }
    let before = list.clone();
    list.retain(|name| !names.removed.contains(&clean(name)));
    for name in &names.added {
        let is_there = list.iter().any(|there| clean(there) == *name);
        // The list has no other way to tell names apart.
        if !is_there && !name.contains(';') {
            list.push(name.clone());
        }
    }
    if list == before {
        return None;
    }
    let units = list.join(";");
    let units = units.encode_utf16().chain([0]);
    Some(units.flat_map(u16::to_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::read::iptc::in_photoshop as find_iptc;
    use crate::sidecar::read::iptc::tests::{UTF8, data, photoshop};

    fn names(added: &[&str], removed: &[&str]) -> Names {
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Names {
            added: owned(added),
            removed: owned(removed),
        }
    }

    #[test]
    fn iptc_keywords_keep_their_character_set() {
        let long = "Ö".repeat(40);
        let change = names(&["café", "dog", &long], &["ours"]);
        let new = in_iptc(&data(&[b"cat", b"ours"], UTF8), &change).unwrap();
        let cut = "Ö".repeat(32);
        let expected = [&b"cat"[..], "café".as_bytes(), b"dog", cut.as_bytes()];
        assert_eq!(new, data(&expected, UTF8));
        // Latin 1 has é; without a declared set only ASCII is certain.
        let new = in_iptc(
            &data(&[b"cat"], b"\x1b-A"),
            &names(&["café", "日", "“"], &[]),
        );
        assert_eq!(new.unwrap(), data(&[b"cat", b"caf\xe9"], b"\x1b-A"));
        let new = in_iptc(&data(&[b"caf\xe9"], b""), &names(&["été", "dog"], &[]));
        assert_eq!(new.unwrap(), data(&[b"caf\xe9", b"dog"], b""));
        // What is there stays once, and where there are no keywords none come.
        assert_eq!(in_iptc(&data(&[b"dog"], UTF8), &names(&["dog"], &[])), None);
        assert_eq!(in_iptc(&data(&[], UTF8), &names(&["dog"], &[])), None);
        let gone = in_iptc(&data(&[b"ours"], UTF8), &names(&[], &["ours"]));
        assert_eq!(gone.unwrap(), data(&[], UTF8));
    }

    #[test]
    fn the_digest_of_iptc_stays_true_where_it_was() {
        let iptc = data(&[b"cat"], UTF8);
        let block = |iptc: &[u8], digest: &[u8]| {
            let mut block = b"8BIM\x04\x25\0\0\0\0\0\x10".to_vec();
            block.extend(digest);
            block.extend(&photoshop(iptc)[b"8BIM\x04\x25\x00\x00\0\0\0\x01x\0".len()..]);
            if iptc.len() % 2 == 1 {
                block.push(0);
            }
            block.extend(b"8BIM\x03\xed\0\0\0\0\0\x02ab");
            block
        };
        let (before, after) = (&iptc, data(&[b"cat", b"dog"], UTF8));
        let change = names(&["dog"], &[]);
        let new = in_photoshop(&block(before, &Md5::digest(before)), &change).unwrap();
        assert_eq!(new, block(&after, &Md5::digest(&after)));
        assert_eq!(find_iptc(&new), Some(&after[..]));
        let wrong = [7; 16];
        let new = in_photoshop(&block(before, &wrong), &change).unwrap();
        assert_eq!(new, block(&after, &wrong));
        assert_eq!(in_photoshop(b"8BIM\x03\xed\0\0\0\0\0\x02ab", &change), None);
    }

    #[test]
    fn windows_keywords_are_a_list_in_utf_16() {
        let utf16 = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().chain([0]);
            units.flat_map(u16::to_le_bytes).collect()
        };
        let change = names(&["日本", "a;b", "cat"], &["ours"]);
        let new = in_windows(&utf16("cat; two words;ours"), &change).unwrap();
        assert_eq!(new, utf16("cat; two words;日本"));
        assert_eq!(in_windows(&utf16(""), &change), None);
        assert_eq!(in_windows(&utf16("cat"), &names(&["cat"], &[])), None);
    }
}
