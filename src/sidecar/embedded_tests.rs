//! Looking into photos that are made here.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::iptc::tests::{data, photoshop};

const PACKET: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";

fn look(bytes: &[u8]) -> Embedded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo");
    fs::write(&path, bytes).unwrap();
    Embedded::read(&path).unwrap()
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
    let resources = photoshop(&data(keywords, true));
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
    let iptc = data(&[b"dog"], false);
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
        assert_eq!(found.iptc, ["dog"]);
    }
    assert_eq!(look(b"GIF89a and so on"), Embedded::default());
    assert_eq!(look(b""), Embedded::default());
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
