//! Decodes one photo as Taglens does, for `tests/formats_table.py`.
//!
//! `decode_photo FILE [PIXELS.ppm]` writes the whole picture, upright, and prints a line of JSON: its size
//! and the milliseconds for the encoder's square, which may take the embedded thumbnail or a fraction of
//! the size, and for the whole picture; on Linux, also the most memory that the process held. Videos
//! are read too.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use taglens::core::encoder::Preprocessing;
use taglens::decode::{Limits, Scaling, Wanted, load, prepare_photo};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let file = arguments.next().context("name a photo")?;
    let limits = Limits {
        videos: true,
        ..Limits::default()
    };
    let bytes = std::fs::read(&file)?;
    // What goes wrong is one line, as the program says it.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let refused = prepared(&file, &bytes, &limits).err();
    let square_ms = milliseconds(started.elapsed());
    if let Some(reason) = refused {
        let line = serde_json::json!({
            "refused": reason, "square_ms": square_ms, "peak_mib": peak_mib(),
        });
        println!("{line}");
        return Ok(());
    }
    let Some(pixels) = arguments.next() else {
        let line = serde_json::json!({ "square_ms": square_ms, "peak_mib": peak_mib() });
        println!("{line}");
        return Ok(());
    };
    drop(bytes);
    let started = Instant::now();
    let Ok(picture) = load(&file, &limits) else {
        // A thumbnail in it may be sound where the picture is not.
        let line = serde_json::json!({ "square_ms": square_ms, "peak_mib": peak_mib() });
        println!("{line}");
        return Ok(());
    };
    let whole_ms = milliseconds(started.elapsed());
    let width = picture.width();
    let height = picture.data().len() / 3 / width.max(1) as usize;
    let mut out = std::fs::File::create(&pixels)?;
    write!(out, "P6\n{width} {height}\n255\n")?;
    out.write_all(picture.data())?;
    let line = serde_json::json!({
        "width": width, "height": height, "square_ms": square_ms, "whole_ms": whole_ms,
        "peak_mib": peak_mib(),
    });
    println!("{line}");
    Ok(())
}

/// The encoder's square, or the reason why there is none.
fn prepared(file: &Path, bytes: &[u8], limits: &Limits) -> Result<(), String> {
    let preprocessing = Preprocessing::clip(224);
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge: Some(384),
        scaling: Scaling::Allowed,
    };
    match prepare_photo(file, bytes, &wanted, limits) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.fault.to_string()),
    }
}

fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
