//! The window's icon, which `assets/icon/make_icon.py` draws.

use eframe::egui;

const PNG: &[u8] = include_bytes!("../../../assets/icon/taglens-256.png");

/// The icon, 256×256 pixels, RGBA.
///
/// If it cannot be decoded, it is empty and the system shows its own, because a missing icon is no
/// reason to stop.
pub(crate) fn icon() -> egui::IconData {
    let decoded = image::load_from_memory_with_format(PNG, image::ImageFormat::Png);
    decoded.map_or_else(
        |_| egui::IconData::default(),
        |picture| {
            let picture = picture.into_rgba8();
            egui::IconData {
                width: picture.width(),
                height: picture.height(),
                rgba: picture.into_raw(),
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_there_with_clear_corners_and_a_filled_middle() {
        let icon = icon();
        assert_eq!((icon.width, icon.height), (256, 256));
        assert_eq!(icon.rgba.len(), 256 * 256 * 4);
        assert_eq!(icon.rgba[3], 0);
        assert_eq!(icon.rgba[(128 * 256 + 128) * 4 + 3], 255);
    }
}
