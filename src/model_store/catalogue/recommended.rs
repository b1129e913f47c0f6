//! Which models to choose first, for every list that offers models.

use super::entry::Entry;

/// A wish, in words for a list, and the model that fulfils it.
pub const RECOMMENDED: [(&str, &str); 4] = [
    ("Fast", "vit-b-32-datacomp"),
    ("Balanced", "vit-b-16-datacomp"),
    ("Best", "siglip2-l-16-256"),
    ("Any language", "siglip2-b-16-224"),
];

impl Entry {
    /// What this model is recommended for, and its place among the recommended ones.
    pub fn recommended(&self) -> Option<(usize, &'static str)> {
        let place = RECOMMENDED
            .iter()
            .position(|(_, name)| *name == self.name)?;
        RECOMMENDED.get(place).map(|(wish, _)| (place, *wish))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recommendation_is_what_it_says() {
        let [fast, balanced, best, any] = RECOMMENDED.map(|(_, name)| Entry::find(name).unwrap());
        let top1 = |entry: &Entry| entry.figures.imagenet_top1_percent.unwrap();
        let work = |entry: &Entry| entry.figures.work().unwrap();
        assert!(work(fast) < work(balanced) && work(balanced) < work(best));
        assert!(top1(fast) < top1(balanced) && top1(balanced) < top1(best));
        assert_ne!(any.languages, "English");
        for entry in [fast, balanced, best, any] {
            assert_eq!(entry.licence_notice(), None, "{}", entry.name);
            assert!(entry.recommended().is_some());
        }
        assert_eq!(any.recommended(), Some((3, "Any language")));
        let other = Entry::find("rn50-openai").unwrap();
        assert_eq!(other.recommended(), None);
    }
}
