//! Limits of a library: of tags per photo, and of the files in it. The order of tags.

use crate::store::{Store, StoreError, TagState, TaggedLabel, Writer};

const MOST: &str = "max_tags";
const VIDEOS: &str = "videos";

impl Store {
    /// Returns the most labels that Taglens gives a photo; `None` for no limit.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn max_tags(&self) -> Result<Option<usize>, StoreError> {
        let text = crate::store::runs::meta(&self.connection, MOST)?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// Whether the library includes videos.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn videos(&self) -> Result<bool, StoreError> {
        let text = crate::store::runs::meta(&self.connection, VIDEOS)?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(false))
    }
}

impl Writer<'_> {
    /// Sets the limit that [`Store::max_tags`] returns. It applies at once without recomputing:
    /// labels over the limit become suggestions when tags are read.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_max_tags(&self, most: Option<usize>) -> Result<(), StoreError> {
        self.set_meta(MOST, &most.map_or(String::new(), |most| most.to_string()))
    }

    /// Includes videos in the library, or leaves them out, from the next scan on.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_videos(&self, included: bool) -> Result<(), StoreError> {
        self.set_meta(VIDEOS, &included.to_string())
    }
}

/// Turns the least certain of Taglens's labels over the limit into suggestions. Decided labels stay
/// and do not count. Neither does a label with exactly the same confidence as the one before it, so
/// that a parent stays with the child that it follows from.
pub(super) fn keep_to(most: usize, tags: &mut [TaggedLabel]) {
    let given = |tag: &TaggedLabel| tag.decision.is_none() && tag.state == TagState::Accepted;
    let confidence = |tag: &TaggedLabel| tag.machine.map_or(0.0, |(_, confidence)| confidence);
    let mut sure: Vec<f32> = tags.iter().filter(|t| given(t)).map(confidence).collect();
    sure.sort_by(|a, b| b.total_cmp(a));
    sure.dedup();
    let least = match most {
        0 => f32::INFINITY,
        _ => sure.get(most - 1).copied().unwrap_or(f32::NEG_INFINITY),
    };
    for tag in tags.iter_mut().filter(|t| given(t)) {
        if confidence(tag) < least {
            tag.state = TagState::Suggested;
        }
    }
}

/// Puts labels in the order of [`TaggedFile::tags`](crate::store::TaggedFile::tags).
pub(super) fn sort(tags: &mut [TaggedLabel]) {
    tags.sort_by(|a, b| {
        let confidence = |t: &TaggedLabel| t.machine.map_or(1.0, |(_, c)| c);
        (a.state as u8)
            .cmp(&(b.state as u8))
            .then(confidence(b).total_cmp(&confidence(a)))
            .then_with(|| a.label.cmp(&b.label))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::LabelId;
    use crate::store::{Decision, Origin, Verdict};

    fn tag(id: i64, confidence: f32, decided: Option<Verdict>) -> TaggedLabel {
        TaggedLabel {
            id: LabelId::new(id),
            label: id.to_string(),
            machine: Some((confidence, confidence)),
            decision: decided.map(|verdict| Decision::now(verdict, Origin::Person)),
            state: TagState::Accepted,
        }
    }

    #[test]
    fn the_surest_stay_with_their_parents_and_what_a_person_said() {
        let all = [
            tag(1, 0.9, None),
            tag(2, 0.9, None),
            tag(3, 0.8, None),
            tag(4, 0.1, Some(Verdict::Accepted)),
            tag(5, 0.6, None),
        ];
        let left = |most| {
            let mut tags = all.to_vec();
            keep_to(most, &mut tags);
            let accepted = tags.iter().filter(|t| t.state == TagState::Accepted);
            accepted.map(|t| t.id.number()).collect::<Vec<_>>()
        };
        assert_eq!(left(0), [4]);
        assert_eq!(left(1), [1, 2, 4]);
        assert_eq!(left(2), [1, 2, 3, 4]);
        assert_eq!(left(3), [1, 2, 3, 4, 5]);
        assert_eq!(left(9), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_limit_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library")).unwrap();
        assert_eq!(store.max_tags().unwrap(), None);
        store.write(|w| w.set_max_tags(Some(3))).unwrap();
        assert_eq!(store.max_tags().unwrap(), Some(3));
        store.write(|w| w.set_max_tags(None)).unwrap();
        assert_eq!(store.max_tags().unwrap(), None);
        assert!(!store.videos().unwrap());
        for included in [true, false] {
            store.write(|w| w.set_videos(included)).unwrap();
            assert_eq!(store.videos().unwrap(), included);
        }
    }
}
