//! The window: its parts, its keys, and its requests to the system.

use std::path::PathBuf;
use std::time::Duration;

use eframe::egui::{self, Ui};

use crate::app::WindowRequest;
use crate::app::{
    Action, App, Command, FolderCommand, LabelCommand, PathCommand, PathPurpose, ScreenId,
    SetCommand, Severity, ThemeChoice,
};
use crate::ui::bars;
use crate::ui::draw_context::DrawContext;
use crate::ui::path_dialog::PathEntry;
use crate::ui::pictures::Pictures;
use crate::ui::screens::all::Screens;
use crate::ui::screens::inspector::Inspector;
use crate::ui::screens::review::Review;
use crate::ui::screens::sidebar::Sidebar;
use crate::ui::shortcuts::Shortcuts;
use crate::ui::system_dialog;
use crate::ui::theme::{self, sizes};
use crate::ui::timings::Timings;
use crate::ui::top_bar::TopBar;
use crate::ui::widgets::carried_tag;
use crate::ui::widgets::palette::CommandPalette;
use crate::ui::widgets::toasts::ToastList;
use crate::ui::widgets::unsaved;
use crate::words::{self, tr};

/// The part of a frame's 16 milliseconds for events.
const DRAIN: Duration = Duration::from_millis(4);

/// The window.
pub struct Window {
    app: App,
    top_bar: TopBar,
    sidebar: Sidebar,
    inspector: Inspector,
    screens: Screens,
    palette: CommandPalette,
    path_entry: PathEntry,
    toasts: ToastList,
    shortcuts: Shortcuts,
    pictures: Pictures,
    /// What drawing asked for: it is carried out before the next frame.
    commands: Vec<Command>,
    pub(crate) timings: Option<Timings>,
}

impl Window {
    /// Applies the theme to `ctx` and shows `app`.
    pub fn new(ctx: &egui::Context, app: App) -> Self {
        theme::install(ctx);
        theme::set(ctx, app.settings.theme, app.settings.text.text_scale);
        Self {
            app,
            top_bar: TopBar::default(),
            sidebar: Sidebar::default(),
            inspector: Inspector::default(),
            screens: Screens::default(),
            palette: CommandPalette::default(),
            path_entry: PathEntry::default(),
            toasts: ToastList::default(),
            shortcuts: Shortcuts::default(),
            pictures: Pictures::default(),
            commands: Vec::new(),
            timings: None,
        }
    }

    /// The state, for tests and benches.
    pub fn app(&mut self) -> &mut App {
        &mut self.app
    }

    /// Whether the current photo's large picture is there, for benches.
    pub fn has_preview(&self) -> bool {
        let current = self.app.current();
        current.is_some_and(|row| self.pictures.previews.has(&row.path))
    }

    /// Whether the current photo is there in full size, for benches.
    pub fn has_full_size(&self) -> bool {
        self.pictures.full_size.is_complete()
    }

