//! The base of a new sidecar: the photo's own XMP packet and IPTC keywords, because some programs
//! ignore those as soon as there is a sidecar.

use std::collections::HashSet;

use crate::sidecar::edit::bytes::edit;
use crate::sidecar::edit::request::{Request, Terms};
use crate::sidecar::edit::splice::{Splice, apply};
use crate::sidecar::read::document::gap_start;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::encoding::Decoded;
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, read_values};
use crate::sidecar::read::namespaces::PHOTOSHOP;
use crate::sidecar::read::parse::parse;
use crate::sidecar::read::property::Properties;
use crate::sidecar::read::size::check_size;
use crate::sidecar::read::xml;

/// Returns a sidecar without any keyword of Taglens. It notes `for_extension` if its name does not
/// say which photo it belongs to.
pub(crate) fn base(embedded: &Embedded, for_extension: Option<&str>) -> Result<Vec<u8>, Fault> {
    let packet = embedded.xmp.as_deref().and_then(usable);
    let bytes = packet.unwrap_or_else(|| minimal(for_extension).into_bytes());
    let known = Keywords::of(&read_values(&bytes)?).unified();
    let known: HashSet<Vec<String>> = known.iter().map(Keyword::folded).collect();
    let (values, plain) = embedded.values();
    let all = Keywords::of(&values).with_plain(&plain).unified();
    let is_missing = |keyword: &&Keyword| !known.contains(&keyword.folded());
    let taken: Vec<Keyword> = all.iter().filter(is_missing).cloned().collect();
    let has_levels = taken.iter().any(|keyword| keyword.path().len() > 1);
    let subject = Properties {
        hierarchical: has_levels,
        digikam: has_levels,
        state: false,
        ..Properties::default()
    };
    // Without a record these count as the user's.
    let edited = edit(
        &bytes,
        &Request {
            wanted: &taken,
            confidences: &[],
            previously: None,
            properties: &subject,
            terms: Terms::default(),
        },
    )?;
    Ok(edited.bytes)
}

/// Turns an embedded packet into a file, without the padding that gives programs room inside a
/// photo. `None` if the packet is damaged.
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
    let text = without_padding(&without_extension(&decoded.text)?);
    let bytes = decoded.write(&text);
    check_size(&bytes).ok().map(|()| bytes)
}

/// Removes the name of an extended packet from the text, since a sidecar has none.
fn without_extension(text: &str) -> Option<String> {
    let document = parse(text).ok()?;
    let splices = document.extensions.iter().map(|range| {
        let start = gap_start(text, range.start);
        Splice::remove(start..range.end)
    });
    apply(text, splices.collect()).map(|(text, _)| text)
}

fn without_padding(text: &str) -> String {
    let Some(at) = text.rfind("<?xpacket end") else {
        return text.to_owned();
    };
    let packet = text[..at].trim_end_matches(xml::is_space);
    format!("{packet}\n{}\n", text[at..].trim_end_matches(xml::is_space))
}

/// Returns a sidecar without content.
pub(crate) fn minimal(for_extension: Option<&str>) -> String {
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
