//! HEIC and AVIF (ISO/IEC 23008-12): all items that are not metadata, with their content, properties
//! and references, wherever they lie. Their orientation is a property.

use std::collections::{HashMap, HashSet};

use heifer::heifer_isobmff::BoxIter;
use heifer::heifer_isobmff::boxes::{
    ItemReference, parse_item_infos, parse_item_references, parse_primary_item,
    parse_property_associations,
};

use crate::decode::numbers::number;
use crate::decode::picture_hash::parts::Parts;

/// Phones' descriptions have some kilobytes.
const MOST_META_BYTES: usize = 16 << 20;
/// Properties that describe and date an item.
const NOTES: [&[u8; 4]; 3] = [b"udes", b"crtt", b"mdft"];

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    let meta = boxes(file).find(|(kind, _)| kind == b"meta")?.1;
    if meta.len() > MOST_META_BYTES {
        return None;
    }
    // Four bytes of version and flags come first.
    let within: HashMap<[u8; 4], &[u8]> = boxes(meta.get(4..)?).collect();
    let content = |kind: &[u8; 4]| within.get(kind).copied();
    let infos = parse_item_infos(content(b"iinf")?).ok()?;
    let is_picture = |kind: &[u8; 4]| !matches!(kind, b"Exif" | b"mime" | b"uri ");
    let infos = infos.iter().filter(|info| is_picture(&info.item_type.0));
    let ids: HashSet<u32> = infos.clone().map(|info| info.id).collect();
    let places = Places {
        file,
        idat: content(b"idat").unwrap_or_default(),
        entries: entries(content(b"iloc")?)?,
    };
    let properties = Properties::of(content(b"iprp")?)?;
    let references = match content(b"iref") {
        Some(iref) => parse_item_references(iref).ok()?,
        None => Vec::new(),
    };
    let primary = parse_primary_item(content(b"pitm")?).ok()?;
    if !ids.contains(&primary) {
        return None;
    }
    parts.add(b"pitm", &primary.to_le_bytes())?;
    for info in infos {
        parts.add(&info.item_type.0, &info.id.to_le_bytes())?;
        properties.add(parts, info.id)?;
        places.add(parts, info.id)?;
    }
    let of_pictures = references.iter().filter(|r| ids.contains(&r.from));
    of_pictures
        .map(|reference| add_reference(parts, reference))
        .collect()
}

fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let boxes = BoxIter::new(bytes).map_while(Result::ok);
    boxes.map(|part| (part.header.box_type.0, part.content))
}

fn add_reference(parts: &mut Parts, reference: &ItemReference) -> Option<()> {
    let ids = std::iter::once(&reference.from).chain(&reference.to);
    let ids: Vec<u8> = ids.flat_map(|id| id.to_le_bytes()).collect();
    parts.add(&reference.ref_type.0, &ids)
}

/// The properties of items.
struct Properties<'a> {
    all: Vec<([u8; 4], &'a [u8])>,
    of_items: HashMap<u32, Vec<u16>>,
}

impl<'a> Properties<'a> {
    fn of(iprp: &'a [u8]) -> Option<Self> {
        let all = boxes(iprp).find(|(kind, _)| kind == b"ipco")?.1;
        let mut of_items: HashMap<u32, Vec<u16>> = HashMap::new();
        for (_, ipma) in boxes(iprp).filter(|(kind, _)| kind == b"ipma") {
            for (id, associations) in parse_property_associations(ipma).ok()? {
                let indexes = associations.iter().map(|a| a.index);
                of_items.entry(id).or_default().extend(indexes);
            }
        }
        Some(Self {
            all: boxes(all).collect(),
            of_items,
        })
    }

    fn add(&self, parts: &mut Parts, id: u32) -> Option<()> {
        for index in self.of_items.get(&id).into_iter().flatten() {
            // They are numbered from 1; 0 is none.
            let Some(index) = usize::from(*index).checked_sub(1) else {
                continue;
            };
            let (kind, content) = self.all.get(index)?;
            if !NOTES.contains(&kind) {
                parts.add(kind, content)?;
            }
        }
        Some(())
    }
}

/// Where the content of items lies.
struct Places<'a> {
    file: &'a [u8],
    idat: &'a [u8],
    entries: HashMap<u32, Entry<'a>>,
}

/// An item's place as the box `iloc` has it.
struct Entry<'a> {
    /// 0: positions count from the start of the file, 1: of the box `idat`.
    method: u16,
    base: u64,
    extents: &'a [u8],
    /// The bytes of an extent's index, position and length.
    sizes: [usize; 3],
}

impl Places<'_> {
    fn add(&self, parts: &mut Parts, id: u32) -> Option<()> {
        // Some derived pictures have no content.
        let Some(entry) = self.entries.get(&id) else {
            return Some(());
        };
        let source = match entry.method {
            0 => self.file,
            1 => self.idat,
            _ => return None,
        };
        let [index, position, length] = entry.sizes;
        let mut content = Vec::new();
        for extent in entry.extents.chunks_exact(index + position + length) {
            let at = number(extent, false, index, position)?;
            let at = entry.base.checked_add(at)?;
            let bytes = number(extent, false, index + position, length)?;
            // 0 is everything to the end, metadata too.
            if bytes == 0 {
                return None;
            }
            let end = usize::try_from(at.checked_add(bytes)?).ok()?;
            content.push(source.get(usize::try_from(at).ok()?..end)?);
        }
        parts.add_pieces(b"item", content)
    }
}

/// The entries of the box `iloc` (ISO/IEC 14496-12, 8.11.3).
fn entries(iloc: &[u8]) -> Option<HashMap<u32, Entry<'_>>> {
    let mut rest = Rest(iloc);
    let version = rest.number(1)?;
    rest.number(3)?;
    let (sizes, more) = (rest.number(1)?, rest.number(1)?);
    let [position, length, base, index] = [sizes >> 4, sizes & 15, more >> 4, more & 15];
    let index = if version == 0 { 0 } else { index };
    let sizes = [index, position, length].map(|size| size as usize);
    let extent_bytes: usize = sizes.iter().sum();
    if version > 2 || extent_bytes == 0 || base > 8 || sizes.iter().any(|size| *size > 8) {
        return None;
    }
    let id_bytes = if version < 2 { 2 } else { 4 };
    let mut entries = HashMap::new();
    for _ in 0..rest.number(id_bytes)? {
        let id = rest.number(id_bytes)? as u32;
        let method = if version == 0 {
            0
        } else {
            rest.number(2)? & 15
        };
        // Which file: this one.
        rest.number(2)?;
        let base = rest.number(base as usize)?;
        let count = rest.number(2)? as usize;
        let extents = rest.take(count * extent_bytes)?;
        let entry = Entry {
            method: method as u16,
            base,
            extents,
            sizes,
        };
        entries.insert(id, entry);
    }
    Some(entries)
}

/// The bytes not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        number(self.take(bytes)?, false, 0, bytes)
    }
}
