//! `taglens tags`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::about::PrintedAbout;
use crate::cli::library;
use crate::cli::options::{Common, Tags};
use crate::cli::output::{Kind, Output};
use crate::cli::path::{PrintedPath, shown};
use crate::cli::terminal::tell;
use crate::services::query::Query;
use crate::store::{FileAbout, Origin, TagState, TaggedFile, TaggedLabel};

#[derive(Serialize)]
struct Photo {
    #[serde(flatten)]
    path: PrintedPath,
    #[serde(flatten)]
    about: PrintedAbout,
    /// The files of the same photo, the one that shows it first; empty if it has no other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stack: Vec<String>,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct Tag {
    label: String,
    confidence: f32,
    origin: &'static str,
    state: &'static str,
}

impl From<TaggedLabel> for Tag {
    fn from(tag: TaggedLabel) -> Self {
        let origin = tag.decision.map(|d| d.origin);
        Self {
            label: tag.label,
            // If there is only a decision, it is certain.
            confidence: tag.machine.map_or(
                if tag.state == TagState::Accepted {
                    1.0
                } else {
                    0.0
                },
                |(_, confidence)| confidence,
            ),
            origin: match origin {
                None => "auto",
                Some(Origin::Person) => "person",
                Some(Origin::Sidecar) => "sidecar",
            },
            state: match tag.state {
                TagState::Accepted => "accepted",
                TagState::Suggested => "suggested",
                TagState::Rejected => "rejected",
            },
        }
    }
}

/// Prints the tags.
pub(crate) fn run(tags: &Tags, common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let named = tags.paths.iter().map(|p| library::located(&store, p));
    let named: Vec<PathBuf> = named.collect::<Result<_>>()?;
    let stacks = store.stacks(&named)?;
    let paths: Vec<Option<&Path>> = match named.as_slice() {
        [] => vec![None],
        named => named.iter().map(|path| Some(path.as_path())).collect(),
    };
    let dates = Query {
        dates: tags.date.iter().cloned().collect(),
        ..Query::default()
    };
    let mut output = Output::stdout(common.format, Kind::Items, &["photo", "tags"]);
    let mut unknown = 0;
    let mut to_sort: Vec<(TaggedFile, FileAbout)> = Vec::new();
    for path in paths {
        let count = store.each_tagged(&stacks, path, |file| {
            let about = store.about_file(&file)?;
            if !dates.has_day(&about.captured.time.day()) {
                return Ok(());
            }
            match tags.sort {
                None => print(file, about, &mut output),
                Some(_) => {
                    to_sort.push((file, about));
                    Ok(())
                }
            }
        })?;
        if let (0, Some(path)) = (count, path) {
            unknown += 1;
            tell!("{} is not in the library", path.display());
        }
    }
    if let Some(order) = tags.sort {
        order.sort(&mut to_sort, |(_, about)| about.captured.time);
    }
    for (file, about) in to_sort {
        print(file, about, &mut output)?;
    }
    output.finish()?;
    Ok(Outcome::of(unknown))
}

fn print(file: TaggedFile, about: FileAbout, output: &mut Output) -> Result<()> {
    let photo = Photo {
        path: PrintedPath::new(&file.path),
        about: PrintedAbout::new(about),
        stack: file.stack.iter().map(|f| shown(&f.path)).collect(),
        tags: file.tags.into_iter().map(Tag::from).collect(),
    };
    let cells = vec![photo.path.text().to_owned(), describe(&photo.tags)];
    output.item(&photo, cells)?;
    Ok(())
}

fn describe(tags: &[Tag]) -> String {
    let tag = |t: &Tag| {
        let mark = match t.state {
            "accepted" => "",
            "suggested" => "?",
            _ => "✗",
        };
        match t.origin {
            "auto" => format!("{}{mark} {:.0} %", t.label, t.confidence * 100.0),
            _ => format!("{}{mark}", t.label),
        }
    };
    tags.iter().map(tag).collect::<Vec<_>>().join(", ")
}
