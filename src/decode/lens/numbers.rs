//! A lens told by its numbers.

use crate::core::about::trimmed;

/// The focal lengths in millimetres and f-numbers of a lens. 0 is unknown.
#[derive(Clone, Copy)]
pub(super) struct LensNumbers {
    pub(super) shortest_mm: f64,
    pub(super) longest_mm: f64,
    /// The greatest aperture at the shortest and at the longest focal length.
    pub(super) apertures: [f64; 2],
}

impl LensNumbers {
    /// Both focal lengths, and the apertures if they follow.
    pub(super) fn of_rationals(numbers: &[f64]) -> Option<Self> {
        let [shortest_mm, longest_mm, apertures @ ..] = numbers else {
            return None;
        };
        Some(Self {
            shortest_mm: *shortest_mm,
            longest_mm: *longest_mm,
            apertures: *apertures.first_chunk().unwrap_or(&[0.0; 2]),
        })
    }

    /// As photographers write it: `18-70 mm f/3.5-4.5`. `None` if no lens has such focal lengths.
    pub(super) fn described(self) -> Option<String> {
        let lengths = [self.shortest_mm, self.longest_mm];
        // From the smallest phone to the longest telescope.
        let is_length = |mm: &f64| (0.5..=10_000.0).contains(mm);
        if !lengths.iter().all(is_length) || lengths[0] > lengths[1] {
            return None;
        }
        let length = format!("{} mm", range(lengths));
        let is_aperture = |f: &f64| (0.5..=64.0).contains(f);
        Some(match self.apertures.iter().all(is_aperture) {
            true => format!("{length} f/{}", range(self.apertures)),
            false => length,
        })
    }
}

fn range(ends: [f64; 2]) -> String {
    let [first, last] = ends.map(trimmed);
    match first == last {
        true => first,
        false => format!("{first}-{last}"),
    }
}
