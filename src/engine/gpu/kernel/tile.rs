//! The part of a matrix product that one workgroup computes.

/// Groups of four along k that a cooperative tile computes at a time.
pub(crate) const DEPTH4: u32 = 8;

/// The rows and columns of a workgroup, and how it computes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tile {
    /// Each invocation on its own, for every adapter.
    Plain(Registers),
    /// With cooperative matrices, if the adapter has them.
    Cooperative(Fragments),
}

/// The part of each of 16×16 invocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Registers {
    /// Rows of each invocation.
    pub(crate) rows: u32,
    /// Groups of four columns of each invocation.
    pub(crate) columns: u32,
}

/// A cooperative matrix of an adapter: of 16-bit numbers, summed in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragment {
    /// Rows, columns and depth, all equal: 8 or 16.
    pub(crate) size: u32,
    /// The most invocations in a subgroup.
    pub(crate) lanes: u32,
    /// Whether matrices are loaded from single numbers (Metal) rather than groups of four.
    pub(crate) from_numbers: bool,
}

/// The part of each subgroup, and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragments {
    /// The matrix.
    pub(crate) fragment: Fragment,
    /// Rows and columns of a subgroup.
    pub(crate) each: (u32, u32),
    /// Subgroups down and across.
    pub(crate) subgroups: (u32, u32),
    /// Whether there is shared memory for two steps along k: then the next one is written while the
    /// last is still being multiplied, with one barrier a step instead of two.
    pub(crate) two_steps: bool,
}

impl Fragments {
    /// The number of subgroups.
    pub(crate) const fn count(&self) -> u32 {
        self.subgroups.0 * self.subgroups.1
    }

    /// The rows of all.
    pub(crate) const fn rows(&self) -> u32 {
        self.each.0 * self.subgroups.0
    }

    /// Groups of four columns of all.
    pub(crate) const fn columns4(&self) -> u32 {
        self.each.1 * self.subgroups.1 / 4
    }
}

impl Tile {
    /// For products with few rows, 32×64.
    pub(crate) const LOW: Self = Self::plain(2, 1);
    /// For small products, 64×64.
    pub(crate) const SMALL: Self = Self::plain(4, 1);
    /// For large products, if registers are few, 64×128.
    pub(crate) const WIDE: Self = Self::plain(4, 2);
    /// For large products, 128×128.
    pub(crate) const LARGE: Self = Self::plain(8, 2);

    const fn plain(rows: u32, columns: u32) -> Self {
        Self::Plain(Registers { rows, columns })
    }

    /// By cooperative matrices: rows and columns of a subgroup, and subgroups down and across.
    pub(crate) const fn cooperative(
        fragment: Fragment,
        each: (u32, u32),
        subgroups: (u32, u32),
    ) -> Self {
        Self::Cooperative(Fragments {
            fragment,
            each,
            subgroups,
            two_steps: false,
        })
    }

    /// The same with shared memory for two steps along k.
    pub(crate) const fn in_two_steps(self) -> Self {
        match self {
            Self::Cooperative(fragments) => Self::Cooperative(Fragments {
                two_steps: true,
                ..fragments
            }),
            plain @ Self::Plain(_) => plain,
        }
    }

    /// Rows of a workgroup.
    pub(crate) const fn rows(self) -> u32 {
        match self {
            Self::Plain(registers) => registers.rows * 16,
            Self::Cooperative(fragments) => fragments.rows(),
        }
    }

    /// Whether the tile needs nothing outside a matrix of `k4` by `n4` groups. Only cooperative tiles
    /// gain from that.
    pub(crate) fn ends_with(self, k4: usize, n4: usize) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Cooperative(fragments) => {
                k4.is_multiple_of(DEPTH4 as usize)
                    && n4.is_multiple_of(fragments.columns4() as usize)
            }
        }
    }

    /// Groups of four columns of a workgroup.
    pub(crate) const fn columns4(self) -> u32 {
        match self {
            Self::Plain(registers) => registers.columns * 16,
            Self::Cooperative(fragments) => fragments.columns4(),
        }
    }
}

/// The best variants of kernels for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variants {
    /// The tile of large products.
    pub(crate) large: Tile,
    /// The tile of products that would not fill the device with large tiles.
    pub(crate) small: Tile,
    /// The matrix with which attention is computed, if that is better than without.
    pub(crate) attention: Option<Fragment>,
}

impl Variants {
    /// The variants for every adapter.
    pub(crate) const PLAIN: Self = Self {
        large: Tile::LARGE,
        small: Tile::SMALL,
        attention: None,
    };

    /// If many small parts are better than a few large ones.
    pub(crate) const SMALL: Self = Self {
        large: Tile::SMALL,
        ..Self::PLAIN
    };

    /// Chooses a tile: large tiles do more with what they read, but only if there are enough of
    /// them.
    pub(crate) fn tile(self, rows: usize, n4: usize) -> Tile {
        if rows.div_ceil(128) * n4.div_ceil(32) >= 96 {
            self.large
        } else if rows <= 32 {
            Tile::LOW
        } else {
            self.small
        }
    }
}
