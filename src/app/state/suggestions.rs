//! Turns suggestions into decisions.

use crate::app::catalogue::row::Row;
use crate::app::messages::decision::Decide;
use crate::app::state::library_view::LibraryView;
use crate::store::TagState;

/// Returns decisions that accept or reject all suggestions for these photos.
pub(crate) fn suggestions<'a>(
    rows: impl Iterator<Item = &'a Row>,
    view: &LibraryView,
    accept: bool,
) -> Vec<Decide> {
    let mut decisions = Vec::new();
    for row in rows {
        let Some(photo) = row.photo_id() else {
            continue;
        };
        let suggested = row.tags.iter().filter(|t| t.state == TagState::Suggested);
        for label in suggested.filter_map(|t| view.catalogue.labels.get(t.label)) {
            decisions.push(Decide::now(photo, &label.name, Some(accept)));
        }
    }
    decisions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::library_view::tests::view;
    use crate::core::ids::PhotoId;

    #[test]
    fn suggestions_of_the_given_photos_are_settled() {
        let view = view();
        let settled = suggestions(view.catalogue.rows.iter(), &view, true);
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].photo, PhotoId::new(2));
        assert_eq!(settled[0].label, "dog");
        assert!(suggestions(std::iter::empty(), &view, true).is_empty());
    }
}
