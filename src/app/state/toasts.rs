//! Toasts: messages over the screens.

/// The most toasts; those with *Undo* are kept beyond that.
const MOST: usize = 4;

/// A message over the screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toast {
    /// Its number.
    pub(crate) id: u64,
    /// A sentence.
    pub(crate) text: String,
    /// The decisions that it can undo. It then stays until it is dismissed; otherwise it disappears
    /// after a while.
    pub(crate) step: Option<u64>,
}

/// The toasts, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Toasts {
    list: Vec<Toast>,
    next: u64,
}

impl Toasts {
    /// The toasts, the latest last.
    pub(crate) fn list(&self) -> &[Toast] {
        &self.list
    }

    /// Adds a toast; `step` are the decisions that it can undo.
    pub(crate) fn tell(&mut self, text: impl Into<String>, step: Option<u64>) {
        let text = text.into();
        // A repeated message counts as new.
        self.list.retain(|t| t.step.is_some() || t.text != text);
        let passing = |t: &Toast| t.step.is_none();
        if self.list.iter().filter(|t| passing(t)).count() >= MOST
            && let Some(first) = self.list.iter().position(passing)
        {
            self.list.remove(first);
        }
        let id = self.next;
        self.next += 1;
        self.list.push(Toast { id, text, step });
    }

    /// Removes a toast and returns it.
    pub(crate) fn dismiss(&mut self, id: u64) -> Option<Toast> {
        let at = self.list.iter().position(|t| t.id == id)?;
        Some(self.list.remove(at))
    }

    /// Removes all toasts.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// Removes toasts whose decisions can no longer be undone.
    pub(crate) fn retain_steps(&mut self, there: impl Fn(u64) -> bool) {
        self.list.retain(|t| t.step.is_none_or(&there));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_taken_back_stays_and_the_rest_makes_room() {
        let mut toasts = Toasts::default();
        toasts.tell("60 photos", Some(7));
        for i in 0..2 * MOST {
            toasts.tell(i.to_string(), None);
        }
        assert_eq!(toasts.list().len(), 1 + MOST);
        toasts.tell((2 * MOST - 1).to_string(), None);
        assert_eq!(toasts.list().len(), 1 + MOST, "the same is said once");
        toasts.retain_steps(|step| step != 7);
        assert!(toasts.list().iter().all(|t| t.step.is_none()));
        let id = toasts.list()[0].id;
        assert!(toasts.dismiss(id).is_some() && toasts.dismiss(id).is_none());
    }
}
