//! Directories of TIFF for tests.

/// An entry's tag, its kind, and the bytes of its values.
pub(super) type Entry = (u16, u16, Vec<u8>);

/// A directory of TIFF, least byte first, at `at`. Long values follow it.
pub(super) fn directory(at: usize, entries: &[Entry]) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_le_bytes().to_vec();
    let (mut values, after) = (Vec::<u8>::new(), at + 2 + 12 * entries.len() + 4);
    for (tag, kind, value) in entries {
        let size = match kind {
            3 => 2,
            4 => 4,
            5 | 10 => 8,
            _ => 1,
        };
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(((value.len() / size) as u32).to_le_bytes());
        if value.len() <= 4 {
            let mut short = value.clone();
            short.resize(4, 0);
            bytes.extend(short);
        } else {
            bytes.extend(((after + values.len()) as u32).to_le_bytes());
            values.extend(value);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(values);
    bytes
}

/// A photo of a maker, with notes made for the place where they are.
pub(super) fn photo(make: &str, more: &[Entry], notes: &dyn Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let make: Entry = (0x010f, 2, [make.as_bytes(), b"\0"].concat());
    let of = |exif_at: usize, notes: Vec<u8>| {
        let exif: Entry = (0x8769, 4, (exif_at as u32).to_le_bytes().to_vec());
        let first = directory(8, &[make.clone(), exif]);
        let mut fields = vec![(0x927c, 7, notes)];
        fields.extend_from_slice(more);
        fields.sort();
        [
            &b"II*\0\x08\0\0\0"[..],
            &first,
            &directory(exif_at, &fields),
        ]
        .concat()
    };
    let exif_at = of(0, Vec::new()).len() - directory(0, more).len() - 12;
    // The notes follow the directory's entries and the values before them, of which there are none.
    let notes = notes(exif_at + 2 + 12 * (1 + more.len()) + 4);
    of(exif_at, notes)
}

pub(super) fn fractions(parts: &[(u32, u32)]) -> Vec<u8> {
    let parts = parts.iter().flat_map(|(above, below)| [*above, *below]);
    parts.flat_map(u32::to_le_bytes).collect()
}

pub(super) fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

pub(super) fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}
