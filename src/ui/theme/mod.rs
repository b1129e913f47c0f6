//! Colours, spaces and sizes. Nothing else knows them.

pub(crate) mod sizes;

use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, Vec2,
    Visuals,
};

use crate::app::ThemeChoice;

/// The space between related things, in points.
pub(crate) const SMALL: f32 = 4.0;
/// The usual space.
pub(crate) const MEDIUM: f32 = 8.0;
/// The space between groups.
pub(crate) const LARGE: f32 = 16.0;
/// The tint that leaves a picture's colours as they are.
pub(crate) const UNTINTED: Color32 = Color32::WHITE;
/// The rounding of buttons and chips.
pub(crate) const RADIUS: u8 = 6;
/// The rounding of tiles and cards.
pub(crate) const CARD_RADIUS: u8 = 8;

/// The margin around lists.
pub(crate) const LIST_MARGIN: Margin = Margin {
    left: 0,
    right: 14,
    top: 8,
    bottom: 8,
};

/// The colours of one theme. Text has a contrast of at least 4.5:1 to its background (WCAG 2.2,
/// 1.4.3), which a test computes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    /// Background of the photos.
    pub(crate) ground: Color32,
    /// Background of side bars and cards.
    pub(crate) surface: Color32,
    /// Background of fields and buttons.
    pub(crate) raised: Color32,
    /// The same under the pointer.
    pub(crate) hovered: Color32,
    /// Lines.
    pub(crate) line: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Less important text.
    pub(crate) muted: Color32,
    /// The selection, and primary buttons.
    pub(crate) accent: Color32,
    /// Text on `accent`.
    pub(crate) on_accent: Color32,
    /// Background of an accepted tag.
    pub(crate) accepted: Color32,
    /// Text on `accepted`.
    pub(crate) on_accepted: Color32,
    /// Errors.
    pub(crate) problem: Color32,
    /// Lines that a diff adds.
    pub(crate) added: Color32,
}

/// The dark theme.
pub(crate) const DARK: Palette = Palette {
    ground: Color32::from_rgb(20, 21, 23),
    surface: Color32::from_rgb(28, 30, 33),
    raised: Color32::from_rgb(42, 45, 49),
    hovered: Color32::from_rgb(54, 58, 63),
    line: Color32::from_rgb(52, 55, 60),
    text: Color32::from_rgb(232, 233, 235),
    muted: Color32::from_rgb(163, 168, 175),
    accent: Color32::from_rgb(116, 178, 255),
    on_accent: Color32::from_rgb(10, 24, 42),
    accepted: Color32::from_rgb(28, 88, 64),
    on_accepted: Color32::from_rgb(191, 240, 214),
    problem: Color32::from_rgb(255, 150, 130),
    added: Color32::from_rgb(140, 220, 170),
};

/// The light theme.
pub(crate) const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(246, 246, 247),
    surface: Color32::from_rgb(255, 255, 255),
    raised: Color32::from_rgb(236, 237, 239),
    hovered: Color32::from_rgb(222, 225, 229),
    line: Color32::from_rgb(216, 219, 223),
    text: Color32::from_rgb(28, 30, 33),
    muted: Color32::from_rgb(88, 94, 102),
    accent: Color32::from_rgb(20, 92, 190),
    on_accent: Color32::from_rgb(255, 255, 255),
    accepted: Color32::from_rgb(214, 238, 225),
    on_accepted: Color32::from_rgb(15, 78, 48),
    problem: Color32::from_rgb(176, 40, 20),
    added: Color32::from_rgb(16, 105, 56),
};

/// The current colours.
pub(crate) fn palette(ui: &egui::Ui) -> Palette {
    match ui.visuals().dark_mode {
        true => DARK,
        false => LIGHT,
    }
}

/// Gives egui both themes.
pub(crate) fn install(ctx: &egui::Context) {
    ctx.set_style_of(Theme::Dark, style(Visuals::dark(), &DARK));
    ctx.set_style_of(Theme::Light, style(Visuals::light(), &LIGHT));
}

/// Applies the user's settings.
pub(crate) fn set(ctx: &egui::Context, choice: ThemeChoice, text_scale: f32) {
    let preference = match choice {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Light => egui::ThemePreference::Light,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
    };
    if ctx.options(|o| o.theme_preference) != preference {
        ctx.set_theme(preference);
    }
    if (ctx.zoom_factor() - text_scale).abs() > 0.001 {
        ctx.set_zoom_factor(text_scale);
    }
}

