//! The texts that can be seen on a screen: none lies on another.

use eframe::egui::{Pos2, Rect, Shape, epaint, vec2};

/// Points by which the boxes of lines exceed their letters.
const AROUND_LETTERS: f32 = 2.5;

/// The texts so far, in the order in which they are painted.
#[derive(Default)]
pub struct Seen {
    lines: Vec<(String, Rect)>,
    /// The texts that end with an ellipsis, and where they begin.
    pub cut: Vec<(String, Pos2)>,
    /// The texts on which something else was painted.
    pub covered: Vec<String>,
}

impl Seen {
    /// Adds what is painted next. A fault is a text on another.
    pub fn add(&mut self, shape: &Shape, clip: Rect, faults: &mut Vec<String>) {
        match shape {
            Shape::Vec(shapes) => shapes
                .iter()
                .for_each(|shape| self.add(shape, clip, faults)),
            Shape::Rect(rect) if rect.fill.is_opaque() => self.cover(rect.rect.intersect(clip)),
            Shape::Text(text) => self.text(text, clip, faults),
            _ => {}
        }
    }

    fn cover(&mut self, rect: Rect) {
        let (covered, lines) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|(_, line)| line.intersects(rect));
        self.lines = lines;
        let covered: Vec<(String, Rect)> = covered;
        self.covered
            .extend(covered.into_iter().map(|(text, _)| text));
        self.cut.retain(|(_, at)| !rect.contains(*at));
    }

    fn text(&mut self, text: &epaint::TextShape, clip: Rect, faults: &mut Vec<String>) {
        let words = &text.galley.job.text;
        if text.galley.elided {
            let middle = text.galley.rect.left_center() + vec2(1.0, 0.0);
            let at = text.pos + middle.to_vec2();
            if clip.contains(at) {
                self.cut.push((words.clone(), at));
            }
        }
        for row in &text.galley.rows {
            let line = row.rect_without_leading_space();
            let line = line.translate(text.pos.to_vec2()).intersect(clip);
            let line = line.shrink(AROUND_LETTERS);
            if !line.is_positive() || row.text().trim().is_empty() {
                continue;
            }
            let mut below = self
                .lines
                .iter()
                .filter(|(_, other)| other.intersects(line));
            if let Some((other, at)) = below.next() {
                faults.push(format!("{words:?} at {line} lies on {other:?} at {at}"));
            }
            self.lines.push((words.clone(), line));
        }
    }
}
