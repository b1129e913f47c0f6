//! The results as a picture: the methods as bars, the learning curve as lines.

use std::fmt::Write;

use crate::learning::Point;
use crate::methods::Row;

const WIDTH: usize = 760;
const HEIGHT: usize = 330;
/// Where the bars and the curve lie between left and right.
const BARS: (f32, f32) = (270.0, 450.0);
const CURVE: (f32, f32) = (510.0, 740.0);
const TOP: f32 = 50.0;
const BOTTOM: f32 = 290.0;

/// One strip a folder, below each other.
pub fn svg(sets: &[(String, Vec<Row>, Vec<Point>)]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        HEIGHT * sets.len()
    );
    for (i, (name, rows, points)) in sets.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<g transform=\"translate(0 {})\">", i * HEIGHT);
        text(
            &mut out,
            10.0,
            25.0,
            &format!("{name}: mAP by method, and by decisions a label"),
        );
        bars(&mut out, rows);
        curve(&mut out, points);
        out += "</g>\n";
    }
    out + "</svg>\n"
}

fn bars(out: &mut String, rows: &[Row]) {
    let step = (BOTTOM - TOP) / rows.len().max(1) as f32;
    for (i, (name, map)) in rows.iter().enumerate() {
        let y = TOP + i as f32 * step;
        let width = (BARS.1 - BARS.0) * map;
        let colour = if name.starts_with("default") {
            "#c0392b"
        } else {
            "#7f8c8d"
        };
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\"/>",
            BARS.0,
            step * 0.7
        );
        text(out, 10.0, y + step * 0.5, name);
        text(
            out,
            BARS.0 + width + 4.0,
            y + step * 0.5,
            &format!("{map:.3}"),
        );
    }
}

fn curve(out: &mut String, points: &[Point]) {
    if points.is_empty() {
        return;
    }
    let all = || {
        points
            .iter()
            .flat_map(|p| [p.with + p.deviation, p.with - p.deviation, p.without])
    };
    let low = all().fold(f32::INFINITY, f32::min) - 0.01;
    let high = all().fold(f32::NEG_INFINITY, f32::max) + 0.01;
    let most = points.last().map_or(1, |p| p.decisions.max(1)) as f32;
    let x = |p: &Point| CURVE.0 + (CURVE.1 - CURVE.0) * p.decisions as f32 / most;
    let y = |v: f32| BOTTOM - (BOTTOM - TOP) * (v - low) / (high - low);
    type Value = fn(&Point) -> f32;
    let lines: [(&str, Value); 2] = [("#7f8c8d", |p| p.without), ("#c0392b", |p| p.with)];
    for (colour, value) in lines {
        let path: Vec<String> = points
            .iter()
            .map(|p| format!("{:.1},{:.1}", x(p), y(value(p))))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
    }
    for p in points {
        let _ = writeln!(
            out,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\" stroke=\"#c0392b\"/>",
            x(p),
            y(p.with - p.deviation),
            y(p.with + p.deviation)
        );
        text(out, x(p) - 3.0, BOTTOM + 15.0, &p.decisions.to_string());
    }
    for v in [low + 0.01, high - 0.01] {
        text(out, CURVE.0 - 40.0, y(v), &format!("{v:.3}"));
    }
    text(
        out,
        CURVE.0,
        BOTTOM + 30.0,
        "red: with learning, grey: the same photos without",
    );
}

fn text(out: &mut String, x: f32, y: f32, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>");
}
