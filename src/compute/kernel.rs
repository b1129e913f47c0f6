//! The kernels' sources: WGSL templates of which only those variants are made that are used.
//!
//! What would be a loop over registers is written out here. WGSL has no unrolling, and indexing an
//! array costs a bound check each time, which in the innermost loop is most of the work.

use std::fmt::Write;

/// How numbers are stored; sums are always kept in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    Full,
    /// 16 bits (IEEE half), where the adapter has them.
    Half,
}

impl Precision {
    /// Bytes of a stored number.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Full => 4,
            Self::Half => 2,
        }
    }

    fn element(self) -> &'static str {
        match self {
            Self::Full => "vec4<f32>",
            Self::Half => "vec4<f16>",
        }
    }
}

/// What is done to a product's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x · Φ(x)`, with the error function.
    Gelu,
    /// `x · sigmoid(1.702 x)`.
    QuickGelu,
}

/// Where a product's left side comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Rows in memory.
    Dense,
    /// The neighbourhoods of pixels, channels last.
    Convolution,
    /// As [`Source::Convolution`], of 8-bit RGBA pixels that are normalised as they are read.
    Pixels,
}

/// What a layer norm reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NormSource {
    /// Its own row.
    Row,
    /// The row that the index buffer names.
    Picked,
    /// The tokens of a Vision Transformer: the class token, then the patches, plus positions.
    Tokens,
}

/// How much one workgroup computes: `rows`·16 rows by `columns`·64 columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Rows of each invocation.
    pub rows: u32,
    /// Groups of four columns of each invocation.
    pub columns: u32,
}

impl Tile {
    /// For products with few rows, 32×64.
    pub const LOW: Self = Self {
        rows: 2,
        columns: 1,
    };
    /// For small products, 64×64.
    pub const SMALL: Self = Self {
        rows: 4,
        columns: 1,
    };
    /// For large ones, where registers are few, 64×128.
    pub const WIDE: Self = Self {
        rows: 4,
        columns: 2,
    };
    /// For large ones, 128×128.
    pub const LARGE: Self = Self {
        rows: 8,
        columns: 2,
    };

    /// Large tiles do more with what they read, but only where they are enough to go round.
    pub fn suited(rows: usize, n4: usize, large: Self) -> Self {
        if rows.div_ceil(128) * n4.div_ceil(32) >= 96 {
            large
        } else if rows <= 32 {
            Self::LOW
        } else {
            Self::SMALL
        }
    }
}

/// One variant of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// A matrix product with all that follows it.
    Gemm {
        /// The left side.
        source: Source,
        /// Applied last.
        activation: Activation,
        /// Whether what is in the output is added, before the activation.
        adds: bool,
        /// Whether 32 bits are written whatever the precision.
        wide: bool,
        /// The size of the work.
        tile: Tile,
    },
    /// Layer normalisation.
    Norm {
        /// What is normalised.
        source: NormSource,
    },
    /// Multi-head attention.
    Attention {
        /// Groups of four in a head.
        depth4: u32,
    },
    /// Depthwise convolution.
    Depthwise,
    /// 2×2 average.
    Pool,
    /// The mean of a picture, with the pixels and positions behind it if asked for.
    Mean {
        /// Whether the pixels follow.
        tokens: bool,
    },
}

/// Workgroup memory that every adapter has (WebGPU's default limit), in groups of four f32.
const SHARED: u32 = 16_384 / 16;

/// The deepest head that attention can hold, in groups of four.
pub const MAX_DEPTH4: u32 = SHARED / 2;

