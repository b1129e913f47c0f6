//! The window: its parts, its keys, and what it asks of the system.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{self, Ui};

use crate::app::WindowRequest;
use crate::app::{
    Action, App, Command, FolderCommand, LabelCommand, PathCommand, PathPurpose, Picture, Query,
    ScreenId, SelectCommand, SetCommand, Severity, ThemeChoice, ViewCommand,
};
use crate::core::count;
use crate::core::photo::ContentHash;
use crate::ui::bars;
use crate::ui::commands::Commands;
use crate::ui::path_dialog::PathEntry;
use crate::ui::screens::export;
use crate::ui::screens::grid::Grid;
use crate::ui::screens::inspector;
use crate::ui::screens::inspector::Inspector;
use crate::ui::screens::labels::Labels;
use crate::ui::screens::pages;
use crate::ui::screens::review::Review;
use crate::ui::screens::settings;
use crate::ui::screens::sidebar::Sidebar;
use crate::ui::shortcuts;
use crate::ui::shortcuts::Shortcuts;
use crate::ui::system_dialog;
use crate::ui::theme;
use crate::ui::timings::Timings;
use crate::ui::widgets::field_focus::FieldFocus;
use crate::ui::widgets::palette::CommandPalette;
use crate::ui::widgets::textures::Textures;
use crate::ui::widgets::toasts::ToastList;

/// Of a frame's 16 milliseconds, what events may take.
const DRAIN: Duration = Duration::from_millis(4);
/// And what copying thumbnails may take.
const UPLOAD: Duration = Duration::from_millis(3);
/// Below this width, in points, the window has no room for everything.
const NARROW: f32 = 860.0;
/// And below this none for side bar, photos and inspector.
const BOTH_BARS: f32 = 960.0;
/// Thumbnails kept on the graphics card: 400 kB each.
const THUMBNAILS: usize = 350;
/// Large pictures kept there: 8 MB each.
const PREVIEWS: usize = 6;

/// The window.
pub struct Window {
    app: App,
    grid: Grid,
    sidebar: Sidebar,
    inspector: Inspector,
    review: Review,
    labels: Labels,
    palette: CommandPalette,
    thumbnails: Textures<ContentHash>,
    previews: Textures<PathBuf>,
    path_entry: PathEntry,
    toasts: ToastList,
    shortcuts: Shortcuts,
    search: String,
    search_focus: FieldFocus,
    embedded: usize,
    arrived: VecDeque<(ContentHash, Option<Picture>)>,
    commands: Commands,
    /// Whether a thumbnail was drawn.
    pictured: bool,
    pub(crate) timings: Option<Timings>,
}

impl Window {
    /// Dresses `ctx` and shows `app` in it.
    pub fn new(ctx: &egui::Context, app: App) -> Self {
        theme::install(ctx);
        theme::set(ctx, app.settings.theme, app.settings.text_scale);
        Self {
            app,
            grid: Grid::default(),
            sidebar: Sidebar::default(),
            inspector: Inspector::default(),
            review: Review::default(),
            labels: Labels::default(),
            palette: CommandPalette::default(),
            thumbnails: Textures::new(THUMBNAILS),
            previews: Textures::new(PREVIEWS),
            path_entry: PathEntry::default(),
            toasts: ToastList::default(),
            shortcuts: Shortcuts::default(),
            search: String::new(),
            search_focus: FieldFocus::default(),
            embedded: 0,
            arrived: VecDeque::new(),
            commands: Commands::default(),
            pictured: false,
            timings: None,
        }
    }

    /// The state, for tests and benches.
    pub fn app(&mut self) -> &mut App {
        &mut self.app
    }

