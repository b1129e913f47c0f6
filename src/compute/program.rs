//! A forward pass, planned once: the kernels in order, and the memory that they share.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::adapter::AdapterKind;
use super::error::{ComputeError, Result};
use super::gpu::Gpu;
use super::kernel::Precision;
use super::trace::Trace;

/// What a kernel is told with each dispatch.
pub(super) const PARAMS_BYTES: u64 = 128;
/// From one kernel's parameters to the next: WebGPU's alignment of dynamic offsets.
const PARAMS_STRIDE: usize = 256;
/// No device takes this long for a batch that still lives.
const PATIENCE: Duration = Duration::from_secs(600);
/// Batches begun and not yet read back, at most: while one is computed, the next is uploaded.
pub(super) const IN_FLIGHT: usize = 2;
/// What a submission shall take at most, so that the window's frames find a gap.
const SUBMISSION: Duration = Duration::from_millis(10);
/// What a submission holds before the device was measured, in cost units (see [`Op::cost`]):
/// about 10 ms of an integrated processor.
pub(super) const FIRST_PORTION: f64 = 2e9;

/// How many rows a kernel works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// So many for each picture or text.
    Items(usize),
    /// One for each token of the texts.
    Tokens,
}

/// The size of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Pictures or texts.
    pub items: usize,
    /// Tokens of all together.
    pub tokens: usize,
    /// Tokens of the longest.
    pub longest: usize,
}

impl Rows {
    pub fn of(self, shape: Shape) -> usize {
        match self {
            Self::Items(n) => n * shape.items,
            Self::Tokens => shape.tokens,
        }
    }
}

/// How a kernel's work is cut into workgroups.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grid {
    /// A matrix product: groups of four columns, and the tile's rows and groups.
    Tiles {
        n4: usize,
        tile_rows: usize,
        tile_columns: usize,
    },
    /// A workgroup a row.
    Rows,
    /// A workgroup for 64 queries of a head; `queries` are the most of a sequence.
    Attention { heads: usize, queries: usize },
    /// An invocation for each group of four.
    Groups { per_row: usize },
}

impl Grid {
    fn workgroups(self, rows: usize, shape: Shape) -> [u32; 3] {
        let grid = match self {
            Self::Tiles {
                n4,
                tile_rows,
                tile_columns,
            } => [n4.div_ceil(tile_columns), rows.div_ceil(tile_rows), 1],
            Self::Rows => [rows.min(32_768), rows.div_ceil(32_768), 1],
            Self::Attention { heads, queries } => {
                [shape.longest.min(queries).div_ceil(64), heads, shape.items]
            }
            Self::Groups { per_row } => {
                let groups = (rows * per_row).div_ceil(64);
                [groups.min(32_768), groups.div_ceil(32_768), 1]
            }
        };
        grid.map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }
}

/// One kernel with its operands.
pub(super) struct Op {
    pub pipeline: wgpu::ComputePipeline,
    pub bindings: wgpu::BindGroup,
    /// The first is the number of rows, and filled in for each batch.
    pub params: [u32; (PARAMS_BYTES / 4) as usize],
    pub rows: Rows,
    pub grid: Grid,
    pub flops_per_row: u64,
    pub bytes_per_row: u64,
    /// Read once whatever the rows: weights.
    pub bytes_once: u64,
    /// Whether it belongs to the first of the repeated blocks.
    pub in_block: bool,
}

impl Op {
    /// A rough measure of the time it takes: operations, and bytes at ten operations each.
    fn cost(&self, shape: Shape) -> f64 {
        let rows = self.rows.of(shape) as f64;
        let bytes = self.bytes_once as f64 + self.bytes_per_row as f64 * rows;
        self.flops_per_row as f64 * rows + 10.0 * bytes
    }
}

