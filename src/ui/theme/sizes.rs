//! Sizes, in points unless stated otherwise.

use std::ops::RangeInclusive;

use eframe::egui::{Margin, Vec2, vec2};

// Text.

/// The ends of a histogram.
pub(crate) const TEXT_AXIS: f32 = 10.5;
/// Tags on a tile.
pub(crate) const TEXT_TILE_TAG: f32 = 11.0;
/// Small print, and captions of pictures.
pub(crate) const TEXT_SMALL: f32 = 11.5;
/// Names on tiles, counts, and placeholders of pictures.
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
/// The scales of the whole window.
pub(crate) const TEXT_SCALES: [f32; 5] = [0.85, 1.0, 1.25, 1.6, 2.0];

// The window and its bars.

/// The window when it is first opened.
pub(crate) const WINDOW: [f32; 2] = [1280.0, 820.0];
/// The smallest window.
pub(crate) const WINDOW_LEAST: [f32; 2] = [640.0, 420.0];
/// The least width for side bar, photos and inspector together.
pub(crate) const BOTH_BARS_FROM: f32 = 960.0;
/// Around a screen.
pub(crate) const SCREEN_MARGIN: Margin = Margin::same(12);
/// Around the status bar's line.
pub(crate) const STATUS_MARGIN: Margin = Margin::symmetric(12, 6);
/// The side bar's initial width, and its range.
pub(crate) const SIDE_BAR: f32 = 230.0;
pub(crate) const SIDE_BAR_RANGE: RangeInclusive<f32> = 160.0..=420.0;
/// The inspector's initial width, and its range.
pub(crate) const INSPECTOR: f32 = 300.0;
pub(crate) const INSPECTOR_RANGE: RangeInclusive<f32> = 220.0..=560.0;
/// The search box: its greatest width beside the menus, and its least.
pub(crate) const SEARCH: f32 = 320.0;
pub(crate) const SEARCH_LEAST: f32 = 80.0;
/// The least room for the search box beside the menus; with less, it has a line of its own.
pub(crate) const SEARCH_BESIDE_LEAST: f32 = 160.0;
/// The list below the search box.
pub(crate) const SEARCH_LIST: f32 = 380.0;
/// The longest list of choices that shows all of them: the programs that an export can be for.
pub(crate) const CHOICES: f32 = 420.0;
/// The status bar's progress.
pub(crate) const PROGRESS_WIDTH: f32 = 140.0;
pub(crate) const PROGRESS_HEIGHT: f32 = 8.0;

// Lists.

/// A row of labels, folders or photos.
pub(crate) const ROW: f32 = 24.0;
/// A row of choices, as high as a button.
pub(crate) const CHOICE_ROW: f32 = 26.0;
/// The indentation per level of the hierarchy.
pub(crate) const ROW_INDENT: f32 = 14.0;
/// The triangle that folds what is below a row.
pub(crate) const ROW_TRIANGLE: f32 = 16.0;
/// The part of the side bar's height that folders may take.
pub(crate) const FOLDERS_SHARE: f32 = 0.4;
/// The space at a row's ends and before its count.
pub(crate) const ROW_MARGIN: f32 = 6.0;
/// The offset of a row's text above its middle.
pub(crate) const ROW_TEXT_RISE: f32 = 8.5;
/// The least width of a row's text, whatever its count.
pub(crate) const ROW_TEXT_LEAST: f32 = 10.0;
/// The width of lists.
pub(crate) const LABEL_LIST: f32 = 250.0;
pub(crate) const REVIEW_QUEUE: f32 = 220.0;
pub(crate) const REVIEW_TAGS: f32 = 270.0;
/// The width of a scroll bar.
pub(crate) const SCROLL_BAR: f32 = 14.0;

// Photos.

