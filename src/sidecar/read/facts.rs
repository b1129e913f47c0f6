//! The XMP properties for when and with what a photo was taken.

use crate::core::about::{About, names_a_lens};
use crate::core::capture::{CaptureTime, NotedTimes};
use crate::sidecar::read::namespaces::PHOTOSHOP;

/// The namespace of EXIF in XMP.
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
/// The namespace of Exif 2.32's newer properties in XMP.
const EXIF_EX: &str = "http://cipa.jp/exif/1.0/";
/// The namespace of Adobe's additions to EXIF.
const AUX: &str = "http://ns.adobe.com/exif/1.0/aux/";
/// The namespace of TIFF's tags in XMP.
const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
/// The namespace of XMP's basic properties.
const XMP: &str = "http://ns.adobe.com/xap/1.0/";

/// The most characters of a name.
const LONGEST_NAME: usize = 80;

/// A property that states a fact about a photo. Of those for one fact, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactProperty {
    /// `exif:DateTimeOriginal`.
    Original,
    /// `photoshop:DateCreated`: the time of the original, such as a scanned print.
    Created,
    /// `xmp:CreateDate`: the time of digitizing.
    Digitized,
    /// `exifEX:LensModel`.
    LensModel,
    /// `aux:Lens`.
    Lens,
    /// `tiff:Make`: the camera's maker.
    Make,
    /// `tiff:Model`: the camera's model.
    Model,
}

impl FactProperty {
    /// The property with this name.
    pub(crate) fn named(uri: &str, local: &str) -> Option<Self> {
        match (uri, local) {
            (EXIF, "DateTimeOriginal") => Some(Self::Original),
            (PHOTOSHOP, "DateCreated") => Some(Self::Created),
            (XMP, "CreateDate") => Some(Self::Digitized),
            (EXIF_EX, "LensModel") => Some(Self::LensModel),
            (AUX, "Lens") => Some(Self::Lens),
            (TIFF, "Make") => Some(Self::Make),
            (TIFF, "Model") => Some(Self::Model),
            _ => None,
        }
    }
}

/// What XMP states about a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// When it was taken.
    pub(crate) times: NotedTimes,
    /// The camera's maker and model.
    pub(crate) camera: Option<String>,
    /// The lens.
    pub(crate) lens: Option<String>,
}

impl Facts {
    /// Parses the values of properties, and ignores invalid ones.
    pub(crate) fn of(stated: &[(FactProperty, String)]) -> Self {
        let all = |wanted: FactProperty| {
            let own = stated
                .iter()
                .filter(move |(property, _)| *property == wanted);
            own.map(|(_, text)| text)
        };
        let time = |property| all(property).find_map(|text| CaptureTime::parse(text));
        let name = |property| all(property).find_map(|text| name(text));
        let lens = |property| name(property).filter(|name| names_a_lens(name));
        Self {
            times: NotedTimes {
                taken: time(FactProperty::Original).or_else(|| time(FactProperty::Created)),
                digitized: time(FactProperty::Digitized),
            },
            camera: About::camera_of(name(FactProperty::Make), name(FactProperty::Model)),
            lens: lens(FactProperty::LensModel).or_else(|| lens(FactProperty::Lens)),
        }
    }
}

/// A name without what cannot be seen, if there is any.
fn name(text: &str) -> Option<String> {
    let visible = text.trim().chars().filter(|c| !c.is_control());
    let name: String = visible.take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::read::keywords::read_values_and_facts;

    fn facts(attributes: &str, elements: &str) -> Facts {
        let text = format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns:e='http://ns.adobe.com/exif/1.0/' xmlns:p='http://ns.adobe.com/photoshop/1.0/' \
             xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' \
             xmlns:ex='http://cipa.jp/exif/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'>\
             <rdf:Description {attributes}>{elements}</rdf:Description></rdf:RDF>"
        );
        let (_, facts) = read_values_and_facts(text.as_bytes()).unwrap();
        facts
    }

    fn times(attributes: &str, elements: &str) -> [Option<String>; 2] {
        let times = facts(attributes, elements).times;
        [times.taken, times.digitized].map(|time| time.map(|t| t.to_string()))
    }

    #[test]
    fn camera_and_lens_are_read_where_they_are_named() {
        for (attributes, elements, camera, lens) in [
            (
                "tiff:Make='Canon' tiff:Model='Canon EOS 5D' aux:Lens='EF24-105mm f/4L IS USM'",
                "",
                Some("Canon EOS 5D"),
                Some("EF24-105mm f/4L IS USM"),
            ),
            (
                "tiff:Make=' ' aux:Lens='24-105'",
                "<ex:LensModel>FE 35mm F1.8\n</ex:LensModel><tiff:Model>ILCE-7M3</tiff:Model>",
                Some("ILCE-7M3"),
                Some("FE 35mm F1.8"),
            ),
            ("ex:LensModel='----' aux:Lens='Unknown'", "", None, None),
        ] {
            let facts = facts(attributes, elements);
            let found = (facts.camera.as_deref(), facts.lens.as_deref());
            assert_eq!(found, (camera, lens), "{attributes}{elements}");
        }
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
