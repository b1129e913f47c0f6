//! The window. It reads the state of [`crate::app`] and returns commands; it decides nothing.
//!
//! `shell` is the whole window, with `top_bar` and `bars` around `screens`. All draw from a
//! `DrawContext`. `shortcuts` reads keys, `path_dialog` asks for paths, `pictures` keeps thumbnails
//! on the graphics card, and only `theme` knows colours and sizes.

mod bars;
mod draw_context;
mod path_dialog;
mod pictures;
mod screens;
mod shell;
mod shortcuts;
mod system_dialog;
pub(crate) mod theme;
mod timings;
mod top_bar;
mod widgets;

use std::sync::Arc;

use eframe::egui;

use crate::app::{App, AppOptions};
pub use shell::Window;
pub(crate) use widgets::icon::icon;

/// The window's name for the desktop, which finds the icon by it: that of the desktop entry in
/// `packaging/linux`.
const APP_ID: &str = "io.github.taglens.Taglens";

/// Opens the window and returns when it is closed.
///
/// # Errors
/// If the system provides no window, or no thread can be started.
pub fn run(options: AppOptions) -> eframe::Result {
    let timings = timings::Timings::from_env(options.started);
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Taglens")
            .with_app_id(APP_ID)
            .with_icon(icon())
            .with_inner_size(theme::sizes::WINDOW)
            .with_min_inner_size(theme::sizes::WINDOW_LEAST)
            .with_drag_and_drop(true),
        persistence_path: Some(options.data_folder.join("window.ron")),
        ..Default::default()
    };
    eframe::run_native(
        "taglens",
        native,
        Box::new(|cc| {
            let ctx = cc.egui_ctx.clone();
            let wake = Arc::new(move || ctx.request_repaint());
            let app = App::start(options, wake)?;
            let mut window = Window::new(&cc.egui_ctx, app);
            window.timings = timings;
            Ok(Box::new(window))
        }),
    )
}