/// The space above the text of an empty screen, as a share of its height.
pub(crate) const EMPTY_ABOVE_SHARE: f32 = 0.35;
/// The space for a button below the last photo.
pub(crate) const BELOW_PHOTOS: f32 = 44.0;
pub(crate) const MORE_BUTTON: Vec2 = vec2(240.0, 28.0);
/// The dates beside photos, and the space that a year takes.
pub(crate) const SCRUBBER: f32 = 44.0;
pub(crate) const SCRUBBER_YEAR: f32 = 18.0;
/// How far a frame scrolls at most while a selection is drawn beyond the view.
pub(crate) const BAND_SCROLL: f32 = 24.0;
/// From the pointer to a tag that it carries.
pub(crate) const CARRIED_AT: Vec2 = vec2(14.0, 10.0);
/// The slider for the size of tiles, and its range.
pub(crate) const TILE_SLIDER: f32 = 90.0;
pub(crate) const TILE_RANGE: RangeInclusive<f32> = 90.0..=400.0;
/// How much wider than its set size a tile may become to fill a line.
pub(crate) const TILE_STRETCH: f32 = 1.6;
/// The change in width that lays out the lines of photos again.
pub(crate) const LAYOUT_STEP: f32 = 0.25;
/// The choices of order and groups.
pub(crate) const ORDER_CHOICE: f32 = 100.0;
/// The room for both and the slider.
pub(crate) const GRID_TOOLS: f32 = 330.0;
/// The room for the line above a large photo.
pub(crate) const LOUPE_HEAD: f32 = 420.0;
/// The heading of a group of photos.
pub(crate) const GROUP_HEAD: f32 = 30.0;
/// Around a tile's picture.
pub(crate) const TILE_MARGIN: f32 = 6.0;
/// The height below a tile's picture for its name and tags.
pub(crate) const TILE_CAPTION: f32 = 44.0;
/// The offset of its tags below a tile's picture.
pub(crate) const TILE_TAGS_BELOW: f32 = 21.0;
/// The padding of a tag on a tile, both sides together.
pub(crate) const TILE_TAG_PADDING: Vec2 = vec2(10.0, 3.0);
pub(crate) const TILE_TAG_RADIUS: u8 = 8;
/// With less space than this, no further tag is drawn.
pub(crate) const TILE_TAG_LEAST: f32 = 24.0;
/// The mark of a selected tile, relative to the picture's corner.
pub(crate) const TICK_AT: Vec2 = vec2(-12.0, 12.0);
pub(crate) const TICK_RADIUS: f32 = 9.0;
/// From a tile's picture to the number of its files.
pub(crate) const BADGE_AT: Vec2 = vec2(4.0, 4.0);

// The loupe.

/// The height of the strip of neighbours, and a tile in it.
pub(crate) const STRIP: f32 = 84.0;
pub(crate) const STRIP_TILE: f32 = 76.0;
/// How much a turn of the wheel by one point zooms.
pub(crate) const WHEEL_ZOOM: f32 = 1.0 / 240.0;
/// A step of the zoom by keys.
pub(crate) const ZOOM_STEP: f32 = 1.25;
/// The greatest zoom, in pixels of the screen by pixel of the picture.
pub(crate) const ZOOM_MOST: f32 = 8.0;
/// How many pixels of the screen one pixel of a preview may fill before the full size is read.
pub(crate) const PREVIEW_STRETCH: f32 = 1.25;
/// The space between the tags over a picture and its edge.
pub(crate) const TAGS_OVER_PICTURE: f32 = 10.0;

// Tags and the inspector.

