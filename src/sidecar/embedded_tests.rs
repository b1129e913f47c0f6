//! Reads metadata from photos created here.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::sidecar::edit::base::base;
use crate::sidecar::read::bookkeeping::Bookkeeping;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::iptc::tests::{UTF8, data, photoshop};
use crate::sidecar::read::keywords::read_keywords;
use crate::sidecar::read::source::SourceContents;

const PACKET: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";

fn look(bytes: &[u8]) -> Embedded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    fs::write(&path, bytes).unwrap();
    Embedded::read(&path).unwrap()
}

/// The keywords of a photo as paths.
fn keywords(bytes: &[u8]) -> Vec<String> {
    let contents = SourceContents::of_embedded(&look(bytes), &Bookkeeping::default());
    contents
        .keywords
        .iter()
        .map(|k| k.path().join("|"))
        .collect()
}

/// A packet with these flat keywords.
fn packet(keywords: &[&str], more: &str) -> String {
    let items: String = keywords
        .iter()
        .map(|k| format!("<rdf:li>{k}</rdf:li>"))
        .collect();
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \
         xmlns:dc='http://purl.org/dc/elements/1.1/'{more}><dc:subject><rdf:Bag>{items}</rdf:Bag>\
         </dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

fn segments(parts: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\xff\xd8".to_vec();
    for (marker, content) in parts {
        out.extend([0xff, *marker]);
        out.extend((content.len() as u16 + 2).to_be_bytes());
        out.extend(content);
    }
    out.extend(b"\xff\xda\0\x02\x01\x02\xff\xd9");
    out
}

/// A JPEG with its XMP split into a packet and two parts of an extended one.
fn jpeg_with_extended_xmp(main: &[&str], extended: &[&str]) -> Vec<u8> {
    let guid = "0123456789ABCDEF0123456789ABCDEF";
    let note = format!(" xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{guid}'");
    let (main, extended) = (packet(main, &note), packet(extended, ""));
    let part = |guid: &str, range: std::ops::Range<usize>| {
        let mut part = b"http://ns.adobe.com/xmp/extension/\0".to_vec();
        part.extend(guid.as_bytes());
        part.extend((extended.len() as u32).to_be_bytes());
        part.extend((range.start as u32).to_be_bytes());
        part.extend(&extended.as_bytes()[range]);
        (0xe1, part)
    };
    let stale = "F".repeat(32);
    segments(&[
        (
            0xe1,
            [&b"http://ns.adobe.com/xap/1.0/\0"[..], main.as_bytes()].concat(),
        ),
        part(&stale, 0..extended.len()),
        part(guid, 100..extended.len()),
        part(guid, 0..100),
    ])
}

/// EXIF data with Windows' keywords, and a photo with nothing else.
fn exif(keywords: &str) -> Vec<u8> {
    let text: Vec<u8> = keywords
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut out = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x9e\x9c\x01\0".to_vec();
    out.extend((text.len() as u32).to_le_bytes());
    match text.len() {
        0..=4 => out.extend([&text[..], &[0, 0]].concat().into_iter().take(4)),
        _ => out.extend(26_u32.to_le_bytes()),
    }
    out.extend(0_u32.to_le_bytes());
    out.extend(text);
    out
}

fn raw_profile(name: &str, bytes: &[u8]) -> Vec<u8> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> = (0..hex.len())
        .step_by(72)
        .map(|at| &hex[at..(at + 72).min(hex.len())])
        .collect();
    format!("\n{name}\n{:8}\n{}\n", bytes.len(), lines.join("\n")).into_bytes()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn png_of(parts: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunk(b"IHDR", &[0; 13]));
    for (kind, content) in parts {
        out.extend(chunk(kind, content));
    }
    out.extend(chunk(b"IEND", b""));
    out
}

fn gif(packet: &[u8]) -> Vec<u8> {
    let mut out = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    out.extend(b"\x21\xfe\x05hello\0");
    out.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    out.extend(b"\x21\xff\x0bXMP DataXMP");
    out.extend(packet);
    out.push(1);
    out.extend((0..=255).rev());
    out.extend(b"\0;");
    out
}

pub(crate) fn jpeg(packet: &[u8], keywords: &[&[u8]]) -> Vec<u8> {
    let mut out = b"\xff\xd8".to_vec();
    let mut segment = |marker: u8, content: &[u8]| {
        out.extend([0xff, marker]);
        out.extend((content.len() as u16 + 2).to_be_bytes());
        out.extend(content);
    };
    segment(0xe0, b"JFIF\0");
    segment(0xe1, b"Exif\0\0");
    segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet].concat());
    let resources = photoshop(&data(keywords, UTF8));
    let (first, second) = resources.split_at(20);
    segment(0xed, &[b"Photoshop 3.0\0", first].concat());
    segment(0xed, &[b"Photoshop 3.0\0", second].concat());
    out.extend(b"\xff\xda\0\x02\x01\x02\xff\xd9");
    out
}

fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length, kind, content, &[0; 4]].concat()
}

fn png(compressed: bool) -> Vec<u8> {
    let mut text = b"XML:com.adobe.xmp\0".to_vec();
    text.extend([u8::from(compressed), 0, b'e', b'n', 0, 0]);
    if compressed {
        let mut encoder = ZlibEncoder::new(&mut text, Compression::fast());
        encoder.write_all(PACKET).unwrap();
        encoder.finish().unwrap();
    } else {
        text.extend(PACKET);
    }
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0; 13]),
        chunk(b"iTXt", b"Comment\0\0\0\0\0hello"),
        chunk(b"IDAT", &[0; 30]),
        chunk(b"iTXt", &text),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn webp() -> Vec<u8> {
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    for (kind, content) in [(b"VP8 ", &b"odd"[..]), (b"XMP ", PACKET)] {
        out.extend(kind);
        out.extend((content.len() as u32).to_le_bytes());
        out.extend(content);
        out.extend(vec![0; content.len() % 2]);
    }
    out
}

fn tiff(little: bool) -> Vec<u8> {
    let short = |n: u16| match little {
        true => n.to_le_bytes(),
        false => n.to_be_bytes(),
    };
    let long = |n: u32| match little {
        true => n.to_le_bytes(),
        false => n.to_be_bytes(),
    };
    let iptc = data(&[b"dog"], b"");
    let mut out = if little {
        b"II".to_vec()
    } else {
        b"MM".to_vec()
    };
    out.extend(short(42));
    out.extend(long(8));
    out.extend(short(3));
    let start = 8 + 2 + 3 * 12 + 4;
    let parts = [
        (256, 3, 1, 0),
        (700, 1, PACKET.len(), start),
        (33723, 7, iptc.len(), start + PACKET.len()),
    ];
    for (tag, kind, count, offset) in parts {
        out.extend([short(tag), short(kind)].concat());
        out.extend([long(count as u32), long(offset as u32)].concat());
    }
    out.extend(long(0));
    out.extend(PACKET);
    out.extend(iptc);
    out
}

fn cr3() -> Vec<u8> {
    let mut out = b"\0\0\0\x10ftypcrx \0\0\0\x01".to_vec();
    out.extend(b"\0\0\0\x01free\0\0\0\0\0\0\0\x12ab");
    out.extend((24 + PACKET.len() as u32).to_be_bytes());
    out.extend(b"uuid\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac");
    out.extend(PACKET);
    out
}

fn media_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32 + 8).to_be_bytes();
    [&length[..], kind, content].concat()
}

/// A HEIC without a picture: one item of EXIF in the file, and one of XMP in two parts.
fn heic(exif: &[u8], xmp: &[u8]) -> Vec<u8> {
    let item = |id: u8, kind: &[u8; 4], rest: &[u8]| {
        let content = [&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], rest].concat();
        media_box(b"infe", &content)
    };
    let items = [
        item(1, b"hvc1", b"\0"),
        item(2, b"Exif", b"\0"),
        item(3, b"mime", b"\0application/rdf+xml\0"),
    ];
    let items = media_box(b"iinf", &[&b"\0\0\0\0\0\x03"[..], &items.concat()].concat());
    let exif = [&8_u32.to_be_bytes()[..], b"anything", exif].concat();
    let whole = |start: u32| {
        let half = xmp.len() as u32 / 2;
        let extent = |from: u32, length: u32| [from.to_be_bytes(), length.to_be_bytes()].concat();
        let xmp_start = start + exif.len() as u32;
        let rest = xmp.len() as u32 - half;
        let places = [
            b"\0\0\0\0\x44\0\0\x02".to_vec(),
            b"\0\x02\0\0\0\x01".to_vec(),
            extent(start, exif.len() as u32),
            b"\0\x03\0\0\0\x02".to_vec(),
            extent(xmp_start, half),
            extent(xmp_start + half, rest),
        ];
        let parts = [
            b"\0\0\0\0".to_vec(),
            media_box(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            media_box(b"pitm", b"\0\0\0\0\0\x01"),
            items.clone(),
            media_box(b"iloc", &places.concat()),
        ];
        [
            media_box(b"ftyp", b"heic\0\0\0\0mif1heic"),
            media_box(b"meta", &parts.concat()),
            media_box(b"mdat", &[&exif, xmp].concat()),
        ]
    };
    let start = whole(0)[..2].iter().map(Vec::len).sum::<usize>() + 8;
    whole(start as u32).concat()
}

#[test]
fn the_items_of_a_heic_are_looked_at() {
    let xmp = packet(&["Rome"], "");
    let photo = heic(&exif("Forum")[6..], xmp.as_bytes());
    assert_eq!(look(&photo).xmp.as_deref(), Some(xmp.as_bytes()));
    assert_eq!(keywords(&photo), ["Rome", "Forum"]);
    for cut in 0..photo.len() {
        look(&photo[..cut]);
    }
}

