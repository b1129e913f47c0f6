//! Which tile suits a device: tried out once, since no specification tells, and written down by
//! adapter and driver.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::adapter::AdapterKind;
use super::builder::Builder;
use super::error::Result;
use super::gpu::Gpu;
use super::kernel::Tile;
use super::operands::Product;
use super::pack::{fours, plain};
use super::program::{Input, Rows, Shape};

/// What large products may be cut into, as the file calls them.
const CANDIDATES: [(&str, Tile); 3] = [
    ("128x128", Tile::LARGE),
    ("64x128", Tile::WIDE),
    ("64x64", Tile::SMALL),
];

/// Width, height and depth of the product that is timed: a few milliseconds on an integrated
/// processor.
const SIZE: usize = 1024;

/// By adapter, driver and precision: a device is opened anew after each loss, and several models
/// may be open at once.
static KNOWN: Mutex<Option<HashMap<String, Tile>>> = Mutex::new(None);

/// The fastest tile for large products on this device. What `file` knows of it is not tried again;
/// what it does not know is added.
///
/// # Errors
/// Where the device fails meanwhile.
pub(super) fn large_tile(gpu: &Gpu, file: Option<&Path>) -> Result<Tile> {
    // There the trial would take longer than it could ever win.
    if gpu.info.kind == AdapterKind::Software {
        return Ok(Tile::LARGE);
    }
    tried(gpu, file, SIZE)
}

fn tried(gpu: &Gpu, file: Option<&Path>, size: usize) -> Result<Tile> {
    let info = &gpu.info;
    let key = format!(
        "{}, {}, {}, {:?}",
        info.name, info.backend, info.driver, gpu.precision
    );
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(tile) = known.get(&key) {
        return Ok(*tile);
    }
    let mut written = file.map(read).unwrap_or_default();
    let by_name = |name: &String| CANDIDATES.iter().find(|(n, _)| n == name);
    let (name, tile) = match written.get(&key).and_then(by_name) {
        Some(candidate) => *candidate,
        None => fastest(gpu, size)?,
    };
    known.insert(key.clone(), tile);
    let before = written.insert(key, name.to_owned());
    if let Some(file) = file
        && before.as_deref() != Some(name)
    {
        write(file, &written);
    }
    Ok(tile)
}

/// What was tried out before, by adapter, driver and precision. A file that is missing or broken
/// costs one more trial.
fn read(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// A file that cannot be written costs a trial at each start, which is too little to speak of.
fn write(file: &Path, tiles: &BTreeMap<String, String>) {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        // Another process may be at the same: each file that is there is a whole one.
        let part = file.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&part, serde_json::to_vec_pretty(tiles)?)?;
        std::fs::rename(&part, file)
    };
    drop(write());
}

fn fastest(gpu: &Gpu, size: usize) -> Result<(&'static str, Tile)> {
    let [first, rest @ ..] = CANDIDATES;
    let mut best = (time(gpu, first.1, size)?, first);
    for candidate in rest {
        let took = time(gpu, candidate.1, size)?;
        if took < best.0 {
            best = (took, candidate);
        }
    }
    Ok(best.1)
}

/// The least of three tries, after one that compiles and warms up.
fn time(gpu: &Gpu, tile: Tile, size: usize) -> Result<Duration> {
    let shape = Shape {
        items: size,
        tokens: size,
        longest: 1,
    };
    let mut builder = Builder::new(gpu, shape);
    let x = builder.input(Rows::Items(1), size);
    let order = plain(size);
    let matrix = builder.matrix((&order, &order), None, |k, n| Some((k + n) as f32 * 1e-6))?;
    let out = builder.take(Rows::Items(1), fours(size));
    let mut product = Product::new(x, out);
    product.tile = Some(tile);
    product.wide = true;
    builder.product(product, &matrix);
    let mut program = builder.finish(out)?;
    let input = vec![0.5; size * size];
    let mut least = Duration::MAX;
    for attempt in 0..4 {
        let started = Instant::now();
        program.run(gpu, shape, Input::Rows(&input), (&[], &[]), false)?;
        if attempt > 0 {
            least = least.min(started.elapsed());
        }
    }
    Ok(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::faults::Faults;
    use crate::compute::kernel::Precision;
    use crate::compute::testing::there_is_an_adapter;

    #[test]
    fn settles_on_a_candidate() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, &Faults::default()).unwrap();
        assert!(CANDIDATES.contains(&fastest(&gpu, 68).unwrap()));
    }

    #[test]
    fn what_was_tried_out_is_written_down_and_believed() {
        if !there_is_an_adapter() {
            return;
        }
        let forget = || KNOWN.lock().unwrap().take();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("tiles.json");
        let gpu = Gpu::open(0, Precision::Full, &Faults::default()).unwrap();
        let tile = tried(&gpu, Some(&file), 68).unwrap();
        let mut written = read(&file);
        let (key, name) = written.pop_first().unwrap();
        assert!(key.contains(&gpu.info.name) && key.contains(&gpu.info.driver));
        assert!(CANDIDATES.contains(&(name.as_str(), tile)));
        // Whatever is written there is taken up without trying, for as long as it is a tile.
        for (other, tile) in CANDIDATES {
            forget();
            write(&file, &BTreeMap::from([(key.clone(), other.to_owned())]));
            assert_eq!(tried(&gpu, Some(&file), 68).unwrap(), tile);
        }
        for broken in ["{", "{\"a\": 1}", ""] {
            forget();
            std::fs::write(&file, broken).unwrap();
            tried(&gpu, Some(&file), 68).unwrap();
            assert_eq!(read(&file).len(), 1, "{broken}");
        }
        forget();
    }
}
