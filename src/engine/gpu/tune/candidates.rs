//! The tiles that are tried.

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::kernel::cooperative::fits;
use crate::engine::gpu::kernel::tile::{Fragment, Tile};

/// A tile with its name in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate(pub(crate) &'static str, pub(crate) Tile);

impl Candidate {
    /// Whether products of every size are computed with it, or only large ones.
    fn is_small(self) -> bool {
        self.1.rows() <= 64
    }
}

/// For every adapter.
pub(crate) const PLAIN: [Candidate; 3] = [
    Candidate("128x128", Tile::LARGE),
    Candidate("64x128", Tile::WIDE),
    SMALL,
];
/// The tile of small products on every adapter.
pub(crate) const SMALL: Candidate = Candidate("64x64", Tile::SMALL);

/// With an adapter's cooperative matrix. What a subgroup multiplies decides how often it loads from
/// shared memory; what a workgroup does, how often from the device's; and the more of both, the
/// fewer workgroups find room at a time. No specification tells which is best.
pub(crate) fn cooperative(fragment: Fragment) -> [Candidate; 6] {
    let tile = |each, subgroups| Tile::cooperative(fragment, each, subgroups);
    [
        Candidate("cooperative 128x256", tile((64, 64), (2, 4))),
        Candidate("cooperative 128x128", tile((64, 64), (2, 2))),
        Candidate("cooperative 128x128 of 32x64", tile((32, 64), (4, 2))),
        Candidate(
            "cooperative 64x128 in two steps",
            tile((32, 64), (2, 2)).in_two_steps(),
        ),
        Candidate(
            "cooperative 64x64 in two steps",
            tile((32, 32), (2, 2)).in_two_steps(),
        ),
        Candidate("cooperative 64x64", tile((32, 32), (2, 2))),
    ]
}

/// The candidates for large and for small products with cooperative matrices that the device has
/// room for, if it has such matrices.
pub(crate) fn fitting(gpu: &Gpu) -> (Vec<Candidate>, Vec<Candidate>) {
    let Some(fragment) = gpu.cooperative else {
        return (Vec::new(), Vec::new());
    };
    let limits = gpu.device.limits();
    let all = cooperative(fragment).into_iter();
    let fitting = all.filter(|candidate| match candidate.1 {
        Tile::Plain(_) => true,
        Tile::Cooperative(fragments) => fits(fragments, &limits),
    });
    let fitting: Vec<Candidate> = fitting.collect();
    let small = fitting.iter().copied().filter(|c| c.is_small()).collect();
    (fitting, small)
}
