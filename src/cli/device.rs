//! `taglens device`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Device};
use crate::cli::output::{Format, Kind, Output};
use crate::cli::setup;
use crate::core::pixels::Pixels;
use crate::engine::DeviceChoice;
use crate::engine::gpu::{AdapterInfo, AdapterKind, GpuModel, KernelTime, Trace};

#[derive(Serialize)]
struct Row<'a> {
    device: &'a str,
    description: &'a str,
    /// Only for graphics adapters.
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<Adapter<'a>>,
}

#[derive(Serialize)]
struct Adapter<'a> {
    name: &'a str,
    kind: &'static str,
    backend: &'a str,
    driver: &'a str,
    half: bool,
    subgroups: bool,
    cooperative_matrices: bool,
    largest_buffer_bytes: u64,
}

impl<'a> From<&'a AdapterInfo> for Adapter<'a> {
    fn from(info: &'a AdapterInfo) -> Self {
        Self {
            name: &info.name,
            kind: match info.kind {
                AdapterKind::Discrete => "discrete",
                AdapterKind::Integrated => "integrated",
                AdapterKind::Virtual => "virtual",
                AdapterKind::Other => "other",
                AdapterKind::Software => "software",
            },
            backend: &info.backend,
            driver: &info.driver,
            half: info.half,
            subgroups: info.subgroups,
            cooperative_matrices: info.cooperative.is_some(),
            largest_buffer_bytes: info.largest_buffer_bytes,
        }
    }
}

#[derive(Serialize)]
struct Bench<'a> {
    model: &'a str,
    device: &'a str,
    precision: &'a str,
    batch: u32,
    images_per_second: f64,
    text_per_second: f64,
    /// Null if the system does not report it.
    peak_memory_mib: Option<f64>,
    /// Only for wgpu.
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<Gpu>,
    /// Only with `--profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernels: Option<Vec<KernelRow<'a>>>,
}

/// The kernels of one kind and size in a batch of pictures, each timed by itself.
#[derive(Serialize)]
struct KernelRow<'a> {
    name: &'a str,
    times: u64,
    milliseconds: f64,
    teraflops_per_second: f64,
    gigabytes_per_second: f64,
}

impl<'a> From<&'a KernelTime> for KernelRow<'a> {
    fn from(time: &'a KernelTime) -> Self {
        Self {
            name: &time.name,
            times: time.dispatches,
            milliseconds: time.seconds * 1e3,
            teraflops_per_second: time.flops / time.seconds * 1e-12,
            gigabytes_per_second: time.bytes / time.seconds * 1e-9,
        }
    }
}

/// The model's memory on a graphics device, as counted by the engine.
#[derive(Serialize)]
struct Gpu {
    adapter: String,
    half: bool,
    buffers: u64,
    buffer_bytes: u64,
    image_batch: Option<Counts>,
    text_batch: Option<Counts>,
}

/// Work and traffic of the last batch.
#[derive(Serialize)]
struct Counts {
    items: u64,
    gemm_flops: u64,
    bytes: u64,
    transfer_bytes: u64,
    dispatches: u64,
    dispatches_per_block: u64,
    submissions: u64,
    longest_submission_us: u64,
    in_flight: u64,
    buffers_allocated: u64,
}

impl From<Trace> for Counts {
    fn from(trace: Trace) -> Self {
        Self {
            items: trace.items,
            gemm_flops: trace.gemm_flops,
            bytes: trace.bytes,
            transfer_bytes: trace.transfer_bytes,
            dispatches: trace.dispatches,
            dispatches_per_block: trace.dispatches_per_block,
            submissions: trace.submissions,
            longest_submission_us: trace.longest_submission_us,
            in_flight: trace.in_flight,
            buffers_allocated: trace.buffers_allocated,
        }
    }
}

impl Gpu {
    fn of(model: &GpuModel) -> Self {
        let (buffers, buffer_bytes) = model.allocated().unwrap_or_default();
        Self {
            adapter: model.adapter().name,
            half: model.is_half(),
            buffers,
            buffer_bytes,
            image_batch: model.image_trace().map(Counts::from),
            text_batch: model.text_trace().map(Counts::from),
        }
    }
}

/// Runs the command.
pub(crate) fn run(command: &Device, common: &Common) -> Result<Outcome> {
    match command {
        Device::List => list(common),
        Device::Bench {
            batch,
            seconds,
            profile,
        } => bench(*batch, *seconds, *profile, common),
    }
}

