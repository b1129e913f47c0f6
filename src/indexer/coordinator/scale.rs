//! Changes of the library's scale. Existing tags stay as they are while photos arrive; when the
//! library is complete and has grown much, the scale changes, and what that did is told.

use crate::core::ids::{LabelId, PhotoId};
use crate::indexer::coordinator::Coordinator;
use crate::indexer::notice::Notice;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs;
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::task::Task;
use crate::store::{LabelChange, ScaleChange, ScalePhotos, Writer};

/// A label on a photo.
type Given = (LabelId, PhotoId);

impl Coordinator {
    /// Returns how many photos should determine the scale of a complete library; `None` to keep the
    /// scale.
    pub(super) fn due_scale(&mut self) -> Result<Option<usize>, PipelineError> {
        // Everything sent so far must be in the library before it is read.
        self.channels.writer.apply_now(|_| Ok(()))?;
        let now = self.store.scale_photos(self.model)?.map_or(0, |s| s.count);
        let refused = self.store.scale_refused(self.model)?;
        let photos = self.store.embedded(self.model)?;
        Ok(tag_inputs::new_scale(photos, now.max(refused)))
    }

    /// Scales labels to `count` photos of the library, and tells what that did to tags.
    pub(super) fn rescale(&mut self, count: usize) -> Result<(), PipelineError> {
        let model = self.model;
        // What else has changed is none of the scale's doing.
        self.retag()?;
        let before = self.store.scale_photos(model)?;
        let given = self.store.all_given()?;
        let set = move |w: &Writer<'_>| w.set_scale_photos(model, count);
        self.channels.writer.apply_now(set)?;
        self.calibrate()?;
        self.retag()?;
        let Some(after) = self
            .store
            .scale_photos(model)?
            .filter(|_| !self.shared.stopped())
        else {
            return Ok(());
        };
        let change = ScaleChange {
            before,
            after,
            undone: false,
            labels: changes(&given, &self.store.all_given()?),
        };
        let (gained, lost) = change.totals();
        let labels = self.store.named_changes(&change)?;
        let keep = move |w: &Writer<'_>| w.keep_scale_change(model, &change);
        self.channels.writer.apply_now(keep)?;
        if gained + lost > 0 {
            self.shared.notices.add(Notice::Rescaled {
                photos: count,
                constants: after.constants,
                labels,
            });
        }
        Ok(())
    }

    /// Fits the constants of a model that nobody measured to the photos of the new scale.
    fn calibrate(&self) -> Result<(), PipelineError> {
        let model = self.model;
        let inputs = TagInputs::read(&self.store, &self.identity)?;
        let Some(scale) = inputs.scale else {
            return Ok(());
        };
        let constants = self.ask(|reply| Task::Calibrate(Box::new(inputs), reply))?;
        if constants.is_none() {
            return Ok(());
        }
        let scale = ScalePhotos { constants, ..scale };
        let keep = move |w: &Writer<'_>| w.keep_scale(model, Some(scale));
        self.channels.writer.apply_now(keep)
    }
}

/// Compares sorted lists of tags.
fn changes(before: &[Given], after: &[Given]) -> Vec<LabelChange> {
    let mut found: Vec<LabelChange> = Vec::new();
    let mut note = |label: LabelId, is_gain: bool| {
        if found.last().is_none_or(|last| last.label != label) {
            found.push(LabelChange {
                label,
                gained: 0,
                lost: 0,
            });
        }
        if let Some(last) = found.last_mut() {
            last.gained += usize::from(is_gain);
            last.lost += usize::from(!is_gain);
        }
    };
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        match (before.peek(), after.peek()) {
            (None, None) => return found,
            (Some(old), Some(new)) if old == new => {
                before.next();
                after.next();
            }
            (Some(old), new) if new.is_none_or(|new| old < new) => {
                note(old.0, false);
                before.next();
            }
            (_, Some(new)) => {
                note(new.0, true);
                after.next();
            }
            (Some(_), None) => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_and_losses_are_counted_by_label() {
        let given = |pairs: &[(i64, i64)]| -> Vec<Given> {
            let given = pairs.iter();
            given
                .map(|(label, photo)| (LabelId::new(*label), PhotoId::new(*photo)))
                .collect()
        };
        let told = |before: &[(i64, i64)], after: &[(i64, i64)]| -> Vec<(i64, usize, usize)> {
            let changes = changes(&given(before), &given(after)).into_iter();
            changes
                .map(|c| (c.label.number(), c.gained, c.lost))
                .collect()
        };
        assert_eq!(told(&[], &[]), []);
        assert_eq!(told(&[(1, 1)], &[(1, 1)]), []);
        assert_eq!(told(&[(1, 1), (2, 1)], &[]), [(1, 0, 1), (2, 0, 1)]);
        assert_eq!(told(&[], &[(1, 1), (1, 2)]), [(1, 2, 0)]);
        assert_eq!(
            told(
                &[(1, 1), (1, 3), (2, 5), (4, 1)],
                &[(1, 2), (1, 3), (3, 1), (4, 1), (4, 2)]
            ),
            [(1, 1, 1), (2, 0, 1), (3, 1, 0), (4, 1, 0)]
        );
    }
}
