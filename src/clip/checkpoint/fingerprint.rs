//! Distinguishes checkpoints without reading all of them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::clip::checkpoint::find::find;
use crate::clip::error::ModelError;

/// The number of samples from a file.
const PLACES: u64 = 64;
const PLACE_BYTES: u64 = 256 << 10;

/// Configuration files have 1 to 5 kB; anything larger is not one.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Files beside a checkpoint that affect its embeddings (see `config_file`).
const CONFIG_FILES: [&str; 6] = [
    "open_clip_config.json",
    "open_clip_model_config.json",
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer_config.json",
];

/// The tokenizer beside a checkpoint. That of 256,000 tokens takes some 20 ms.
const TOKENIZER: &str = "tokenizer.json";

/// BLAKE3 of the lengths of a checkpoint's files, 64 samples of 256 KiB from each, spread evenly
/// from its first byte to its last, the configuration files beside it, and its tokenizer.
///
/// Any training changes every weight, so two models differ wherever one looks. Reading 16 MiB takes
/// milliseconds, but hashing gigabytes would take seconds at every start. This does not protect
/// against somebody who wants two files to look the same.
///
/// # Errors
/// If there is no checkpoint at `path`, or it cannot be read.
pub(crate) fn fingerprint(path: &Path) -> Result<[u8; 32], ModelError> {
    let found = find(path)?;
    let mut hasher = blake3::Hasher::new();
    for file in &found.files {
        sample(file, &mut hasher).map_err(|e| ModelError::io(file, e))?;
    }
    let folder = found.main.parent().unwrap_or(Path::new("."));
    for name in CONFIG_FILES {
        // Most of them do not exist.
        if let Ok(file) = File::open(folder.join(name)) {
            let mut text = Vec::new();
            if file.take(MAX_CONFIG_BYTES).read_to_end(&mut text).is_ok() {
                hasher.update(name.as_bytes());
                hasher.update(&text);
            }
        }
    }
    // All of it: two tokenizers may differ in one token alone.
    if let Ok(mut file) = File::open(folder.join(TOKENIZER)) {
        hasher.update(TOKENIZER.as_bytes());
        std::io::copy(&mut file, &mut hasher)
            .map_err(|e| ModelError::io(folder.join(TOKENIZER), e))?;
    }
    Ok(hasher.finalize().into())
}

fn sample(path: &Path, hasher: &mut blake3::Hasher) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    hasher.update(&length.to_le_bytes());
    if length <= PLACES * PLACE_BYTES {
        std::io::copy(&mut file, hasher)?;
        return Ok(());
    }
    let last = length - PLACE_BYTES;
    for place in 0..PLACES {
        let at = u128::from(last) * u128::from(place) / u128::from(PLACES - 1);
        file.seek(SeekFrom::Start(at as u64))?;
        std::io::copy(&mut Read::by_ref(&mut file).take(PLACE_BYTES), hasher)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_change_of_every_weight_is_seen_and_a_copy_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            folder.path().join(name).join("model.safetensors")
        };
        // Files with holes, which take no room on the disk, with one byte that is not zero.
        let length = PLACES * PLACE_BYTES * 2;
        let write = |path: &Path, length: u64, place: u64, byte: u8| {
            let mut file = File::create(path).unwrap();
            file.set_len(length).unwrap();
            file.seek(SeekFrom::Start(place)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        write(&at("a"), length, length - 1, 1);
        write(&at("b"), length, length - 1, 1);
        write(&at("c"), length - 1, length - 2, 1);
        write(&at("d"), length, length - 1, 2);
        let prints = ["a", "b", "c", "d"].map(|name| fingerprint(&at(name)).unwrap());
        assert_eq!(prints[0], prints[1]);
        assert_ne!(prints[0], prints[2]);
        assert_ne!(prints[0], prints[3]);

        std::fs::write(at("b").with_file_name("config.json"), "{}").unwrap();
        assert_ne!(fingerprint(&at("b")).unwrap(), prints[0]);

        // One token in the middle of a long tokenizer.
        let tokenizer = at("a").with_file_name(TOKENIZER);
        let middle = PLACE_BYTES + PLACE_BYTES / 2;
        write(&tokenizer, length, middle, 1);
        let first = fingerprint(&at("a")).unwrap();
        write(&tokenizer, length, middle, 2);
        assert_ne!(first, prints[0]);
        assert_ne!(fingerprint(&at("a")).unwrap(), first);
    }
}
