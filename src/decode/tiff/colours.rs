//! Turns the samples of a pixel into RGB and opacity.

use crate::decode::tiff::directory::Directory;

const COLOUR_MAP: u16 = 320;
const Y_CB_CR_COEFFICIENTS: u16 = 529;
const REFERENCE_BLACK_WHITE: u16 = 532;

/// How samples become colours (PhotometricInterpretation).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Colours {
    /// Black is 0, or white is.
    Grey {
        inverted: bool,
    },
    Rgb,
    /// An entry of the map for each number.
    Palette(Vec<[u8; 3]>),
    Cmyk,
    YCbCr(YCbCr),
    /// CIE L*a*b* with a white of D50: a and b are signed, or 128 is their middle.
    Lab {
        signed: bool,
    },
}

/// How brightness and two differences become red, green and blue (TIFF 6.0, section 21).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct YCbCr {
    /// The parts of red, green and blue in brightness.
    parts: [f32; 3],
    /// What stands for black and white of the three samples.
    range: [[f32; 2]; 3],
}

impl Colours {
    /// `None` if nothing is known of this interpretation.
    pub(super) fn of(directory: &Directory<'_>, photometric: u64) -> Option<Self> {
        Some(match photometric {
            0 => Self::Grey { inverted: true },
            // 4 is a mask.
            1 | 4 => Self::Grey { inverted: false },
            2 => Self::Rgb,
            3 => Self::Palette(palette(directory)?),
            5 => Self::Cmyk,
            6 => Self::YCbCr(YCbCr::of(directory)),
            8 => Self::Lab { signed: true },
            9 => Self::Lab { signed: false },
            _ => return None,
        })
    }

    /// The samples of a pixel, without extra ones.
    pub(super) fn samples(&self) -> usize {
        match self {
            Self::Grey { .. } | Self::Palette(_) => 1,
            Self::Rgb | Self::YCbCr(_) | Self::Lab { .. } => 3,
            Self::Cmyk => 4,
        }
    }

    /// Whether a profile of RGB says what the colours are.
    pub(super) fn is_rgb(&self) -> bool {
        matches!(self, Self::Rgb | Self::Palette(_) | Self::YCbCr(_))
    }

    /// The colour of samples of 256 levels; of a palette's, the first is the entry's number.
    pub(super) fn rgb(&self, samples: &[u8]) -> [u8; 3] {
        match (self, samples) {
            (Self::Grey { inverted }, [v, ..]) => [if *inverted { 255 - v } else { *v }; 3],
            (Self::Palette(map), [index, ..]) => {
                map.get(usize::from(*index)).copied().unwrap_or_default()
            }
            (Self::Rgb, [r, g, b, ..]) => [*r, *g, *b],
            (Self::Cmyk, [c, m, y, k, ..]) => [*c, *m, *y].map(|ink| {
                let light = 255 - u32::from(*k);
                (light - (u32::from(ink) * light + 127) / 255) as u8
            }),
            (Self::YCbCr(conversion), [y, cb, cr, ..]) => conversion.rgb([*y, *cb, *cr]),
            (Self::Lab { signed }, [l, a, b, ..]) => {
                let middle = |v: u8| match signed {
                    true => f32::from(v as i8),
                    false => f32::from(v) - 128.0,
                };
                lab(f32::from(*l) / 2.55, middle(*a), middle(*b))
            }
            _ => [0; 3],
        }
    }
}

/// All reds, then all greens, then all blues, of 16 bits; some writers use 8.
fn palette(directory: &Directory<'_>) -> Option<Vec<[u8; 3]>> {
    let map: Vec<u64> = directory.get(COLOUR_MAP)?.numbers().collect();
    let wide = map.iter().any(|&v| v > 255);
    let level = |v: u64| if wide { (v >> 8) as u8 } else { v as u8 };
    let count = map.len() / 3;
    let entries = (0..count).map(|i| [i, count + i, 2 * count + i].map(|i| level(map[i])));
    Some(entries.collect())
}

impl YCbCr {
    fn of(directory: &Directory<'_>) -> Self {
        let fractions = |tag| -> Vec<f32> {
            let values = directory.get(tag).map(|values| values.fractions());
            values.into_iter().flatten().map(|v| v as f32).collect()
        };
        let parts = match fractions(Y_CB_CR_COEFFICIENTS)[..] {
            [r, g, b, ..] if r + g + b > 0.5 && g > 0.01 => [r, g, b],
            _ => [0.299, 0.587, 0.114],
        };
        let range = match fractions(REFERENCE_BLACK_WHITE)[..] {
            [a, b, c, d, e, f, ..] if a < b && c < d && e < f => [[a, b], [c, d], [e, f]],
            _ => [[0.0, 255.0], [128.0, 255.0], [128.0, 255.0]],
        };
        Self { parts, range }
    }

    pub(super) fn rgb(&self, samples: [u8; 3]) -> [u8; 3] {
        let [red, green, blue] = self.parts;
        let scaled = |i: usize, most: f32| {
            let [black, white] = self.range[i];
            (f32::from(samples[i]) - black) * most / (white - black)
        };
        let (y, cb, cr) = (scaled(0, 255.0), scaled(1, 127.0), scaled(2, 127.0));
        let r = y + cr * (2.0 - 2.0 * red);
        let b = y + cb * (2.0 - 2.0 * blue);
        let g = (y - blue * b - red * r) / green;
        [r, g, b].map(|v| v.round().clamp(0.0, 255.0) as u8)
    }
}

/// CIE L*a*b* to sRGB (IEC 61966-2-1), with the white adapted from D50 to D65 (Bradford).
fn lab(l: f32, a: f32, b: f32) -> [u8; 3] {
    let fy = (l + 16.0) / 116.0;
    let part = |f: f32| match f > 6.0 / 29.0 {
        true => f * f * f,
        false => 3.0 * (6.0_f32 / 29.0).powi(2) * (f - 4.0 / 29.0),
    };
    let x = 0.9642 * part(fy + a / 500.0);
    let y = part(fy);
    let z = 0.8249 * part(fy - b / 200.0);
    let linear = [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ];
    linear.map(|v| {
        let v = v.clamp(0.0, 1.0);
        let encoded = match v <= 0.003_130_8 {
            true => 12.92 * v,
            false => 1.055 * v.powf(1.0 / 2.4) - 0.055,
        };
        (encoded * 255.0).round() as u8
    })
}