    /// Handles events and carries out commands.
    pub fn update(&mut self, ctx: &egui::Context) {
        words::speak(self.app.language());
        if let Some(timings) = &mut self.timings {
            timings.frame(ctx, self.app.library.loaded, self.pictures.any());
        }
        // The commands refer to what was shown, so they come before the library can change it.
        for command in std::mem::take(&mut self.commands) {
            self.carry_out(command);
        }
        self.app.drain(DRAIN);
        for request in self.app.take_requests() {
            match request {
                WindowRequest::ChooseFolders => self.ask_for_path(PathPurpose::AddFolder),
                WindowRequest::ChooseImport => self.ask_for_path(PathPurpose::ImportLabels),
                WindowRequest::ChooseExport => self.ask_for_path(PathPurpose::ExportLabels),
                WindowRequest::FocusTag => self.inspector.field.focus.want(),
                WindowRequest::FocusSearch => self.top_bar.search.focus.want(),
                WindowRequest::FocusLabel(field) => self.screens.labels.want(field),
                WindowRequest::CopyText(text) => ctx.copy_text(text),
                WindowRequest::TogglePalette => self.palette.toggle(),
                WindowRequest::ToggleShortcuts => self.shortcuts.sheet.toggle(),
                WindowRequest::FillScreen(fill) => {
                    ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(fill));
                }
                // The theme that is not on the screen, whatever the system's is.
                WindowRequest::ToggleTheme => {
                    let dark = ctx.theme() == egui::Theme::Dark;
                    let other = if dark {
                        ThemeChoice::Light
                    } else {
                        ThemeChoice::Dark
                    };
                    self.app.apply(SetCommand::Theme(other));
                }
            }
        }
        self.pictures.take_in(ctx, &mut self.app);
        let settings = &self.app.settings;
        theme::set(ctx, settings.theme, settings.text.text_scale);
        if let Some((settings, path)) = self.app.take_unsaved() {
            let save = move || settings.save(&path);
            let spawned = std::thread::Builder::new()
                .name("settings".into())
                .spawn(save);
            if spawned.is_err() {
                self.app.say(Severity::Problem, tr!("settings-not-saved"));
            }
        }
        if self.app.has_more() || self.pictures.has_more() {
            ctx.request_repaint();
        }
        self.close(ctx);
    }

    /// Closes the window if that is wanted and everything is saved.
    fn close(&mut self, ctx: &egui::Context) {
        let may_close = self.app.decisions.saving.may_close();
        if ctx.input(|i| i.viewport().close_requested()) && !may_close {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.app.apply(Action::Quit);
        }
        if self.app.window.quit && may_close {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// Carries out a command: in the review if it concerns its photos, else in the state.
    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Do(action)
                if self.app.window.screen == ScreenId::Review && Review::takes(action) =>
            {
                self.screens.review.ask(action);
            }
            command => self.app.apply(command),
        }
    }

    /// Opens the system's dialog for a path, or the window's own if there is none.
    fn ask_for_path(&mut self, purpose: PathPurpose) {
        let outbox = self.app.outbox();
        let answer = system_dialog::open(purpose);
        let wait = move || {
            if let Some(event) = answer() {
                outbox.send(event);
            }
        };
        let thread = std::thread::Builder::new().name("dialog".into());
        if thread.spawn(wait).is_err() {
            self.app.apply(PathCommand::Ask(purpose));
        }
    }

    /// Draws the window.
    pub fn draw(&mut self, ui: &mut Ui) {
        self.pictures.begin_frame();
        let mut out = Vec::new();
        let settled = self.commands.is_empty();
        let mut cx = DrawContext {
            app: &self.app,
            thumbnails: &mut self.pictures.thumbnails,
            previews: &mut self.pictures.previews,
            full_size: &mut self.pictures.full_size,
            out: &mut out,
        };
        let window = &cx.app.window;
        let sheet = self.palette.is_open() || self.shortcuts.sheet.is_open();
        let dialog = sheet || window.path_dialog.is_some() || window.quit;
        let field = self.inspector.field.focus.is_wanted() || self.top_bar.search.focus.is_wanted();
        match self.shortcuts.read(ui, &mut cx, dialog || field) {
            Some(Action::AddTag) => self.inspector.field.focus.want(),
            Some(Action::Search) => self.top_bar.search.focus.want(),
            _ => {}
        }
        dropped(ui, &mut cx);
        let p = theme::palette(ui);
        if !cx.app.window.full_screen {
            egui::Panel::top("top")
                .frame(theme::bar(&p))
                .show(ui, |ui| self.top_bar.show(ui, &mut cx, settled));
            egui::Panel::bottom("status")
                .frame(theme::bar(&p).inner_margin(sizes::STATUS_MARGIN))
                .show(ui, |ui| bars::status(ui, &mut cx));
        }
        // Over a photo on the whole screen too.
        unsaved::bar(ui, &mut cx);
        self.toasts.show(ui, &mut cx);
        side_bars(ui, &mut cx, &mut self.sidebar, &mut self.inspector);
        let frame = egui::Frame::new()
            .fill(p.ground)
            .inner_margin(sizes::SCREEN_MARGIN);
        let screen = self.screens.get(cx.app.window.screen);
        egui::CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| screen.show(ui, &mut cx));
        if let Some(action) = self.palette.show(ui, cx.app) {
            cx.ask(Command::Do(action));
        }
        self.shortcuts.sheet.show(ui);
        self.path_entry.show(ui, &mut cx);
        unsaved::question(ui, &mut cx);
        carried_tag::show(ui);
        self.pictures.end_frame(&mut self.app);
        self.shortcuts.end_frame(ui);
        self.inspector.field.focus.end_frame(ui);
        self.top_bar.search.focus.end_frame(ui);
        if !out.is_empty() {
            self.commands.append(&mut out);
            ui.ctx().request_repaint();
        }
    }
}

/// Handles dropped files: labels from a file on the Labels screen, folders elsewhere.
fn dropped(ui: &Ui, cx: &mut DrawContext<'_>) {
    let dropped = ui.input(|i| i.raw.dropped_files.clone());
    let paths: Vec<PathBuf> = dropped.iter().map(|f| f.path().to_path_buf()).collect();
    let labels = cx.app.window.screen == ScreenId::Labels;
    match paths.first() {
        Some(file) if labels && file.extension().is_some() => {
            cx.ask(LabelCommand::Import(file.clone()));
        }
        Some(_) => cx.ask(FolderCommand::Add(paths)),
        None => {}
    }
}

/// Draws the side bar and the inspector if they fit. In a narrow window the photos come first; the
/// inspector replaces the side bar while a tag is typed.
fn side_bars(
    ui: &mut Ui,
    cx: &mut DrawContext<'_>,
    sidebar: &mut Sidebar,
    inspector: &mut Inspector,
) {
    let app = cx.app;
    let p = theme::palette(ui);
    let has_folders = !app.library.catalogue.folders.is_empty();
    if app.window.screen != ScreenId::Photos || !has_folders {
        return;
    }
    // The whole screen is the photo's, except while a tag is typed.
    let full = app.window.full_screen;
    if full && !inspector.is_typing() {
        return;
    }
    let narrow = full || ui.available_width() < sizes::BOTH_BARS_FROM;
    let typing = narrow && inspector.is_typing() && app.settings.inspector;
    if app.settings.sidebar && !typing {
        egui::Panel::left("sidebar")
            .frame(theme::bar(&p))
            .default_size(sizes::SIDE_BAR)
            .size_range(sizes::SIDE_BAR_RANGE)
            .show(ui, |ui| sidebar.show(ui, cx));
    }
    let has_room = !narrow || !app.settings.sidebar || typing;
    if app.settings.inspector && has_room {
        egui::Panel::right("inspector")
            .frame(theme::bar(&p))
            .default_size(sizes::INSPECTOR)
            .size_range(sizes::INSPECTOR_RANGE)
            .show(ui, |ui| inspector.show(ui, cx));
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.update(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.draw(ui);
    }
}
