//! The graphics adapters of this machine.

use std::fmt;

use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::tile::Fragment;

/// The kind of an adapter; better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdapterKind {
    /// A card with its own memory.
    Discrete,
    /// A part of the processor, sharing its memory.
    Integrated,
    /// A share of a card, assigned to a virtual machine.
    Virtual,
    /// Not known.
    Other,
    /// A program on the CPU that emulates a card.
    Software,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "unknown kind",
            Self::Software => "software, slower than `cpu`",
        })
    }
}

/// An adapter and its features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterInfo {
    /// The number in `--device gpu:N`.
    pub(crate) index: usize,
    /// The maker's name for it.
    pub(crate) name: String,
    /// Its kind.
    pub(crate) kind: AdapterKind,
    /// The interface it is driven through: Vulkan, Metal or DX12.
    pub(crate) backend: String,
    /// The driver and its version, as far as known.
    pub(crate) driver: String,
    /// Whether it supports 16-bit numbers.
    pub(crate) half: bool,
    /// Whether invocations can exchange registers.
    pub(crate) subgroups: bool,
    /// The matrices of 16-bit numbers that it multiplies in hardware, if usable.
    pub(crate) cooperative: Option<Fragment>,
    /// The largest buffer for a kernel, in bytes.
    pub(crate) largest_buffer_bytes: u64,
}

impl fmt::Display for AdapterInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}), {}", self.name, self.kind, self.backend)?;
        if !self.driver.trim().is_empty() {
            write!(f, ", {}", self.driver)?;
        }
        f.write_str("; f32")?;
        for (has, what) in [(self.half, "f16"), (self.subgroups, "subgroups")] {
            if has {
                write!(f, ", {what}")?;
            }
        }
        if let Some(Fragment { size, .. }) = self.cooperative {
            write!(f, ", cooperative matrices {size}×{size}")?;
        }
        write!(
            f,
            ", buffers up to {} MiB",
            self.largest_buffer_bytes / (1 << 20)
        )
    }
}

/// The adapters, best first, as `device list` shows them.
pub fn adapters() -> Vec<AdapterInfo> {
    found().into_iter().map(|(_, info)| info).collect()
}

/// The best adapter that is preferable to the CPU; never a software adapter.
pub fn best_hardware() -> Option<AdapterInfo> {
    adapters().into_iter().find(|info| {
        matches!(
            info.kind,
            AdapterKind::Discrete | AdapterKind::Integrated | AdapterKind::Virtual
        )
    })
}

/// The adapter with the number `index`.
pub(crate) fn pick(index: usize) -> Result<(wgpu::Adapter, AdapterInfo)> {
    let mut all = found();
    if index >= all.len() {
        return Err(GpuError::NoAdapter {
            index,
            found: all.len(),
        });
    }
    Ok(all.swap_remove(index))
}

fn found() -> Vec<(wgpu::Adapter, AdapterInfo)> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    // Validation layers and debug names cost time and are only for development.
    descriptor.flags = wgpu::InstanceFlags::empty();
    let instance = wgpu::Instance::new(descriptor);
    let mut all: Vec<_> = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY))
        .into_iter()
        .filter(|adapter| {
            let flags = adapter.get_downlevel_capabilities().flags;
            flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
        })
        .map(|adapter| {
            let info = describe(&adapter);
            (adapter, info)
        })
        .collect();
    // The sort is stable, so equal adapters keep the system's order, and with it their numbers.
    all.sort_by_key(|(_, info)| info.kind);
    for (index, (_, info)) in all.iter_mut().enumerate() {
        info.index = index;
    }
    all
}

fn describe(adapter: &wgpu::Adapter) -> AdapterInfo {
    let info = adapter.get_info();
    let features = adapter.features();
    let limits = adapter.limits();
    AdapterInfo {
        index: 0,
        name: info.name.clone(),
        kind: match info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::Other => AdapterKind::Other,
        },
        backend: format!("{:?}", info.backend),
        driver: format!("{} {}", info.driver, info.driver_info),
        half: features.contains(wgpu::Features::SHADER_F16),
        subgroups: features.contains(wgpu::Features::SUBGROUP),
        cooperative: cooperative(adapter, &info),
        largest_buffer_bytes: limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size),
    }
}

/// The largest usable matrices: square, of 16-bit numbers, summed in 32 bits.
fn cooperative(adapter: &wgpu::Adapter, info: &wgpu::AdapterInfo) -> Option<Fragment> {
    use wgpu::{CooperativeScalarType as Scalar, Features};
    // The kernels distinguish subgroups.
    let needed = Features::EXPERIMENTAL_COOPERATIVE_MATRIX | Features::SUBGROUP;
    if !adapter.features().contains(needed) {
        return None;
    }
    let sizes = adapter.cooperative_matrix_properties().into_iter();
    let fitting = sizes.filter(|p| {
        p.m_size == p.n_size
            && p.n_size == p.k_size
            && (p.ab_type, p.cr_type) == (Scalar::F16, Scalar::F32)
    });
    Some(Fragment {
        size: fitting.map(|p| p.m_size).max()?,
        lanes: info.subgroup_max_size,
        from_numbers: info.backend == wgpu::Backend::Metal,
    })
}
