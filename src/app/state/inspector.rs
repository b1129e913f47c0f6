//! The facts about the inspected photo.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::app::commands::command::InspectCommand;
use crate::app::messages::answers::{Explained, Neighbours};
use crate::app::messages::picture::Facts;
use crate::app::messages::question::Question;
use crate::app::state::effects::Effects;

/// Photos whose facts are remembered; more than previews are kept.
const FACTS: usize = 32;

/// Answers about one photo.
#[derive(Debug, Default)]
pub(crate) struct InspectorState {
    /// Why a label is on a photo.
    pub(crate) explained: Option<Explained>,
    /// The photos nearest to one.
    pub(crate) neighbours: Option<Neighbours>,
    /// Whether a search for neighbours is running.
    pub(crate) seeking: bool,
    facts: VecDeque<(PathBuf, Facts)>,
}

impl InspectorState {
    /// Carries out a command.
    pub(crate) fn apply(&mut self, command: InspectCommand, effects: &mut Effects) {
        match command {
            InspectCommand::Why(photo, label) => {
                self.explained = None;
                effects.question(Question::Why(photo, label));
            }
            // A question during a search is asked again later.
            InspectCommand::Neighbours(_) if self.seeking => {}
            InspectCommand::Neighbours(photo) => {
                self.seeking = true;
                effects.question(Question::Neighbours(photo));
            }
        }
    }

    /// Handles the result.
    pub(crate) fn found(&mut self, neighbours: Neighbours) {
        self.seeking = false;
        self.neighbours = Some(neighbours);
    }

    /// Remembers the facts in a file.
    pub(crate) fn learn_facts(&mut self, path: &Path, facts: Facts) {
        self.facts.retain(|(of, _)| of != path);
        self.facts.push_front((path.to_path_buf(), facts));
        self.facts.truncate(FACTS);
    }

    /// The facts in a file, once its preview was made.
    pub(crate) fn facts(&self, path: &Path) -> Option<&Facts> {
        let mut known = self.facts.iter();
        known.find(|(of, _)| of == path).map(|(_, facts)| facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::PhotoId;

    #[test]
    fn one_search_for_neighbours_at_a_time() {
        let (mut inspector, mut effects) = (InspectorState::default(), Effects::default());
        inspector.apply(InspectCommand::Neighbours(PhotoId::new(1)), &mut effects);
        inspector.apply(InspectCommand::Neighbours(PhotoId::new(2)), &mut effects);
        assert_eq!(effects.0.len(), 1);
        inspector.found(Neighbours {
            photo: PhotoId::new(0),
            photos: Vec::new(),
        });
        inspector.apply(InspectCommand::Neighbours(PhotoId::new(2)), &mut effects);
        assert_eq!(effects.0.len(), 2);
    }

    #[test]
    fn facts_of_the_last_photos_are_kept() {
        let mut inspector = InspectorState::default();
        let path = |i: usize| PathBuf::from(format!("{i}.jpg"));
        for i in 0..=FACTS {
            inspector.learn_facts(&path(i), Facts::default());
        }
        assert!(inspector.facts(&path(0)).is_none());
        assert!(inspector.facts(&path(FACTS)).is_some());
    }
}
