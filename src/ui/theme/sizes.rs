//! How large things are, in points where nothing else is said.

use std::ops::RangeInclusive;

use eframe::egui::{Margin, Vec2, vec2};

// Text.

/// The ends of a histogram.
pub(crate) const TEXT_AXIS: f32 = 10.5;
/// Tags on a tile.
pub(crate) const TEXT_TILE_TAG: f32 = 11.0;
/// Small print, and what stands below pictures.
pub(crate) const TEXT_SMALL: f32 = 11.5;
/// Names on tiles, counts, and what stands in for a picture.
pub(crate) const TEXT_NOTE: f32 = 12.0;
/// Tags in the inspector.
pub(crate) const TEXT_CHIP: f32 = 12.5;
/// Paths and texts of files.
pub(crate) const TEXT_MONOSPACE: f32 = 13.0;
/// The heading of a part of the side bar.
pub(crate) const TEXT_SECTION: f32 = 13.0;
/// A row of the side bar.
pub(crate) const TEXT_ROW: f32 = 13.5;
/// Everything else.
pub(crate) const TEXT_BODY: f32 = 14.0;
/// The heading of a screen.
pub(crate) const TEXT_HEADING: f32 = 20.0;
/// The heading of the first screen.
pub(crate) const TEXT_WELCOME: f32 = 28.0;
/// The cross on a photo.
pub(crate) const TEXT_CROSS: f32 = 34.0;
/// How much larger than usual the whole window can be drawn, from small to huge.
pub(crate) const TEXT_SCALES: [f32; 4] = [0.85, 1.0, 1.25, 1.6];

// The window and its bars.

/// The window, when it is opened for the first time.
pub(crate) const WINDOW: [f32; 2] = [1280.0, 820.0];
/// The window at least.
pub(crate) const WINDOW_LEAST: [f32; 2] = [640.0, 420.0];
/// The width from which there is room for side bar, photos and inspector.
pub(crate) const BOTH_BARS_FROM: f32 = 960.0;
/// The width from which menus, screens and search fit into one line.
pub(crate) const ONE_LINE_FROM: f32 = 860.0;
/// Around a screen.
pub(crate) const SCREEN_MARGIN: Margin = Margin::same(12);
/// Around the status bar's line.
pub(crate) const STATUS_MARGIN: Margin = Margin::symmetric(12, 6);
/// The side bar's width at first, and what it can be dragged to.
pub(crate) const SIDE_BAR: f32 = 230.0;
pub(crate) const SIDE_BAR_RANGE: RangeInclusive<f32> = 160.0..=420.0;
/// The inspector's width at first, and what it can be dragged to.
pub(crate) const INSPECTOR: f32 = 300.0;
pub(crate) const INSPECTOR_RANGE: RangeInclusive<f32> = 220.0..=560.0;
/// The search, at most beside the menus and at least.
pub(crate) const SEARCH: f32 = 320.0;
pub(crate) const SEARCH_LEAST: f32 = 80.0;
/// The status bar's progress.
pub(crate) const PROGRESS_WIDTH: f32 = 140.0;
pub(crate) const PROGRESS_HEIGHT: f32 = 8.0;

// Lists.

/// A row of labels, folders or photos.
pub(crate) const ROW: f32 = 24.0;
/// A row of something to choose, as high as a button.
pub(crate) const CHOICE_ROW: f32 = 26.0;
/// How far a row is moved in for each label above it.
pub(crate) const ROW_INDENT: f32 = 14.0;
/// Room at a row's ends and before its count.
pub(crate) const ROW_MARGIN: f32 = 6.0;
/// How far above the row's middle its text begins.
pub(crate) const ROW_TEXT_RISE: f32 = 8.5;
/// A row's text at least, whatever its count is.
pub(crate) const ROW_TEXT_LEAST: f32 = 10.0;
/// The width of lists beside what they are about.
pub(crate) const LABEL_LIST: f32 = 250.0;
pub(crate) const REVIEW_QUEUE: f32 = 220.0;
pub(crate) const REVIEW_TAGS: f32 = 270.0;
/// Room that a scroll bar takes.
pub(crate) const SCROLL_BAR: f32 = 14.0;

// Photos.

