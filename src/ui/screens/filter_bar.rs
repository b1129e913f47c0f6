//! The menu of filters above the photos, and a chip for each filter in use.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Query, QuickFilter, TagFilter, ViewCommand};
use crate::ui::draw_context::DrawContext;
use crate::ui::widgets::menu;
use crate::words::{self, tr};

/// Draws the menu of filters with one click. Each has the number of its photos.
pub(crate) fn menu(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    ui.menu_button(tr!("filter"), |ui| {
        let library = &cx.app.library;
        let (quick, facets) = (&library.filter.quick, &library.catalogue.facets);
        for tags in TagFilter::ALL {
            let name = tags.name();
            let (number, chosen) = (facets.tagged(tags), quick.tags == Some(tags));
            let with = QuickFilter {
                tags: (!chosen).then_some(tags),
                ..quick.clone()
            };
            choice(ui, cx, name, number, chosen, ViewCommand::Quick(with));
        }
        ui.separator();
        ui.menu_button(tr!("filter-date"), |ui| dates(ui, cx));
        ui.menu_button(tr!("filter-camera"), |ui| {
            for (name, number) in &facets.cameras {
                let chosen = quick.camera.as_ref() == Some(name);
                let camera = (!chosen).then(|| name.clone());
                let with = QuickFilter {
                    camera,
                    ..quick.clone()
                };
                choice(ui, cx, name, *number, chosen, ViewCommand::Quick(with));
            }
            if facets.cameras.is_empty() {
                ui.label(RichText::new(tr!("filter-no-camera")).weak());
            }
        });
        ui.menu_button(tr!("filter-format"), |ui| {
            for (kind, number) in &facets.kinds {
                let chosen = quick.kind == Some(*kind);
                let with = QuickFilter {
                    kind: (!chosen).then_some(*kind),
                    ..quick.clone()
                };
                choice(
                    ui,
                    cx,
                    kind.name(),
                    *number,
                    chosen,
                    ViewCommand::Quick(with),
                );
            }
        });
        ui.separator();
        let save = menu::entry(ui, cx, tr!("filter-save"), ViewCommand::SaveSearch);
        save.on_hover_text(tr!("filter-save-hint"));
        menu::actions(ui, cx, &[Action::ClearFilters]);
    });
}

/// Draws the years, each with its months, the latest first.
fn dates(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let months = &cx.app.library.catalogue.facets.months;
    let year = |month: &str| month.split('-').next().unwrap_or_default().to_owned();
    let query = &cx.app.library.filter.query;
    egui::ScrollArea::vertical().show(ui, |ui| {
        for months in months.chunk_by(|a, b| year(&a.0) == year(&b.0)) {
            let Some((first, _)) = months.first() else {
                continue;
            };
            let year = year(first);
            ui.menu_button(&year, |ui| {
                let all = months.iter().map(|(_, number)| number).sum();
                let whole = std::iter::once((year.clone(), all));
                for (date, number) in whole.chain(months.iter().cloned()) {
                    let name = match date == year {
                        true => tr!("filter-year", year = &year),
                        false => words::month(&date),
                    };
                    let chosen = query.dates == [date.clone()];
                    let dates = if chosen { Vec::new() } else { vec![date] };
                    let with = Query {
                        dates,
                        ..query.clone()
                    };
                    let command = ViewCommand::Search(with.text());
                    choice(ui, cx, &name, number, chosen, command);
                }
            });
        }
    });
}

/// Draws a filter of the menu; one in use has a mark.
fn choice(
    ui: &mut Ui,
    cx: &mut DrawContext<'_>,
    name: &str,
    number: usize,
    chosen: bool,
    command: ViewCommand,
) {
    let text = if chosen {
        format!("✔ {name}")
    } else {
        name.to_owned()
    };
    let number_text = RichText::new(words::number(number)).weak();
    let button = egui::Button::new(text).shortcut_text(number_text);
    let button = ui.add_enabled(number > 0 || chosen, button);
    let spoken = format!("{name}, {}", tr!("photos", count = number));
    button.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, chosen, spoken.clone())
    });
    if button.clicked() {
        cx.ask(command);
        ui.close();
    }
}

/// Draws the filters in use, each with a button to remove it. They wrap.
pub(crate) fn chips(ui: &mut Ui, cx: &mut DrawContext<'_>) {
    let app = cx.app;
    if app.library.filter.is_empty() {
        return;
    }
    let list = in_use(cx);
    ui.horizontal_wrapped(|ui| {
        let mut chip = |ui: &mut Ui, text: &str, without: ViewCommand| {
            let button = ui.small_button(format!("{text}  ✖"));
            if button.on_hover_text(tr!("filter-remove")).clicked() {
                cx.ask(without);
            }
        };
        for (text, without) in &list {
            chip(ui, text, without.clone());
        }
        if list.len() > 1 && ui.small_button(tr!("filter-clear")).clicked() {
            cx.ask(Action::ClearFilters);
        }
    });
}

/// The filters in use, each with the command that removes it.
fn in_use(cx: &DrawContext<'_>) -> Vec<(String, ViewCommand)> {
    let filter = &cx.app.library.filter;
    let mut list = Vec::new();
    if let Some(path) = &filter.folder {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let text = tr!("filter-in", folder = name.to_string_lossy());
        list.push((text, ViewCommand::Folder(None)));
    }
    if let Some(label) = &filter.label {
        list.push((
            tr!("filter-tagged", label = label),
            ViewCommand::Label(None),
        ));
    }
    let quick = &filter.quick;
    if let Some(tags) = quick.tags {
        let without = QuickFilter {
            tags: None,
            ..quick.clone()
        };
        list.push((tags.name().to_owned(), ViewCommand::Quick(without)));
    }
    if let Some(camera) = &quick.camera {
        let without = QuickFilter {
            camera: None,
            ..quick.clone()
        };
        list.push((camera.clone(), ViewCommand::Quick(without)));
    }
    if let Some(kind) = quick.kind {
        let without = QuickFilter {
            kind: None,
            ..quick.clone()
        };
        list.push((kind.name().to_owned(), ViewCommand::Quick(without)));
    }
    let query = &filter.query;
    if let Some(sought) = &filter.sought {
        let text = match filter.hits {
            Some(_) if query.words.is_empty() => sought.in_words().into_owned(),
            Some(_) => tr!("filter-like", sought = sought.in_words()),
            None => tr!("filter-searching", sought = sought.in_words()),
        };
        list.push((text, ViewCommand::Search(query.filters())));
    }
    let typed = query.filters();
    if !typed.is_empty() {
        list.push((typed, ViewCommand::Search(query.words.clone())));
    }
    list
}
