//! The matrix product's source: the parts that its variants share, with their own parts inserted.

use crate::engine::gpu::kernel::cooperative;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::plain;
use crate::engine::gpu::kernel::tile::Tile;

/// The source of a product's left side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// Rows in memory.
    Dense,
    /// The neighbourhoods of pixels, channels last.
    Convolution,
    /// Like [`Source::Convolution`], from 8-bit RGB pixels that are normalised when read.
    Pixels,
}

/// One variant of the matrix product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gemm {
    /// The left side.
    pub(crate) source: Source,
    /// The epilogue, applied last.
    pub(crate) epilogue: Epilogue,
    /// Whether to add to the output, before the epilogue.
    pub(crate) adds: bool,
    /// Whether to write 32 bits whatever the precision.
    pub(crate) wide: bool,
    /// The tile of a workgroup.
    pub(crate) tile: Tile,
    /// Whether the tiles end where the matrix on the right ends, so that nothing outside it is
    /// loaded.
    pub(crate) whole: bool,
}

impl Gemm {
    /// The WGSL source, where `element` is the stored type of a group of four.
    pub(crate) fn source(&self, element: &str) -> String {
        let (a, element_of_a) = match self.source {
            Source::Dense => (include_str!("wgsl/dense.wgsl").to_owned(), element),
            Source::Convolution => (
                convolution("a[pixel * p.channels4 + k4 - tap * p.channels4]"),
                element,
            ),
            Source::Pixels => (
                include_str!("wgsl/rgb.wgsl").to_owned()
                    + &convolution(
                        "(rgb(pixel) - p.mean) / p.deviation * vec4<f32>(1.0, 1.0, 1.0, 0.0)",
                    ),
                "u32",
            ),
        };
        let out = if self.wide { "vec4<f32>" } else { element };
        let (main, loaded) = match self.tile {
            Tile::Plain(registers) => (plain::main(registers), "vec4<f32>"),
            // As they are stored.
            Tile::Cooperative(fragments) => (cooperative::main(fragments), "vec4<f16>"),
        };
        // Beyond the last row or column lie zeros.
        let unless = |outside: &str| match self.whole {
            true => String::new(),
            false => format!("    if ({outside}) {{\n        return $LOADED();\n    }}"),
        };
        include_str!("wgsl/gemm.wgsl")
            .replace("$MAIN", &main)
            .replace("$A_ELEMENT", element_of_a)
            .replace("$A_SOURCE", &a)
            .replace("$INSIDE_A", &unless("k4 >= p.k4"))
            .replace("$INSIDE_B", &unless("row >= p.k4 * 4u || column >= p.n4"))
            .replace("$LOADED", loaded)
            .replace("$WEIGHT", element)
            .replace("$OUT_ELEMENT", out)
            .replace("$ROWS", &format!("{}u", self.tile.rows()))
            .replace("$COLUMNS", &format!("{}u", self.tile.columns4()))
            .replace("$ACTIVATION", self.epilogue.source())
            .replace("$VALUE", &self.epilogue.apply("v"))
            .replace(
                "$ADDS",
                if self.adds {
                    " + vec4<f32>(out[at])"
                } else {
                    ""
                },
            )
    }
}

fn convolution(read: &str) -> String {
    include_str!("wgsl/convolution.wgsl").replace("$READ", read)
}
