//! The screens in the middle of the window, one file each.

pub(crate) mod all;
pub(crate) mod context_menus;
pub(crate) mod export;
pub(crate) mod folder_list;
pub(crate) mod grid;
pub(crate) mod group_head;
pub(crate) mod inspector;
pub(crate) mod inspector_tags;
pub(crate) mod label_form;
pub(crate) mod label_list;
pub(crate) mod label_scores;
pub(crate) mod label_text;
pub(crate) mod labels;
pub(crate) mod loupe;
pub(crate) mod loupe_view;
pub(crate) mod models;
pub(crate) mod pages;
pub(crate) mod photos;
pub(crate) mod review;
pub(crate) mod review_mode;
pub(crate) mod review_photo;
pub(crate) mod screen;
pub(crate) mod settings;
pub(crate) mod sidebar;
pub(crate) mod tile;
