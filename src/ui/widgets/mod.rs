//! Parts that several screens draw.

pub(crate) mod bidi;
pub(crate) mod carried_tag;
pub(crate) mod chip;
pub(crate) mod completion;
pub(crate) mod field_focus;
pub(crate) mod full_size;
pub(crate) mod hint;
pub(crate) mod icon;
pub(crate) mod label_choice;
pub(crate) mod menu;
pub(crate) mod palette;
pub(crate) mod shortcut_sheet;
pub(crate) mod sign_button;
pub(crate) mod textures;
pub(crate) mod toasts;
pub(crate) mod unsaved;
pub(crate) mod wall;
