//! Finds the best variants of kernels for a device: tries them out once, because no specification
//! tells, and stores the result by adapter and driver.

pub(crate) mod candidates;
mod trial;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::adapter::AdapterKind;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::cooperative_attention;
use crate::engine::gpu::kernel::tile::{Fragment, Tile, Variants};
use crate::engine::gpu::tune::candidates::{Candidate, PLAIN, SMALL};
use crate::engine::gpu::tune::trial::Subject;

/// What is timed.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Rows, depth and columns of a large product, some 20 milliseconds on an integrated processor.
    large: [usize; 3],
    /// Of one that would not fill a device with large tiles.
    small: [usize; 3],
    /// Sequences, tokens, heads, and numbers in a head.
    attention: [usize; 4],
}

const SIZES: Sizes = Sizes {
    large: [2048, 1024, 4096],
    small: [256, 1024, 1024],
    attention: [8, 257, 16, 64],
};

/// By adapter, driver and precision: a device is reopened after each loss, and several models may
/// be open at once.
static KNOWN: Mutex<Option<HashMap<String, Variants>>> = Mutex::new(None);

/// What the file says of a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Written {
    large: String,
    small: String,
    cooperative_attention: bool,
}

/// What is chosen for a device.
#[derive(Clone, Copy)]
struct Choice {
    large: Candidate,
    small: Candidate,
    attention: Option<Fragment>,
}

impl Choice {
    fn variants(self) -> Variants {
        Variants {
            large: self.large.1,
            small: self.small.1,
            attention: self.attention,
        }
    }

    fn written(self) -> Written {
        Written {
            large: self.large.0.to_owned(),
            small: self.small.0.to_owned(),
            cooperative_attention: self.attention.is_some(),
        }
    }

    /// What was written, if the device still has it.
    fn of(written: &Written, gpu: &Gpu) -> Option<Self> {
        let (large, small) = candidates::fitting(gpu);
        let named = |name: &str, cooperative: Vec<Candidate>| {
            let mut all = PLAIN.into_iter().chain(cooperative);
            all.find(|candidate| candidate.0 == name)
        };
        Some(Self {
            large: named(&written.large, large)?,
            small: named(&written.small, small)?,
            attention: match written.cooperative_attention {
                true => Some(gpu.cooperative?),
                false => None,
            },
        })
    }
}

/// Returns the fastest variants on this device. Those in `file` are not tried again, and new ones
/// are added to it.
///
/// # Errors
/// If the device fails meanwhile. If it has cooperative matrices, reopen it without them.
pub(crate) fn variants(gpu: &Gpu, file: Option<&Path>) -> Result<Variants> {
    // On a software adapter the trial would take longer than it could ever save.
    let trial = (gpu.info.kind != AdapterKind::Software).then_some(SIZES);
    tried(gpu, file, trial)
}

/// Like [`variants`], with kernels of the given sizes, if any.
fn tried(gpu: &Gpu, file: Option<&Path>, trial: Option<Sizes>) -> Result<Variants> {
    let key = key(gpu);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(variants) = known.get(&key) {
        return Ok(*variants);
    }
    let before = file.map(read).unwrap_or_default();
    let mut all = before.clone();
    let mut note = |choice: Choice| {
        let last = all.insert(key.clone(), choice.written());
        if let Some(file) = file
            && last != Some(choice.written())
        {
            write(file, &all);
        }
    };
    let stored = before.get(&key).and_then(|w| Choice::of(w, gpu));
    let choice = match (stored, trial) {
        (Some(choice), _) => choice,
        // More small tiles share the work better, and leave gaps for others.
        (None, None) => return Ok(Variants::SMALL),
        (None, Some(sizes)) => {
            let (large, time) = fastest(gpu, &PLAIN, None, sizes.large)?;
            let plain = Choice {
                large,
                small: SMALL,
                attention: None,
            };
            if gpu.cooperative.is_some() {
                // If the driver crashes the program, they are not tried again.
                note(plain);
            }
            cooperative(gpu, plain, time, sizes)?
        }
    };
    note(choice);
    known.insert(key, choice.variants());
    Ok(choice.variants())
}

/// `plain`, with cooperative matrices where they are correct and faster; `time` is what its large
/// product takes.
fn cooperative(gpu: &Gpu, plain: Choice, time: Duration, sizes: Sizes) -> Result<Choice> {
    let Some(matrix) = gpu.cooperative else {
        return Ok(plain);
    };
    let (large, small) = candidates::fitting(gpu);
    let (large, _) = fastest(gpu, &large, Some((plain.large, time)), sizes.large)?;
    let time = Subject::Product(plain.small.1, sizes.small).time(gpu)?;
    let (small, _) = fastest(gpu, &small, Some((plain.small, time)), sizes.small)?;
    let depth4 = sizes.attention[3] as u32 / 4;
    let fits = cooperative_attention::fits(depth4, matrix, &gpu.device.limits());
    let attention = fits && attends(gpu, matrix)? && {
        let [with, without] = [Some(matrix), None].map(|m| Subject::Attention(m, sizes.attention));
        with.time(gpu)? < without.time(gpu)?
    };
    Ok(Choice {
        large,
        small,
        attention: attention.then_some(matrix),
    })
}

/// An adapter with its driver, and the candidates tried on it.
fn key(gpu: &Gpu) -> String {
    let info = &gpu.info;
    let mut key = format!(
        "{}, {}, {}, {:?}",
        info.name, info.backend, info.driver, gpu.precision
    );
    // Whether or not the device was opened with them: see `variants`.
    if let (Precision::Half, Some(fragment)) = (gpu.precision, info.cooperative) {
        key.push_str(&format!(", matrices of {}", fragment.size));
    }
    key
}

