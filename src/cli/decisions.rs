//! `taglens decisions`: exports the user's decisions to a file that outlives the library, and
//! imports them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Decisions};
use crate::cli::terminal::tell;
use crate::core::photo::{ContentHash, PictureHash};
use crate::services::text_file;
use crate::store::{Decision, DecisionRow, Origin, Verdict};

/// One decision, one line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    /// BLAKE3 of the file in which the photo was first seen, in hexadecimal.
    hash: String,
    /// The hash of what it shows, in hexadecimal. Either hash identifies the photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    /// The photo's path, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    label: String,
    accepted: bool,
    #[serde(default)]
    sidecar: bool,
    decided_ms: i64,
}

/// Runs the command.
pub(crate) fn run(command: &Decisions, common: &Common) -> Result<Outcome> {
    match command {
        Decisions::Export { file } => export(file, common),
        Decisions::Import { file } => import(file, common),
    }
}

fn export(file: &Path, common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let rows = store.decisions()?;
    if file == Path::new("-") {
        let mut out = BufWriter::new(io::stdout().lock());
        write_lines(rows, &mut out)?;
        out.flush()?;
    } else {
        text_file::write(file, |out| write_lines(rows, out))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(match store.glance()? {
        None => Outcome::Done,
        Some(_) => Outcome::SomeFailed,
    })
}

fn write_lines(rows: Vec<DecisionRow>, out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        let line = Line {
            hash: row.hash.to_string(),
            picture: row.picture.map(|picture| picture.to_string()),
            path: row.path.map(|p: PathBuf| p.display().to_string()),
            label: row.label,
            accepted: row.decision.verdict == Verdict::Accepted,
            sidecar: row.decision.origin == Origin::Sidecar,
            decided_ms: row.decision.decided_ms,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn import(file: &Path, common: &Common) -> Result<Outcome> {
    let open: Box<dyn Read> = match file == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => {
            let opened = File::open(file);
            Box::new(opened.with_context(|| format!("cannot read {}", file.display()))?)
        }
    };
    let mut decisions = Vec::new();
    for (i, line) in BufReader::new(open).lines().enumerate() {
        let at = || format!("{}:{}", file.display(), i + 1);
        let line = line.with_context(at)?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).with_context(at)?;
        let hash: ContentHash = line.hash.parse().with_context(at)?;
        let picture = line.picture.as_deref().map(str::parse::<PictureHash>);
        decisions.push((hash, picture.transpose().with_context(at)?, line));
    }
    let mut store = library::open_or_make(common)?;
    let count = decisions.len();
    store.back_up_before("decisions-import")?;
    // All or nothing: half of the decisions would be worse than none.
    store.write(|w| {
        for (hash, picture, line) in decisions {
            let decision = Decision {
                verdict: match line.accepted {
                    true => Verdict::Accepted,
                    false => Verdict::Rejected,
                },
                origin: match line.sidecar {
                    true => Origin::Sidecar,
                    false => Origin::Person,
                },
                decided_ms: line.decided_ms,
            };
            let (photo, label) = (w.photo_known_by(&hash, picture)?, w.label(&line.label)?);
            let before = w.decide(photo, label, Some(decision))?;
            if let Some(later) = before.filter(|b| b.decided_ms > decision.decided_ms) {
                w.decide(photo, label, Some(later))?;
            }
        }
        w.bump_revision()
    })?;
    if !common.quiet {
        tell!("imported {count} decisions");
    }
    Ok(Outcome::Done)
}