#[test]
fn finds_the_packet_and_the_keywords() {
    for (name, bytes) in [
        ("png", png(false)),
        ("png, compressed", png(true)),
        ("webp", webp()),
        ("cr3", cr3()),
    ] {
        assert_eq!(look(&bytes).xmp.as_deref(), Some(PACKET), "{name}");
    }
    for bytes in [jpeg(PACKET, &[b"dog"]), tiff(true), tiff(false)] {
        let found = look(&bytes);
        assert_eq!(found.xmp.as_deref(), Some(PACKET));
        assert_eq!(keywords(&bytes), ["dog"]);
    }
    assert_eq!(look(b"GIF89a and so on"), Embedded::default());
    assert_eq!(look(b""), Embedded::default());
}

#[test]
fn every_place_of_a_png_and_a_gif_is_looked_at() {
    let xmp = packet(&["Rome"], "");
    let iptc = photoshop(&data(&[b"Rome"], b""));
    let app1 = [b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()].concat();
    let named = |name: &str, between: &[u8], text: &[u8]| {
        [
            format!("Raw profile type {name}\0").as_bytes(),
            between,
            text,
        ]
        .concat()
    };
    let photos = [
        gif(xmp.as_bytes()),
        png_of(&[(
            b"tEXt",
            named("xmp", b"", &raw_profile("xmp", xmp.as_bytes())),
        )]),
        png_of(&[(
            b"zTXt",
            named("xmp", b"\0", &deflated(&raw_profile("xmp", xmp.as_bytes()))),
        )]),
        png_of(&[(
            b"zTXt",
            named("APP1", b"\0", &deflated(&raw_profile("generic", &app1))),
        )]),
        png_of(&[(
            b"zTXt",
            named("iptc", b"\0", &deflated(&raw_profile("iptc", &iptc))),
        )]),
        png_of(&[(
            b"zTXt",
            named(
                "exif",
                b"\0",
                &deflated(&raw_profile("exif", &exif("Rome"))),
            ),
        )]),
        png_of(&[(b"eXIf", exif("Rome")[6..].to_vec())]),
        segments(&[(0xe1, exif("Rome"))]),
    ];
    for photo in photos {
        assert_eq!(
            keywords(&photo),
            ["Rome"],
            "{}",
            String::from_utf8_lossy(&photo)
        );
    }
    assert_eq!(keywords(&segments(&[(0xe1, exif("a"))])), ["a"]);
}

#[test]
fn a_packet_that_goes_on_in_another_is_read_whole() {
    let photo = jpeg_with_extended_xmp(&["main"], &["one", "two"]);
    assert_eq!(keywords(&photo), ["main", "one", "two"]);
    // A missing part is damage, and the rest is not a packet.
    let cut = photo.len() - 250;
    assert_eq!(keywords(&photo[..cut]), ["main"]);
}

#[test]
fn a_new_sidecar_takes_over_an_extended_packet_and_does_not_name_it() {
    let photo = look(&jpeg_with_extended_xmp(&["main"], &["one", "two"]));
    let bytes = base(&photo, None).unwrap();
    let found = read_keywords(&bytes).unwrap();
    assert_eq!(found.flat, ["main", "one", "two"]);
    assert!(!String::from_utf8(bytes).unwrap().contains("HasExtendedXMP"));
}

#[test]
fn what_windows_wrote_is_one_tag_and_yields_to_xmp() {
    let photo = |xmp: &str, windows: &str| {
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()].concat();
        segments(&[(0xe1, exif(windows)), (0xe1, xmp)])
    };
    let microsoft = " xmlns:m='http://ns.microsoft.com/photo/1.0/' m:LastKeywordXMP='AC/DC'";
    let both = photo(&packet(&["AC/DC", "Rome"], microsoft), "AC/DC;Rome");
    assert_eq!(keywords(&both), ["AC/DC", "Rome"]);
    assert_eq!(
        keywords(&segments(&[(0xe1, exif("AC/DC; Rome ;"))])),
        ["AC/DC", "Rome"]
    );
    let lightroom =
        " xmlns:lr='http://ns.adobe.com/lightroom/1.0/' lr:hierarchicalSubject='Places|Italy'";
    let paths = photo(&packet(&["Italy"], lightroom), "italy;Places/Italy");
    assert_eq!(keywords(&paths), ["Places|Italy"]);
}

#[test]
fn damage_is_nothing_to_take_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    for bytes in [
        jpeg(PACKET, &[b"dog"]),
        png(true),
        webp(),
        tiff(true),
        cr3(),
        gif(PACKET),
        jpeg_with_extended_xmp(&["a"], &["b"]),
        segments(&[(0xe1, exif("Rome"))]),
        png_of(&[(b"tEXt", raw_profile("Raw profile type xmp\0xmp", PACKET))]),
    ] {
        for cut in 0..bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            Embedded::read(&path).unwrap();
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] = 0xff;
            fs::write(&path, &bytes).unwrap();
            Embedded::read(&path).unwrap();
        }
    }
}
