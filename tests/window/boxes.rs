//! An empty box to tick is seen: it has an edge.

use eframe::egui::{Role, Shape, epaint::RectShape};
use egui_kittest::kittest::Queryable;
use taglens::app::{Command, ScreenId};

use crate::driven::Driven;

fn edges(shape: &Shape, found: &mut Vec<RectShape>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| edges(shape, found)),
        Shape::Rect(rect) if !rect.stroke.is_empty() => found.push(rect.clone()),
        _ => {}
    }
}

#[test]
fn every_box_has_an_edge() {
    let mut driven = Driven::start();
    driven.until("the empty library", |app| app.library.loaded);
    driven.drop_folder();
    for screen in [ScreenId::Settings, ScreenId::Export, ScreenId::Labels] {
        driven.app().apply(Command::Show(screen));
        driven.step();
        if screen == ScreenId::Labels {
            driven.click("cat, 1 photo");
            driven.step();
        }
        let mut found = Vec::new();
        for clipped in &driven.harness.output().shapes {
            edges(&clipped.shape, &mut found);
        }
        let boxes = driven.harness.query_all_by_role(Role::CheckBox);
        let window = driven.harness.ctx.content_rect();
        let boxes = boxes.map(|node| node.rect());
        // The settings scroll.
        let boxes: Vec<_> = boxes.filter(|all| window.contains_rect(*all)).collect();
        assert!(!boxes.is_empty(), "{screen:?}");
        for all in boxes {
            let is_in = |edge: &RectShape| all.expand(1.0).contains_rect(edge.rect);
            assert!(found.iter().any(is_in), "{screen:?}: no edge in {all}");
        }
    }
}
