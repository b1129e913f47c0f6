//! `taglens decide`.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Decide, Decided};
use crate::cli::terminal::tell;
use crate::cli::vocabulary_edit;
use crate::core::count;
use crate::store::{Decision, Origin, Store, Verdict};

/// Records the decision.
pub(crate) fn run(decide: &Decide, common: &Common) -> Result<Outcome> {
    let (Decided { label, paths }, verdict) = match decide {
        Decide::Accept(decided) => (decided, Some(Verdict::Accepted)),
        Decide::Reject(decided) => (decided, Some(Verdict::Rejected)),
        Decide::Clear(decided) => (decided, None),
    };
    let mut store = library::open(common)?;
    let label = known_label(&store, label)?;
    let paths = paths.iter().map(|path| library::located(&store, path));
    let paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
    let stacks = store.stacks(&paths)?;
    let mut photos = Vec::new();
    let mut stacked = HashSet::new();
    let mut unknown = 0;
    for path in paths {
        let mut unread = Vec::new();
        let count = store.each_file(Some(&path), |mut file| {
            file.stack = stacks.of(&file.path).to_vec();
            match file.photo_id {
                // A decision is made on the stack, and so on each of its files.
                Some(_) => {
                    let all = file.photos();
                    stacked.extend(all.iter().skip(1).copied());
                    photos.extend(all);
                }
                None => unread.push(file.path),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        if count == 0 {
            unknown += 1;
            tell!(
                "{} is not in the library; `taglens index` adds it",
                path.display()
            );
        }
        for path in unread {
            unknown += 1;
            tell!(
                "{} was not read yet; `taglens index` reads it",
                path.display()
            );
        }
    }
    photos.sort_unstable();
    photos.dedup();
    let decision = verdict.map(|verdict| Decision::now(verdict, Origin::Person));
    store.write(|w| {
        let label = w.label(&label)?;
        for photo in &photos {
            w.decide(*photo, label, decision)?;
        }
        // The label may learn from it: at once if an indexer is watching, otherwise with the next
        // `index`.
        w.bump_revision()
    })?;
    if !common.quiet {
        let shown = photos.iter().filter(|photo| !stacked.contains(photo));
        tell!("decided on {}", count::photos(shown.count()));
    }
    Ok(Outcome::of(unknown))
}

/// Returns the label as the vocabulary spells it, because a decision on a misspelt one would be
/// lost. A label that is no longer in the vocabulary is known from its decisions.
fn known_label(store: &Store, named: &str) -> Result<String> {
    match vocabulary_edit::known(store, named) {
        Err(_) if store.label(named)?.is_some() => Ok(named.to_owned()),
        found => found,
    }
}
