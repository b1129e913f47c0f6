//! The devices: what the user requests, and what exists.

use std::fmt;
use std::str::FromStr;

use candle_core::Device;

use crate::engine::gpu;
use crate::engine::gpu::AdapterInfo;

/// A requested device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The fastest available.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A graphics card of any vendor, by number, through wgpu.
    Gpu(Option<usize>),
    /// An NVIDIA card, through candle's CUDA kernels.
    Cuda(usize),
    /// Apple's, through candle's Metal kernels.
    Metal,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, number) = match text.split_once(':') {
            None => (text, None),
            Some((kind, number)) => {
                let number = number.parse::<usize>();
                let number =
                    number.map_err(|_| format!("`{text}`: a number is wanted after the colon"))?;
                (kind, Some(number))
            }
        };
        match (kind, number) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::Cpu),
            ("gpu", number) => Ok(Self::Gpu(number)),
            ("cuda", number) => Ok(Self::Cuda(number.unwrap_or(0))),
            ("metal", None) => Ok(Self::Metal),
            _ => Err("one of auto, cpu, gpu, gpu:N, cuda:N, metal is wanted".into()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(n)) => write!(f, "gpu:{n}"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
            Self::Metal => f.write_str("metal"),
        }
    }
}

/// Why a device is not available.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// This program cannot use such devices at all.
    #[error("the device `{choice}` cannot be used: {reason}; `--device cpu` always works")]
    Unsupported {
        /// The requested device.
        choice: DeviceChoice,
        /// The reason.
        reason: &'static str,
    },
    /// This program supports it, but it cannot be opened.
    #[error("the device `{choice}` cannot be opened: {source}; `--device cpu` always works")]
    Open {
        /// The requested device.
        choice: DeviceChoice,
        /// The driver's reason.
        source: candle_core::Error,
    },
}

/// An available device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceInfo {
    /// Its name for `--device`.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) description: String,
    /// The facts about a graphics adapter that wgpu drives.
    pub(crate) adapter: Option<AdapterInfo>,
}

/// An engine with its device.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// The kernels for the processor.
    Cpu,
    /// candle, on an open device.
    Candle(Device),
    /// wgpu, on the adapter with this number, which is opened later.
    Gpu(usize),
}

impl DeviceChoice {
    /// Opens the device if candle drives it. For wgpu it only fixes the number: opening the model
    /// enumerates the adapters.
    ///
    /// # Errors
    /// If it does not exist, or this build does not support it.
    pub(crate) fn open(self) -> Result<Backend, DeviceError> {
        let unsupported = |reason| {
            Err(DeviceError::Unsupported {
                choice: self,
                reason,
            })
        };
        let opened = match self {
            Self::Cpu => return Ok(Backend::Cpu),
            Self::Auto => return Ok(best()),
            Self::Gpu(number) => return Ok(Backend::Gpu(number.unwrap_or(0))),
            Self::Cuda(_) if !cfg!(feature = "cuda") => {
                return unsupported("this program was built without its `cuda` feature");
            }
            Self::Metal if !cfg!(feature = "metal") => {
                return unsupported("this program was built without its `metal` feature");
            }
            Self::Cuda(n) => Device::new_cuda(n),
            Self::Metal => Device::new_metal(0),
        };
        opened
            .map(Backend::Candle)
            .map_err(|source| DeviceError::Open {
                choice: self,
                source,
            })
    }

    /// The devices that can be opened here, the CPU first.
    pub(crate) fn available() -> Vec<DeviceInfo> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut found = vec![DeviceInfo {
            id: "cpu".into(),
            description: format!("{} processor, {threads} threads", std::env::consts::ARCH),
            adapter: None,
        }];
        let mut add = |choice: Self, description: &str| {
            let there = choice.open().is_ok();
            if there {
                found.push(DeviceInfo {
                    id: choice.to_string(),
                    description: description.into(),
                    adapter: None,
                });
            }
            there
        };
        (0..)
            .take_while(|n| add(Self::Cuda(*n), "NVIDIA, through CUDA"))
            .count();
        add(Self::Metal, "Apple, through Metal");
        found.extend(gpu::adapters().into_iter().map(|adapter| DeviceInfo {
            id: Self::Gpu(Some(adapter.index)).to_string(),
            description: adapter.to_string(),
            adapter: Some(adapter),
        }));
        found
    }
}

/// The device for `auto`: a graphics card through wgpu, then candle's own kernels if this build has
/// them, then the CPU. candle's kernels come second because no test runs them. A software adapter
/// runs on the same CPU, and is slower than the CPU kernels.
fn best() -> Backend {
    if let Some(adapter) = gpu::best_hardware() {
        return Backend::Gpu(adapter.index);
    }
    let choices = [DeviceChoice::Cuda(0), DeviceChoice::Metal];
    let opened = choices.into_iter().find_map(|choice| choice.open().ok());
    opened.unwrap_or(Backend::Cpu)
}

/// The name of an open device for `--device`.
pub(crate) fn device_id(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cpu => "cpu".into(),
        candle_core::DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        candle_core::DeviceLocation::Metal { .. } => "metal".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["auto", "cpu", "gpu", "gpu:2", "cuda:1", "metal"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        for wrong in ["", "gpu:", "gpu:x", "cpu:1", "tpu"] {
            assert!(wrong.parse::<DeviceChoice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_cpu_is_always_there() {
        assert_eq!(DeviceChoice::available()[0].id, "cpu");
        assert!(DeviceChoice::Auto.open().is_ok());
    }

    #[test]
    fn a_software_adapter_is_never_chosen_by_itself() {
        let software = |index: usize| {
            let all = gpu::adapters();
            let adapter = all.into_iter().find(|adapter| adapter.index == index);
            adapter.is_none_or(|adapter| adapter.kind == gpu::AdapterKind::Software)
        };
        if let Backend::Gpu(index) = best() {
            assert!(!software(index), "gpu:{index}");
        }
        let listed = DeviceChoice::available();
        for (index, adapter) in gpu::adapters().into_iter().enumerate() {
            assert_eq!(adapter.index, index);
            let info = listed.iter().find(|info| info.id == format!("gpu:{index}"));
            assert!(info.unwrap().description.contains(&adapter.name));
        }
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn says_what_can_be_done_without_the_device() {
        let error = DeviceChoice::Cuda(0).open().unwrap_err().to_string();
        assert!(error.contains("--device cpu"), "{error}");
    }
}
