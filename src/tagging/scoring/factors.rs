//! The factors of a confidence.

/// The factors of a label's confidence on a photo, except what was learned from decisions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factors {
    /// The share of photos without the label, 0 to 1, that resemble it less than this photo.
    pub(crate) share_below: f32,
    /// The number of the library's photos behind that; 0 if only the model determines it.
    pub(crate) scale_photos: usize,
    /// How many words of the model's fixed cohort fit the photo better; `None` if it has no cohort.
    pub(crate) better_words: Option<usize>,
    /// The expected share of all photos, 0 to 1, with the label; `None` if it is given only with a
    /// label below it.
    pub(crate) prior: Option<f32>,
}

/// The share of a normal distribution below so many deviations above its mean, to 0.0002 (logistic
/// approximation of Bowling and others, 2009).
pub(crate) fn normal_share_below(deviations: f32) -> f32 {
    let exponent = 0.07056 * deviations.powi(3) + 1.5976 * deviations;
    1.0 / (1.0 + (-exponent).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_normal_distribution() {
        let table = [
            (-3.0, 0.001_35),
            (-1.0, 0.158_66),
            (0.0, 0.5),
            (1.0, 0.841_34),
            (2.0, 0.977_25),
        ];
        for (deviations, share) in table {
            let found = normal_share_below(deviations);
            assert!((found - share).abs() < 2e-4, "{deviations}: {found}");
        }
    }
}