fn style(mut visuals: Visuals, p: &Palette) -> Style {
    let radius = CornerRadius::same(RADIUS);
    visuals.panel_fill = p.ground;
    visuals.window_fill = p.surface;
    visuals.window_stroke = Stroke::new(1.0, p.line);
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS + 2);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.extreme_bg_color = p.raised;
    visuals.text_edit_bg_color = Some(p.raised);
    visuals.faint_bg_color = p.surface;
    visuals.hyperlink_color = p.accent;
    visuals.error_fg_color = p.problem;
    visuals.warn_fg_color = p.problem;
    visuals.weak_text_color = Some(p.muted);
    visuals.selection.bg_fill = p.accent;
    visuals.selection.stroke = Stroke::new(1.0, p.on_accent);
    let widgets = &mut visuals.widgets;
    for (w, fill) in [
        (&mut widgets.noninteractive, p.surface),
        (&mut widgets.inactive, p.raised),
        (&mut widgets.hovered, p.hovered),
        (&mut widgets.active, p.hovered),
        (&mut widgets.open, p.hovered),
    ] {
        (w.bg_fill, w.weak_bg_fill) = (fill, fill);
        w.corner_radius = radius;
        w.fg_stroke = Stroke::new(1.0, p.text);
        w.bg_stroke = Stroke::NONE;
        w.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, p.line);
    widgets.hovered.bg_stroke = Stroke::new(1.0, p.accent);
    widgets.active.bg_stroke = Stroke::new(sizes::FOCUS_LINE, p.accent);
    let mut style = Style {
        visuals,
        ..Style::default()
    };
    style.spacing.item_spacing = Vec2::splat(MEDIUM);
    style.spacing.button_padding = Vec2::new(10.0, 5.0);
    style.spacing.interact_size.y = sizes::CHOICE_ROW;
    style.spacing.combo_height = sizes::CHOICES;
    style.spacing.menu_margin = Margin::same(6);
    for (text, size) in [
        (TextStyle::Small, sizes::TEXT_SMALL),
        (TextStyle::Body, sizes::TEXT_BODY),
        (TextStyle::Button, sizes::TEXT_BODY),
        (TextStyle::Heading, sizes::TEXT_HEADING),
    ] {
        let font = FontId::new(size, FontFamily::Proportional);
        style.text_styles.insert(text, font);
    }
    let mono = FontId::new(sizes::TEXT_MONOSPACE, FontFamily::Monospace);
    style.text_styles.insert(TextStyle::Monospace, mono);
    style
}

/// A card: a plain surface with a small margin.
pub(crate) fn card(p: &Palette) -> egui::Frame {
    egui::Frame::new()
        .fill(p.surface)
        .stroke(Stroke::new(1.0, p.line))
        .corner_radius(CornerRadius::same(CARD_RADIUS))
        .inner_margin(Margin::same(12))
}

/// A card that floats above a screen.
pub(crate) fn raised_card(p: &Palette) -> egui::Frame {
    let shadow = egui::epaint::Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(90),
    };
    card(p).fill(p.raised).shadow(shadow)
}

/// The frame of a side bar.
pub(crate) fn bar(p: &Palette) -> egui::Frame {
    egui::Frame::new()
        .fill(p.surface)
        .inner_margin(Margin::symmetric(12, 10))
}

/// Drawn over what is crossed out.
pub(crate) fn veil(p: &Palette) -> Color32 {
    p.ground.gamma_multiply(0.6)
}

/// The inside of a rectangle that selects.
pub(crate) fn band(p: &Palette) -> Color32 {
    p.accent.gamma_multiply(0.15)
}

/// Whether there is a font with these characters; the system's are asked too.
pub(crate) fn has_glyphs(ui: &egui::Ui, text: &str) -> bool {
    let font = TextStyle::Body.resolve(ui.style());
    ui.fonts_mut(|fonts| fonts.has_glyphs(&font, text))
}

/// Draws the primary button.
pub(crate) fn primary(ui: &mut egui::Ui, text: &str) -> egui::Response {
    let p = palette(ui);
    let text = egui::RichText::new(text).color(p.on_accent).strong();
    ui.add(egui::Button::new(text).fill(p.accent))
}

/// Draws a choice to tick. Its box has an edge, without which an empty one is hardly seen.
pub(crate) fn checkbox(ui: &mut egui::Ui, on: &mut bool, text: &str) -> egui::Response {
    checkbox_if(ui, true, on, text)
}

/// The same, which can be ticked only if it is `enabled`.
pub(crate) fn checkbox_if(
    ui: &mut egui::Ui,
    enabled: bool,
    on: &mut bool,
    text: &str,
) -> egui::Response {
    let edge = Stroke::new(1.0, palette(ui).muted);
    // Not in a part of its own, which would not wrap in a line.
    let set = |ui: &mut egui::Ui, edge| {
        std::mem::replace(&mut ui.visuals_mut().widgets.inactive.bg_stroke, edge)
    };
    let before = set(ui, edge);
    let drawn = ui.add_enabled(enabled, egui::Checkbox::new(on, text));
    set(ui, before);
    drawn
}

/// Draws buttons that have no area of their own until the pointer is on them, as menus do.
pub(crate) fn flat<R>(ui: &mut egui::Ui, draw: impl FnOnce(&mut egui::Ui) -> R) -> R {
    let set = |ui: &mut egui::Ui, fill| {
        std::mem::replace(&mut ui.visuals_mut().widgets.inactive.weak_bg_fill, fill)
    };
    let before = set(ui, Color32::TRANSPARENT);
    let drawn = draw(ui);
    set(ui, before);
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(c: Color32) -> f64 {
        let part = |v: u8| {
            let v = f64::from(v) / 255.0;
            match v <= 0.04045 {
                true => v / 12.92,
                false => ((v + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * part(c.r()) + 0.7152 * part(c.g()) + 0.0722 * part(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_in_both_themes() {
        for p in [DARK, LIGHT] {
            for ground in [p.ground, p.surface, p.raised, p.hovered] {
                assert!(contrast(p.text, ground) >= 4.5, "{p:?}");
            }
            for ground in [p.ground, p.surface, p.raised] {
                for text in [p.muted, p.problem, p.accent, p.added] {
                    let c = contrast(text, ground);
                    assert!(c >= 4.5, "{text:?} on {ground:?}: {c}");
                }
            }
            assert!(contrast(p.on_accent, p.accent) >= 4.5);
            assert!(contrast(p.on_accepted, p.accepted) >= 4.5);
        }
        assert!(contrast(Color32::WHITE, Color32::BLACK) > 20.9);
    }
}
