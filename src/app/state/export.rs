//! Sidecars: the export on show, and automatic exports.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::commands::choices::ExportScope;
use crate::app::commands::command::ExportCommand;
use crate::app::messages::export::{ExportJob, ExportState, LibraryExports, Refused};
use crate::app::messages::message::Severity;
use crate::app::messages::request::Request;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::settings::Settings;
use crate::services::export::ExportOptions;
use crate::words::tr;

/// The most failures of an automatic export to report one by one.
const TOLD: usize = 5;

/// The export.
#[derive(Debug, Default)]
pub struct ExportPanel {
    /// Its progress or result.
    pub state: Option<ExportState>,
    /// What the library says of exports.
    pub(crate) library: LibraryExports,
    /// Whether the warning about writing into photos is on show.
    pub(crate) warns: bool,
    /// The photos that it is about.
    pub(crate) scope: ExportScope,
    /// What the last preview was of.
    previewed: Option<ExportOptions>,
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
        let job = match command {
            ExportCommand::Preview => {
                let options = ExportOptions {
                    paths,
                    embed: self.library.may_embed,
                    ..options(settings)
                };
                self.previewed = Some(options.clone());
                ExportJob::Preview(options)
            }
            // What was looked at is written, whatever is selected or set now.
            ExportCommand::Write => match &self.previewed {
                Some(options) if self.library.may_embed || !options.embed => {
                    ExportJob::Write(options.clone())
                }
                _ => return self.forget_preview(),
            },
            ExportCommand::Undo => ExportJob::Undo,
            ExportCommand::UndoBackTo(export) => ExportJob::UndoBackTo(export),
            ExportCommand::Cancel => return effects.0.push(Effect::CancelExport),
            ExportCommand::Scope(scope) => {
                (self.scope, self.state) = (scope, None);
                return;
            }
            ExportCommand::Embed(true) if !self.library.was_warned => {
                self.warns = true;
                return;
            }
            ExportCommand::Embed(allowed) => return self.allow(allowed, effects),
            ExportCommand::AnswerWarning(true) => return self.allow(true, effects),
            ExportCommand::AnswerWarning(false) => {
                self.warns = false;
                return;
            }
            // It is a setting.
            ExportCommand::Program(_) => return,
        };
        effects.0.push(Effect::Export(job));
    }

    fn allow(&mut self, allowed: bool, effects: &mut Effects) {
        self.warns = false;
        if !allowed {
            // At once, also if the library cannot be written.
            self.library.may_embed = false;
            self.forget_preview();
        }
        effects.ask(Request::MayEmbed(allowed));
    }

    /// Takes what the library says of exports.
    pub(crate) fn note(&mut self, library: LibraryExports) {
        if library.may_embed != self.library.may_embed {
            // The preview was of other files.
            self.forget_preview();
        }
        self.library = library;
    }

    /// Takes a preview away that no longer says what would be written.
    pub(crate) fn forget_preview(&mut self) {
        if matches!(self.state, Some(ExportState::Preview { .. })) {
            self.state = None;
        }
    }

    /// Starts the automatic export, which writes only sidecars, if there is something to write and nothing
    /// else is going on.
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
            let what = tr!("export-automatic", count = written);
            effects.say(Severity::Info, what);
        }
        for one in refused.into_iter().take(TOLD) {
            effects.say(Severity::Problem, one.reason);
        }
    }
}

/// The options of an export that leaves photos as they are.
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
    use crate::app::state::settings::SidecarSettings;

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
    fn photos_are_written_only_if_the_library_allows_it_and_as_they_were_looked_at() {
        let (mut export, settings) = (ExportPanel::default(), Settings::default());
        let apply = |export: &mut ExportPanel, command| {
            let mut effects = Effects::default();
            export.apply(command, Vec::new(), &settings, &mut effects);
            effects.0.pop()
        };
        let embeds = |effect: Option<Effect>| match effect {
            Some(Effect::Export(ExportJob::Preview(options) | ExportJob::Write(options))) => {
                Some(options.embed)
            }
            _ => None,
        };
        assert_eq!(
            embeds(apply(&mut export, ExportCommand::Write)),
            None,
            "nothing was looked at"
        );
        assert_eq!(
            embeds(apply(&mut export, ExportCommand::Preview)),
            Some(false)
        );
        // The first time, the user reads what it means, and may say no.
        assert!(apply(&mut export, ExportCommand::Embed(true)).is_none() && export.warns);
        assert!(apply(&mut export, ExportCommand::AnswerWarning(false)).is_none());
        assert!(!export.warns);
        apply(&mut export, ExportCommand::Embed(true));
        let asked = apply(&mut export, ExportCommand::AnswerWarning(true));
        assert!(matches!(asked, Some(Effect::Ask(Request::MayEmbed(true)))));
        // It is on once the library says so, and what was looked at before is no longer written.
        let preview = || ExportState::Preview {
            changes: Vec::new(),
            refused: Vec::new(),
            unchanged: 0,
            counts: [1, 0],
        };
        let library = |may_embed| LibraryExports {
            may_embed,
            was_warned: true,
            ..LibraryExports::default()
        };
        export.state = Some(preview());
        export.note(library(true));
        assert_eq!(export.state, None);
        assert_eq!(
            embeds(apply(&mut export, ExportCommand::Preview)),
            Some(true)
        );
        assert_eq!(embeds(apply(&mut export, ExportCommand::Write)), Some(true));
        // Switched off, nothing writes into photos, whatever was looked at.
        export.state = Some(preview());
        export.library = library(false);
        assert!(apply(&mut export, ExportCommand::Write).is_none());
        assert_eq!(export.state, None);
        let asked = apply(&mut export, ExportCommand::Embed(true));
        assert!(
            matches!(asked, Some(Effect::Ask(Request::MayEmbed(true)))),
            "warned once"
        );
        export.library = library(true);
        export.all_pending = true;
        let auto = Settings {
            sidecars: SidecarSettings {
                auto_export: true,
                ..SidecarSettings::default()
            },
            ..Settings::default()
        };
        let mut effects = Effects::default();
        export.export_pending(true, &auto, &mut effects);
        let quiet = effects.0.pop();
        let leaves = matches!(&quiet, Some(Effect::Export(ExportJob::Quiet(o))) if !o.embed);
        assert!(leaves, "{quiet:?}");
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
