//! Finds the best tile for a device: tries tiles out once, because no specification tells, and
//! stores the result by adapter and driver.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::adapter::AdapterKind;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::cooperative;
use crate::engine::gpu::kernel::pack::{fours, plain};
use crate::engine::gpu::kernel::tile::{Tile, Tiles};
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::Product;
use crate::engine::gpu::program::shape::{Rows, Shape};
use crate::engine::gpu::program::{Input, Program};

/// Candidates for large products, with their names in the file.
const PLAIN: [Candidate; 3] = [
    Candidate("128x128", Tile::LARGE),
    Candidate("64x128", Tile::WIDE),
    Candidate("64x64", Tile::SMALL),
];

/// Width, height and depth of the timed product: a few milliseconds on an integrated processor.
const SIZE: usize = 1024;

/// By adapter, driver and precision: a device is reopened after each loss, and several models may
/// be open at once.
static KNOWN: Mutex<Option<HashMap<String, Tiles>>> = Mutex::new(None);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate(&'static str, Tile);

impl Candidate {
    /// The tiles with this one for large products.
    fn tiles(self) -> Tiles {
        let small = match self.1 {
            Tile::Plain(_) => Tile::SMALL,
            Tile::Cooperative(fragments) => Tile::cooperative_small(fragments.fragment),
        };
        Tiles {
            large: self.1,
            small,
        }
    }
}

/// Returns the fastest tiles on this device. Those in `file` are not tried again, and new ones are
/// added to it.
///
/// # Errors
/// If the device fails meanwhile. If it has cooperative matrices, reopen it without them.
pub(crate) fn tiles(gpu: &Gpu, file: Option<&Path>) -> Result<Tiles> {
    // On a software adapter the trial would take longer than it could ever save.
    let trial = (gpu.info.kind != AdapterKind::Software).then_some(SIZE);
    tried(gpu, file, trial)
}

/// Like [`tiles`], with products of the size `trial`, if any.
fn tried(gpu: &Gpu, file: Option<&Path>, trial: Option<usize>) -> Result<Tiles> {
    let key = key(gpu);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(tiles) = known.get(&key) {
        return Ok(*tiles);
    }
    let before = file.map(read).unwrap_or_default();
    let mut written = before.clone();
    let mut note = |best: Candidate| {
        let last = written.insert(key.clone(), best.0.to_owned());
        if let Some(file) = file
            && last.as_deref() != Some(best.0)
        {
            write(file, &written);
        }
    };
    let cooperative = cooperative(gpu);
    let all = || PLAIN.iter().chain(&cooperative);
    let by_name = |name: &String| all().find(|candidate| candidate.0 == name);
    let best = match (before.get(&key).and_then(by_name), trial) {
        (Some(candidate), _) => *candidate,
        // More small tiles share the work better, and leave gaps for others.
        (None, None) => return Ok(Tiles::SMALL),
        (None, Some(size)) => {
            let mut best = fastest(gpu, &PLAIN, None, size)?;
            if !cooperative.is_empty() {
                // If the driver crashes the program, they are not tried again.
                note(best.0);
                best = fastest(gpu, &cooperative, Some(best), size)?;
            }
            best.0
        }
    };
    note(best);
    known.insert(key, best.tiles());
    Ok(best.tiles())
}

/// An adapter with its driver, and the candidates tried on it.
fn key(gpu: &Gpu) -> String {
    let info = &gpu.info;
    let mut key = format!(
        "{}, {}, {}, {:?}",
        info.name, info.backend, info.driver, gpu.precision
    );
    // Whether or not the device was opened with them: see `tiles`.
    if let (Precision::Half, Some(fragment)) = (gpu.precision, info.cooperative) {
        key.push_str(&format!(", matrices of {}", fragment.size));
    }
    key
}

/// The candidates with the device's cooperative matrices.
fn cooperative(gpu: &Gpu) -> Vec<Candidate> {
    let Some(fragment) = gpu.cooperative else {
        return Vec::new();
    };
    let all = [
        Candidate("cooperative 128x128", Tile::cooperative_large(fragment)),
        Candidate("cooperative 64x64", Tile::cooperative_small(fragment)),
    ];
    let limits = gpu.device.limits();
    // Large tiles are used together with small ones.
    let fits = |tile| match tile {
        Tile::Plain(_) => true,
        Tile::Cooperative(fragments) => cooperative::fits(fragments, &limits),
    };
    let fitting = all
        .into_iter()
        .filter(|c| fits(c.1) && fits(c.tiles().small));
    fitting.collect()
}

/// The stored results, by adapter, driver and precision. A missing or damaged file costs one more
/// trial.
fn read(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Stores the results. If this fails, each start repeats the trial, which takes little time.
fn write(file: &Path, tiles: &BTreeMap<String, String>) {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        // Another process may be writing too, so each file must be complete before it gets its
        // name.
        let part = file.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&part, serde_json::to_vec_pretty(tiles)?)?;
        std::fs::rename(&part, file)
    };
    drop(write());
}