impl Kernel {
    /// The WGSL source of this variant.
    pub fn source(self, precision: Precision) -> String {
        let element = precision.element();
        let body = match self {
            Self::Gemm {
                source,
                activation,
                adds,
                wide,
                tile,
            } => {
                let out = if wide { "vec4<f32>" } else { element };
                let template = include_str!("kernels/gemm.wgsl");
                let (a, element_of_a) = match source {
                    Source::Dense => (include_str!("kernels/dense.wgsl").to_owned(), element),
                    Source::Convolution => (
                        convolution("vec4<f32>(a[pixel * p.channels4 + k4 - tap * p.channels4])"),
                        element,
                    ),
                    Source::Pixels => (
                        convolution(
                            "(unpack4x8unorm(a[pixel]) - p.mean) / p.deviation * vec4<f32>(1.0, 1.0, 1.0, 0.0)",
                        ),
                        "u32",
                    ),
                };
                let written = Gemm {
                    tile,
                    adds,
                    activation,
                    out,
                };
                template
                    .replace("$A_ELEMENT", element_of_a)
                    .replace("$A_SOURCE", &a)
                    .replace("$WEIGHT", element)
                    .replace("$OUT_ELEMENT", out)
                    .replace("$A_TILE", &(tile.rows * 64).to_string())
                    .replace("$B_TILE", &(tile.columns * 256).to_string())
                    .replace("$ROWS", &format!("{}u", tile.rows * 16))
                    .replace("$COLUMNS", &format!("{}u", tile.columns * 16))
                    .replace("$ACTIVATION", activation.source())
                    .replace("$DECLARE", &written.declare())
                    .replace("$LOAD", &written.load())
                    .replace("$MULTIPLY", &written.multiply())
                    .replace("$STORE", &written.store())
            }
            Self::Norm { source } => {
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
                let function =
                    format!("fn value(row: u32, i: u32) -> vec4<f32> {{\n    {read}\n}}");
                include_str!("kernels/norm.wgsl").replace("$SOURCE", &function)
            }
            Self::Attention { depth4 } => attention(depth4.max(1), element),
            Self::Depthwise => include_str!("kernels/depthwise.wgsl").replace("$WEIGHT", element),
            Self::Pool => include_str!("kernels/pool.wgsl").to_owned(),
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
                include_str!("kernels/mean.wgsl")
                    .replace("$EACH", each)
                    .replace("$LAST", last)
            }
        };
        let body = body.replace("$ELEMENT", element);
        match precision {
            Precision::Full => body,
            Precision::Half => format!("enable f16;\n{body}"),
        }
    }
}

fn convolution(read: &str) -> String {
    include_str!("kernels/convolution.wgsl").replace("$READ", read)
}

impl Activation {
    fn source(self) -> &'static str {
        match self {
            Self::Identity | Self::Relu | Self::Relu6 => "",
            // Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: to 1.5e-7.
            Self::Gelu => {
                "fn gelu(x: vec4<f32>) -> vec4<f32> {
    let y = abs(x) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3275911 * y);
    let polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
        + 0.254829592) * t;
    let erf = 1.0 - polynomial * exp(-min(y * y, vec4<f32>(80.0)));
    return 0.5 * x * (1.0 + sign(x) * erf);
}"
            }
            Self::QuickGelu => {
                "fn quick_gelu(x: vec4<f32>) -> vec4<f32> {
    return x / (1.0 + exp(min(-1.702 * x, vec4<f32>(80.0))));
}"
            }
        }
    }

    fn apply(self, x: &str) -> String {
        match self {
            Self::Identity => x.to_owned(),
            Self::Relu => format!("max({x}, vec4<f32>())"),
            Self::Relu6 => format!("clamp({x}, vec4<f32>(), vec4<f32>(6.0))"),
            Self::Gelu => format!("gelu({x})"),
            Self::QuickGelu => format!("quick_gelu({x})"),
        }
    }
}

/// The written-out parts of the matrix product.
struct Gemm<'a> {
    tile: Tile,
    adds: bool,
    activation: Activation,
    out: &'a str,
}

