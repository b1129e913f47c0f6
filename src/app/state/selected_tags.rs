//! The combined tags of the selected photos.

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::row::{Row, Tag};
use crate::app::state::library_view::LibraryView;
use crate::app::state::selection::Selection;
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
        if let [(photo, row)] = photos.as_slice() {
            return Self {
                photos: vec![*photo],
                unread,
                tags: row.tags.iter().map(|tag| shared(*tag)).collect(),
            };
        }
        let mut count = TagCount::new(catalogue);
        for (photo, row) in photos {
            count.add(photo, row);
        }
        count.finish(unread)
    }
}

/// Counts the tags of many selected photos, some of them in each frame.
#[derive(Debug)]
pub(crate) struct TagCount {
    by_label: Vec<Option<SharedTag>>,
    photos: Vec<PhotoId>,
    /// The next place in the list of all photos.
    next: usize,
    /// The selected files that have a photo, until now.
    read: usize,
}

impl TagCount {
    /// Has counted nothing.
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        Self {
            by_label: vec![None; catalogue.labels.len()],
            photos: Vec::new(),
            next: 0,
            read: 0,
        }
    }

    /// Looks at `most` more photos of the library, and counts those that are selected. Returns the tags
    /// once it has looked at all.
    pub(crate) fn proceed(
        &mut self,
        view: &LibraryView,
        selection: &Selection,
        most: usize,
    ) -> Option<SelectedTags> {
        let all = view.catalogue.index.by_photo();
        let end = all.len().min(self.next.saturating_add(most));
        for (photo, row) in all.get(self.next..end).unwrap_or_default() {
            let row = view.catalogue.rows.get(*row as usize);
            if let Some(row) = row.filter(|row| selection.contains(row)) {
                self.read += 1;
                self.add(*photo, row);
            }
        }
        self.next = end;
        (end == all.len()).then(|| {
            let done = std::mem::replace(self, Self::new(&view.catalogue));
            let unread = selection.len().saturating_sub(done.read);
            done.finish(unread)
        })
    }

    /// Counts a photo's tags. Photos come in their order, and one that comes again counts once.
    fn add(&mut self, photo: PhotoId, row: &Row) {
        if self.photos.last() == Some(&photo) {
            return;
        }
        self.photos.push(photo);
        for tag in &row.tags {
            let Some(place) = self.by_label.get_mut(tag.label) else {
                continue;
            };
            match place {
                Some(known) => known.add(tag),
                None => *place = Some(shared(*tag)),
            }
        }
    }

    fn finish(self, unread: usize) -> SelectedTags {
        let mut tags: Vec<SharedTag> = self.by_label.into_iter().flatten().collect();
        tags.sort_by(|a, b| {
            (a.tag.state as u8, std::cmp::Reverse(a.count))
                .cmp(&(b.tag.state as u8, std::cmp::Reverse(b.count)))
                .then(sureness(&b.tag).total_cmp(&sureness(&a.tag)))
        });
        SelectedTags {
            photos: self.photos,
            unread,
            tags,
        }
    }
}

impl SharedTag {
    fn add(&mut self, tag: &Tag) {
        self.decided += usize::from(tag.decided);
        match (tag.state as u8).cmp(&(self.tag.state as u8)) {
            std::cmp::Ordering::Less => (self.tag, self.count) = (*tag, 1),
            std::cmp::Ordering::Equal => {
                self.count += 1;
                if sureness(tag) > sureness(&self.tag) {
                    self.tag = *tag;
                }
            }
            std::cmp::Ordering::Greater => {}
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

fn sureness(tag: &Tag) -> f32 {
    tag.confidence.unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::order::{Grouping, Order};
    use crate::app::catalogue::samples::{catalogue, dogs_and_cats, row};
    use crate::app::state::library_view::tests::view;
    use crate::core::ids::FileId;
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

    #[test]
    fn counting_in_steps_gives_what_counting_at_once_does() {
        let mut view = view();
        let mut rows = view.catalogue.rows.clone();
        // A second file of a photo, and one that was not read.
        let mut again = rows[1].clone();
        (again.id, again.path) = (FileId::new(9), "/c/2.jpg".into());
        rows.push(again);
        rows.push(row("/d/5.jpg", None, 0));
        view.catalogue = catalogue(rows, &["dog", "cat"]);
        view.refresh(Order::Name, Grouping::None);
        let mut selection = Selection::default();
        selection.all(&view);
        let at_once = SelectedTags::of(view.rows(), &view.catalogue);
        for most in [1, 2, 3, 100] {
            let mut count = TagCount::new(&view.catalogue);
            let mut steps = 0;
            let found = loop {
                steps += 1;
                if let Some(found) = count.proceed(&view, &selection, most) {
                    break found;
                }
            };
            assert_eq!(steps, 5usize.div_ceil(most));
            assert_eq!(found, at_once);
        }
        assert_eq!((at_once.photos.len(), at_once.unread), (4, 1));
    }
}
