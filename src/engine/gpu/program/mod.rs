//! A forward pass, planned once: the kernels in order, and the memory that they share.

pub(crate) mod arena;
pub(crate) mod builder;
pub(crate) mod kernels;
pub(crate) mod op;
pub(crate) mod operands;
pub(crate) mod pace;
pub(crate) mod params;
pub(crate) mod profile;
pub(crate) mod shape;

use std::num::NonZeroU64;
use std::sync::mpsc::sync_channel;

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::dispatch::{ACROSS, FIRST_BYTES, STRIDE};
use crate::engine::gpu::program::op::Op;
use crate::engine::gpu::program::pace::{OpCost, Pace, Portion};
use crate::engine::gpu::program::shape::{Rows, Shape};
use crate::engine::gpu::trace::Trace;

/// The most batches begun and not yet read back: while one is computed, the next is uploaded.
pub(crate) const IN_FLIGHT: usize = 2;

/// The input of a batch.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    /// The pixels of each picture, RGB, 8 bits each.
    Pictures(&'a [&'a [u8]]),
    /// Rows of numbers.
    Rows(&'a [f32]),
}

/// A batch in progress.
#[must_use]
pub(crate) struct Begun {
    number: u64,
    shape: Shape,
    last: Option<wgpu::SubmissionIndex>,
    transferred: u64,
    submissions: u64,
    buffers_before: u64,
    in_flight: u64,
}

/// The buffers for each batch's input and output.
pub(crate) struct Buffers {
    pub(crate) params: wgpu::Buffer,
    pub(crate) input: wgpu::Buffer,
    pub(crate) output: wgpu::Buffer,
    /// Buffers to read back in alternation: one batch is read while the next is computed.
    pub(crate) staging: [wgpu::Buffer; IN_FLIGHT],
    /// The start of each sequence, and the end of the last.
    pub(crate) starts: wgpu::Buffer,
    /// The row of each sequence's feature.
    pub(crate) picks: wgpu::Buffer,
}

/// A planned forward pass with its memory. Nothing is allocated afterwards.
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) buffers: Buffers,
    /// The number of features: one per item, except in tests.
    pub(crate) output_rows: Rows,
    /// Values per feature, including padding.
    pub(crate) output_width: usize,
    pub(crate) capacity: Shape,
    pub(crate) shape: Option<Shape>,
    /// Batches begun, and those of them read back.
    pub(crate) begun: u64,
    pub(crate) finished: u64,
    pub(crate) pace: Pace,
    /// A buffer for uploads.
    pub(crate) upload: Vec<u8>,
    pub(crate) trace: Trace,
}

impl Program {
    /// Computes one batch; returns `output_width` values per row.
    ///
    /// `starts` and `picks` are as the kernels read them; `lose` destroys the device half-way.
    ///
    /// # Errors
    /// Any error of the device; the program cannot be used afterwards.
    pub(crate) fn run(
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

    /// Whether another batch may begin before one is finished.
    pub(crate) fn has_room(&self) -> bool {
        self.begun - self.finished < IN_FLIGHT as u64
    }

    /// Uploads a batch and submits its kernels; [`Program::finish`] reads it back. Batches are
    /// finished in the order in which they began.
    ///
    /// # Errors
    /// As [`Program::run`], and if [`Program::has_room`] is false.
    pub(crate) fn begin(
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
            return Err(GpuError::Failed { reason });
        }
        if !self.has_room() {
            let reason = format!("more than {IN_FLIGHT} batches at once");
            return Err(GpuError::Failed { reason });
        }
        // Writes reach the device with the next submission, after the kernels of the previous
        // batch.
        let mut transferred = self.write_input(gpu, &input);
        gpu.queue
            .write_buffer(&self.buffers.starts, 0, bytemuck::cast_slice(starts));
        gpu.queue
            .write_buffer(&self.buffers.picks, 0, bytemuck::cast_slice(picks));
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

    /// Waits for a batch and returns `output_width` values for each of its rows.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub(crate) fn finish(&mut self, gpu: &Gpu, begun: &Begun) -> Result<Vec<f32>> {
        // The last submission belongs to this batch only if nothing followed it.
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
        self.trace.longest_submission_us = self.pace.take_longest().as_micros() as u64;
        Ok(values)
    }

    fn output_bytes(&self, shape: Shape) -> u64 {
        (self.output_rows.of(shape) * self.output_width * 4) as u64
    }

    fn staging(&self, number: u64) -> &wgpu::Buffer {
        let [even, odd] = &self.buffers.staging;
        match number % IN_FLIGHT as u64 {
            0 => even,
            _ => odd,
        }
    }

    fn write_input(&mut self, gpu: &Gpu, input: &Input<'_>) -> u64 {
        let bytes: &[u8] = match input {
            Input::Pictures(pictures) => return self.write_pictures(gpu, pictures),
            Input::Rows(values) if gpu.precision == Precision::Full => bytemuck::cast_slice(values),
            Input::Rows(values) => {
                self.upload.clear();
                let halves = values.iter().map(|v| half::f16::from_f32(*v));
                self.upload.extend(halves.flat_map(half::f16::to_ne_bytes));
                &self.upload
            }
        };
        gpu.queue.write_buffer(&self.buffers.input, 0, bytes);
        bytes.len() as u64
    }

