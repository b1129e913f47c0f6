//! Mutates sidecars and looks for a panic or a broken promise.
//!
//! ```text
//! fuzz_sidecar [--seconds N] [--seed N] SIDECAR...
//! ```
//!
//! The mutations are of bytes and of XML's pieces; the same seed makes the same run. For every
//! mutated file that is accepted, the edit must read back, be the same when made again, and come
//! back to the byte; after a further mutation, no keyword that is not ours may go.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use taglens::sidecar::edit;
use taglens::sidecar::{Keyword, Properties, Request, Terms, read_keywords};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Pieces that turn one form into another.
const PIECES: &[&str] = &[
    "<rdf:Bag>",
    "</rdf:Bag>",
    "<rdf:Bag/>",
    "<rdf:li>",
    "</rdf:li>",
    "<rdf:li/>",
    "<rdf:Seq>",
    "<dc:subject>",
    "</dc:subject>",
    "<dc:subject/>",
    " dc:subject=\"x\"",
    " rdf:parseType=\"Resource\"",
    " rdf:parseType='Literal'",
    "<rdf:value>",
    "</rdf:value>",
    "<rdf:Description>",
    "/>",
    ">",
    "</rdf:Description>",
    "<rdf:Description rdf:about=''/>",
    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\"",
    " xmlns:lr='http://ns.adobe.com/lightroom/1.0/'",
    " xmlns:rdf='urn:x'",
    " xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'",
    "<!-- c -->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#x20;",
    "&#0;",
    "&lol;",
    "\r\n",
    "\r",
    "\u{FEFF}",
    "\0",
    "é",
    "😀",
    "<!DOCTYPE a>",
    "<?xpacket end='w'?>",
    "<?xml version='1.0'?>",
    "|",
    "/",
    "<lr:hierarchicalSubject>a|b</lr:hierarchicalSubject>",
    "<digiKam:TagsList/>",
    " rdf:value='v'",
    " rdf:resource='r'",
    " xml:lang='x'",
    "&lt;Categories&gt;",
    "&lt;/Category&gt;",
];

fn main() -> Result<()> {
    let mut seconds = 10;
    let mut seed = 1;
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => seconds = arguments.next().ok_or("how many seconds?")?.parse()?,
            "--seed" => seed = arguments.next().ok_or("which seed?")?.parse()?,
            path => files.push(fs::read(path)?),
        }
    }
    files.push(
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
          <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'/></rdf:RDF></x:xmpmeta>"
            .to_vec(),
    );
    let mut random = StdRng::seed_from_u64(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut tried, mut accepted) = (0_u64, 0_u64);
    while Instant::now() < end {
        let mut bytes = files[random.random_range(0..files.len())].clone();
        for _ in 0..random.random_range(0..4) {
            mutate(&mut bytes, &mut random);
        }
        if random.random_ratio(1, 10) {
            bytes = to_utf16(&bytes, &mut random);
        }
        tried += 1;
        match check(&bytes, &mut random) {
            Ok(true) => accepted += 1,
            Ok(false) => {}
            Err(error) => {
                fs::write("fuzz-finding.xmp", &bytes)?;
                return Err(format!("{error} (seed {seed}, try {tried}; fuzz-finding.xmp)").into());
            }
        }
    }
    println!("{tried} tried, {accepted} accepted, no finding");
    Ok(())
}

fn mutate(bytes: &mut Vec<u8>, random: &mut StdRng) {
    let at = random.random_range(0..=bytes.len());
    let length = random.random_range(0..40).min(bytes.len() - at);
    match random.random_range(0..6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + length)),
        2 if at < bytes.len() => bytes[at] = random.random(),
        3 => {
            let copy = bytes[at..at + length].to_vec();
            let to = random.random_range(0..=bytes.len());
            drop(bytes.splice(to..to, copy));
        }
        _ => {
            let piece = PIECES[random.random_range(0..PIECES.len())];
            // Most land between tags, where they make another sound file.
            let place = match random.random_ratio(3, 4) {
                true => bytes[at..]
                    .iter()
                    .position(|&b| b == b'>')
                    .map_or(at, |i| at + i + 1),
                false => at,
            };
            drop(bytes.splice(place..place, piece.bytes()));
        }
    }
}

fn to_utf16(bytes: &[u8], random: &mut StdRng) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let units = text.encode_utf16();
    match random.random() {
        true => units.flat_map(u16::to_le_bytes).collect(),
        false => units.flat_map(u16::to_be_bytes).collect(),
    }
}

/// Whether the file was accepted.
fn check(bytes: &[u8], random: &mut StdRng) -> Result<bool> {
    let wanted = [
        Keyword::new(["fuzz animal", "döx <&>"])?,
        Keyword::new(["fuzz flat"])?,
    ];
    let properties = match random.random() {
        true => Properties::EVERY,
        false => Properties::default(),
    };
    let request = |wanted, previously| Request {
        wanted,
        confidences: &[0.5, 0.25],
        previously,
        properties: &properties,
        terms: Terms::default(),
    };
    let Ok(added) = edit(bytes, &request(&wanted, None)) else {
        return Ok(false);
    };
    let before = read_keywords(bytes)?.unified();
    let after = read_keywords(&added.bytes)?.unified();
    for keyword in before.iter().chain(&wanted) {
        if !after.contains(keyword) {
            return Err(format!("{keyword:?} is lost").into());
        }
    }
    let again = edit(&added.bytes, &request(&wanted, Some(&added.record)))?;
    if again.bytes != added.bytes {
        return Err("a second edit changes the file".into());
    }
    let none = edit(&added.bytes, &request(&[], Some(&added.record)))?;
    if none.bytes != bytes {
        return Err("it does not come back to the byte".into());
    }
    let mut changed = added.bytes.clone();
    mutate(&mut changed, random);
    if let (Ok(keywords), Ok(none)) = (
        read_keywords(&changed),
        edit(&changed, &request(&[], Some(&added.record))),
    ) {
        let left = read_keywords(&none.bytes)?;
        let person = keywords
            .flat
            .iter()
            .filter(|name| !name.contains("fuzz") && **name != "döx <&>");
        for name in person {
            if !left.flat.contains(name) {
                return Err(format!("{name:?} of the person is lost").into());
            }
        }
    }
    Ok(true)
}
