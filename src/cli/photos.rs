//! Embeds photos, with progress on standard error.

use std::path::{Path, PathBuf};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::options::Common;
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::core::embedding::Embedding;
use crate::core::interrupt::ASKED;
use crate::engine::Engine;
use crate::services::Embedder;
use crate::services::walk::walk;

/// Embeds every photo below `paths` and passes it on with its embedding or the reason for a
/// failure. `videos` includes those that can be read. Returns the number of failures, 1 if there was
/// nothing to read; failures are also named on standard error.
pub(crate) fn each(
    paths: &[PathBuf],
    videos: bool,
    engine: &Engine,
    common: &Common,
    mut take: impl FnMut(&Path, Result<Embedding, String>) -> Result<()>,
) -> Result<usize> {
    let found = walk(paths, videos, &ASKED);
    let passed_over = &found.passed_over;
    if found.pictures.is_empty() && found.failures.is_empty() && !setup::stopped() {
        match passed_over.to_string().as_str() {
            "" => tell!("there are no photos below the paths named"),
            what => tell!("there are no photos below the paths named; found {what}"),
        }
        return Ok(1);
    }
    // Excluded files are only worth a message if the user may have expected a photo.
    let unsupported = passed_over.unsupported_count() > 0;
    if !common.quiet && (unsupported || common.is_verbose() && passed_over.ignored > 0) {
        tell!("passed over: {passed_over}");
    }
    let style = "{wide_bar} {pos}/{len} photos, {per_sec}, {eta} left";
    let bar = bar(Some(found.pictures.len()), style, common.quiet);
    let mut failures = 0;
    let mut fail = |path: &Path, message: String| {
        failures += 1;
        bar.suspend(|| tell!("{message}"));
        take(path, Err(message))
    };
    for (path, reason) in &found.failures {
        fail(path, format!("cannot read {}: {reason}", path.display()))?;
    }
    let embedder = Embedder::new(&*engine.image).with_videos(videos);
    embedder.run(&found.pictures, &ASKED, |i, outcome| {
        bar.inc(1);
        let path = found
            .pictures
            .get(i)
            .map_or(Path::new(""), PathBuf::as_path);
        match outcome {
            Ok(embedding) => take(path, Ok(embedding)),
            Err(error) => {
                failures += 1;
                bar.suspend(|| tell!("{error}"));
                take(path, Err(error.to_string()))
            }
        }
    })?;
    bar.finish_and_clear();
    Ok(failures)
}

/// A progress bar on standard error, or with `quiet` none. `style` is indicatif's.
pub(crate) fn bar(count: Option<usize>, style: &str, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let style =
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(count.map(|n| n as u64), target).with_style(style)
}