/// What a batch starts from.
pub(super) enum Input<'a> {
    /// RGBA pixels, 8 bits each.
    Pixels(&'a [u8]),
    /// Rows of numbers.
    Rows(&'a [f32]),
}

/// The last submission that nobody waited for yet, and since when the device has worked on it.
#[derive(Default)]
pub(super) struct Pace {
    last: Option<(wgpu::SubmissionIndex, Instant)>,
    /// The longest since a batch was read back.
    longest: Duration,
}

impl Pace {
    /// Waits for the last submission, and takes its time.
    fn catch_up(&mut self, gpu: &Gpu) -> Result<()> {
        if let Some((submission, since)) = self.last.take() {
            wait(gpu, Some(submission))?;
            self.longest = self.longest.max(since.elapsed());
        }
        Ok(())
    }

    /// Takes up `next`; the one before is waited for, so that only one waits while another is
    /// computed.
    fn follow(&mut self, gpu: &Gpu, next: wgpu::SubmissionIndex) -> Result<()> {
        self.catch_up(gpu)?;
        self.last = Some((next, Instant::now()));
        Ok(())
    }
}

/// A batch that is being computed.
#[must_use]
pub(super) struct Begun {
    number: u64,
    shape: Shape,
    last: Option<wgpu::SubmissionIndex>,
    transferred: u64,
    submissions: u64,
    buffers_before: u64,
    in_flight: u64,
}

/// A planned forward pass with its memory. Nothing is allocated after it was made.
pub(super) struct Program {
    pub ops: Vec<Op>,
    pub params: wgpu::Buffer,
    pub input: wgpu::Buffer,
    pub output: wgpu::Buffer,
    /// What is read back, by turns: one batch is read while the next is computed.
    pub staging: [wgpu::Buffer; IN_FLIGHT],
    /// Where each sequence starts; one more than there are.
    pub starts: wgpu::Buffer,
    /// The row at which each sequence's feature is read.
    pub picks: wgpu::Buffer,
    /// How many features there are: one for each item, except in tests.
    pub output_rows: Rows,
    /// Values of a feature, padding included.
    pub output_width: usize,
    pub capacity: Shape,
    pub shape: Option<Shape>,
    /// How much a submission may hold, in cost units: adapted to what the last batch took.
    pub portion: f64,
    /// Batches begun, and of those read back.
    pub begun: u64,
    pub finished: u64,
    pub pace: Pace,
    /// Scratch space for what is uploaded.
    pub upload: Vec<u8>,
    pub trace: Trace,
}

impl Program {
    /// Computes one batch; gives `output_width` values for each row.
    ///
    /// `starts` and `picks` are as the kernels read them; `lose` destroys the device half-way.
    ///
    /// # Errors
    /// Whatever the device reports; the program is of no more use then.
    pub fn run(
        &mut self,
        gpu: &Gpu,
        shape: Shape,
        input: Input<'_>,
        (starts, picks): (&[u32], &[u32]),
        lose: bool,
    ) -> Result<Vec<f32>> {
        let begun = self.begin(gpu, shape, input, (starts, picks), lose)?;
        self.finish(gpu, &begun)
    }

    /// Whether another batch may be begun before one is finished.
    pub fn has_room(&self) -> bool {
        self.begun - self.finished < IN_FLIGHT as u64
    }

    /// Uploads a batch and hands in its kernels; [`Program::finish`] reads it back. Batches are
    /// finished in the order in which they were begun.
    ///
    /// # Errors
    /// As [`Program::run`], and where [`Program::has_room`] says no.
    pub fn begin(
        &mut self,
        gpu: &Gpu,
        shape: Shape,
        input: Input<'_>,
        (starts, picks): (&[u32], &[u32]),
        lose: bool,
    ) -> Result<Begun> {
        let (buffers_before, _) = gpu.allocated();
        gpu.check()?;
        let capacity = self.capacity;
        if shape.items == 0 || shape.items > capacity.items || shape.tokens > capacity.tokens {
            let reason = format!("a batch of {shape:?} where {capacity:?} is the most");
            return Err(ComputeError::Failed { reason });
        }
        if !self.has_room() {
            let reason = format!("more than {IN_FLIGHT} batches at once");
            return Err(ComputeError::Failed { reason });
        }
        // What is written here reaches the device with the next submission, after the kernels of
        // the batch before.
        let mut transferred = self.write_input(gpu, &input);
        gpu.queue
            .write_buffer(&self.starts, 0, bytemuck::cast_slice(starts));
        gpu.queue
            .write_buffer(&self.picks, 0, bytemuck::cast_slice(picks));
        transferred += (starts.len() + picks.len()) as u64 * 4;
        if self.shape != Some(shape) {
            transferred += self.write_params(gpu, shape);
        }
        let number = self.begun;
        self.begun += 1;
        let (submissions, last) = self.submit(gpu, shape, number, lose)?;
        Ok(Begun {
            number,
            shape,
            last,
            transferred,
            submissions,
            buffers_before,
            in_flight: self.begun - self.finished,
        })
    }

    /// Waits for a batch and gives `output_width` values for each of its rows.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn finish(&mut self, gpu: &Gpu, begun: &Begun) -> Result<Vec<f32>> {
        // Only where nothing follows is the last submission one's own to wait for.
        if begun.number + 1 == self.begun {
            self.pace.catch_up(gpu)?;
        }
        let output_bytes = self.output_bytes(begun.shape);
        let values = self.read_back(gpu, begun, output_bytes)?;
        let (transferred, submissions) = (begun.transferred + output_bytes, begun.submissions);
        self.trace = self.count(begun.shape, transferred, submissions);
        self.trace.buffers_allocated = gpu.allocated().0 - begun.buffers_before;
        self.trace.in_flight = begun.in_flight.max(self.begun - self.finished);
        self.finished += 1;
        let longest = std::mem::take(&mut self.pace.longest);
        self.trace.longest_submission_us = longest.as_micros() as u64;
        if longest > Duration::ZERO {
            // A fifth is left free, for portions are not all alike.
            let factor = 0.8 * SUBMISSION.as_secs_f64() / longest.as_secs_f64().max(1e-6);
            self.portion = (self.portion * factor.clamp(0.25, 2.0)).max(1.0);
        }
        Ok(values)
    }

    fn output_bytes(&self, shape: Shape) -> u64 {
        (self.output_rows.of(shape) * self.output_width * 4) as u64
    }

    fn staging(&self, number: u64) -> &wgpu::Buffer {
        let [even, odd] = &self.staging;
        match number % IN_FLIGHT as u64 {
            0 => even,
            _ => odd,
        }
    }

    /// How many items the next batch should have at most: as many as the arena has room for, but
    /// no more than keep the largest kernel, which cannot be divided, to a short submission. On a
    /// software adapter that would be of no use, since nothing draws on it.
    pub fn items_at_once(&self, gpu: &Gpu) -> usize {
        if gpu.info.kind == AdapterKind::Software {
            return self.capacity.items;
        }
        let items = self.capacity.items.max(1);
        let one = Shape {
            items: 1,
            tokens: self.capacity.tokens.div_ceil(items),
            longest: self.capacity.longest,
        };
        let largest = self.ops.iter().map(|op| op.cost(one));
        let largest = largest.fold(1.0, f64::max);
        ((self.portion / largest) as usize).clamp(1, items)
    }

    fn write_input(&mut self, gpu: &Gpu, input: &Input<'_>) -> u64 {
        let bytes: &[u8] = match input {
            Input::Pixels(bytes) => bytes,
            Input::Rows(values) if gpu.precision == Precision::Full => bytemuck::cast_slice(values),
            Input::Rows(values) => {
                self.upload.clear();
                let halves = values.iter().map(|v| half::f16::from_f32(*v));
                self.upload.extend(halves.flat_map(half::f16::to_ne_bytes));
                &self.upload
            }
        };
        gpu.queue.write_buffer(&self.input, 0, bytes);
        bytes.len() as u64
    }

    fn write_params(&mut self, gpu: &Gpu, shape: Shape) -> u64 {
        self.upload.clear();
        self.upload.resize(self.ops.len() * PARAMS_STRIDE, 0);
        for (op, place) in self
            .ops
            .iter_mut()
            .zip(self.upload.chunks_exact_mut(PARAMS_STRIDE))
        {
            if let Some(first) = op.params.first_mut() {
                *first = op.rows.of(shape) as u32;
            }
            for (to, from) in place.iter_mut().zip(bytemuck::bytes_of(&op.params)) {
                *to = *from;
            }
        }
        gpu.queue.write_buffer(&self.params, 0, &self.upload);
        self.shape = Some(shape);
        self.upload.len() as u64
    }

    /// Hands in the kernels, in portions that are expected to be short. Only one waits while
    /// another is computed, so that whoever draws gets in between. Gives how many there were, and
    /// the last.
    fn submit(
        &mut self,
        gpu: &Gpu,
        shape: Shape,
        number: u64,
        lose: bool,
    ) -> Result<(u64, Option<wgpu::SubmissionIndex>)> {
        let mut submissions = 0;
        let mut at = 0;
        let mut last = None;
        while at < self.ops.len() {
            let mut encoder = gpu.device.create_command_encoder(&Default::default());
            let end = self.portion_end(at, shape);
            self.record(&mut encoder, at..end, shape);
            at = end;
            if at == self.ops.len() {
                let (to, bytes) = (self.staging(number), self.output_bytes(shape));
                encoder.copy_buffer_to_buffer(&self.output, 0, to, 0, bytes);
            }
            let submission = gpu.queue.submit([encoder.finish()]);
            submissions += 1;
            last = Some(submission.clone());
            if lose && at >= self.ops.len() / 2 {
                gpu.device.destroy();
                break;
            }
            self.pace.follow(gpu, submission)?;
        }
        Ok((submissions, last))
    }

    /// Where a portion ends that begins with the kernel `start`: it has at least that one.
    fn portion_end(&self, start: usize, shape: Shape) -> usize {
        let mut cost = 0.0;
        let rest = self.ops.iter().skip(start);
        let fit = rest.take_while(|op| {
            cost += op.cost(shape);
            cost <= self.portion
        });
        start + fit.count().max(1)
    }

    fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        range: std::ops::Range<usize>,
        shape: Shape,
    ) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for at in range {
            let Some(op) = self.ops.get(at) else { break };
            let [x, y, z] = op.grid.workgroups(op.rows.of(shape), shape);
            pass.set_pipeline(&op.pipeline);
            let offset = (at * PARAMS_STRIDE) as u32;
            pass.set_bind_group(0, &op.bindings, &[offset]);
            pass.dispatch_workgroups(x, y, z);
        }
    }

    fn read_back(&self, gpu: &Gpu, begun: &Begun, bytes: u64) -> Result<Vec<f32>> {
        let staging = self.staging(begun.number);
        let (send, receive) = sync_channel(1);
        let range = 0..bytes;
        staging.map_async(wgpu::MapMode::Read, range.clone(), move |result| {
            // Nobody listens any more where the wait below was given up.
            let _ = send.try_send(result);
        });
        wait(gpu, begun.last.clone())?;
        match receive.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let reason = error.to_string();
                return Err(ComputeError::Lost { reason });
            }
            Err(_) => {
                let reason = "the result never came".to_owned();
                return Err(ComputeError::Lost { reason });
            }
        }
        let failed = |error: wgpu::MapRangeError| ComputeError::Failed {
            reason: error.to_string(),
        };
        let values = {
            let view = staging.get_mapped_range(range).map_err(failed)?;
            bytemuck::pod_collect_to_vec(&view)
        };
        staging.unmap();
        Ok(values)
    }

    fn count(&self, shape: Shape, transfer_bytes: u64, submissions: u64) -> Trace {
        let mut trace = Trace {
            items: shape.items as u64,
            transfer_bytes,
            submissions,
            dispatches: self.ops.len() as u64,
            ..Trace::default()
        };
        for op in &self.ops {
            let rows = op.rows.of(shape) as u64;
            trace.gemm_flops += op.flops_per_row * rows;
            trace.bytes += op.bytes_once + op.bytes_per_row * rows;
            trace.dispatches_per_block += u64::from(op.in_block);
        }
        trace
    }
}

/// Waits for a submission, or for all of them.
fn wait(gpu: &Gpu, submission: Option<wgpu::SubmissionIndex>) -> Result<()> {
    let waited = gpu.device.poll(wgpu::PollType::Wait {
        submission_index: submission,
        timeout: Some(PATIENCE),
    });
    // What the device itself says is the cause; what follows from it is said only otherwise.
    gpu.check()?;
    waited.map(drop).map_err(|error| ComputeError::Lost {
        reason: error.to_string(),
    })
}

/// Bytes of the parameters of `ops` kernels.
pub(super) fn params_bytes(ops: usize) -> u64 {
    (ops * PARAMS_STRIDE) as u64
}
