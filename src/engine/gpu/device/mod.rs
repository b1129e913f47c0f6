//! An open device, shared by all programs on it.

pub(crate) mod adapter;
pub(crate) mod faults;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::engine::gpu::device::adapter::AdapterInfo;
use crate::engine::gpu::device::faults::Faults;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::tile::Fragment;
use crate::engine::gpu::kernel::{Kernel, Precision};

/// The bindings of every kernel, used or not; see [`Gpu::bind`].
const BINDINGS: u32 = 6;

/// A device that takes longer for a batch is dead.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A device with its queue and its kernels.
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) info: AdapterInfo,
    pub(crate) precision: Precision,
    /// Whether invocations can exchange registers.
    pub(crate) subgroups: bool,
    /// The cooperative matrix that kernels may use.
    pub(crate) cooperative: Option<Fragment>,
    layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
    trouble: Arc<Mutex<Option<GpuError>>>,
    allocated: Allocated,
    refuse_above_bytes: Option<u64>,
}

/// The buffers allocated so far.
#[derive(Default)]
struct Allocated {
    buffers: AtomicU64,
    bytes: AtomicU64,
}

impl Gpu {
    /// Opens the adapter with the number `index`. Half precision is only available if the adapter
    /// supports it, and cooperative matrices only with it, because they have 16-bit numbers.
    pub(crate) fn open(
        index: usize,
        precision: Precision,
        cooperative: bool,
        faults: &Faults,
    ) -> Result<Self> {
        if faults.no_adapter {
            return Err(GpuError::NoAdapter { index, found: 0 });
        }
        let (adapter, info) = adapter::pick(index)?;
        let precision = if info.half {
            precision
        } else {
            Precision::Full
        };
        let cooperative = match precision {
            Precision::Half if cooperative => info.cooperative,
            Precision::Half | Precision::Full => None,
        };
        let (device, queue) = request(&adapter, &info, precision, cooperative.is_some())?;
        let trouble: Arc<Mutex<Option<GpuError>>> = Arc::default();
        let heard = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            note(&heard, convert(&error));
        }));
        let heard = trouble.clone();
        device.set_device_lost_callback(move |reason, message| {
            // Closing the device calls this too, but nobody checks afterwards.
            let reason = format!("{reason:?} {message}").trim().to_owned();
            note(&heard, GpuError::Lost { reason });
        });
        let layout = layout(&device);
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        Ok(Self {
            device,
            queue,
            subgroups: info.subgroups,
            cooperative,
            info,
            precision,
            layout,
            pipeline_layout,
            pipelines: Mutex::default(),
            trouble,
            allocated: Allocated::default(),
            refuse_above_bytes: faults.refuse_above_bytes,
        })
    }

    /// Returns the first failure since the device was opened, for good: a device that failed once
    /// is not trusted again but reopened.
    pub(crate) fn check(&self) -> Result<()> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &*trouble {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// The kernel, compiled once.
    pub(crate) fn pipeline(&self, kernel: Kernel) -> Result<wgpu::ComputePipeline> {
        let mut pipelines = self
            .pipelines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(&kernel) {
            return Ok(pipeline.clone());
        }
        let source = kernel.source(self.precision);
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.into()),
        };
        let module = match kernel.is_cooperative() {
            false => self.device.create_shader_module(descriptor),
            // Checks keep drivers from seeing how matrices lie in memory, and cost more there than
            // what is loaded.
            true => {
                let checks = wgpu::ShaderRuntimeChecks {
                    bounds_checks: false,
                    force_loop_bounding: false,
                    ..wgpu::ShaderRuntimeChecks::checked()
                };
                // SAFETY: positions in shared memory depend on an invocation's number alone, whatever
                // the operands are. Rows, columns and keys are compared with the program's own
                // numbers before memory is read or written, and buffers are as large as these say.
                // Every loop ends: its step is a constant above zero or, in the loop that stands for
                // a branch, the limit itself.
                unsafe { self.device.create_shader_module_trusted(descriptor, checks) }
            }
        };
        let pipeline = self
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: None,
                layout: Some(&self.pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Every kernel writes its shared memory before it reads it.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
        self.check()?;
        pipelines.insert(kernel, pipeline.clone());
        Ok(pipeline)
    }

    /// Waits for a submission, or for all of them.
    ///
    /// # Errors
    /// If the device fails, or takes longer than any batch should.
    pub(crate) fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<()> {
        let waited = self.device.poll(wgpu::PollType::Wait {
            submission_index: submission,
            timeout: Some(LONGEST_WAIT),
        });
        // The device's own failure is the cause; other errors follow from it.
        self.check()?;
        waited.map(drop).map_err(|error| GpuError::Lost {
            reason: error.to_string(),
        })
    }

    /// Allocates a buffer of at least `size_bytes`.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`] if there is not enough memory.
    pub(crate) fn buffer(
        &self,
        size_bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer> {
        let size_bytes = size_bytes.max(16).next_multiple_of(16);
        let limit = self.info.largest_buffer_bytes;
        if size_bytes > limit || self.refuse_above_bytes.is_some_and(|r| size_bytes > r) {
            return Err(GpuError::OutOfMemory { size_bytes });
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: size_bytes,
            usage,
            mapped_at_creation: false,
        });
        if pollster::block_on(scope.pop()).is_some() {
            return Err(GpuError::OutOfMemory { size_bytes });
        }
        self.check()?;
        self.allocated.buffers.fetch_add(1, Ordering::Relaxed);
        self.allocated
            .bytes
            .fetch_add(size_bytes, Ordering::Relaxed);
        Ok(buffer)
    }

    /// A buffer of weights or other constants.
    pub(crate) fn constant(&self, bytes: &[u8]) -> Result<wgpu::Buffer> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer(bytes.len() as u64, usage)?;
        self.queue.write_buffer(&buffer, 0, bytes);
        self.check()?;
        Ok(buffer)
    }

    /// The number of buffers allocated so far, and their bytes.
    pub(crate) fn allocated(&self) -> (u64, u64) {
        (
            self.allocated.buffers.load(Ordering::Relaxed),
            self.allocated.bytes.load(Ordering::Relaxed),
        )
    }

    /// Resets the count, because the buffers so far were only for a trial and are gone.
    pub(crate) fn count_anew(&self) {
        self.allocated.buffers.store(0, Ordering::Relaxed);
        self.allocated.bytes.store(0, Ordering::Relaxed);
    }

    /// Binds `params` (256 bytes of it, at an offset given with each dispatch), then the left side,
    /// the right side, the bias, an index, and the output.
    pub(crate) fn bind(
        &self,
        params: &wgpu::Buffer,
        storage: [&wgpu::Buffer; 5],
    ) -> wgpu::BindGroup {
        let [a, b, c, index, out] = storage;
        let entry = |(binding, resource)| wgpu::BindGroupEntry { binding, resource };
        let params = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: params,
            offset: 0,
            size: wgpu::BufferSize::new(crate::engine::gpu::kernel::dispatch::PARAMS_BYTES),
        });
        let entries = [
            (0, params),
            (1, a.as_entire_binding()),
            (2, b.as_entire_binding()),
            (3, c.as_entire_binding()),
            (4, index.as_entire_binding()),
            (5, out.as_entire_binding()),
        ]
        .map(entry);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        })
    }
}

