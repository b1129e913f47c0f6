//! Embeds keywords into photos made here, and into those of other programs where they are available.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;

use crate::sidecar::edit::record::Record;
use crate::sidecar::edit_tests::{keyword, request};
use crate::sidecar::embed::{Container, Edit, apply, edit, inverse, verify};
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::iptc::tests::{UTF8, data, photoshop};
use crate::sidecar::read::refusal::Refusal;
use crate::sidecar::{Keyword, Properties};

/// A packet with a keyword, and this much padding.
fn packet(padding: usize) -> Vec<u8> {
    let text = "<?xpacket begin='\u{FEFF}' id='W5M0MpCehiHzreSzNTczkc9d'?>\n\
        <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
        xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
        xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' \
        xmp:Rating='4'><dc:subject><rdf:Bag><rdf:li>mine</rdf:li></rdf:Bag></dc:subject>\
        </rdf:Description></rdf:RDF></x:xmpmeta>\n";
    format!("{text}{}<?xpacket end='w'?>", " ".repeat(padding)).into_bytes()
}

/// A picture with transparency, encoded.
pub(super) fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbaImage::from_fn(19, 13, |x, y| {
        Rgba([
            (x * 13) as u8,
            (y * 19) as u8,
            (x * y) as u8,
            (200 + x) as u8,
        ])
    });
    let mut picture = DynamicImage::from(picture);
    if format == ImageFormat::Jpeg {
        picture = picture.to_rgb8().into();
    }
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with these segments behind its first marker.
pub(super) fn jpeg(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let picture = picture(ImageFormat::Jpeg);
    let mut bytes = picture[..2].to_vec();
    for (marker, content) in segments {
        bytes.extend([0xff, *marker]);
        bytes.extend((content.len() as u16 + 2).to_be_bytes());
        bytes.extend(content);
    }
    bytes.extend(&picture[2..]);
    bytes
}

/// The JPEG without its JFIF segment, as cameras write it: EXIF comes first.
pub(super) fn without_jfif(bytes: &[u8]) -> Vec<u8> {
    let at = memchr::memmem::find(bytes, b"JFIF").unwrap() - 4;
    let length = u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]);
    let rest = &bytes[at + 2 + usize::from(length)..];
    [&bytes[..at], rest].concat()
}

pub(super) fn xmp(padding: usize) -> (u8, Vec<u8>) {
    (0xe1, [super::jpeg::XMP, &packet(padding)].concat())
}

/// EXIF data with Windows' keywords before its last value.
pub(super) fn exif(keywords: &str) -> (u8, Vec<u8>) {
    let text: Vec<u8> = keywords.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut block = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    block.extend(b"\x10\x01\x02\0\x06\0\0\0\x26\0\0\0");
    block.extend(b"\x9e\x9c\x01\0");
    block.extend((text.len() as u32).to_le_bytes());
    block.extend(44_u32.to_le_bytes());
    block.extend([0; 4]);
    block.extend(b"Model\0");
    block.extend(text);
    (0xe1, block)
}

fn extension(container: Container) -> &'static str {
    match container {
        Container::Tiff => "tif",
        _ => "",
    }
}

fn edited(bytes: &[u8], wanted: &[Keyword], before: Option<&Record>) -> Result<Edit, Refusal> {
    let container = Container::of(bytes, "tif")?;
    edit(
        bytes,
        container,
        &request(wanted, before, &Properties::default()),
    )
}

/// The keywords that a photo has, wherever they are.
pub(super) fn keywords(bytes: &[u8]) -> Vec<String> {
    let (values, plain) = Embedded::of_bytes(bytes).values();
    let all = crate::sidecar::read::keywords::Keywords::of(&values).with_plain(&plain);
    let mut all: Vec<String> = all.unified().iter().map(|k| k.path().join("|")).collect();
    all.sort();
    all
}