    /// Writes pictures one after the other, straight into memory that the device copies from.
    fn write_pictures(&self, gpu: &Gpu, pictures: &[&[u8]]) -> u64 {
        let bytes: usize = pictures.iter().map(|picture| picture.len()).sum();
        let size = NonZeroU64::new(bytes.next_multiple_of(4) as u64);
        let input = &self.buffers.input;
        let view = size.and_then(|size| gpu.queue.write_buffer_with(input, 0, size));
        // Without memory for it, the device has an error, which the next check finds.
        let Some(mut view) = view else { return 0 };
        let mut at = 0;
        for picture in pictures {
            view.slice(at..at + picture.len()).copy_from_slice(picture);
            at += picture.len();
        }
        view.slice(at..).fill(0);
        bytes as u64
    }

    fn write_params(&mut self, gpu: &Gpu, shape: Shape) -> u64 {
        self.upload.clear();
        self.upload.resize(self.ops.len() * STRIDE, 0);
        for (op, place) in self.ops.iter().zip(self.upload.chunks_exact_mut(STRIDE)) {
            let params = op.params.of(op.rows.of(shape), op.grid, shape);
            place
                .iter_mut()
                .zip(params)
                .for_each(|(to, from)| *to = from);
        }
        gpu.queue
            .write_buffer(&self.buffers.params, 0, &self.upload);
        self.shape = Some(shape);
        self.upload.len() as u64
    }

    /// Submits the kernels in portions that should be short. Only one waits while another is
    /// computed, so that drawing can get in between. Returns the number of portions, and the last.
    fn submit(
        &mut self,
        gpu: &Gpu,
        shape: Shape,
        number: u64,
        lose: bool,
    ) -> Result<(u64, Option<wgpu::SubmissionIndex>)> {
        let works: Vec<OpCost> = self.ops.iter().map(|op| op.work(shape)).collect();
        let mut submissions = 0;
        let (mut at, mut first) = (0, 0);
        let mut last = None;
        while at < works.len() {
            let portion = self.pace.portion(&works, at, first);
            let mut encoder = gpu.device.create_command_encoder(&Default::default());
            self.record(gpu, &mut encoder, &works, &portion);
            let before = at;
            (at, first) = portion.after(&works);
            if at == works.len() {
                let (to, bytes) = (self.staging(number), self.output_bytes(shape));
                encoder.copy_buffer_to_buffer(&self.buffers.output, 0, to, 0, bytes);
            }
            let submission = gpu.queue.submit([encoder.finish()]);
            submissions += 1;
            last = Some(submission.clone());
            if portion.part.is_some() && at > before {
                self.tell_first(gpu, before, 0);
            }
            if lose && at >= works.len() / 2 {
                gpu.device.destroy();
                break;
            }
            self.pace.follow(gpu, submission, (&works, &portion))?;
        }
        Ok((submissions, last))
    }

    /// Tells the kernel at which workgroup the next submission begins. The write reaches the device
    /// after earlier submissions and before later ones.
    fn tell_first(&self, gpu: &Gpu, at: usize, first: usize) {
        let first = u32::try_from(first).unwrap_or(u32::MAX).to_ne_bytes();
        let offset = (at * STRIDE) as u64 + FIRST_BYTES;
        gpu.queue.write_buffer(&self.buffers.params, offset, &first);
    }

    pub(super) fn record(
        &self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        works: &[OpCost],
        portion: &Portion,
    ) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for at in portion.ops.clone() {
            let (Some(op), Some(work)) = (self.ops.get(at), works.get(at)) else {
                break;
            };
            let mut count = work.workgroups;
            if let Some(part) = &portion.part {
                self.tell_first(gpu, at, part.start);
                count = part.len();
            }
            pass.set_pipeline(&op.pipeline);
            pass.set_bind_group(0, &op.bindings, &[(at * STRIDE) as u32]);
            // If several lines are needed, workgroups beyond the last have nothing to do.
            let (across, lines) = (count.min(ACROSS), count.div_ceil(ACROSS));
            pass.dispatch_workgroups(across as u32, lines as u32, 1);
        }
    }

    fn read_back(&self, gpu: &Gpu, begun: &Begun, bytes: u64) -> Result<Vec<f32>> {
        let staging = self.staging(begun.number);
        let (send, receive) = sync_channel(1);
        let range = 0..bytes;
        staging.map_async(wgpu::MapMode::Read, range.clone(), move |result| {
            // If the wait below was given up, nobody receives this.
            let _ = send.try_send(result);
        });
        gpu.wait(begun.last.clone())?;
        match receive.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let reason = error.to_string();
                return Err(GpuError::Lost { reason });
            }
            Err(_) => {
                let reason = "the result never came".to_owned();
                return Err(GpuError::Lost { reason });
            }
        }
        let failed = |error: wgpu::MapRangeError| GpuError::Failed {
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
            trace.gemm_flops += op.product_flops(shape);
            trace.bytes += op.bytes(shape);
            trace.dispatches_per_block += u64::from(op.in_block);
        }
        trace
    }
}

/// Bytes of the parameters of `ops` kernels.
pub(crate) fn params_bytes(ops: usize) -> u64 {
    (ops * STRIDE) as u64
}