/// The stored results, by adapter, driver and precision. A missing or damaged file costs one more
/// trial.
fn read(file: &Path) -> BTreeMap<String, Written> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Stores the results. If this fails, each start repeats the trial, which takes little time.
fn write(file: &Path, all: &BTreeMap<String, Written>) {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        // Another process may be writing too, so each file must be complete before it gets its
        // name.
        let part = file.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&part, serde_json::to_vec_pretty(all)?)?;
        std::fs::rename(&part, file)
    };
    drop(write());
}

/// Returns the best of `candidates`, or `before` if none of them is both better and correct.
fn fastest(
    gpu: &Gpu,
    candidates: &[Candidate],
    before: Option<(Candidate, Duration)>,
    size: [usize; 3],
) -> Result<(Candidate, Duration)> {
    let mut best = before;
    for candidate in candidates {
        if matches!(candidate.1, Tile::Cooperative(_)) && !multiplies(gpu, candidate.1)? {
            continue;
        }
        let time = Subject::Product(candidate.1, size).time(gpu)?;
        if best.is_none_or(|(_, took)| time < took) {
            best = Some((*candidate, time));
        }
    }
    let [first, ..] = PLAIN;
    Ok(best.unwrap_or((first, Duration::MAX)))
}

/// Whether the tile's products equal the plain ones: with remainders on every side, and without.
fn multiplies(gpu: &Gpu, tile: Tile) -> Result<bool> {
    for size in [[150, 84, 180], [300, 128, 256]] {
        let expected = Subject::Product(Tile::SMALL, size).run(gpu)?;
        let found = Subject::Product(tile, size).run(gpu)?;
        if !alike(&found, &expected, 2e-3) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether attention with cooperative matrices is that without: with all keys at once, and with more
/// of them; with heads of whole matrices, and without.
fn attends(gpu: &Gpu, matrix: Fragment) -> Result<bool> {
    for size in [[3, 21, 2, 64], [2, 77, 3, 20], [1, 131, 2, 64]] {
        let expected = Subject::Attention(None, size).run(gpu)?;
        let found = Subject::Attention(Some(matrix), size).run(gpu)?;
        // Its weights are rounded to 16 bits.
        if !alike(&found, &expected, 2e-3) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether both are equal except for rounding.
fn alike(found: &[f32], expected: &[f32], tolerance: f32) -> bool {
    let mut pairs = found.iter().zip(expected);
    let close = |(f, e): (&f32, &f32)| (f - e).abs() <= tolerance * (1.0 + e.abs());
    found.len() == expected.len() && pairs.all(close)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::device::faults::Faults;
    use crate::engine::gpu::testing::{there_is_an_adapter, with_matrices};

    const LITTLE: Sizes = Sizes {
        large: [68; 3],
        small: [20; 3],
        attention: [1, 5, 1, 8],
    };

    #[test]
    fn settles_on_a_candidate() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap();
        let (best, _) = fastest(&gpu, &PLAIN, None, [68; 3]).unwrap();
        assert!(PLAIN.contains(&best));
    }

    #[test]
    fn products_agree_with_themselves_and_only_there() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap();
        assert!(multiplies(&gpu, Tile::WIDE).unwrap());
        let right = Subject::Product(Tile::LOW, [33, 20, 70]).run(&gpu).unwrap();
        let mut wrong = right.clone();
        *wrong.last_mut().unwrap() += 0.1;
        assert!(alike(&right, &right, 1e-3));
        assert!(!alike(&right, &wrong, 1e-3));
        assert!(!alike(&right, &[], 1e-3));
    }

    #[test]
    fn every_variant_with_matrices_is_correct_where_there_are_any() {
        let Some((gpu, matrix)) = with_matrices() else {
            return;
        };
        let (tiles, small) = candidates::fitting(&gpu);
        assert!(!small.is_empty());
        // A software adapter takes minutes to compile large tiles.
        let software = gpu.info.kind == AdapterKind::Software;
        for candidate in tiles.into_iter().skip(if software { 4 } else { 0 }) {
            assert!(multiplies(&gpu, candidate.1).unwrap(), "{}", candidate.0);
        }
        assert!(attends(&gpu, matrix).unwrap());
    }

    #[test]
    fn what_was_tried_out_is_written_down_and_believed() {
        if !there_is_an_adapter() {
            return;
        }
        let forget = || KNOWN.lock().unwrap().take();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("tiles.json");
        let gpu = Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap();
        let variants = tried(&gpu, Some(&file), Some(LITTLE)).unwrap();
        let (key, written) = read(&file).pop_first().unwrap();
        assert!(key.contains(&gpu.info.name) && key.contains(&gpu.info.driver));
        let choice = Choice::of(&written, &gpu).unwrap();
        assert_eq!(choice.variants(), variants);
        // Any valid variant in the file is used without a trial.
        for large in PLAIN {
            forget();
            let choice = Choice { large, ..choice };
            write(&file, &BTreeMap::from([(key.clone(), choice.written())]));
            let found = tried(&gpu, Some(&file), Some(LITTLE)).unwrap();
            assert_eq!(found, choice.variants());
        }
        for broken in ["{", "{\"a\": 1}", ""] {
            forget();
            std::fs::write(&file, broken).unwrap();
            tried(&gpu, Some(&file), Some(LITTLE)).unwrap();
            assert_eq!(read(&file).len(), 1, "{broken}");
        }
        // So it is with what the device does not have.
        forget();
        let foreign = Written {
            large: "cooperative 1x1".into(),
            ..written
        };
        write(&file, &BTreeMap::from([(key.clone(), foreign.clone())]));
        tried(&gpu, Some(&file), Some(LITTLE)).unwrap();
        assert_ne!(read(&file)[&key], foreign);
        forget();
    }
}
