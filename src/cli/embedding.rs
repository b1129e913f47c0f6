//! What `export` says about keywords inside photos.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::cli::terminal::tell;
use crate::core::count;
use crate::sidecar::{Fault, SidecarError};
use crate::store::{Store, ToldOnce};

/// What is said before the first export into photos.
const EMBEDDING: &str = "taglens export --embed changes your photos: it writes keywords into their \
metadata. Each photo is written beside the old one, compared with it (the same pixels, all else byte \
for byte), and only then put in its place. `taglens export --undo` restores the old photos to the byte \
while nothing else changes them. Keep a backup of your photos, as always. This is said once.";

/// What is said after the first export of JPEGs to sidecars.
const INSIDE: &str = "Lightroom Classic, Windows Explorer and Apple Photos read the keywords of a JPEG \
only inside the file; `taglens export --embed` writes them there. This is said once.";

/// The photos that did not get keywords inside.
#[derive(Debug, Default)]
pub(super) struct NotEmbedded {
    /// How many there are of each format into which nothing is written.
    formats: BTreeMap<&'static str, usize>,
}

impl NotEmbedded {
    /// Names a photo, unless its format is the reason.
    pub(super) fn take(&mut self, photo: &Path, error: &SidecarError) {
        match &error.fault {
            Fault::NotEmbedded(refusal) => match refusal.format() {
                Some(format) => *self.formats.entry(format).or_default() += 1,
                None => tell!(
                    "{} was not changed, and its keywords go into a sidecar: {refusal}",
                    photo.display()
                ),
            },
            _ => tell!("{} was not changed: {error}", photo.display()),
        }
    }

    /// Names the formats.
    pub(super) fn finish(&self) {
        for (format, count) in &self.formats {
            tell!(
                "keywords are not written into {format} files; those of {} go into sidecars",
                count::photos(*count)
            );
        }
    }
}

/// Warns before the first export into photos of a library.
pub(super) fn tell_before_embedding(store: &mut Store) -> Result<()> {
    if !store.was_told(ToldOnce::Embedding)? {
        tell!("{EMBEDDING}");
        store.write(|w| w.set_told(ToldOnce::Embedding))?;
    }
    Ok(())
}

/// Says, after the first export of JPEGs of a library, that some programs do not see it.
pub(super) fn tell_of_embedding(store: &mut Store) -> Result<()> {
    if !store.was_told(ToldOnce::Inside)? {
        tell!("{INSIDE}");
        store.write(|w| w.set_told(ToldOnce::Inside))?;
    }
    Ok(())
}

pub(super) fn is_jpeg(photo: &Path) -> bool {
    let extension = photo.extension().unwrap_or_default();
    ["jpg", "jpeg", "jpe"]
        .iter()
        .any(|e| extension.eq_ignore_ascii_case(e))
}