fn list(common: &Common) -> Result<Outcome> {
    let mut output = Output::stdout(common.format, Kind::Items, &["device", "what it is"]);
    for info in DeviceChoice::available() {
        let row = Row {
            device: &info.id,
            description: &info.description,
            adapter: info.adapter.as_ref().map(Adapter::from),
        };
        output.item(&row, vec![info.id.clone(), info.description.clone()])?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}

fn bench(batch: u32, seconds: f64, profile: bool, common: &Common) -> Result<Outcome> {
    let engine = setup::engine(common)?;
    ensure!(
        !profile || engine.gpu.is_some(),
        "--profile needs a graphics device; `taglens device list` shows them"
    );
    let size = engine.image.preprocessing().size;
    let pictures = (0..batch)
        .map(|i| noise(size, i))
        .collect::<Option<Vec<Pixels>>>();
    let pictures = pictures.context("a picture of the model's size could not be made")?;
    let images_per_second = rate(seconds, pictures.len(), || {
        engine.image.encode_images(&pictures).map(drop)
    })?;
    let kernels = match &engine.gpu {
        Some(model) if profile => Some(model.profile_images()?),
        _ => None,
    };
    let texts: Vec<String> = (0..batch)
        .map(|i| format!("a photo of the number {i} on a house"))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let text_per_second = rate(seconds, texts.len(), || {
        engine.text.encode_texts(&texts).map(drop)
    })?;
    let bench = Bench {
        model: &engine.name,
        device: &engine.device,
        precision: common.precision.name(),
        batch,
        images_per_second,
        text_per_second,
        peak_memory_mib: peak_memory_mib(),
        gpu: engine.gpu.as_deref().map(Gpu::of),
        kernels: kernels
            .as_deref()
            .map(|all| all.iter().map(KernelRow::from).collect()),
    };
    let head = &[
        "model",
        "device",
        "precision",
        "batch",
        "images/s",
        "texts/s",
        "peak memory",
    ];
    let cells = vec![
        engine.name.clone(),
        engine.device.clone(),
        bench.precision.to_owned(),
        batch.to_string(),
        format!("{images_per_second:.1}"),
        format!("{text_per_second:.1}"),
        bench
            .peak_memory_mib
            .map_or("unknown".into(), |m| format!("{m:.0} MiB")),
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    output.item(&bench, cells)?;
    // Otherwise they are a part of it.
    let apart = output.is_table();
    output.finish()?;
    if let Some(kernels) = bench.kernels
        && apart
    {
        show(&kernels)?;
    }
    Ok(Outcome::Done)
}

/// Prints the kernels as a table.
fn show(kernels: &[KernelRow]) -> Result<()> {
    let head = &["kernel", "times", "ms", "share", "TFLOP/s", "GB/s"];
    let mut output = Output::stdout(Some(Format::Table), Kind::Items, head);
    let total: f64 = kernels.iter().map(|kernel| kernel.milliseconds).sum();
    for kernel in kernels {
        let cells = vec![
            kernel.name.to_owned(),
            kernel.times.to_string(),
            format!("{:.3}", kernel.milliseconds),
            format!(
                "{:.1} %",
                100.0 * kernel.milliseconds / total.max(f64::MIN_POSITIVE)
            ),
            format!("{:.2}", kernel.teraflops_per_second),
            format!("{:.1}", kernel.gigabytes_per_second),
        ];
        output.item(kernel, cells)?;
    }
    output.finish()?;
    Ok(())
}

/// Items per second: one round to warm up, then rounds until the time is over.
fn rate<E: std::error::Error + Send + Sync + 'static>(
    seconds: f64,
    items: usize,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<f64> {
    work()?;
    let limit = Duration::from_secs_f64(seconds);
    let start = Instant::now();
    let mut done = 0;
    while start.elapsed() < limit && !setup::stopped() {
        work()?;
        done += items;
    }
    Ok(done as f64 / start.elapsed().as_secs_f64())
}

/// A picture of pseudo-random samples (a linear congruential generator; Numerical Recipes'
/// constants): kernels take as long for it as for a photo.
fn noise(size: u32, seed: u32) -> Option<Pixels> {
    let mut state = seed;
    let samples = (0..size as usize * size as usize * 3).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    Pixels::new(size, size, samples.collect())
}

/// The peak memory of this process.
fn peak_memory_mib() -> Option<f64> {
    // Only Linux offers the figure without a call into C.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}
