//! The effects of a state change, for the threads to carry out.

use std::path::PathBuf;

use crate::app::messages::export::ExportJob;
use crate::app::messages::message::{Message, Severity};
use crate::app::messages::question::Question;
use crate::app::messages::request::Request;

/// An effect for a thread.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Asks the library's thread.
    Ask(Request),
    /// Asks the thread that computes similarities.
    Question(Question),
    /// Exports, or undoes an export.
    Export(ExportJob),
    /// Stops the running export.
    CancelExport,
    /// Downloads a model.
    Download(String),
    /// Stops the download.
    CancelDownload,
    /// Lists a folder.
    List(PathBuf),
    /// Shows a file or a folder in the system's file manager.
    Reveal(PathBuf),
    /// Shows the user a message.
    Say(Message),
}

/// The effects of one change, in order. They are carried out later, so every change can be tested
/// without threads.
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

    /// Shows the user a message.
    pub(crate) fn say(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Effect::Say(Message { severity, text }));
    }

    /// The messages, for tests.
    #[cfg(test)]
    pub(crate) fn said(&self) -> Vec<&str> {
        let said = self.0.iter().filter_map(|e| match e {
            Effect::Say(message) => Some(message.text.as_str()),
            _ => None,
        });
        said.collect()
    }
}