/// Above what an empty screen says, as a share of its height.
pub(crate) const EMPTY_ABOVE_SHARE: f32 = 0.35;
/// The slider for the size of tiles, and what it can be set to.
pub(crate) const TILE_SLIDER: f32 = 90.0;
pub(crate) const TILE_RANGE: RangeInclusive<f32> = 90.0..=400.0;
/// How much wider than it is set a tile gets, so that a line is filled.
pub(crate) const TILE_STRETCH: f32 = 1.6;
/// Lines of photos are laid out anew when the width has changed by this much.
pub(crate) const LAYOUT_STEP: f32 = 0.25;
/// The choices of order and groups.
pub(crate) const ORDER_CHOICE: f32 = 100.0;
/// The heading of a group of photos.
pub(crate) const GROUP_HEAD: f32 = 30.0;
/// Around a tile's picture.
pub(crate) const TILE_MARGIN: f32 = 6.0;
/// Room below a tile's picture for its name and tags.
pub(crate) const TILE_CAPTION: f32 = 44.0;
/// From a tile's picture down to its tags.
pub(crate) const TILE_TAGS_BELOW: f32 = 21.0;
/// Around the text of a tag on a tile: both sides together.
pub(crate) const TILE_TAG_PADDING: Vec2 = vec2(10.0, 3.0);
pub(crate) const TILE_TAG_RADIUS: u8 = 8;
/// Where there is less room, no further tag is drawn.
pub(crate) const TILE_TAG_LEAST: f32 = 24.0;
/// The mark of a selected tile, from the picture's corner.
pub(crate) const TICK_AT: Vec2 = vec2(-12.0, 12.0);
pub(crate) const TICK_RADIUS: f32 = 9.0;

// Tags and the inspector.

/// Around a chip's text: both sides together.
pub(crate) const CHIP_PADDING: Vec2 = vec2(16.0, 8.0);
pub(crate) const CHIP_RADIUS: u8 = 12;
/// A chip's text at least.
pub(crate) const CHIP_TEXT_LEAST: f32 = 40.0;
/// A chip at least, beside its buttons.
pub(crate) const CHIP_LEAST: f32 = 60.0;
/// Room for the buttons beside a tag.
pub(crate) const TAG_BUTTONS: f32 = 96.0;
pub(crate) const REVIEW_TAG_BUTTONS: f32 = 74.0;
/// The line around what the keyboard or the pointer is at.
pub(crate) const FOCUS_LINE: f32 = 1.5;
/// The inspector's picture: its height by its width.
pub(crate) const PICTURE_ASPECT: f32 = 0.72;
/// Small pictures in the inspector: how many side by side, and their height by their width.
pub(crate) const SMALL_PICTURES: f32 = 3.0;
pub(crate) const SMALL_PICTURE_ASPECT: f32 = 0.75;

// Review.

/// Room below a candidate's picture for its confidence and name.
pub(crate) const CANDIDATE_CAPTION: f32 = 18.0;
/// Room at the caption's ends.
pub(crate) const CANDIDATE_MARGIN: f32 = 5.0;

// Labels.

/// The histogram at most.
pub(crate) const HISTOGRAM: Vec2 = vec2(560.0, 110.0);
/// A photo that the label would be given to, with its confidence.
pub(crate) const BEST_TILE: Vec2 = vec2(120.0, 120.0);
/// Room below its picture for the confidence.
pub(crate) const BEST_CAPTION: f32 = 20.0;
/// From the picture down to the confidence.
pub(crate) const BEST_CAPTION_BELOW: f32 = 3.0;
/// The field for a label's name.
pub(crate) const NAME_FIELD: f32 = 200.0;
/// The fields for another label.
pub(crate) const LABEL_FIELD: f32 = 110.0;
/// The field to try a label, from least to most, and room for what is beside it.
pub(crate) const TRIAL_LEAST: f32 = 120.0;
pub(crate) const TRIAL_MOST: f32 = 420.0;
pub(crate) const TRIAL_BESIDE: f32 = 170.0;

// The first screen and the settings.

/// Above the heading of the first screen, as a share of its height, and at most.
pub(crate) const WELCOME_ABOVE_SHARE: f32 = 0.16;
pub(crate) const WELCOME_ABOVE_MOST: f32 = 140.0;
/// Around the text of its button.
pub(crate) const WELCOME_BUTTON: Vec2 = vec2(22.0, 10.0);
/// Its card at most.
pub(crate) const WELCOME_CARD: f32 = 520.0;
/// The settings' cards are no wider than text is read well.
pub(crate) const SETTINGS_CARD: f32 = 680.0;
/// The choice of a device.
pub(crate) const DEVICE_CHOICE: f32 = 320.0;

// What lies over a screen.

/// The dialog that asks for a path, and its list.
pub(crate) const PATH_DIALOG: f32 = 600.0;
pub(crate) const PATH_LIST: f32 = 260.0;
/// What a narrow window shows beside that dialog, both sides together.
pub(crate) const BESIDE_DIALOG: f32 = 60.0;
/// The palette of commands, and its list at most.
pub(crate) const PALETTE: f32 = 540.0;
pub(crate) const PALETTE_LIST: f32 = 320.0;
/// The text of a message at most.
pub(crate) const TOAST: f32 = 460.0;
/// Room below messages: the status bar's.
pub(crate) const TOAST_ABOVE: f32 = 52.0;
