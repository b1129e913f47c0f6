//! Helpers for tests on a graphics device.

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::faults::Faults;
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::tile::Fragment;

/// Whether there is an adapter to test on. Without one, tests are skipped with a line on standard
/// error, unless TAGLENS_REQUIRE_GPU=1 requires one.
pub(crate) fn there_is_an_adapter() -> bool {
    if !crate::engine::gpu::adapters().is_empty() {
        return true;
    }
    let required = std::env::var("TAGLENS_REQUIRE_GPU").is_ok_and(|v| v == "1");
    assert!(!required, "TAGLENS_REQUIRE_GPU=1, but there is no adapter");
    eprintln!("skipped: there is no graphics adapter here");
    false
}

/// A device with its cooperative matrix. Without either, tests are skipped with a line on standard
/// error, as this system has nothing that uses them.
pub(crate) fn with_matrices() -> Option<(Gpu, Fragment)> {
    if !there_is_an_adapter() {
        return None;
    }
    let gpu = Gpu::open(0, Precision::Half, true, &Faults::default()).unwrap();
    let Some(fragment) = gpu.cooperative else {
        eprintln!("skipped: this adapter has no cooperative matrices");
        return None;
    };
    Some((gpu, fragment))
}

/// Pseudo-random numbers in -1..1 (a linear congruential generator; Numerical Recipes' constants).
pub(crate) struct Random(pub(crate) u32);

impl Random {
    pub(crate) fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    pub(crate) fn number(&mut self) -> f32 {
        self.bits() as f32 / (1u32 << 23) as f32 - 1.0
    }

    pub(crate) fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.number()).collect()
    }
}

/// Panics unless wgpu's own compiler parses and validates the source. This needs no adapter.
pub(crate) fn sound_source(source: &str) {
    use wgpu::naga;
    use wgpu::naga::valid::{Capabilities, SubgroupOperationSet, ValidationFlags, Validator};
    let module = naga::front::wgsl::parse_str(source);
    let module = module.unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::all());
    validator.subgroup_operations(SubgroupOperationSet::all());
    let validated = validator.validate(&module);
    validated.unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
}
