//! Facts about a photo besides its picture.

use crate::core::capture::Captured;

/// Facts that a camera or program recorded in a photo. Each is `None` if it is missing or implausible.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct About {
    /// When the photo was taken.
    pub(crate) captured: Option<Captured>,
    /// Maker and model.
    pub(crate) camera: Option<String>,
    /// The lens.
    pub(crate) lens: Option<String>,
    /// The exposure time in seconds.
    pub(crate) exposure_s: Option<f64>,
    /// The aperture's f-number.
    pub(crate) aperture: Option<f64>,
    /// The focal length in millimetres.
    pub(crate) focal_length_mm: Option<f64>,
    /// The ISO sensitivity.
    pub(crate) iso: Option<u32>,
    /// Latitude and longitude in degrees, north and east positive.
    pub(crate) place_degrees: Option<(f64, f64)>,
    /// The upright width and height of a raw file's own picture in pixels, of which only a smaller
    /// preview is decoded. The store keeps it as the picture's.
    pub(crate) raw_size: Option<(u32, u32)>,
}

/// Whether the text in a field for the lens is a name, not a sign of no lens.
pub(crate) fn names_a_lens(text: &str) -> bool {
    let none = ["no-lens", "none", "n/a", "unknown"];
    text.chars().any(char::is_alphanumeric) && !none.contains(&text.to_ascii_lowercase().as_str())
}

impl About {
    /// Joins maker and model. Many models begin with their maker's name.
    pub(crate) fn camera_of(make: Option<String>, model: Option<String>) -> Option<String> {
        match (make, model) {
            (Some(make), Some(model)) => {
                let first = make.split(' ').next().unwrap_or_default().to_lowercase();
                match model.to_lowercase().starts_with(&first) {
                    true => Some(model),
                    false => Some(format!("{make} {model}")),
                }
            }
            (make, model) => model.or(make),
        }
    }

    /// Camera and lens, for the window.
    pub(crate) fn equipment(&self) -> Option<String> {
        let parts = [self.camera.as_deref(), self.lens.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// The exposure as photographers write it: `1/250 s · f/2.8 · 50 mm · ISO 200`.
    pub(crate) fn exposure(&self) -> Option<String> {
        let time = |s: f64| match s {
            s if s < 0.3 => format!("1/{:.0} s", 1.0 / s),
            s => format!("{} s", trimmed(s)),
        };
        let parts = [
            self.exposure_s.map(time),
            self.aperture.map(|n| format!("f/{}", trimmed(n))),
            self.focal_length_mm.map(|mm| format!("{} mm", trimmed(mm))),
            self.iso.map(|iso| format!("ISO {iso}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// The position: `48.8584° N, 2.2945° E`.
    pub(crate) fn place(&self) -> Option<String> {
        let (latitude, longitude) = self.place_degrees?;
        let part = |value: f64, positive: char, negative: char| {
            let side = if value < 0.0 { negative } else { positive };
            format!("{:.4}° {side}", value.abs())
        };
        let (latitude, longitude) = (part(latitude, 'N', 'S'), part(longitude, 'E', 'W'));
        Some(format!("{latitude}, {longitude}"))
    }
}

/// Formats a number with one decimal, unless that is 0.
pub(crate) fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_put_as_photographers_put_it() {
        let mut about = About {
            camera: Some("NIKON D750".into()),
            lens: Some("50.0 mm f/1.8".into()),
            exposure_s: Some(1.0 / 250.0),
            aperture: Some(2.8),
            focal_length_mm: Some(50.0),
            iso: Some(200),
            place_degrees: Some((-33.858_33, 151.2)),
            ..About::default()
        };
        let told = [about.equipment(), about.exposure(), about.place()];
        let expected = [
            "NIKON D750 · 50.0 mm f/1.8",
            "1/250 s · f/2.8 · 50 mm · ISO 200",
            "33.8583° S, 151.2000° E",
        ];
        assert_eq!(told.map(Option::unwrap), expected);
        about = About {
            exposure_s: Some(2.5),
            ..About::default()
        };
        assert_eq!(about.exposure().as_deref(), Some("2.5 s"));
        assert_eq!((about.equipment(), about.place()), (None, None));
    }
}
