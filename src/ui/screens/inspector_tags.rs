//! The tags of the selected photos, with buttons to decide. Decisions apply to exactly these
//! photos.

use eframe::egui::{Rect, RichText, Ui, pos2};

use crate::app::{App, Command, DecideCommand, InspectCommand, SelectedTags, SharedTag, TagCount};
use crate::core::ids::PhotoId;
use crate::store::TagState;
use crate::ui::draw_context::DrawContext;
use crate::ui::screens::context_menus;
use crate::ui::theme::{self, sizes};
use crate::ui::widgets::chip;
use crate::ui::widgets::sign_button::{sign_button, sign_buttons_width, sign_gap};
use crate::words::tr;

/// More selected files than these are counted over several frames.
const AT_ONCE: usize = 5_000;
/// The photos of the library that are looked at in one of them, which takes some 2 ms.
const IN_A_FRAME: usize = 20_000;

/// The sections, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// The user applied them, on all photos that have them.
    Confirmed,
    /// The machine alone applied them, on some at least.
    Automatic,
    Suggested,
    Rejected,
}

impl Section {
    const ALL: [Self; 4] = [
        Self::Confirmed,
        Self::Automatic,
        Self::Suggested,
        Self::Rejected,
    ];

    fn of(shared: &SharedTag) -> Self {
        let confirmed = shared.tag.decided && shared.decided >= shared.count;
        match shared.tag.state {
            TagState::Accepted if confirmed => Self::Confirmed,
            TagState::Accepted => Self::Automatic,
            TagState::Suggested => Self::Suggested,
            TagState::Rejected => Self::Rejected,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Confirmed => tr!("tags-confirmed"),
            Self::Automatic => tr!("tags-automatic"),
            Self::Suggested => tr!("tags-suggested"),
            Self::Rejected => tr!("tags-rejected"),
        }
    }
}

/// The tags of the selected photos, and the order in which they are drawn.
#[derive(Default)]
pub(crate) struct TagList {
    made_for: Option<(u64, u64, bool)>,
    shared: SelectedTags,
    /// The tags of a large selection while they are being counted; `shared` is empty until then.
    counting: Option<TagCount>,
    /// The sections' labels by name. They keep their places while the pointer is over them, so that
    /// a second click does not hit another tag.
    lines: Vec<(Section, String)>,
    hovered: bool,
}

impl TagList {
    /// Reads the selection.
    pub(crate) fn update(&mut self, app: &App) {
        let key = (
            app.library.revision,
            app.selection.revision(),
            app.window.large,
        );
        let catalogue = &app.library.catalogue;
        if self.made_for != Some(key) {
            self.made_for = Some(key);
            self.counting = None;
            match app.window.large || app.selection.len() <= AT_ONCE {
                true => self.take(SelectedTags::of(app.at_hand().into_iter(), catalogue)),
                false => self.counting = Some(TagCount::new(catalogue)),
            }
        }
        if let Some(counting) = &mut self.counting {
            match counting.proceed(&app.library, &app.selection, IN_A_FRAME) {
                Some(shared) => {
                    self.counting = None;
                    self.take(shared);
                }
                None => return self.take(SelectedTags::default()),
            }
        }
        let now: Vec<(Section, String)> = self
            .shared
            .tags
            .iter()
            .filter_map(|t| Some((Section::of(t), name(app, t)?.to_owned())))
            .collect();
        if self.hovered && !self.lines.is_empty() {
            let known = |name: &str| self.lines.iter().any(|(_, line)| line == name);
            let new: Vec<_> = now.into_iter().filter(|(_, n)| !known(n)).collect();
            self.lines.extend(new);
        } else {
            self.lines = now;
        }
    }

    fn take(&mut self, shared: SelectedTags) {
        if shared.photos != self.shared.photos {
            self.lines.clear();
        }
        self.shared = shared;
    }

    /// Whether the tags are still being counted: other frames go on.
    pub(crate) fn is_counting(&self) -> bool {
        self.counting.is_some()
    }

    /// The photos with these tags, each once.
    pub(crate) fn photos(&self) -> &[PhotoId] {
        &self.shared.photos
    }

    /// Selected files that were not read yet.
    pub(crate) fn unread(&self) -> usize {
        self.shared.unread
    }

