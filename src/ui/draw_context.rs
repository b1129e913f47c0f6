//! The context from which every part of the window draws.

use std::path::PathBuf;

use crate::app::{App, Command};
use crate::core::photo::ContentHash;
use crate::ui::widgets::full_size::FullSize;
use crate::ui::widgets::textures::Textures;

/// The state that a part of the window draws, and the commands that it returns.
pub(crate) struct DrawContext<'a> {
    /// The state. Drawing reads it and changes nothing.
    pub(crate) app: &'a App,
    /// Thumbnails on the graphics card.
    pub(crate) thumbnails: &'a mut Textures<ContentHash>,
    /// Large pictures on the graphics card.
    pub(crate) previews: &'a mut Textures<PathBuf>,
    /// The picture in full size on the graphics card.
    pub(crate) full_size: &'a mut FullSize,
    /// The commands of this frame, in order.
    pub(crate) out: &'a mut Vec<Command>,
}

impl DrawContext<'_> {
    /// Adds a command, which is carried out before the next frame.
    pub(crate) fn ask(&mut self, command: impl Into<Command>) {
        self.out.push(command.into());
    }
}
