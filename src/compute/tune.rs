//! Which tile suits a device: tried out once, since no specification tells.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::adapter::AdapterKind;
use super::builder::Builder;
use super::error::Result;
use super::gpu::Gpu;
use super::kernel::{Precision, Tile};
use super::operands::Product;
use super::pack::{fours, plain};
use super::program::{Input, Rows, Shape};

/// What large products may be cut into.
const CANDIDATES: [Tile; 3] = [Tile::LARGE, Tile::WIDE, Tile::SMALL];

/// Width, height and depth of the product that is timed: a few milliseconds on an integrated
/// processor.
const SIZE: usize = 1024;

/// By adapter, driver and precision: a device is opened anew after each loss, and several models
/// may be open at once.
static KNOWN: Mutex<Option<HashMap<(String, Precision), Tile>>> = Mutex::new(None);

/// The fastest tile for large products on this device.
///
/// # Errors
/// Where the device fails meanwhile.
pub(super) fn large_tile(gpu: &Gpu) -> Result<Tile> {
    // There the trial would take longer than it could ever win.
    if gpu.info.kind == AdapterKind::Software {
        return Ok(Tile::LARGE);
    }
    let key = (
        format!("{} {} {}", gpu.info.name, gpu.info.backend, gpu.info.driver),
        gpu.precision,
    );
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(tile) = known.get(&key) {
        return Ok(*tile);
    }
    let tile = fastest(gpu, SIZE)?;
    known.insert(key, tile);
    Ok(tile)
}

fn fastest(gpu: &Gpu, size: usize) -> Result<Tile> {
    let mut best = (Duration::MAX, Tile::SMALL);
    for tile in CANDIDATES {
        let took = time(gpu, tile, size)?;
        if took < best.0 {
            best = (took, tile);
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
    use crate::compute::testing::there_is_an_adapter;

    #[test]
    fn settles_on_a_candidate() {
        if !there_is_an_adapter() {
            return;
        }
        let gpu = Gpu::open(0, Precision::Full, &Faults::default()).unwrap();
        assert!(CANDIDATES.contains(&fastest(&gpu, 68).unwrap()));
        assert!(CANDIDATES.contains(&large_tile(&gpu).unwrap()));
    }
}
