//! One function for each kind of input that may come from anywhere. The targets in `fuzz/` call
//! them with libFuzzer's data, and a test here with damaged seeds.
//!
//! A function panics if a promise is broken. Refusing an input is no fault.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::core::encoder::Preprocessing;
use crate::decode::{Limits, Scaling, Wanted, identity, prepare_photo, read_about};
use crate::sidecar::embed;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::{Keyword, Properties, Request, Terms, edit, read_keywords};
use crate::tagging::Vocabulary;

/// A photo or a video, through every decoder, to square and thumbnail; and its hashes.
pub fn decode(bytes: &[u8]) {
    let _ = identity(bytes);
    let preprocessing = Preprocessing::clip(224);
    let limits = Limits {
        videos: true,
        ..Limits::default()
    };
    for scaling in [Scaling::Allowed, Scaling::Never] {
        let wanted = Wanted {
            preprocessing: &preprocessing,
            thumbnail_edge: Some(384),
            scaling,
        };
        if let Ok(prepared) = prepare_photo(Path::new("photo"), bytes, &wanted, &limits) {
            assert_eq!(prepared.square.width(), preprocessing.size);
            assert!(
                prepared
                    .thumbnail
                    .is_some_and(|t| t.width().max(t.height()) <= 384)
            );
        }
    }
}

/// The metadata that cameras and programs write into photos: EXIF, IPTC and XMP.
pub fn embedded(bytes: &[u8]) {
    let embedded = Embedded::of_bytes(bytes);
    let _ = (embedded.values(), embedded.facts());
    let (about, _) = read_about(bytes);
    let _ = (about.exposure(), about.place());
}

/// A photo that gets a keyword inside: if it is accepted, all but the keyword is as it was, a second
/// edit changes nothing, and taking it back gives the same bytes.
pub fn embed_segments(bytes: &[u8]) {
    let extension = match bytes {
        [b'I' | b'M', ..] => "tif",
        _ => "",
    };
    let (Ok(container), Ok(keyword)) = (
        embed::Container::of(bytes, extension),
        Keyword::new(["animal", "dog"]),
    ) else {
        return;
    };
    let properties = Properties::default();
    let wanted = [keyword];
    let request = |previously| Request {
        wanted: &wanted,
        confidences: &[],
        previously,
        properties: &properties,
        terms: Terms::default(),
    };
    let Ok(edit) = embed::edit(bytes, container, &request(None)) else {
        return;
    };
    let new = embed::apply(bytes, &edit.patches).unwrap_or_default();
    // The check refuses what the editor and it understand differently, and nothing is written.
    if embed::verify(bytes, &new, container, &edit).is_err() {
        return;
    }
    let back = embed::inverse(bytes, &edit.patches).unwrap_or_default();
    assert!(embed::apply(&new, &back).is_some_and(|old| old == bytes));
    let twice = embed::edit(&new, container, &request(Some(&edit.record)));
    assert!(twice.is_ok_and(|twice| twice.patches.is_empty()));
}

/// A sidecar that gets a keyword: if it is accepted, it must read back and need no second edit.
pub fn sidecar(bytes: &[u8]) {
    let _ = read_keywords(bytes);
    let Ok(keyword) = Keyword::new(["animal", "dog"]) else {
        return;
    };
    let properties = Properties::default();
    let wanted = [keyword];
    let request = |previously| Request {
        wanted: &wanted,
        confidences: &[],
        previously,
        properties: &properties,
        terms: Terms::default(),
    };
    let Ok(edited) = edit(bytes, &request(None)) else {
        return;
    };
    let twice = edit(&edited.bytes, &request(Some(&edited.record)));
    assert!(twice.is_ok_and(|twice| twice.bytes == edited.bytes));
}

/// A vocabulary in any of its three forms.
pub fn vocabulary(bytes: &[u8]) {
    match Vocabulary::parse(&String::from_utf8_lossy(bytes)) {
        Ok(vocabulary) => assert!(!vocabulary.labels().is_empty()),
        Err(error) => assert!(!error.problems.is_empty()),
    }
}

