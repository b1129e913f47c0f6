//! The kernels' sources: WGSL templates, instantiated only for the variants in use.
//!
//! Loops over registers are unrolled here. WGSL has no unrolling, and indexing an array costs a
//! bounds check each time, which would dominate the innermost loop.

pub(crate) mod attention;
pub(crate) mod cooperative;
pub(crate) mod cooperative_attention;
pub(crate) mod dispatch;
pub(crate) mod epilogue;
mod fragment;
pub(crate) mod gemm;
pub(crate) mod pack;
pub(crate) mod plain;
mod source;
#[cfg(test)]
mod tests;
pub(crate) mod tile;

use crate::engine::gpu::kernel::dispatch::ACROSS;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::gemm::{Gemm, Source};
use crate::engine::gpu::kernel::tile::{Fragment, Tile};

/// The type of stored numbers; sums are always in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Precision {
    /// 32 bits.
    Full,
    /// 16 bits (IEEE half), if the adapter supports them.
    Half,
}

impl Precision {
    /// Bytes of a stored number.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Full => 4,
            Self::Half => 2,
        }
    }

    /// The stored type of a group of four.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Full => "vec4<f32>",
            Self::Half => "vec4<f16>",
        }
    }
}

/// The input of a layer norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NormSource {
    /// Its own row.
    Row,
    /// The row from the index buffer.
    Picked,
    /// The tokens of a Vision Transformer: the class token, then the patches, plus positions.
    Tokens,
}

/// One variant of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kernel {
    /// A matrix product with its epilogue.
    Gemm(Gemm),
    /// Layer normalisation.
    Norm {
        /// The input.
        source: NormSource,
        /// Whether to sum within subgroups.
        subgroups: bool,
    },
    /// Multi-head attention.
    Attention {
        /// Groups of four in a head.
        depth4: u32,
        /// The cooperative matrix with which to compute.
        matrix: Option<Fragment>,
    },
    /// Depthwise convolution with what follows.
    Depthwise(Epilogue),
    /// Pixels times the sigmoid of their picture's gate, with what follows.
    Gate(Epilogue),
    /// 2×2 average.
    Pool,
    /// Tokens with their positions added.
    Positions {
        /// Whether a class token, which is in the first position, comes before the patches.
        class: bool,
    },
    /// The pixels of patches as rows.
    Patches,
    /// Queries and keys turned by rotary positions.
    Rotate,
    /// The mean of a picture, optionally followed by the pixels and positions.
    Mean {
        /// Whether the pixels follow.
        tokens: bool,
    },
}

/// The parameters that all kernels start with, in the order of `program::params`.
const HEAD: &str = "    rows: u32,
    workgroups: u32,
    first: u32,
    across: u32,
    along: u32,";

/// The workgroup's number in the whole work, of which a dispatch may be a part. An expression,
/// because wgpu would not know that a function's result is the same for all invocations.
fn number() -> String {
    format!("(p.first + group.x + group.y * {ACROSS}u)")
}

