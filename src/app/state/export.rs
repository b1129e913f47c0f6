//! Sidecars: the export on show, and automatic exports.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::commands::choices::ExportScope;
use crate::app::commands::command::ExportCommand;
use crate::app::messages::export::{ExportJob, ExportState, Refused};
use crate::app::messages::message::Severity;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::settings::Settings;
use crate::core::count;
use crate::services::export::ExportOptions;
use crate::store::PastExport;

/// The most failures of an automatic export to report one by one.
const TOLD: usize = 5;

/// The export.
#[derive(Debug, Default)]
pub struct ExportPanel {
    /// Its progress or result.
    pub state: Option<ExportState>,
    /// The exports that can be undone, the last first.
    pub(crate) history: Vec<PastExport>,
    /// The photos that it is about.
    pub(crate) scope: ExportScope,
    /// The files and folders of the last preview; none for all photos.
    previewed: Vec<PathBuf>,
    /// Whether one runs.
    pub running: bool,
    /// Whether to export all photos automatically.
    pub(crate) all_pending: bool,
    /// Otherwise, the photos to export automatically.
    pub(crate) pending: HashSet<PathBuf>,
}

impl ExportPanel {
    /// Carries out a command. `paths` are the files and folders to preview; none for all photos.
    pub(crate) fn apply(
        &mut self,
        command: ExportCommand,
        paths: Vec<PathBuf>,
        settings: &Settings,
        effects: &mut Effects,
    ) {
        let mut options = options(settings);
        let job = match command {
            ExportCommand::Preview => {
                self.previewed = paths;
                options.paths.clone_from(&self.previewed);
                ExportJob::Preview(options)
            }
            // What was looked at is written, whatever is selected now.
            ExportCommand::Write => {
                options.paths.clone_from(&self.previewed);
                ExportJob::Write(options)
            }
            ExportCommand::Undo => ExportJob::Undo,
            ExportCommand::UndoBackTo(export) => ExportJob::UndoBackTo(export),
            ExportCommand::Cancel => return effects.0.push(Effect::CancelExport),
            ExportCommand::Scope(scope) => {
                (self.scope, self.state) = (scope, None);
                return;
            }
        };
        effects.0.push(Effect::Export(job));
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
        confirmed_only: settings.sidecars.confirmed_only,
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
