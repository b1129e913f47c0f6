//! What a change of the state has the threads do.

use crate::app::messages::export::ExportJob;
use crate::app::messages::message::{Message, Severity};
use crate::app::messages::question::Question;
use crate::app::messages::request::Request;

/// Something that a thread does.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Ask the library's thread.
    Ask(Request),
    /// Ask the thread that computes similarities.
    Question(Question),
    /// Export, or take an export back.
    Export(ExportJob),
    /// End the export that runs.
    CancelExport,
    /// Fetch a model.
    Download(String),
    /// Do not go on fetching.
    CancelDownload,
    /// Tell the person something.
    Say(Message),
}

/// The effects of one change, in order. Nothing happens before they are carried out, so that every
/// change can be tested without threads.
#[derive(Debug, Default)]
pub(crate) struct Effects(pub(crate) Vec<Effect>);

impl Effects {
    /// Asks the library's thread.
    pub(crate) fn ask(&mut self, request: Request) {
        self.0.push(Effect::Ask(request));
    }

    /// Asks the thread that computes similarities.
    pub(crate) fn question(&mut self, question: Question) {
        self.0.push(Effect::Question(question));
    }

    /// Tells the person something.
    pub(crate) fn say(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Effect::Say(Message { severity, text }));
    }

    /// What is said, for tests.
    #[cfg(test)]
    pub(crate) fn said(&self) -> Vec<&str> {
        let said = self.0.iter().filter_map(|e| match e {
            Effect::Say(message) => Some(message.text.as_str()),
            _ => None,
        });
        said.collect()
    }
}
