//! Helpers for tests on a graphics device.

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
