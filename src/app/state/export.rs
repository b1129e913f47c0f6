//! Sidecars: the export on show, and automatic exports.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::commands::command::ExportCommand;
use crate::app::messages::export::{ExportJob, ExportState, Refused};
use crate::app::messages::message::Severity;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::settings::Settings;
use crate::core::count;
use crate::services::export::ExportOptions;

/// The most failures of an automatic export to report one by one.
const TOLD: usize = 5;

/// The export.
#[derive(Debug, Default)]
pub struct ExportPanel {
    /// Its progress or result.
    pub state: Option<ExportState>,
    /// Whether one runs.
    pub running: bool,
    /// Whether to export all photos automatically.
    pub(crate) all_pending: bool,
    /// Otherwise, the photos to export automatically.
    pub(crate) pending: HashSet<PathBuf>,
}

impl ExportPanel {
    /// Carries out a command.
    pub(crate) fn apply(&self, command: ExportCommand, settings: &Settings, effects: &mut Effects) {
        effects.0.push(match command {
            ExportCommand::Preview => Effect::Export(ExportJob::Preview(options(settings))),
            ExportCommand::Write => Effect::Export(ExportJob::Write(options(settings))),
            ExportCommand::Undo => Effect::Export(ExportJob::Undo),
            ExportCommand::Cancel => Effect::CancelExport,
        });
    }

    /// Starts the automatic export, if there is something to write and nothing else is going on.
    pub(crate) fn export_pending(
        &mut self,
        at_rest: bool,
        settings: &Settings,
        effects: &mut Effects,
    ) {
        let nothing = !self.all_pending && self.pending.is_empty();
        if !settings.sidecars.auto_export || nothing || !at_rest || self.running {
            return;
        }
        let mut options = options(settings);
        let (all, pending) = (self.all_pending, std::mem::take(&mut self.pending));
        self.all_pending = false;
        if !all {
            options.paths = pending.into_iter().collect();
        }
        effects.0.push(Effect::Export(ExportJob::Quiet(options)));
    }

    /// Reports the result of an automatic export.
    pub(crate) fn exported(written: usize, refused: Vec<Refused>, effects: &mut Effects) {
        if written > 0 {
            let sidecars = count::count(written, "sidecar", "sidecars");
            let what = format!("{sidecars} written automatically.");
            effects.say(Severity::Info, what);
        }
        for one in refused.into_iter().take(TOLD) {
            effects.say(Severity::Problem, one.reason);
        }
    }
}

fn options(settings: &Settings) -> ExportOptions {
    ExportOptions {
        embed: false,
        synonyms: settings.sidecars.synonyms,
        take_out_rejected: false,
        paths: Vec::new(),
        naming: settings.naming(),
        properties: settings.properties(),
        dry_run: false,
        no_undo: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_exported_once_at_rest_and_only_where_wanted() {
        let mut export = ExportPanel::default();
        let mut settings = Settings::default();
        let started = |export: &mut ExportPanel, settings: &Settings, at_rest| {
            let mut effects = Effects::default();
            export.export_pending(at_rest, settings, &mut effects);
            effects.0.pop().map(|effect| match effect {
                Effect::Export(ExportJob::Quiet(options)) => options.paths,
                other => panic!("{other:?}"),
            })
        };
        export.pending.insert("/a.jpg".into());
        assert_eq!(started(&mut export, &settings, true), None, "not wanted");
        settings.sidecars.auto_export = true;
        assert_eq!(started(&mut export, &settings, false), None, "not at rest");
        export.running = true;
        assert_eq!(started(&mut export, &settings, true), None, "another runs");
        export.running = false;
        let paths = Some(vec![PathBuf::from("/a.jpg")]);
        assert_eq!(started(&mut export, &settings, true), paths);
        assert_eq!(started(&mut export, &settings, true), None, "once");
        export.all_pending = true;
        export.pending.insert("/a.jpg".into());
        assert_eq!(
            started(&mut export, &settings, true),
            Some(Vec::new()),
            "all"
        );
    }

    #[test]
    fn a_quiet_export_says_what_it_wrote() {
        let mut effects = Effects::default();
        ExportPanel::exported(0, Vec::new(), &mut effects);
        assert!(effects.0.is_empty());
        let refused = Refused {
            photo: "/a.jpg".into(),
            reason: "read-only".into(),
        };
        ExportPanel::exported(2, vec![refused; 9], &mut effects);
        assert_eq!(effects.said().len(), 1 + TOLD);
    }
}
