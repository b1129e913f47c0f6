//! What every part of the window draws from.

use std::path::PathBuf;

use crate::app::{App, Command};
use crate::core::photo::ContentHash;
use crate::ui::widgets::textures::Textures;

/// What a part of the window draws, and where it puts what it asks for.
pub(crate) struct DrawContext<'a> {
    /// The state. Drawing reads it and changes nothing.
    pub(crate) app: &'a App,
    /// Thumbnails on the graphics card.
    pub(crate) thumbnails: &'a mut Textures<ContentHash>,
    /// Large pictures there.
    pub(crate) previews: &'a mut Textures<PathBuf>,
    /// What is asked for, in order.
    pub(crate) out: &'a mut Vec<Command>,
}

impl DrawContext<'_> {
    /// Asks for something, which is carried out before the next frame.
    pub(crate) fn ask(&mut self, command: impl Into<Command>) {
        self.out.push(command.into());
    }
}