impl Gemm<'_> {
    /// How many groups of `a` an invocation brings in for each tile.
    fn loads(&self) -> u32 {
        (self.tile.rows * 64).div_ceil(256)
    }

    fn declare(&self) -> String {
        let mut s = String::new();
        for i in 0..self.loads() {
            line(
                &mut s,
                &format!(
                    "let place{i} = place(first_row + (index + {}u) / 4u);",
                    i * 256
                ),
            );
        }
        for (i, j) in self.registers() {
            line(&mut s, &format!("var s{i}_{j} = vec4<f32>();"));
        }
        s
    }

    fn registers(&self) -> impl Iterator<Item = (u32, u32)> {
        let columns = self.tile.columns;
        (0..self.tile.rows).flat_map(move |i| (0..columns).map(move |j| (i, j)))
    }

    fn load(&self) -> String {
        let mut s = String::new();
        let size = self.tile.rows * 64;
        for i in 0..self.loads() {
            let at = format!("index + {}u", i * 256);
            let load = format!("a_tile[{at}] = load_a(place{i}, k + index % 4u);");
            if (i + 1) * 256 > size {
                line(&mut s, &format!("if ({at} < {size}u) {{ {load} }}"));
            } else {
                line(&mut s, &load);
            }
        }
        let columns = self.tile.columns * 16;
        for i in 0..self.tile.columns {
            let at = format!("(index + {}u)", i * 256);
            line(
                &mut s,
                &format!(
                    "{{ let row = k * 4u + {at} / {columns}u; let column = first_column + {at} % {columns}u;
        var w = vec4<f32>();
        if (row < p.k4 * 4u && column < p.n4) {{ w = vec4<f32>(b[row * p.n4 + column]); }}
        b_tile[{at}] = w; }}"
                ),
            );
        }
        s
    }

    fn multiply(&self) -> String {
        let mut s = String::new();
        let columns = self.tile.columns * 16;
        for k in 0..4 {
            line(&mut s, "{");
            for j in 0..self.tile.columns {
                for q in 0..4 {
                    let at = (k * 4 + q) * columns + j * 16;
                    line(&mut s, &format!("let b{j}_{q} = b_tile[local.x + {at}u];"));
                }
            }
            for i in 0..self.tile.rows {
                let at = i * 64 + k;
                line(&mut s, &format!("let a{i} = a_tile[local.y * 4u + {at}u];"));
                for j in 0..self.tile.columns {
                    for (q, lane) in ["x", "y", "z", "w"].into_iter().enumerate() {
                        line(&mut s, &format!("s{i}_{j} += a{i}.{lane} * b{j}_{q};"));
                    }
                }
            }
            line(&mut s, "}");
        }
        s
    }

    fn store(&self) -> String {
        let mut s = String::new();
        let out = self.out;
        for (i, j) in self.registers() {
            let adds = if self.adds {
                " + vec4<f32>(out[at])"
            } else {
                ""
            };
            let value = self.activation.apply("v");
            line(
                &mut s,
                &format!(
                    "{{ let row = first_row + local.y + {}u; let column = first_column + local.x + {}u;
        if (row < p.rows && column < p.n4) {{
            let at = row * p.out_stride + p.out_column + column;
            let v = s{i}_{j} + bias[column]{adds};
            out[at] = {out}({value});
        }} }}",
                    i * 16,
                    j * 16
                ),
            );
        }
        s
    }
}

fn attention(depth4: u32, element: &str) -> String {
    let keys = (SHARED / 2 / depth4).clamp(1, 16);
    let mut declare = String::new();
    let mut store = String::new();
    for d in 0..depth4 {
        line(
            &mut declare,
            &format!("let q{d} = vec4<f32>(a[at + {d}u]) * p.scale; var o{d} = vec4<f32>();"),
        );
        line(
            &mut store,
            &format!("out[to + {d}u] = {element}(o{d} / sum);"),
        );
    }
    let mut body = String::new();
    for j in 0..keys {
        let mut dot = String::from("vec4<f32>()");
        for d in 0..depth4 {
            let _ = write!(dot, " + q{d} * keys[{}u]", j * depth4 + d);
        }
        line(
            &mut body,
            &format!(
                "let v{j} = {dot};
        let seen{j} = k + {j}u < length && (p.causal == 0u || k + {j}u <= query);
        let s{j} = select(-1e30, v{j}.x + v{j}.y + v{j}.z + v{j}.w, seen{j});"
            ),
        );
    }
    line(&mut body, "var next = largest;");
    for j in 0..keys {
        line(&mut body, &format!("next = max(next, s{j});"));
    }
    line(
        &mut body,
        "let shrink = exp(largest - next); largest = next; sum *= shrink;",
    );
    for j in 0..keys {
        line(
            &mut body,
            &format!("let e{j} = exp(s{j} - next); sum += e{j};"),
        );
    }
    for d in 0..depth4 {
        let mut answer = format!("o{d} * shrink");
        for j in 0..keys {
            let _ = write!(answer, " + e{j} * values[{}u]", j * depth4 + d);
        }
        line(&mut body, &format!("o{d} = {answer};"));
    }
    include_str!("kernels/attention.wgsl")
        .replace("$DECLARE", &declare)
        .replace("$TILE_BODY", &body)
        .replace("$STORE", &store)
        .replace("$TILE", &format!("{}u", keys * depth4))
        .replace("$DEPTH4", &format!("{depth4}u"))
        .replace("$KEYS", &format!("{keys}u"))
}

fn line(s: &mut String, text: &str) {
    s.push_str("        ");
    s.push_str(text);
    s.push('\n');
}
