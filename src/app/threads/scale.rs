//! The last adjustment of tags to the library: reports it, and undoes it or makes it again.

use std::collections::HashMap;

use crate::app::messages::event::Event;
use crate::app::messages::scale_report::ScaleReport;
use crate::app::threads::library::{Failure, Keeper};
use crate::core::ids::{LabelId, ModelId};
use crate::engine::ModelIdentity;
use crate::indexer::Control;
use crate::services::scale;
use crate::store::{ScaleChange, Store};

impl Keeper {
    /// Reports the last adjustment.
    pub(crate) fn report_scale(
        &self,
        store: &Store,
        identity: &ModelIdentity,
    ) -> Result<(), Failure> {
        let report = match last(store, identity)? {
            Some((_, change)) => Some(report(store, change)?),
            None => None,
        };
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
        match last(store, identity)? {
            Some((model, change)) if change.undone != undone => {
                store.write(|w| w.undo_scale(model, &change, undone))?;
                self.control(Control::Retag);
                self.soon();
            }
            _ => self.problem("Tags were adjusted to the library anew, or by another program."),
        }
        self.report_scale(store, identity)
    }
}

fn last(
    store: &Store,
    identity: &ModelIdentity,
) -> Result<Option<(ModelId, ScaleChange)>, Failure> {
    let Some(model) = store.model(&identity.fingerprint)? else {
        return Ok(None);
    };
    Ok(scale::last_change(store, model)?.map(|change| (model, change)))
}

fn report(store: &Store, change: ScaleChange) -> Result<ScaleReport, Failure> {
    let names: HashMap<LabelId, String> = store.label_names()?.into_iter().collect();
    let mut labels: Vec<(String, usize, usize)> = change
        .labels
        .iter()
        .filter_map(|l| Some((names.get(&l.label)?.clone(), l.gained, l.lost)))
        .collect();
    labels.sort_by_key(|l| std::cmp::Reverse(l.1 + l.2));
    Ok(ScaleReport {
        photos: change.after.count,
        undone: change.undone,
        labels,
    })
}