/// Embeds two keywords, checks the file, embeds again, takes one out, and takes all back. Returns
/// the file with both.
pub(super) fn there_and_back(name: &str, old: &[u8]) -> Result<Vec<u8>, Refusal> {
    let wanted = [keyword("animal|Ünique döggy & co"), keyword("flat one")];
    let container = Container::of(old, "tif")?;
    let edit = edited(old, &wanted, None)?;
    let new = apply(old, &edit.patches).unwrap();
    verify(old, &new, container, &edit)?;
    assert_eq!(
        Container::of(&new, extension(container)).unwrap(),
        container
    );
    let back = inverse(old, &edit.patches).unwrap();
    assert!(
        apply(&new, &back).unwrap() == old,
        "{name} does not come back"
    );
    let mut expected = keywords(old);
    expected.extend(wanted.iter().map(|k| k.path().join("|")));
    expected.sort();
    expected.dedup();
    assert_eq!(keywords(&new), expected, "{name}");
    let twice = edited(&new, &wanted, Some(&edit.record))?;
    assert!(twice.patches.is_empty(), "{name} changes twice");
    assert_eq!(twice.record, edit.record, "{name}");
    // Taking one out uses the room that is there.
    let fewer = edited(&new, &wanted[1..], Some(&edit.record))?;
    let less = apply(&new, &fewer.patches).unwrap();
    verify(&new, &less, container, &fewer)?;
    let gone = "animal|Ünique döggy & co".to_owned();
    assert!(!keywords(&less).contains(&gone), "{name}");
    let again = edited(&less, &wanted, Some(&fewer.record))?;
    let more = apply(&less, &again.patches).unwrap();
    verify(&less, &more, container, &again)?;
    assert_eq!(keywords(&more), expected, "{name}");
    Ok(new)
}

#[test]
fn every_format_comes_back_to_the_byte() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let old = picture(format);
        let new = there_and_back(&format!("{format:?}"), &old).unwrap();
        let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
        assert!(decoded(&old) == decoded(&new), "{format:?}");
    }
    for old in [
        tiff(true, false),
        tiff(false, false),
        tiff(true, true),
        tiff(false, true),
    ] {
        let new = there_and_back("TIFF", &old).unwrap();
        // Nothing moves: only the place of the directory differs before the old end.
        let same = old.iter().zip(&new).filter(|(a, b)| a == b).count();
        assert!(same + 8 >= old.len());
    }
}

/// A TIFF file of one grey pixel, without XMP.
fn tiff(little: bool, big: bool) -> Vec<u8> {
    let put = |number: u64, length: usize| match little {
        true => number.to_le_bytes()[..length].to_vec(),
        false => number.to_be_bytes()[8 - length..].to_vec(),
    };
    let word = if big { 8 } else { 4 };
    let mut bytes = if little {
        b"II".to_vec()
    } else {
        b"MM".to_vec()
    };
    bytes.extend(put(if big { 43 } else { 42 }, 2));
    if big {
        bytes.extend([put(8, 2), put(0, 2)].concat());
    }
    let first = 4 * word;
    bytes.extend(put(first, word as usize));
    bytes.resize(first as usize - 1, 0);
    bytes.push(77);
    let entries: [(u64, u64); 6] = [
        (256, 1),
        (257, 1),
        (258, 8),
        (262, 1),
        (273, first - 1),
        (279, 1),
    ];
    bytes.extend(put(entries.len() as u64, if big { 8 } else { 2 }));
    for (tag, value) in entries {
        bytes.extend([put(tag, 2), put(4, 2), put(1, word as usize)].concat());
        bytes.extend(put(value, 4));
        bytes.resize(bytes.len() + word as usize - 4, 0);
    }
    bytes.extend(put(0, word as usize));
    bytes
}

#[test]
fn padding_keeps_a_jpegs_length_and_its_end_in_place() {
    let old = jpeg(&[xmp(4000)]);
    let new = there_and_back("padded", &old).unwrap();
    assert_eq!(new.len(), old.len());
    let old = jpeg(&[xmp(10)]);
    let new = there_and_back("full", &old).unwrap();
    assert!(new.len() > old.len() + 1000);
    assert!(new.ends_with(&old[old.len() - 300..]));
}

#[test]
fn other_keywords_are_kept_in_step_where_there_are_some() {
    let resources = |keywords: &[&[u8]]| {
        let block = photoshop(&data(keywords, UTF8));
        (0xed, [super::jpeg::PHOTOSHOP, &block].concat())
    };
    let old = jpeg(&[exif("old; words"), xmp(4000), resources(&[b"theirs"])]);
    let new = there_and_back("in step", &old).unwrap();
    let embedded = Embedded::of_bytes(&new);
    let dog = "Ünique döggy & co";
    assert_eq!(embedded.windows, ["old", "words", dog, "flat one"]);
    let known = std::collections::HashSet::new();
    assert_eq!(
        embedded.iptc.keywords_beside(&known),
        ["theirs", dog, "flat one"]
    );
    // Programs that find keywords in XMP ignore those elsewhere.
    let text = String::from_utf8(embedded.xmp.unwrap()).unwrap();
    for name in ["mine", "theirs", "old", "words"] {
        assert!(text.contains(&format!("<rdf:li>{name}</rdf:li>")), "{name}");
    }
    // Without keywords, IPTC and EXIF stay as they are.
    let old = jpeg(&[exif(""), resources(&[])]);
    let new = there_and_back("none", &old).unwrap();
    let embedded = Embedded::of_bytes(&new);
    assert!(embedded.windows.is_empty() && embedded.iptc.is_empty());
}

