//! What a new sidecar starts from: the photo's own XMP packet and IPTC keywords, since some
//! programs leave those out of account as soon as there is a sidecar.

use crate::sidecar::edit::bytes::{Request, edit};
use crate::sidecar::read::document::PHOTOSHOP;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::iptc::KEYWORD_BYTES;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::read_keywords;
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::{Properties, Property};
use crate::sidecar::read::size::check_size;
use crate::sidecar::read::xml;

/// A sidecar without any keyword of Taglens. `for_extension` is noted where the name of the sidecar
/// does not tell whose it is.
pub(crate) fn base(embedded: &Embedded, for_extension: Option<&str>) -> Result<Vec<u8>, Fault> {
    let packet = embedded.xmp.as_deref().and_then(usable);
    let bytes = packet.unwrap_or_else(|| minimal(for_extension).into_bytes());
    let known = read_keywords(&bytes)?;
    let mut names: Vec<&str> = known.flat.iter().map(String::as_str).collect();
    names.extend(
        known
            .paths
            .iter()
            .flat_map(|k| k.path())
            .map(String::as_str),
    );
    // IPTC has no room for more than 64 bytes, so that what fills them may be the start of one.
    let is_known = |keyword: &str| {
        let cut = keyword.len() + 4 > KEYWORD_BYTES;
        names
            .iter()
            .any(|name| *name == keyword || (cut && name.starts_with(keyword)))
    };
    let taken: Vec<Keyword> = embedded
        .iptc
        .iter()
        .filter(|keyword| !is_known(keyword))
        .filter_map(|keyword| Property::Subject.parse(keyword))
        .collect();
    let subject = Properties {
        hierarchical: false,
        digikam: false,
        state: false,
        ..Properties::default()
    };
    // Without the record these are the person's.
    let edited = edit(
        &bytes,
        &Request {
            wanted: &taken,
            confidences: &[],
            previously: None,
            properties: &subject,
        },
    )?;
    Ok(edited.bytes)
}

/// An embedded packet as a file: sound, and without the padding that leaves programs room inside a
/// photo. `None` where it cannot be used.
fn usable(packet: &[u8]) -> Option<Vec<u8>> {
    let end = packet.iter().rposition(|&byte| byte != 0)? + 1;
    // The last byte of UTF-16 text of either order may be 0.
    let ends = [end, (end + 1).min(packet.len())];
    let read = |&end: &usize| {
        let decoded = Decoded::read(&packet[..end]).ok()?;
        let document = parse(&decoded.text).ok()?;
        let is_xmp = document.rdf.is_some() || document.meta.is_some();
        is_xmp.then_some(()).map(|()| decoded)
    };
    let decoded = ends.iter().find_map(read)?;
    let bytes = decoded.write(&without_padding(&decoded.text));
    check_size(&bytes).ok().map(|()| bytes)
}

fn without_padding(text: &str) -> String {
    let Some(at) = text.rfind("<?xpacket end") else {
        return text.to_owned();
    };
    let packet = text[..at].trim_end_matches(xml::is_space);
    format!("{packet}\n{}\n", text[at..].trim_end_matches(xml::is_space))
}

/// A sidecar that says nothing.
fn minimal(for_extension: Option<&str>) -> String {
    let hint = for_extension.map(|extension| {
        format!(
            "\n    xmlns:photoshop=\"{PHOTOSHOP}\"\n   photoshop:SidecarForExtension=\"{}\"",
            xml::escape(extension)
        )
    });
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Taglens\">\n \
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
         <rdf:Description rdf:about=\"\"{}>\n  </rdf:Description>\n \
         </rdf:RDF>\n\
         </x:xmpmeta>\n\
         <?xpacket end=\"w\"?>\n",
        hint.unwrap_or_default()
    )
}
