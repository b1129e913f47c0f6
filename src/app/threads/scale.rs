//! The last adjustment of tags to the library: reports it, and undoes it or makes it again.

use crate::app::messages::event::Event;
use crate::app::messages::scale_report::ScaleReport;
use crate::app::threads::library::{Failure, Keeper};
use crate::engine::ModelIdentity;
use crate::indexer::Control;
use crate::services::scale;
use crate::store::{ScaleChange, Store};
use crate::words::phrase;

impl Keeper {
    /// Reports the last adjustment.
    pub(crate) fn report_scale(
        &self,
        store: &Store,
        identity: &ModelIdentity,
    ) -> Result<(), Failure> {
        let change = scale::last_change(store, store.model(&identity.fingerprint)?)?;
        let report = change.map(|change| report(store, &change)).transpose()?;
        self.send(Event::Scale(report));
        Ok(())
    }

    /// Undoes the last adjustment, or makes it again, and updates the tags.
    pub(crate) fn undo_scale(
        &mut self,
        store: &mut Store,
        identity: &ModelIdentity,
        undone: bool,
    ) -> Result<(), Failure> {
        let model = store.model(&identity.fingerprint)?;
        if scale::undo(store, model, undone)? {
            self.control(Control::Retag);
            self.soon();
        } else {
            self.problem(phrase!("scale-changed-since"));
        }
        self.report_scale(store, identity)
    }
}

fn report(store: &Store, change: &ScaleChange) -> Result<ScaleReport, Failure> {
    Ok(ScaleReport {
        photos: change.after.count,
        constants: change.after.constants,
        undone: change.undone,
        labels: store.named_changes(change)?,
    })
}
