//! The XMP properties for the capture time.

use crate::core::capture::{CaptureTime, NotedTimes};
use crate::sidecar::read::namespaces::PHOTOSHOP;

/// The namespace of EXIF in XMP.
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
/// The namespace of XMP's basic properties.
const XMP: &str = "http://ns.adobe.com/xap/1.0/";

/// A property for the capture time, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateProperty {
    /// `exif:DateTimeOriginal`.
    Original,
    /// `photoshop:DateCreated`: the time of the original, such as a scanned print.
    Created,
    /// `xmp:CreateDate`: the time of digitizing.
    Digitized,
}

impl DateProperty {
    /// The property with this name.
    pub(crate) fn named(uri: &str, local: &str) -> Option<Self> {
        match (uri, local) {
            (EXIF, "DateTimeOriginal") => Some(Self::Original),
            (PHOTOSHOP, "DateCreated") => Some(Self::Created),
            (XMP, "CreateDate") => Some(Self::Digitized),
            _ => None,
        }
    }
}

/// Parses the values of properties, and ignores invalid ones.
pub(crate) fn times_of(dates: &[(DateProperty, String)]) -> NotedTimes {
    let first = |wanted: DateProperty| {
        let own = dates.iter().filter(|(p, _)| *p == wanted);
        own.filter_map(|(_, text)| CaptureTime::parse(text)).next()
    };
    NotedTimes {
        taken: first(DateProperty::Original).or_else(|| first(DateProperty::Created)),
        digitized: first(DateProperty::Digitized),
    }
}

#[cfg(test)]
mod tests {
    use crate::sidecar::read::keywords::read_values_and_times;

    fn times(attributes: &str, elements: &str) -> [Option<String>; 2] {
        let text = format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns:e='http://ns.adobe.com/exif/1.0/' xmlns:p='http://ns.adobe.com/photoshop/1.0/' \
             xmlns:xmp='http://ns.adobe.com/xap/1.0/'><rdf:Description {attributes}>{elements}\
             </rdf:Description></rdf:RDF>"
        );
        let (_, times) = read_values_and_times(text.as_bytes()).unwrap();
        [times.taken, times.digitized].map(|time| time.map(|t| t.to_string()))
    }

    #[test]
    fn dates_are_read_from_attributes_and_elements() {
        let some = |text: &str| Some(text.to_owned());
        for (attributes, elements, expected) in [
            (
                "e:DateTimeOriginal='2024:05:06 17:08:09.000' p:DateCreated='1999-01-01'",
                "",
                [some("2024-05-06T17:08:09"), None],
            ),
            (
                "e:DateTimeOriginal='0000:00:00 00:00:00'",
                "<p:DateCreated>1965-07</p:DateCreated>\
                 <xmp:CreateDate> 2024-05-06T17:08:09+02:00\n</xmp:CreateDate>",
                [
                    some("1965-07-01T00:00:00"),
                    some("2024-05-06T17:08:09+02:00"),
                ],
            ),
            (
                "xmp:CreateDate='2024-13-06' xmp:ModifyDate='2024-05-06'",
                "<xmp:Other><xmp:CreateDate>2024-05-06</xmp:CreateDate></xmp:Other>",
                [None, None],
            ),
            ("", "<e:DateTimeOriginal/>", [None, None]),
        ] {
            assert_eq!(
                times(attributes, elements),
                expected,
                "{attributes}{elements}"
            );
        }
    }
}