/// A checkpoint: safetensors, PyTorch's archives and pickles, written into `folder`.
///
/// # Errors
/// If nothing can be written into the folder.
pub fn checkpoint(bytes: &[u8], folder: &Path) -> io::Result<()> {
    let file = folder.join("checkpoint");
    std::fs::write(&file, bytes)?;
    if let Ok(tensors) = crate::clip::read_tensors(&file) {
        // Nothing can be larger than the file, although tensors may share parts of it.
        for tensor in tensors.values() {
            assert!(tensor.elem_count() <= bytes.len());
        }
    }
    Ok(())
}

/// A hub's answer: the status in the first line, one header in each other.
pub fn hub_answer(bytes: &[u8]) {
    crate::model_store::check_answer(&String::from_utf8_lossy(bytes));
}

/// A file of decisions, imported into a library in `folder`: completely or not at all.
///
/// # Errors
/// If nothing can be written into the folder.
pub fn decisions(bytes: &[u8], folder: &Path) -> io::Result<()> {
    let (library, file) = (
        folder.join("library.sqlite"),
        folder.join("decisions.jsonl"),
    );
    std::fs::write(&file, bytes)?;
    let words = ["taglens", "--quiet", "--library"].map(OsStr::new);
    let rest = ["decisions", "import"].map(OsStr::new);
    let arguments = [
        &words[..],
        &[library.as_os_str()],
        &rest,
        &[file.as_os_str()],
    ]
    .concat();
    let _ = crate::cli::run_arguments(&arguments);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use rand::prelude::*;
    use rand::rngs::StdRng;

    use super::*;

    /// The longest time for one file. The machine may have other work.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn seeds(folders: &[&str]) -> Vec<Vec<u8>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "no seeds in {folders:?}");
        files.iter().map(|f| std::fs::read(f).unwrap()).collect()
    }

    /// A seed with bytes changed, removed, doubled, or taken from another seed.
    fn mutant(seeds: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
        let mut bytes = seeds.choose(random).cloned().unwrap_or_default();
        for _ in 0..random.random_range(1..6) {
            let length = bytes.len();
            if length < 2 {
                break;
            }
            // Most of what can go wrong is near the start.
            let span = if random.random() {
                length
            } else {
                length.min(512)
            };
            let at = random.random_range(0..span);
            let part = at..(at + random.random_range(1..64)).min(length);
            match random.random_range(0..7) {
                0 => bytes[at] = random.random(),
                1 => bytes[at] ^= 1 << random.random_range(0..8),
                2 => bytes[part].fill(*[0, 0x7F, 0x80, 0xFF].choose(random).unwrap()),
                3 => bytes.truncate(at),
                4 => drop(bytes.drain(part)),
                5 => {
                    let doubled = bytes[part].to_vec();
                    bytes.splice(at..at, doubled);
                }
                _ => {
                    let other = seeds.choose(random).unwrap();
                    let from = random.random_range(0..=other.len().saturating_sub(1));
                    let piece = &other[from..(from + 64).min(other.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
        bytes
    }

    /// `TAGLENS_FUZZ_SECONDS` sets how long to try each target with new mutants (by default some
    /// hundred mutants), and `TAGLENS_FUZZ_TARGET` selects one.
    fn torment(name: &str, folders: &[&str], count: usize, target: impl Fn(&[u8])) {
        let chosen = std::env::var("TAGLENS_FUZZ_TARGET");
        if chosen.is_ok_and(|chosen| chosen != name) {
            return;
        }
        let seconds = std::env::var("TAGLENS_FUZZ_SECONDS");
        let seconds: Option<u64> = seconds.ok().and_then(|s| s.parse().ok());
        let seeds = seeds(folders);
        let mut random = StdRng::seed_from_u64(match seconds {
            Some(_) => rand::random(),
            None => 1,
        });
        let started = Instant::now();
        let mut tried = 0;
        let mut slowest = Duration::ZERO;
        loop {
            let enough = match seconds {
                Some(seconds) => started.elapsed().as_secs() >= seconds,
                None => tried >= count,
            };
            if enough {
                break;
            }
            let bytes = mutant(&seeds, &mut random);
            let begun = Instant::now();
            let harm = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target(&bytes)));
            let took = begun.elapsed();
            if harm.is_err() || took > PATIENCE {
                let kept = std::env::temp_dir().join(format!("taglens-{name}.mutant"));
                std::fs::write(&kept, &bytes).unwrap();
                panic!("{name}: see {} ({took:?})", kept.display());
            }
            slowest = slowest.max(took);
            tried += 1;
        }
        println!("{name}: {tried} mutants, the slowest {slowest:?}");
    }

    /// Otherwise no mutant of them would reach a decoder.
    #[test]
    fn every_seed_of_a_photo_is_one() {
        let preprocessing = Preprocessing::clip(224);
        let wanted = Wanted {
            preprocessing: &preprocessing,
            thumbnail_edge: Some(384),
            scaling: Scaling::Allowed,
        };
        let seeds = seeds(&["fuzz/seeds/decode"]);
        assert!(seeds.len() > 20, "a seed for each format and its kinds");
        for seed in seeds {
            let limits = Limits {
                videos: true,
                ..Limits::default()
            };
            let prepared = prepare_photo(Path::new("photo"), &seed, &wanted, &limits);
            prepared.unwrap_or_else(|error| panic!("{error}: {:?}", &seed[..16]));
        }
    }

    #[test]
    fn damaged_photos_do_no_harm() {
        let folders = [
            "tests/golden/preprocess/source",
            "tests/golden/scaled",
            "fuzz/seeds/decode",
        ];
        torment("decode", &folders, 300, decode);
        torment("decode", &["fuzz/seeds/decode"], 300, decode);
        torment(
            "embedded",
            &[folders[0], "fuzz/seeds/embedded"],
            500,
            embedded,
        );
        torment(
            "embed_segments",
            &[folders[0], "fuzz/seeds/embedded", "fuzz/seeds/decode"],
            500,
            embed_segments,
        );
    }

    /// Otherwise a change of what is shown would be taken for one of metadata.
    #[test]
    fn mutants_with_the_picture_hash_of_their_seed_show_the_same() {
        let preprocessing = Preprocessing::clip(64);
        let show = |bytes: &[u8]| {
            let wanted = Wanted {
                preprocessing: &preprocessing,
                thumbnail_edge: None,
                scaling: Scaling::Never,
            };
            let prepared = prepare_photo(Path::new("photo"), bytes, &wanted, &Limits::default());
            prepared.ok().map(|prepared| prepared.square)
        };
        let seeds = seeds(&["fuzz/seeds/decode", "fuzz/seeds/embedded"]);
        let mut random = StdRng::seed_from_u64(2);
        let (mut same, mut tried) = (0, 0);
        for seed in &seeds {
            let (expected, one) = (identity(seed), std::slice::from_ref(seed));
            let whole = crate::core::photo::Identity::of_file(expected.file);
            if expected == whole {
                continue;
            }
            for _ in 0..200 {
                let bytes = mutant(one, &mut random);
                let found = identity(&bytes);
                tried += 1;
                if found.picture != expected.picture || found.file == expected.file {
                    continue;
                }
                same += 1;
                if let (Some(found), Some(expected)) = (show(&bytes), show(seed)) {
                    let kept = std::env::temp_dir().join("taglens-picture.mutant");
                    if found != expected {
                        std::fs::write(&kept, &bytes).unwrap();
                    }
                    assert!(found == expected, "see {}", kept.display());
                }
            }
        }
        assert!(
            same > 100,
            "{same} of {tried} mutants have the same picture hash"
        );
    }

    #[test]
    fn damaged_texts_do_no_harm() {
        torment("sidecar", &["fuzz/seeds/sidecar"], 500, sidecar);
        torment("vocabulary", &["fuzz/seeds/vocabulary"], 500, vocabulary);
        torment("hub_answer", &["fuzz/seeds/hub_answer"], 500, hub_answer);
    }

    #[test]
    fn damaged_checkpoints_and_decisions_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        torment("checkpoint", &["fuzz/seeds/checkpoint"], 300, |bytes| {
            checkpoint(bytes, folder.path()).unwrap();
        });
        torment("decisions", &["fuzz/seeds/decisions"], 20, |bytes| {
            decisions(bytes, folder.path()).unwrap();
        });
    }
}