/// A JPEG with a second picture behind it, and the index that says where.
fn with_index(before: &[(u8, Vec<u8>)], after: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let second = picture(ImageFormat::Jpeg);
    let index = |length: u32, size: u32, offset: u32| {
        let mut index =
            b"MPF\0MM\0*\0\0\0\x08\0\x01\xb0\x02\0\x07\0\0\0\x20\0\0\0\x1a\0\0\0\0".to_vec();
        for (attribute, size, offset) in [(0x0003_0000_u32, length, 0), (0, size, offset)] {
            index.extend(attribute.to_be_bytes());
            index.extend(size.to_be_bytes());
            index.extend(offset.to_be_bytes());
            index.extend([0; 4]);
        }
        (0xe2, index)
    };
    let all = |length, offset| {
        let index = index(length, second.len() as u32, offset);
        jpeg(&[before, &[index], after].concat())
    };
    let first = all(0, 0);
    let header = memchr::memmem::find(&first, b"MPF\0").unwrap() + 4;
    let length = first.len() as u32;
    let mut bytes = all(length, length - header as u32);
    bytes.extend(second);
    bytes
}

#[test]
fn the_index_of_pictures_stays_true() {
    for old in [
        with_index(&[xmp(0)], &[]),
        with_index(&[], &[xmp(0)]),
        with_index(&[], &[]),
    ] {
        let new = there_and_back("MPF", &old).unwrap();
        let header = memchr::memmem::find(&new, b"MPF\0").unwrap() + 4;
        let (pictures, _) = super::mpf::pictures(&new, header).unwrap();
        let [first, second] = pictures.as_slice() else {
            panic!("{pictures:?}");
        };
        assert_eq!(first.length, second.at);
        assert_eq!(&new[second.at..], picture(ImageFormat::Jpeg));
    }
    let mut cut = with_index(&[], &[]);
    cut.truncate(cut.len() - 1);
    let refused = there_and_back("cut", &cut).unwrap_err().to_string();
    assert!(refused.contains("MPF"), "{refused}");
}

