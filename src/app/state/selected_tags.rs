//! The combined tags of the selected photos.

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::row::{Row, Tag};
use crate::core::ids::PhotoId;

/// A label on some of the photos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SharedTag {
    /// The tag of the photo with the highest confidence, in the strongest state.
    pub(crate) tag: Tag,
    /// The number of photos with that state.
    pub(crate) count: usize,
    /// The number of photos on which the user decided.
    pub(crate) decided: usize,
}

/// The combined tags of the selected photos. Decisions apply to `photos`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SelectedTags {
    /// The photos, each once.
    pub(crate) photos: Vec<PhotoId>,
    /// Files that were not read yet, on which nothing can be decided.
    pub(crate) unread: usize,
    /// Their tags: accepted ones first, then suggested, then rejected.
    pub(crate) tags: Vec<SharedTag>,
}

impl SelectedTags {
    /// Combines the tags of these files.
    pub(crate) fn of<'a>(rows: impl Iterator<Item = &'a Row>, catalogue: &Catalogue) -> Self {
        let mut unread = 0;
        let mut photos: Vec<(PhotoId, &Row)> = Vec::new();
        for row in rows {
            match row.photo_id() {
                Some(photo) => photos.push((photo, row)),
                None => unread += 1,
            }
        }
        // Several files may have one photo.
        photos.sort_by_key(|(photo, _)| *photo);
        photos.dedup_by_key(|(photo, _)| *photo);
        let tags = match photos.as_slice() {
            [(_, row)] => row.tags.iter().map(|tag| shared(*tag)).collect(),
            several => together(several, catalogue.labels.len()),
        };
        Self {
            photos: photos.into_iter().map(|(photo, _)| photo).collect(),
            unread,
            tags,
        }
    }
}

fn shared(tag: Tag) -> SharedTag {
    SharedTag {
        tag,
        count: 1,
        decided: usize::from(tag.decided),
    }
}

fn together(photos: &[(PhotoId, &Row)], labels: usize) -> Vec<SharedTag> {
    let mut by_label: Vec<Option<SharedTag>> = vec![None; labels];
    for tag in photos.iter().flat_map(|(_, row)| &row.tags) {
        let Some(place) = by_label.get_mut(tag.label) else {
            continue;
        };
        let Some(known) = place else {
            *place = Some(shared(*tag));
            continue;
        };
        known.decided += usize::from(tag.decided);
        match (tag.state as u8).cmp(&(known.tag.state as u8)) {
            std::cmp::Ordering::Less => (known.tag, known.count) = (*tag, 1),
            std::cmp::Ordering::Equal => {
                known.count += 1;
                if sureness(tag) > sureness(&known.tag) {
                    known.tag = *tag;
                }
            }
            std::cmp::Ordering::Greater => {}
        }
    }
    let mut tags: Vec<SharedTag> = by_label.into_iter().flatten().collect();
    tags.sort_by(|a, b| {
        (a.tag.state as u8, std::cmp::Reverse(a.count))
            .cmp(&(b.tag.state as u8, std::cmp::Reverse(b.count)))
            .then(sureness(&b.tag).total_cmp(&sureness(&a.tag)))
    });
    tags
}

fn sureness(tag: &Tag) -> f32 {
    tag.confidence.unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::store::TagState;

    #[test]
    fn several_photos_show_what_any_of_them_has_with_its_count() {
        let catalogue = dogs_and_cats();
        let together = SelectedTags::of(catalogue.rows.iter(), &catalogue);
        assert_eq!(together.photos, [1, 2, 3, 4].map(PhotoId::new));
        let seen: Vec<(usize, TagState, usize)> = together
            .tags
            .iter()
            .map(|t| (t.tag.label, t.tag.state, t.count))
            .collect();
        // One dog is accepted, one suggested and one rejected: the strongest state counts.
        assert_eq!(
            seen,
            [(1, TagState::Accepted, 1), (0, TagState::Accepted, 1)]
        );
        assert_eq!(together.tags[1].decided, 1);
    }

    #[test]
    fn one_photo_shows_its_own_and_files_of_one_photo_count_once() {
        let mut catalogue = dogs_and_cats();
        let second = &catalogue.rows[1];
        let one = SelectedTags::of([second, second].into_iter(), &catalogue);
        assert_eq!(one.photos, [PhotoId::new(2)]);
        let labels: Vec<usize> = one.tags.iter().map(|t| t.tag.label).collect();
        let own: Vec<usize> = second.tags.iter().map(|t| t.label).collect();
        assert_eq!(labels, own);
        catalogue.rows[0].photo = None;
        let some = SelectedTags::of(catalogue.rows[..2].iter(), &catalogue);
        assert_eq!((some.photos.len(), some.unread), (1, 1));
    }
}
