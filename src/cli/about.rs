//! The facts about a photo in JSON output.

use serde::Serialize;

use crate::store::FileAbout;

/// Unknown facts are left out.
#[derive(Serialize)]
pub(crate) struct PrintedAbout {
    /// RFC 3339, without an offset if that is unknown.
    captured: String,
    captured_from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Only where a part of the picture is missing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    camera: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aperture: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iso: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_length_mm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
}

/// In degrees, north and east positive.
#[derive(Serialize)]
struct Position {
    latitude: f64,
    longitude: f64,
}

impl PrintedAbout {
    pub(crate) fn new(file: FileAbout) -> Self {
        let about = file.about;
        let position = |(latitude, longitude)| Position {
            latitude,
            longitude,
        };
        Self {
            captured: file.captured.time.to_string(),
            captured_from: file.captured.from.name(),
            width: file.picture.map(|picture| picture.size.0),
            height: file.picture.map(|picture| picture.size.1),
            incomplete: file.picture.is_some_and(|picture| !picture.complete),
            camera: about.camera,
            lens: about.lens,
            exposure_s: about.exposure_s,
            aperture: about.aperture,
            iso: about.iso,
            focal_length_mm: about.focal_length_mm,
            position: about.place_degrees.map(position),
        }
    }
}