/// The padding of a chip, both sides together.
pub(crate) const CHIP_PADDING: Vec2 = vec2(16.0, 8.0);
pub(crate) const CHIP_RADIUS: u8 = 12;
/// The least width of a chip's text.
pub(crate) const CHIP_TEXT_LEAST: f32 = 40.0;
/// The least width of a chip beside its buttons.
pub(crate) const CHIP_LEAST: f32 = 60.0;
/// The width of a button with a symbol.
pub(crate) const SIGN_BUTTON: f32 = 26.0;
pub(crate) const REVIEW_TAG_BUTTONS: f32 = 74.0;
/// The line around what has the keyboard or the pointer.
pub(crate) const FOCUS_LINE: f32 = 1.5;
/// The aspect of the inspector's picture: height by width.
pub(crate) const PICTURE_ASPECT: f32 = 0.72;
/// Small pictures in the inspector: their number side by side, and height by width.
pub(crate) const SMALL_PICTURES: f32 = 3.0;
pub(crate) const SMALL_PICTURE_ASPECT: f32 = 0.75;

// Review.

/// The height below a candidate's picture for its confidence and name.
pub(crate) const CANDIDATE_CAPTION: f32 = 18.0;
/// The space at the caption's ends.
pub(crate) const CANDIDATE_MARGIN: f32 = 5.0;

// Labels.

/// The largest histogram.
pub(crate) const HISTOGRAM: Vec2 = vec2(560.0, 110.0);
/// A photo that would get the label, with its confidence.
pub(crate) const BEST_TILE: Vec2 = vec2(120.0, 120.0);
/// The height below its picture for the confidence.
pub(crate) const BEST_CAPTION: f32 = 20.0;
/// The offset of the confidence below the picture.
pub(crate) const BEST_CAPTION_BELOW: f32 = 3.0;
/// The field for a label's name.
pub(crate) const NAME_FIELD: f32 = 200.0;
/// The fields for another label.
pub(crate) const LABEL_FIELD: f32 = 110.0;
/// The field to try a label, from least to greatest width, and the space beside it.
pub(crate) const TRIAL_LEAST: f32 = 120.0;
pub(crate) const TRIAL_MOST: f32 = 420.0;
pub(crate) const TRIAL_BESIDE: f32 = 170.0;

// Export.

/// A photo whose sidecar changes, and a line of its diff.
pub(crate) const CHANGE_ROW: f32 = 48.0;
pub(crate) const DIFF_LINE: f32 = 17.0;
/// The greatest height of the list of past exports.
pub(crate) const EXPORT_HISTORY: f32 = 160.0;

// The first screen and the settings.

/// The space above the heading of the first screen, as a share of its height, and its limit.
pub(crate) const WELCOME_ABOVE_SHARE: f32 = 0.16;
pub(crate) const WELCOME_ABOVE_MOST: f32 = 140.0;
/// The padding of its button.
pub(crate) const WELCOME_BUTTON: Vec2 = vec2(22.0, 10.0);
/// The greatest width of its card.
pub(crate) const WELCOME_CARD: f32 = 520.0;
/// The width of the settings' cards, for readable lines of text.
pub(crate) const SETTINGS_CARD: f32 = 680.0;
/// The choice of a device.
pub(crate) const DEVICE_CHOICE: f32 = 320.0;

// Above a screen.

/// The path dialog, and its list.
pub(crate) const PATH_DIALOG: f32 = 600.0;
pub(crate) const PATH_LIST: f32 = 260.0;
/// The list where the window is low, and what stands above and below it.
pub(crate) const PATH_LIST_LEAST: f32 = 78.0;
pub(crate) const AROUND_PATH_LIST: f32 = 270.0;
/// The space beside that dialog and the palette in a narrow window, both sides together.
pub(crate) const BESIDE_DIALOG: f32 = 60.0;
/// The width of the sheet of shortcuts, in two columns.
pub(crate) const SHORTCUT_SHEET: f32 = 780.0;
/// The palette of commands, and the greatest height of its list.
pub(crate) const PALETTE: f32 = 540.0;
pub(crate) const PALETTE_LIST: f32 = 320.0;
/// The greatest width of a message's text.
pub(crate) const TOAST: f32 = 460.0;
/// The height of the status bar below messages on a photo.
pub(crate) const TOAST_ABOVE: f32 = 52.0;
/// The height of a window from which there is room for several messages.
pub(crate) const LOW_WINDOW: f32 = 500.0;