impl Kernel {
    /// The WGSL source of this variant.
    pub(crate) fn source(self, precision: Precision) -> String {
        let element = precision.element();
        let body = match self {
            Self::Gemm(product) => product.source(element),
            Self::Norm { source, subgroups } => norm(source, subgroups),
            Self::Attention { depth4, matrix } => match matrix {
                None => attention::source(depth4.max(1), element),
                Some(matrix) => cooperative_attention::source(depth4.max(1), matrix),
            },
            Self::Depthwise(then) => include_str!("wgsl/depthwise.wgsl")
                .replace("$WEIGHT", element)
                .replace("$ACTIVATION", then.source())
                .replace("$VALUE", &then.apply("v")),
            Self::Gate(then) => include_str!("wgsl/gate.wgsl")
                .replace("$ACTIVATION", then.source())
                .replace("$VALUE", &then.apply("v")),
            Self::Pool => include_str!("wgsl/pool.wgsl").to_owned(),
            Self::Positions { class } => include_str!("wgsl/positions.wgsl")
                .replace("$BEFORE", if class { "1u" } else { "0u" }),
            Self::Patches => include_str!("wgsl/patches.wgsl").to_owned(),
            Self::Rotate => include_str!("wgsl/rotate.wgsl").to_owned(),
            Self::Mean { tokens } => {
                let (each, last) = if tokens {
                    (
                        "        let row = item * (p.pixels + 1u) + pixel + 1u;
        let position = positions[(pixel + 1u) * p.channels4 + c];
        out[row * p.channels4 + c] = $ELEMENT(v + position);",
                        "    let row = item * (p.pixels + 1u);
    out[row * p.channels4 + c] = $ELEMENT(mean + positions[c]);",
                    )
                } else {
                    ("", "    out[item * p.channels4 + c] = $ELEMENT(mean);")
                };
                include_str!("wgsl/mean.wgsl")
                    .replace("$EACH", each)
                    .replace("$LAST", last)
            }
        };
        let body = body
            .replace("$SEQUENCES", include_str!("wgsl/sequences.wgsl").trim_end())
            .replace("$ELEMENT", element)
            .replace("$HEAD", HEAD)
            .replace("$NUMBER", &number());
        let mut enable = String::new();
        if precision == Precision::Half {
            enable.push_str("enable f16;\n");
        }
        if self.is_cooperative() {
            enable.push_str("enable wgpu_cooperative_matrix;\n");
        }
        enable + &body
    }

    /// What it is, for people.
    pub(crate) fn name(self) -> String {
        let name = match self {
            Self::Gemm(product) => {
                let what = match product.source {
                    Source::Dense => "product",
                    Source::Convolution => "convolution",
                    Source::Pixels => "convolution of pixels",
                };
                let tile = product.tile;
                let (rows, columns) = (tile.rows(), tile.columns4() * 4);
                let how = match self.is_cooperative() {
                    true => " cooperative",
                    false => "",
                };
                return format!("{what} in{how} tiles of {rows}×{columns}:");
            }
            Self::Attention { matrix: None, .. } => "attention",
            Self::Attention { .. } => "cooperative attention",
            Self::Norm { .. } => "layer norm",
            Self::Depthwise(_) => "depthwise convolution",
            Self::Gate(_) => "gate",
            Self::Pool => "pooling",
            Self::Positions { .. } => "positions",
            Self::Patches => "patches",
            Self::Rotate => "rotation",
            Self::Mean { .. } => "mean",
        };
        format!("{name}:")
    }

    /// Whether it multiplies cooperative matrices.
    pub(crate) fn is_cooperative(self) -> bool {
        match self {
            Self::Gemm(product) => matches!(product.tile, Tile::Cooperative(_)),
            Self::Attention { matrix, .. } => matrix.is_some(),
            _ => false,
        }
    }
}

fn norm(source: NormSource, subgroups: bool) -> String {
    let read = match source {
        NormSource::Row => "return vec4<f32>(a[row * p.width4 + i]);",
        NormSource::Picked => "return vec4<f32>(a[picks[row] * p.width4 + i]);",
        NormSource::Tokens => {
            "let token = row % p.tokens;
    let position = positions[token * p.width4 + i];
    if (token == 0u) {
        return position;
    }
    let patch_row = row - row / p.tokens - 1u;
    return vec4<f32>(a[patch_row * p.width4 + i]) + position;"
        }
    };
    let function = format!("fn value(row: u32, i: u32) -> vec4<f32> {{\n    {read}\n}}");
    let (builtins, place, total) = match subgroups {
        true => (
            "
    @builtin(subgroup_id) subgroup: u32,
    @builtin(num_subgroups) subgroups: u32,",
            "vec2<u32>(subgroup, subgroups)",
            include_str!("wgsl/total_subgroups.wgsl"),
        ),
        false => ("", "index", include_str!("wgsl/total.wgsl")),
    };
    include_str!("wgsl/norm.wgsl")
        .replace("$SOURCE", &function)
        .replace("$BUILTINS", builtins)
        .replace("$PLACE", place)
        .replace("$TOTAL", total.trim_end())
}
