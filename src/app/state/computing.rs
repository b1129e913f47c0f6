//! The model, its device, and downloads.

use crate::app::commands::command::ComputeCommand;
use crate::app::messages::download::{DownloadPhase, DownloadState};
use crate::app::messages::message::Severity;
use crate::app::messages::model::ModelInfo;
use crate::app::messages::question::Question;
use crate::app::messages::request::Request;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::settings::Settings;
use crate::engine::{DeviceInfo, EngineOptions};
use crate::model_store::templates;
use crate::words::tr;

/// Models and devices.
#[derive(Debug)]
pub struct Computing {
    /// The model in use and how it computes.
    pub engine: EngineOptions,
    /// The model and its device, once known.
    pub(crate) description: String,
    /// The devices available here; empty until requested.
    pub(crate) devices: Vec<DeviceInfo>,
    /// Models that are installed or available; known before the library is.
    pub(crate) models: Vec<ModelInfo>,
    /// The progress or the result of a download.
    pub(crate) download: Option<DownloadState>,
    /// Whether a model is being downloaded.
    pub(crate) downloading: bool,
}

impl Computing {
    /// Starts with these options.
    pub(crate) fn new(engine: EngineOptions) -> Self {
        Self {
            engine,
            description: String::new(),
            devices: Vec::new(),
            models: Vec::new(),
            download: None,
            downloading: false,
        }
    }

    /// Carries out a command.
    pub(crate) fn apply(
        &mut self,
        command: ComputeCommand,
        settings: &mut Settings,
        effects: &mut Effects,
    ) {
        match command {
            ComputeCommand::Model(name) => {
                self.engine.model = name;
                self.use_engine(effects);
            }
            ComputeCommand::Download(name) => effects.0.push(Effect::Download(name)),
            ComputeCommand::CancelDownload => effects.0.push(Effect::CancelDownload),
            ComputeCommand::Device(device) => {
                self.engine.device = device;
                settings.computing.device = device.to_string();
                self.use_engine(effects);
            }
            ComputeCommand::Fast(fast) => {
                self.engine.fast = fast;
                settings.computing.fast = fast;
                self.use_engine(effects);
            }
            ComputeCommand::Templates(text) => match templates::parse(&text) {
                Ok(templates) if templates == self.engine.templates => {}
                Ok(templates) => {
                    self.engine.templates = templates;
                    self.use_engine(effects);
                }
                Err(reason) => {
                    effects.say(
                        Severity::Problem,
                        tr!("settings-templates-refused", reason = reason),
                    );
                }
            },
            ComputeCommand::Threads(threads) => {
                settings.computing.threads = threads;
                effects.ask(Request::Threads(threads));
            }
        }
    }

    /// Applies the engine's options.
    fn use_engine(&mut self, effects: &mut Effects) {
        self.description.clear();
        effects.ask(Request::UseModel(self.engine.clone()));
        effects.question(Question::UseModel(self.engine.clone()));
    }

    /// Records whether a download was started.
    pub(crate) fn download_started(&mut self, model: String, started: bool, effects: &mut Effects) {
        match started {
            true => {
                let phase = DownloadPhase::Asking;
                self.download = Some(DownloadState { model, phase });
            }
            false => effects.say(Severity::Info, tr!("download-busy")),
        }
    }

    /// Records the progress of a download.
    pub(crate) fn downloaded(&mut self, state: DownloadState, effects: &mut Effects) {
        match &state.phase {
            DownloadPhase::Done => {
                let text = tr!("download-done", model = &state.model);
                effects.say(Severity::Info, text);
                effects.ask(Request::Models);
            }
            DownloadPhase::Failed { reason } => {
                let text = tr!(
                    "download-failed",
                    model = &state.model,
                    reason = reason.clone()
                );
                effects.say(Severity::Problem, text);
            }
            _ => {}
        }
        self.download = Some(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::DeviceChoice;

    fn computing() -> Computing {
        Computing::new(EngineOptions {
            model: "starter".into(),
            quick_gelu: None,
            device: DeviceChoice::Auto,
            fast: false,
            templates: Vec::new(),
        })
    }

    #[test]
    fn both_threads_hear_of_another_device_and_it_is_kept() {
        let (mut computing, mut settings) = (computing(), Settings::default());
        let mut effects = Effects::default();
        let command = ComputeCommand::Device(DeviceChoice::Cpu);
        computing.apply(command, &mut settings, &mut effects);
        assert_eq!(settings.computing.device(), DeviceChoice::Cpu);
        assert!(matches!(
            effects.0.as_slice(),
            [Effect::Ask(Request::UseModel(a)), Effect::Question(Question::UseModel(b))]
                if a == b && a.device == DeviceChoice::Cpu
        ));
    }

    #[test]
    fn templates_without_a_place_for_the_label_stay_out() {
        let (mut computing, mut settings) = (computing(), Settings::default());
        let mut effects = Effects::default();
        let command = ComputeCommand::Templates("a drawing".into());
        computing.apply(command, &mut settings, &mut effects);
        assert!(computing.engine.templates.is_empty());
        assert_eq!(effects.said().len(), 1);
    }

    #[test]
    fn a_download_that_ends_has_the_models_listed_anew() {
        let (mut computing, mut effects) = (computing(), Effects::default());
        computing.download_started("big".into(), true, &mut effects);
        assert!(effects.0.is_empty());
        let phase = DownloadPhase::Done;
        let model = "big".to_owned();
        computing.downloaded(DownloadState { model, phase }, &mut effects);
        assert!(matches!(
            effects.0.as_slice(),
            [Effect::Say(_), Effect::Ask(Request::Models)]
        ));
        computing.download_started("other".into(), false, &mut effects);
        assert_eq!(effects.said().len(), 2);
    }
}