    /// Takes up what has happened.
    pub fn update(&mut self, ctx: &egui::Context) {
        if let Some(timings) = &mut self.timings {
            timings.frame(ctx, self.app.library.loaded, self.pictured);
        }
        // What was asked for is about what was shown: it comes before the library can change that.
        for command in std::mem::take(&mut self.commands).into_iter() {
            self.carry_out(command);
        }
        self.app.drain(DRAIN);
        for request in self.app.take_requests() {
            match request {
                WindowRequest::ChooseFolders => self.ask_for_path(PathPurpose::AddFolder),
                WindowRequest::ChooseImport => self.ask_for_path(PathPurpose::ImportLabels),
                WindowRequest::ChooseExport => self.ask_for_path(PathPurpose::ExportLabels),
                WindowRequest::FocusTag => self.inspector.focus.want(),
                WindowRequest::FocusSearch => self.search_focus.want(),
                WindowRequest::TogglePalette => self.palette.toggle(),
                // The other one than is seen, whatever the system says.
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
        // Pictures are copied to the graphics card; a screenful at once would be seen as a halt.
        let start = Instant::now();
        self.arrived.extend(self.app.take_pictures());
        while start.elapsed() < UPLOAD
            && let Some((hash, picture)) = self.arrived.pop_front()
        {
            self.pictured |= picture.is_some();
            self.thumbnails.put(ctx, hash, picture.as_ref());
        }
        for (path, picture) in self.app.take_previews() {
            self.previews.put(ctx, path, picture.as_ref().ok());
        }
        let embedded = self.app.work.map_or(0, |w| w.now.embedded);
        if embedded != self.embedded {
            self.embedded = embedded;
            self.thumbnails.forget_missing();
        }
        theme::set(ctx, self.app.settings.theme, self.app.settings.text_scale);
        if let Some((settings, path)) = self.app.take_unsaved() {
            let save = move || settings.save(&path);
            let spawned = std::thread::Builder::new()
                .name("settings".into())
                .spawn(save);
            if spawned.is_err() {
                self.app
                    .say(Severity::Problem, "The settings could not be kept.");
            }
        }
        if self.app.has_more() || !self.arrived.is_empty() {
            ctx.request_repaint();
        }
        if self.app.window.quit {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// Has the review do what it has photos at hand for, and the state all else.
    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Do(action)
                if self.app.window.screen == ScreenId::Review && Review::takes(action) =>
            {
                self.review.ask(action);
            }
            command => self.app.apply(command),
        }
    }

    /// Takes in what was dropped: labels from a file on the Labels screen, folders elsewhere.
    fn dropped(&self, ui: &Ui, out: &mut Commands) {
        let dropped = ui.input(|i| i.raw.dropped_files.clone());
        let paths: Vec<PathBuf> = dropped.iter().map(|f| f.path().to_path_buf()).collect();
        let labels = self.app.window.screen == ScreenId::Labels;
        match paths.first() {
            Some(file) if labels && file.extension().is_some() => {
                out.push(LabelCommand::Import(file.clone()));
            }
            Some(_) => out.push(FolderCommand::Add(paths)),
            None => {}
        }
    }

    /// Asks for a path with the system's dialog; where it has none, the window asks itself.
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
        self.thumbnails.begin();
        self.previews.begin();
        let mut out = Commands::default();
        let dialog = self.palette.is_open() || self.app.window.path_dialog.is_some();
        let field = self.inspector.focus.is_wanted() || self.search_focus.is_wanted();
        let for_field = dialog || field;
        match self.shortcuts.read(ui, &self.app, for_field, &mut out) {
            Some(Action::AddTag) => self.inspector.focus.want(),
            Some(Action::Search) => self.search_focus.want(),
            _ => {}
        }
        self.dropped(ui, &mut out);
        let p = theme::palette(ui);
        egui::Panel::top("top")
            .frame(theme::bar(&p))
            .show(ui, |ui| self.top(ui, &mut out));
        egui::Panel::bottom("status")
            .frame(theme::bar(&p).inner_margin(egui::Margin::symmetric(12, 6)))
            .show(ui, |ui| bars::status(ui, &self.app, &mut out));
        let has_folders = !self.app.library.catalogue.folders.is_empty();
        let photos = self.app.window.screen == ScreenId::Photos && has_folders;
        // In a narrow window the photos come first; the inspector is back when there is room, and
        // takes the side bar's while a tag is typed.
        let narrow = ui.available_width() < BOTH_BARS;
        let crowded = narrow && self.inspector.is_typing() && self.app.settings.inspector;
        if photos && self.app.settings.sidebar && !crowded {
            egui::Panel::left("sidebar")
                .frame(theme::bar(&p))
                .default_size(230.0)
                .size_range(160.0..=420.0)
                .show(ui, |ui| self.sidebar.show(ui, &self.app, &mut out));
        }
        let roomy = !narrow || !self.app.settings.sidebar || crowded;
        if photos && self.app.settings.inspector && roomy {
            egui::Panel::right("inspector")
                .frame(theme::bar(&p))
                .default_size(300.0)
                .size_range(220.0..=560.0)
                .show(ui, |ui| {
                    let (app, thumbnails) = (&self.app, &mut self.thumbnails);
                    self.inspector
                        .show(ui, app, thumbnails, &mut self.previews, &mut out);
                });
        }
        let frame = egui::Frame::new().fill(p.ground).inner_margin(12);
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            let app = &self.app;
            match app.window.screen {
                ScreenId::Photos if !app.library.loaded => {}
                ScreenId::Photos if !has_folders => pages::welcome(ui, app, &mut out),
                ScreenId::Photos if app.window.large => {
                    self.large(ui, &mut out);
                }
                ScreenId::Photos => {
                    Grid::tools(ui, app, &mut out);
                    if app.library.shown.is_empty() {
                        empty(ui, app, &mut out);
                    } else {
                        self.grid.show(ui, app, &mut self.thumbnails, &mut out);
                    }
                }
                ScreenId::Review => {
                    let (thumbnails, previews) = (&mut self.thumbnails, &mut self.previews);
                    self.review.show(ui, app, thumbnails, previews, &mut out);
                }
                ScreenId::Labels => self.labels.show(ui, app, &mut self.thumbnails, &mut out),
                ScreenId::Export => export::show(ui, app, &mut out),
                ScreenId::Activity => pages::activity(ui, app, &mut out),
                ScreenId::Settings => settings::show(ui, app, &mut out),
            }
        });
        if let Some(action) = self.palette.show(ui, &self.app) {
            out.push(Command::Do(action));
        }
        self.path_entry.show(ui, &self.app, &mut out);
        self.toasts.show(ui, &self.app, &mut out);
        let wanted = self.thumbnails.to_ask();
        if !wanted.is_empty() && self.app.want_thumbnails(&wanted) {
            self.thumbnails.set_asked(wanted);
        }
        let wanted = self.previews.to_ask();
        if let Some(path) = wanted.first()
            && self.app.want_preview(path)
        {
            self.previews.set_asked(wanted);
        }
        self.shortcuts.end_frame(ui);
        self.inspector.focus.end_frame(ui);
        self.search_focus.end_frame(ui);
        if !out.is_empty() {
            self.commands.append(&mut out);
            ui.ctx().request_repaint();
        }
    }

    fn top(&mut self, ui: &mut Ui, out: &mut Commands) {
        let narrow = ui.available_width() < NARROW;
        if narrow {
            ui.horizontal_wrapped(|ui| self.ways(ui, out));
            ui.horizontal(|ui| self.search_field(ui, f32::INFINITY, out));
            return;
        }
        ui.horizontal(|ui| {
            self.ways(ui, out);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.search_field(ui, 320.0, out);
            });
        });
    }

    /// The menus and the screens.
    fn ways(&self, ui: &mut Ui, out: &mut Commands) {
        bars::menus(ui, &self.app, out);
        ui.separator();
        for (screen, name) in ScreenId::ALL {
            let text = match screen {
                ScreenId::Review if self.app.library.catalogue.suggestions() > 0 => {
                    format!(
                        "{name} {}",
                        count::number(self.app.library.catalogue.suggestions())
                    )
                }
                ScreenId::Activity if self.app.messages.unread > 0 => {
                    format!("{name} {}", count::number(self.app.messages.unread))
                }
                _ => name.to_owned(),
            };
            let chosen = self.app.window.screen == screen;
            if ui.selectable_label(chosen, text).clicked() {
                out.push(Command::Show(screen));
            }
        }
    }

    fn search_field(&mut self, ui: &mut Ui, most: f32, out: &mut Commands) {
        let field = egui::TextEdit::singleline(&mut self.search)
            .hint_text("Search: words, tag:dog, folder:2024")
            .desired_width(ui.available_width().clamp(80.0, most));
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search"));
        self.search_focus.give(ui, &field, &mut self.search);
        let enter = ui.input(|i| i.key_pressed(egui::Key::Enter));
        if field.lost_focus() && enter {
            out.push(ViewCommand::Search(self.search.clone()));
        } else if !field.has_focus()
            && self.commands.is_empty()
            && Query::parse(&self.search) != self.app.library.filter.query
        {
            // The filters were changed elsewhere.
            self.search = self.app.library.filter.query.text();
        }
    }

    fn large(&mut self, ui: &mut Ui, out: &mut Commands) {
        let Some(row) = self.app.current() else {
            return;
        };
        ui.horizontal(|ui| {
            if ui.button("Back to the grid").clicked() {
                out.push(Command::Do(Action::Preview));
            }
            ui.label(row.name());
        });
        let rect = ui.available_rect_before_wrap();
        inspector::large(ui, rect, row, &mut self.thumbnails, &mut self.previews);
        if shortcuts::reach_screen(ui) {
            for (key, by) in [(egui::Key::ArrowRight, 1), (egui::Key::ArrowLeft, -1)] {
                if ui.input(|i| i.key_pressed(key)) {
                    out.push(SelectCommand::Move(by, false));
                }
            }
        }
    }
}

/// What the list says when no photo is in it.
fn empty(ui: &mut Ui, app: &App, out: &mut Commands) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.35);
        if app.library.filter.is_empty() {
            ui.heading("No photos yet");
            ui.label("They show up here as they are found.");
        } else {
            ui.heading("No matching photos");
            if ui.button("Show all photos").clicked() {
                out.push(Command::Do(Action::ClearFilters));
            }
        }
    });
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.update(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.draw(ui);
    }
}
