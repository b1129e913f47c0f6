//! Saves what the user said, and tries again what could not be saved.

use std::collections::HashMap;
use std::time::Instant;

use crate::app::messages::decision::{Decide, Decided};
use crate::app::messages::event::Event;
use crate::app::messages::request::Request;
use crate::app::messages::saving::Saving;
use crate::app::threads::library::{Failure, Keeper};
use crate::app::threads::unsaved::UnsavedRequests;
use crate::core::ids::PhotoId;
use crate::services::vocabulary_edit::EditError;
use crate::store::{Decision, Store, StoreError};

impl Keeper {
    /// Saves what the user said. If the library cannot be written, it is kept for later, and so is
    /// everything after it, because the order matters.
    pub(crate) fn save(&mut self, store: &mut Store, request: Request) {
        if !self.unsaved.is_empty() {
            self.put_off(store, request);
        } else if let Err((request, reason)) = self.try_to_save(store, request) {
            self.problem(reason.as_str());
            self.unsaved.failed(reason, Instant::now());
            self.put_off(store, request);
        }
        self.report_saving();
    }

    /// Makes the next attempt happen at once.
    pub(crate) fn save_now(&mut self) {
        if !self.unsaved.is_empty() {
            self.unsaved.retry_now(Instant::now());
        }
    }

    /// Tries again if it is time.
    pub(crate) fn save_again(&mut self, store: &mut Store) {
        if !self.unsaved.is_due(Instant::now()) {
            return;
        }
        store.thaw();
        while let Some(request) = self.unsaved.take() {
            if let Err((request, reason)) = self.try_to_save(store, request) {
                self.unsaved.put_back(request);
                self.unsaved.failed(reason, Instant::now());
                return self.report_saving();
            }
        }
        self.unsaved = UnsavedRequests::default();
        // What kept this from being written may have stopped the indexer.
        if self.indexer.is_none() {
            self.retry_at = Some(Instant::now());
        }
        self.report_saving();
        self.soon();
    }

    /// Returns the request, and why, if it could be saved later.
    fn try_to_save(
        &mut self,
        store: &mut Store,
        request: Request,
    ) -> Result<(), (Request, String)> {
        match self.save_one(store, &request) {
            Err(error) if may_pass(&error) => return Err((request, error.to_string())),
            Err(error) => {
                self.problem(error);
                if let Request::Decide(_, true) = request {
                    // Undo waits for this, even if nothing could be stored.
                    self.send(Event::Decided(Vec::new()));
                }
                self.soon();
            }
            Ok(()) => {}
        }
        self.decided += u64::from(matches!(request, Request::Decide(..)));
        self.handled += 1;
        Ok(())
    }

    /// Keeps a request for later. Undo can have its answer at once.
    fn put_off(&mut self, store: &Store, mut request: Request) {
        if let Request::Decide(decisions, note) = &mut request
            && std::mem::take(note)
        {
            // What cannot be read cannot be undone.
            let before = self.before(store, decisions).unwrap_or_default();
            self.send(Event::Decided(before));
        }
        self.unsaved.push(request);
    }

    /// What the user had said before these decisions.
    fn before(&self, store: &Store, decisions: &[Decide]) -> Result<Vec<Decided>, StoreError> {
        let unsaved = self.unsaved.decisions();
        let mut saved: HashMap<&str, HashMap<PhotoId, Decision>> = HashMap::new();
        let mut before = Vec::with_capacity(decisions.len());
        for d in decisions {
            if !saved.contains_key(d.label.as_str()) {
                let made = match store.label(&d.label)? {
                    Some(label) => store.decisions_on(label)?.into_iter().collect(),
                    None => HashMap::new(),
                };
                saved.insert(&d.label, made);
            }
            let in_library = saved
                .get(d.label.as_str())
                .and_then(|made| made.get(&d.photo));
            let last = unsaved.get(&(d.photo, d.label.as_str())).copied();
            before.push(Decided {
                photo: d.photo,
                label: d.label.clone(),
                before: last.unwrap_or(in_library.copied()),
            });
        }
        Ok(before)
    }

    fn report_saving(&self) {
        self.send(Event::Saving(Saving {
            handled: self.handled,
            unsaved: self.unsaved.report(),
        }));
    }
}

/// Whether the same request may succeed later.
fn may_pass(error: &Failure) -> bool {
    let of_library = match error.downcast_ref() {
        Some(EditError::Library(error)) => Some(error),
        _ => error.downcast_ref::<StoreError>(),
    };
    of_library.is_some_and(StoreError::may_pass)
}
