//! Toasts: messages over the screens.

/// The most toasts; those with *Undo* are kept beyond that.
const MOST: usize = 4;

/// What a toast offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// To undo these decisions.
    Decisions(u64),
    /// To show the last adjustment of tags to the library, and to undo it.
    Scale,
}

/// A message over the screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toast {
    /// Its number.
    pub(crate) id: u64,
    /// A sentence.
    pub(crate) text: String,
    /// What it offers to do. It then stays until it is dismissed; otherwise it disappears after a
    /// while.
    pub(crate) offer: Option<Offer>,
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

    /// Adds a toast, with what it offers to do.
    pub(crate) fn tell(&mut self, text: impl Into<String>, offer: Option<Offer>) {
        let text = text.into();
        // A repeated message counts as new, and only the last adjustment can be undone.
        self.list.retain(|t| match t.offer {
            None => t.text != text,
            Some(Offer::Scale) => offer != Some(Offer::Scale),
            Some(Offer::Decisions(_)) => true,
        });
        let passing = |t: &Toast| t.offer.is_none();
        if self.list.iter().filter(|t| passing(t)).count() >= MOST
            && let Some(first) = self.list.iter().position(passing)
        {
            self.list.remove(first);
        }
        let id = self.next;
        self.next += 1;
        self.list.push(Toast { id, text, offer });
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
        self.list.retain(|t| match t.offer {
            Some(Offer::Decisions(step)) => there(step),
            Some(Offer::Scale) | None => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_taken_back_stays_and_the_rest_makes_room() {
        let mut toasts = Toasts::default();
        toasts.tell("60 photos", Some(Offer::Decisions(7)));
        for i in 0..2 * MOST {
            toasts.tell(i.to_string(), None);
        }
        assert_eq!(toasts.list().len(), 1 + MOST);
        toasts.tell((2 * MOST - 1).to_string(), None);
        assert_eq!(toasts.list().len(), 1 + MOST, "the same is said once");
        toasts.retain_steps(|step| step != 7);
        assert!(toasts.list().iter().all(|t| t.offer.is_none()));
        let id = toasts.list()[0].id;
        assert!(toasts.dismiss(id).is_some() && toasts.dismiss(id).is_none());
        for text in ["16 photos", "32 photos"] {
            toasts.tell(text, Some(Offer::Scale));
        }
        let scale = |t: &&Toast| t.offer == Some(Offer::Scale);
        let scales: Vec<&Toast> = toasts.list().iter().filter(scale).collect();
        assert_eq!(scales.len(), 1, "only the last can be undone");
        assert_eq!(scales[0].text, "32 photos");
    }
}
