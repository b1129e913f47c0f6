//! The time of each kernel by itself.

use std::time::{Duration, Instant};

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::program::Program;
use crate::engine::gpu::program::pace::{OpCost, Portion};

/// A time that the start of a submission hardly changes.
const ENOUGH: Duration = Duration::from_millis(5);
/// The most dispatches timed together.
const MOST: u32 = 1024;

/// Kernels of one kind and size, in a batch.
#[derive(Clone, Debug)]
pub(crate) struct KernelTime {
    /// What they are.
    pub(crate) name: String,
    /// How many of them.
    pub(crate) dispatches: u64,
    /// The time of all, in seconds.
    pub(crate) seconds: f64,
    /// Floating-point operations of all; a multiplication and an addition count as two.
    pub(crate) flops: f64,
    /// Bytes that they read and write, each operand once.
    pub(crate) bytes: f64,
}

impl Program {
    /// Times the kernels of the last batch, the slowest first. What they compute meanwhile means
    /// nothing, as some add to what they find.
    ///
    /// # Errors
    /// If there was no batch yet, and any error of the device.
    pub(crate) fn profile(&self, gpu: &Gpu) -> Result<Vec<KernelTime>> {
        let Some(shape) = self.shape else {
            let reason = "there was no batch to profile".to_owned();
            return Err(GpuError::Failed { reason });
        };
        let works: Vec<OpCost> = self.ops.iter().map(|op| op.work(shape)).collect();
        let mut times: Vec<KernelTime> = Vec::new();
        for (at, op) in self.ops.iter().enumerate() {
            let seconds = self.seconds(gpu, &works, at)?;
            let time = match times.iter_mut().find(|time| time.name == op.name) {
                Some(time) => time,
                None => times.push_mut(KernelTime {
                    name: op.name.clone(),
                    dispatches: 0,
                    seconds: 0.0,
                    flops: 0.0,
                    bytes: 0.0,
                }),
            };
            time.dispatches += 1;
            time.seconds += seconds;
            time.flops += op.flops(shape);
            time.bytes += op.bytes(shape) as f64;
        }
        times.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        Ok(times)
    }

    fn seconds(&self, gpu: &Gpu, works: &[OpCost], at: usize) -> Result<f64> {
        let portion = Portion {
            ops: at..at + 1,
            part: None,
        };
        let mut count = 1;
        loop {
            let mut encoder = gpu.device.create_command_encoder(&Default::default());
            for _ in 0..count {
                self.record(gpu, &mut encoder, works, &portion);
            }
            let started = Instant::now();
            let submission = gpu.queue.submit([encoder.finish()]);
            gpu.wait(Some(submission))?;
            let took = started.elapsed();
            if took >= ENOUGH || count >= MOST {
                return Ok(took.as_secs_f64() / f64::from(count));
            }
            count *= 4;
        }
    }
}