/// Returns the best of `candidates`, or `before` if none of them is both better and correct.
fn fastest(
    gpu: &Gpu,
    candidates: &[Candidate],
    before: Option<(Candidate, Duration)>,
    size: usize,
) -> Result<(Candidate, Duration)> {
    let mut best = before;
    for candidate in candidates {
        if matches!(candidate.1, Tile::Cooperative(_)) && !agrees(gpu, candidate.1)? {
            continue;
        }
        let mut trial = Trial::new(gpu, candidate.1, [size; 3])?;
        // The first run compiles and warms up.
        trial.time(gpu)?;
        let mut least = trial.time(gpu)?;
        for _ in 0..2 {
            least = least.min(trial.time(gpu)?);
        }
        if best.is_none_or(|(_, took)| least < took) {
            best = Some((*candidate, least));
        }
    }
    let [first, ..] = PLAIN;
    Ok(best.unwrap_or((first, Duration::MAX)))
}

/// Whether the tile's products equal the plain ones, with remainders on every side.
fn agrees(gpu: &Gpu, tile: Tile) -> Result<bool> {
    let size = [150, 84, 180];
    let expected = Trial::new(gpu, Tile::SMALL, size)?.run(gpu)?;
    let found = Trial::new(gpu, tile, size)?.run(gpu)?;
    Ok(alike(&found, &expected))
}

/// Whether both are equal except for the order of rounding.
fn alike(found: &[f32], expected: &[f32]) -> bool {
    let mut pairs = found.iter().zip(expected);
    found.len() == expected.len() && pairs.all(|(f, e)| (f - e).abs() <= 1e-3 * (1.0 + e.abs()))
}

/// A product to time or check.
struct Trial {
    program: Program,
    shape: Shape,
    input: Vec<f32>,
}

impl Trial {
    fn new(gpu: &Gpu, tile: Tile, [rows, k, n]: [usize; 3]) -> Result<Self> {
        let shape = Shape {
            items: rows,
            tokens: rows,
            longest: 1,
        };
        let mut builder = Builder::new(gpu, shape);
        let x = builder.input(Rows::Items(1), k);
        // Small numbers without a pattern that a wrong position would preserve.
        let number = |i: usize| (i * 2_654_435_761 % 1009) as f32 / 1009.0 - 0.5;
        let matrix = builder.matrix((&plain(k), &plain(n)), None, |k_, n_| {
            Some(number(k_ * n + n_))
        })?;
        let out = builder.take(Rows::Items(1), fours(n));
        let mut product = Product::new(x, out);
        product.tile = Some(tile);
        product.wide = true;
        builder.product(product, &matrix);
        Ok(Self {
            program: builder.finish(out)?,
            shape,
            input: (0..rows * fours(k) * 4).map(|i| number(i + 7)).collect(),
        })
    }

    fn run(&mut self, gpu: &Gpu) -> Result<Vec<f32>> {
        let (shape, input) = (self.shape, Input::Rows(&self.input));
        self.program.run(gpu, shape, input, (&[], &[]), false)
    }

    fn time(&mut self, gpu: &Gpu) -> Result<Duration> {
        let started = Instant::now();
        self.run(gpu)?;
        Ok(started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::device::faults::Faults;
    use crate::engine::gpu::testing::there_is_an_adapter;

    #[test]
    fn settles_on_a_candidate() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap();
        let (best, _) = fastest(&gpu, &PLAIN, None, 68).unwrap();
        assert!(PLAIN.contains(&best));
    }

    #[test]
    fn products_agree_with_themselves_and_only_there() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap();
        assert!(agrees(&gpu, Tile::WIDE).unwrap());
        let right = Trial::new(&gpu, Tile::LOW, [33, 20, 70]).unwrap().run(&gpu);
        let mut wrong = right.clone().unwrap();
        *wrong.last_mut().unwrap() += 0.1;
        assert!(alike(&right.clone().unwrap(), &right.clone().unwrap()));
        assert!(!alike(&right.clone().unwrap(), &wrong));
        assert!(!alike(&right.unwrap(), &[]));
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
        let tiles = tried(&gpu, Some(&file), Some(68)).unwrap();
        let mut written = read(&file);
        let (key, name) = written.pop_first().unwrap();
        assert!(key.contains(&gpu.info.name) && key.contains(&gpu.info.driver));
        let candidate = PLAIN.iter().find(|c| c.0 == name).unwrap();
        assert_eq!(candidate.tiles(), tiles);
        // Any valid tile in the file is used without a trial.
        for candidate in PLAIN {
            forget();
            write(
                &file,
                &BTreeMap::from([(key.clone(), candidate.0.to_owned())]),
            );
            assert_eq!(
                tried(&gpu, Some(&file), Some(68)).unwrap(),
                candidate.tiles()
            );
        }
        for broken in ["{", "{\"a\": 1}", ""] {
            forget();
            std::fs::write(&file, broken).unwrap();
            tried(&gpu, Some(&file), Some(68)).unwrap();
            assert_eq!(read(&file).len(), 1, "{broken}");
        }
        forget();
    }
}