    /// Draws them.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut DrawContext<'_>) {
        if self.photos().is_empty() {
            let text = tr!("tags-unread", count = self.unread());
            ui.label(RichText::new(text).weak());
            return;
        }
        let top = ui.cursor().min;
        let applied = [Section::Confirmed, Section::Automatic];
        if !self.lines.iter().any(|(s, _)| applied.contains(s)) {
            ui.label(RichText::new(tr!("tags-none")).weak());
        }
        for section in Section::ALL {
            let lines = self.lines.iter().filter(|(s, _)| *s == section);
            let lines: Vec<&str> = lines.map(|(_, name)| name.as_str()).collect();
            if lines.is_empty() {
                continue;
            }
            ui.label(RichText::new(section.title()).small().strong());
            for name in lines {
                self.line(ui, cx, name);
            }
        }
        let end = ui.cursor().min;
        let width = ui.available_width();
        let area = Rect::from_min_max(top, pos2(top.x + width, end.y.max(top.y)));
        self.hovered = ui.rect_contains_pointer(area);
    }

    fn line(&self, ui: &mut Ui, cx: &mut DrawContext<'_>, name: &str) {
        let app = cx.app;
        let height = ui.spacing().interact_size.y;
        let shared = self.shared.tags.iter();
        let mut shared = shared.filter(|t| self::name(app, t) == Some(name));
        let Some(shared) = shared.next() else {
            // A removed line leaves its space until the pointer moves away.
            ui.add_space(height);
            return;
        };
        let photos = self.photos();
        ui.horizontal(|ui| {
            let of = (photos.len() > 1).then(|| tr!("of", some = shared.count, all = photos.len()));
            let room = (ui.available_width() - sign_buttons_width(ui, 3)).max(sizes::CHIP_LEAST);
            let left = ui.cursor().min.x;
            let chip = ui
                .scope(|ui| {
                    ui.set_max_width(room);
                    chip::show(ui, &app.library.catalogue, &shared.tag, of.as_deref())
                })
                .inner;
            // The buttons of all lines form columns.
            let before = ui.spacing().item_spacing.x;
            ui.add_space((left + room + before - ui.cursor().min.x).max(0.0));
            context_menus::tag(&chip, cx, shared, name, photos);
            if let [photo] = photos
                && chip.on_hover_text(tr!("why-tag")).clicked()
            {
                cx.ask(InspectCommand::Why(*photo, name.to_owned()));
            }
            if let Some(accepted) = word(ui, shared, name, photos.len()) {
                cx.ask(Command::Decide(DecideCommand::Label {
                    photos: photos.to_vec(),
                    label: name.to_owned(),
                    accepted,
                }));
            }
        });
        let why = app.inspector.explained.as_ref();
        let shown = |photo: PhotoId, label: &str| photos == [photo] && label == name;
        if let Some(why) = why.filter(|e| shown(e.photo, &e.label)) {
            let p = theme::palette(ui);
            theme::card(&p).fill(p.raised).show(ui, |ui| {
                for line in &why.lines {
                    ui.label(RichText::new(line.to_string()).small());
                }
            });
        }
    }
}

fn name<'a>(app: &'a App, shared: &SharedTag) -> Option<&'a str> {
    let label = app.library.catalogue.labels.get(shared.tag.label)?;
    Some(&label.name)
}

/// The text for a decision on so many photos; `None` withdraws it.
pub(crate) fn spoken(decision: Option<bool>, name: &str, photos: usize) -> String {
    match (decision, photos) {
        (Some(true), 0 | 1) => tr!("tag-accept", label = name),
        (Some(false), 0 | 1) => tr!("tag-reject", label = name),
        (None, 0 | 1) => tr!("tag-let-decide", label = name),
        (Some(true), n) => tr!("tag-accept-all", label = name, count = n),
        (Some(false), n) => tr!("tag-reject-all", label = name, count = n),
        (None, n) => tr!("tag-let-decide-all", label = name, count = n),
    }
}

/// Draws a button for each possible decision on a tag: accept, reject, or withdraw.
fn word(ui: &mut Ui, shared: &SharedTag, name: &str, photos: usize) -> Option<Option<bool>> {
    let all = shared.count == photos && shared.decided == photos;
    let is = |state| all && shared.tag.state == state;
    let mut said = None;
    for (accept, state, sign) in [
        (true, TagState::Accepted, "✔"),
        (false, TagState::Rejected, "✖"),
    ] {
        if is(state) {
            sign_gap(ui);
        } else if sign_button(ui, sign, &spoken(Some(accept), name, photos)).clicked() {
            said = Some(Some(accept));
        }
    }
    if shared.decided > 0 && sign_button(ui, "⟲", &spoken(None, name, photos)).clicked() {
        said = Some(None);
    }
    said
}
