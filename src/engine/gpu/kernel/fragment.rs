//! WGSL that reads, writes and names an adapter's cooperative matrices.

use std::fmt::Write;

use crate::engine::gpu::kernel::tile::Fragment;

/// Empty groups of four after each row in shared memory, so that rows do not start in the same bank.
pub(super) const PADDING4: u32 = 2;

impl Fragment {
    /// The type of a matrix of `numbers`.
    pub(super) fn matrix(self, numbers: &str, role: char) -> String {
        let size = self.size;
        format!("coop_mat{size}x{size}<{numbers}, {role}>")
    }

    /// The elements of shared memory: groups of four, or single numbers.
    pub(super) fn element(self) -> &'static str {
        match self.from_numbers {
            true => "f16",
            false => "vec4<f16>",
        }
    }

    /// How many of these a group of four takes.
    pub(super) fn per_group(self) -> u32 {
        if self.from_numbers { 4 } else { 1 }
    }

    /// Writes the group `value` to the position `at` of an array in shared memory.
    pub(super) fn write(self, array: &str, at: &str, value: &str) -> String {
        if !self.from_numbers {
            return format!("{array}[{at}] = {value};");
        }
        let mut s = String::new();
        for (i, lane) in ["x", "y", "z", "w"].into_iter().enumerate() {
            let _ = write!(s, "{array}[({at}) * 4u + {i}u] = {value}.{lane}; ");
        }
        s
    }

    /// Reads the matrix `name` from the group `at` of an array on, whose rows are `stride4` groups
    /// apart; with `flipped`, its rows are columns there.
    pub(super) fn load(
        self,
        (name, role, flipped): (&str, char, bool),
        (array, at, stride4): (&str, &str, u32),
    ) -> String {
        let (matrix, each) = (self.matrix("f16", role), self.per_group());
        let function = if flipped { "coopLoad" } else { "coopLoadT" };
        let stride = stride4 * each;
        format!("let {name} = {function}<{matrix}>(&{array}[({at}) * {each}u], {stride}u);")
    }

    /// Whether an adapter with `limits` has room for so many subgroups and so much shared memory.
    pub(super) fn fits(self, subgroups: u32, shared_bytes: u32, limits: &wgpu::Limits) -> bool {
        let threads = subgroups * self.lanes;
        shared_bytes <= limits.max_compute_workgroup_storage_size
            && threads <= limits.max_compute_invocations_per_workgroup
            && threads <= limits.max_compute_workgroup_size_x
    }
}