/// Requests the device with the features that the kernels need.
fn request(
    adapter: &wgpu::Adapter,
    info: &AdapterInfo,
    precision: Precision,
    cooperative: bool,
) -> Result<(wgpu::Device, wgpu::Queue)> {
    let mut required_features = match precision {
        Precision::Full => wgpu::Features::empty(),
        Precision::Half => wgpu::Features::SHADER_F16,
    };
    if info.subgroups {
        required_features |= wgpu::Features::SUBGROUP;
    }
    let mut experimental_features = wgpu::ExperimentalFeatures::disabled();
    if cooperative {
        required_features |= wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX;
        // SAFETY: wgpu lists the possible errors of experimental features; for cooperative matrices
        // it only says that few sizes are known. The kernels read and write them within the bounds
        // of shared memory, by all of a subgroup together, and none is used before its results were
        // found correct (see `tune`).
        experimental_features = unsafe { wgpu::ExperimentalFeatures::enabled() };
    }
    let descriptor = wgpu::DeviceDescriptor {
        label: Some("taglens"),
        required_features,
        // All that it has, because the largest models need buffers above the default limit.
        required_limits: adapter.limits(),
        experimental_features,
        memory_hints: wgpu::MemoryHints::Performance,
        trace: wgpu::Trace::Off,
    };
    let opened = pollster::block_on(adapter.request_device(&descriptor));
    opened.map_err(|error| GpuError::Open {
        adapter: info.name.clone(),
        reason: error.to_string(),
    })
}

fn note(trouble: &Mutex<Option<GpuError>>, error: GpuError) {
    let mut trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner);
    // The first failure is the cause; the others follow from it.
    trouble.get_or_insert(error);
}

fn convert(error: &wgpu::Error) -> GpuError {
    match error {
        wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory { size_bytes: 0 },
        other => {
            let reason = other.to_string();
            match reason.to_lowercase().contains("lost") {
                true => GpuError::Lost { reason },
                false => GpuError::Failed { reason },
            }
        }
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..BINDINGS)
        .map(|binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match binding {
                    0 => wgpu::BufferBindingType::Uniform,
                    _ => wgpu::BufferBindingType::Storage {
                        read_only: binding + 1 < BINDINGS,
                    },
                },
                has_dynamic_offset: binding == 0,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: None,
        entries: &entries,
    })
}
