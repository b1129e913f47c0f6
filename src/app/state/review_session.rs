//! The labels to review in one session of about twenty minutes, the most rewarding first.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::catalogue::label::LabelInfo;
use crate::app::state::app_state::AppState;
use crate::tagging::learning::learn::ACTIVE_FROM;

/// How long a session takes.
const SESSION_S: f32 = 20.0 * 60.0;
/// The photos on a page, which are decided together.
pub(crate) const PAGE: usize = 60;
/// How long a user looks at a page.
const PAGE_S: f32 = 10.0;
/// How long it takes to mark a photo that is unlike the others.
const MARK_S: f32 = 1.5;

/// How many more of a label's tags are right once it learns, of each that it has: the least of what
/// five decisions were measured to do for the order of photos (`docs/measuring.md`).
const TAUGHT: f32 = 0.04;

/// What the suggestions of a label are worth, in tags: those that become right now, and those that
/// the decisions teach where the label has too few to learn from.
fn gain(label: &LabelInfo) -> f32 {
    let made = label.learning.as_ref();
    let made = made.map_or(0, |l| if l.active { l.teaching } else { ACTIVE_FROM });
    let begins = made < ACTIVE_FROM && made + label.suggested >= ACTIVE_FROM;
    let taught = match begins {
        true => TAUGHT * label.accepted as f32,
        false => 0.0,
    };
    label.expected + taught
}

/// How long the suggestions of a label probably take, in seconds.
fn seconds(label: &LabelInfo) -> f32 {
    let suggested = label.suggested as f32;
    // Whichever are fewer are marked: the right ones or the wrong ones.
    let right = label.expected.clamp(0.0, suggested);
    let marked = right.min(suggested - right);
    label.suggested.div_ceil(PAGE) as f32 * PAGE_S + marked * MARK_S
}

/// The labels of a session. Those from which others follow come last; otherwise those come first
/// that probably give and teach the most in the same time.
fn plan(labels: &[LabelInfo]) -> Vec<String> {
    let mut waiting: Vec<&LabelInfo> = labels.iter().filter(|l| l.suggested > 0).collect();
    let rate = |label: &LabelInfo| gain(label) / seconds(label).max(1.0);
    waiting.sort_by(|a, b| {
        let follows = a.tree.has_children.cmp(&b.tree.has_children);
        follows
            .then(rate(b).total_cmp(&rate(a)))
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut time = 0.0;
    let planned = waiting.into_iter().take_while(|label| {
        let fits = time < SESSION_S;
        time += seconds(label);
        fits
    });
    planned.map(|label| label.name.clone()).collect()
}

impl AppState {
    /// Plans a session, unless there is one with something left. Its order stays, whatever the
    /// numbers become.
    pub(crate) fn keep_session(&mut self) {
        if self.session_labels().is_empty() {
            self.review.session = plan(&self.library.catalogue.labels);
        }
    }

    /// The labels of the session that have suggestions left, in its order.
    pub(crate) fn session_labels(&self) -> Vec<&LabelInfo> {
        let session = self.review.session.iter().enumerate();
        let places: HashMap<&str, usize> = session.map(|(at, name)| (name.as_str(), at)).collect();
        let labels = self.library.catalogue.labels.iter();
        let left = labels.filter(|label| label.suggested > 0);
        let mut left: Vec<(usize, &LabelInfo)> = left
            .filter_map(|label| Some((*places.get(label.name.as_str())?, label)))
            .collect();
        left.sort_unstable_by_key(|(at, _)| *at);
        left.into_iter().map(|(_, label)| label).collect()
    }

    /// How long they will probably take, in whole minutes.
    pub(crate) fn session_time(&self) -> Duration {
        let labels = self.session_labels().into_iter();
        let seconds: f32 = labels.map(seconds).sum();
        let minutes = (seconds / 60.0).ceil().max(1.0) as u64;
        Duration::from_secs(60 * minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::choices::ScreenId;
    use crate::app::commands::command::Command;
    use crate::app::state::effects::Effects;
    use crate::app::state::samples;
    use crate::services::learning::LabelLearning;

    fn label(name: &str, suggested: usize, share: f32) -> LabelInfo {
        LabelInfo {
            suggested,
            expected: suggested as f32 * share,
            ..LabelInfo::new(name)
        }
    }

    #[test]
    fn what_gives_the_most_in_the_same_time_comes_first_and_twenty_minutes_are_enough() {
        let mut general = label("animal", 60, 0.9);
        general.tree.has_children = true;
        let labels = [
            label("none", 0, 0.0),
            label("doubtful", 60, 0.5),
            general,
            label("few", 2, 0.9),
            label("likely", 60, 0.9),
        ];
        assert_eq!(plan(&labels), ["likely", "doubtful", "few", "animal"]);
        let many: Vec<LabelInfo> = (0..100)
            .map(|i| label(&format!("{i:03}"), 600, 0.5))
            .collect();
        let time: f32 = many.iter().take(plan(&many).len()).map(seconds).sum();
        assert!(
            (SESSION_S..SESSION_S + seconds(&many[0])).contains(&time),
            "{time}"
        );
        assert_eq!(plan(&[label("all of it", 100_000, 0.5)]).len(), 1);
    }

    #[test]
    fn a_label_that_can_begin_to_learn_comes_before_one_that_has() {
        let learning = |teaching: usize, active: bool| LabelLearning {
            label: String::new(),
            accepted: teaching,
            rejected: 0,
            teaching,
            active,
            reset_ms: None,
            learned: None,
        };
        let common = |name: &str, suggested, learning| LabelInfo {
            accepted: 1000,
            learning,
            ..label(name, suggested, 0.5)
        };
        let labels = [
            common("a, learns already", 4, Some(learning(3, true))),
            common("b, may not learn", 4, Some(learning(0, false))),
            common("c, too few", 2, None),
            common("d, begins", 4, None),
            common("e, goes on", 4, Some(learning(2, true))),
            label("f, rare", 4, 0.5),
        ];
        let first: Vec<String> = plan(&labels).into_iter().take(2).collect();
        assert_eq!(first, ["d, begins", "e, goes on"]);
    }

    #[test]
    fn a_session_keeps_its_order_until_it_is_done() {
        let (mut state, mut effects) = (samples::empty(), Effects::default());
        state.library.catalogue.labels = vec![label("a", 60, 0.9), label("b", 60, 0.5)];
        state.apply(Command::Show(ScreenId::Review), &mut effects);
        let order = |state: &AppState| -> Vec<String> {
            let labels = state.session_labels().into_iter();
            labels.map(|l| l.name.clone()).collect()
        };
        assert_eq!(order(&state), ["a", "b"]);
        state.library.catalogue.labels[1].expected = 60.0;
        state.library.catalogue.labels.push(label("new", 60, 1.0));
        state.apply(Command::Show(ScreenId::Photos), &mut effects);
        state.apply(Command::Show(ScreenId::Review), &mut effects);
        assert_eq!(order(&state), ["a", "b"], "as it was");
        for label in &mut state.library.catalogue.labels[..2] {
            label.suggested = 0;
        }
        assert!(order(&state).is_empty());
        state.apply(Command::Show(ScreenId::Review), &mut effects);
        assert_eq!(order(&state), ["new"], "the next session");
    }
}