#[test]
fn what_must_not_change_is_refused_with_the_reason() {
    let guid = "0123456789ABCDEF0123456789ABCDEF";
    let mut extended = b"http://ns.adobe.com/xmp/extension/\0".to_vec();
    extended.extend(guid.as_bytes());
    extended.extend((packet(0).len() as u32).to_be_bytes());
    extended.extend([0; 4]);
    extended.extend(packet(0));
    let main = String::from_utf8(packet(9)).unwrap();
    let note =
        format!("xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{guid}' xmp:Rating");
    let main = main.replace("xmp:Rating", &note).into_bytes();
    let main = (0xe1, [super::jpeg::XMP, &main].concat());
    let mut pointed = jpeg(&[exif("")]);
    let at = memchr::memmem::find(&pointed, b"\x9e\x9c\x01\0").unwrap();
    let preview = (pointed.len() - 12) as u32;
    pointed[at + 8..at + 12].copy_from_slice(&preview.to_le_bytes());
    pointed.extend(picture(ImageFormat::Jpeg));
    let hidden = |mark: &[u8]| (0xe1, [mark, &packet(9)].concat());
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (jpeg(&[xmp(9), xmp(9)]), "two XMP packets"),
        // As Flickr gives photos away, and the like.
        (
            jpeg(&[hidden(b"XMP\0://ns.adobe.com/xap/1.0/\0")]),
            "a mark",
        ),
        (jpeg(&[hidden(b"http://ns.adobe.com/xap/1.0/")]), "a mark"),
        (jpeg(&[xmp(9), hidden(b"")]), "a mark"),
        (
            jpeg(&[(0xeb, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb....".to_vec())]),
            "signed",
        ),
        (jpeg(&[main, (0xe1, extended)]), "extended XMP"),
        (
            jpeg(&[(0xe1, [super::jpeg::XMP, b"<a>"].concat())]),
            "XMP: line 1",
        ),
        (pointed, "behind"),
        (b"\xff\xd8\xff\xe1\0\x10cut".to_vec(), "cut off"),
        (b"\xff\xd8\xff\xd9".to_vec(), "damaged"),
        (b"GIF89a".to_vec(), "not written into"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "last chunk"),
        (b"RIFF\x20\0\0\0WEBPVP8 ".to_vec(), "length"),
        (b"II*\0\xff\xff\0\0".to_vec(), "directory"),
    ];
    for (bytes, word) in cases {
        let refused = edited(&bytes, &[keyword("dog")], None)
            .unwrap_err()
            .to_string();
        assert!(refused.contains(word), "{word}: {refused}");
    }
}

#[test]
fn any_other_change_is_noticed() {
    let wanted = [keyword("dog")];
    let mut files = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]
        .map(picture)
        .to_vec();
    files.push(tiff(true, false));
    files.push(with_index(&[xmp(0)], &[exif("words")]));
    for old in files {
        let container = Container::of(&old, "tif").unwrap();
        let edit = edited(&old, &wanted, None).unwrap();
        let new = apply(&old, &edit.patches).unwrap();
        verify(&old, &new, container, &edit).unwrap();
        let mut missed = Vec::new();
        for at in 0..new.len() {
            let mut wrong = new.clone();
            wrong[at] ^= 0x55;
            if verify(&old, &wrong, container, &edit).is_ok() {
                missed.push(at);
            }
        }
        assert!(missed.is_empty(), "{container:?}: {missed:?}");
        assert!(verify(&old, &new[..new.len() - 1], container, &edit).is_err());
    }
}

/// The photos of other programs.
#[test]
fn photos_of_other_programs_come_back_to_the_byte() {
    let Some(shared) = std::env::var_os("TAGLENS_SHARED") else {
        return;
    };
    let mut folders = vec![PathBuf::from(shared)];
    let mut counts = std::collections::BTreeMap::<String, [usize; 2]>::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let extension = path.extension().unwrap_or_default();
            let extension = extension.to_string_lossy().to_lowercase();
            let bytes = fs::read(&path).unwrap_or_default();
            if Container::of(&bytes, &extension).is_err() {
                continue;
            }
            let result = there_and_back(&path.display().to_string(), &bytes);
            let count = counts.entry(extension).or_default();
            match result {
                Ok(_) => count[0] += 1,
                Err(Refusal::Unsound { reason }) => panic!("{}: {reason}", path.display()),
                Err(refused) => {
                    println!("{}: {refused}", path.display());
                    count[1] += 1;
                }
            }
        }
    }
    println!("{counts:?}");
    assert!(counts.values().map(|[written, _]| written).sum::<usize>() > 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn taking_an_edit_back_is_the_identity(
        names in prop::collection::vec("[a-zé日|]{1,12}", 1..6),
        padding in 0_usize..3000,
        theirs in prop::collection::vec("[a-zü]{1,70}", 0..4),
        trailer in prop::collection::vec(any::<u8>(), 0..40),
        kind in 0..6,
    ) {
        let wanted = names.iter().filter_map(|name| Keyword::new(name.split('|')).ok());
        let wanted: Vec<Keyword> = wanted.collect();
        let their: Vec<&[u8]> = theirs.iter().map(|name| name.as_bytes()).collect();
        let block = photoshop(&data(&their, UTF8));
        let mut old = match kind {
            0 => jpeg(&[xmp(padding), (0xed, [super::jpeg::PHOTOSHOP, &block].concat())]),
            1 => with_index(&[exif(&theirs.join(";"))], &[xmp(padding)]),
            2 => picture(ImageFormat::Png),
            3 => picture(ImageFormat::WebP),
            4 => without_jfif(&jpeg(&[exif(&theirs.join(";"))])),
            _ => tiff(padding % 2 == 0, padding % 3 == 0),
        };
        old.extend(trailer);
        let container = Container::of(&old, "tif").unwrap();
        let edit = edited(&old, &wanted, None).unwrap();
        let new = apply(&old, &edit.patches).unwrap();
        verify(&old, &new, container, &edit).unwrap();
        let back = inverse(&old, &edit.patches).unwrap();
        prop_assert!(apply(&new, &back).unwrap() == old);
    }
}

#[test]
fn a_file_is_named_by_its_format() {
    for (bytes, extension, name) in [
        (&b"\0\0\0\x18ftypheic"[..], "heic", "HEIC"),
        (b"\0\0\0\x18ftypavif", "avif", "AVIF"),
        (b"II*\0\x10\0\0\0CR\x02", "cr2", "raw"),
        (b"GIF89a", "gif", "GIF"),
    ] {
        let refused = Container::of(bytes, extension).unwrap_err();
        assert_eq!(refused.format(), Some(name));
    }
}
