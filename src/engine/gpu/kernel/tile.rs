//! How much of a matrix product one workgroup computes.

/// The rows and columns of a workgroup, and by what means it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tile {
    /// Each invocation by itself: for every adapter.
    Plain(Registers),
    /// By cooperative matrices, where the adapter has them.
    Cooperative(Fragments),
}

/// What each of 16×16 invocations has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Registers {
    /// Rows of each invocation.
    pub(crate) rows: u32,
    /// Groups of four columns of each invocation.
    pub(crate) columns: u32,
}

/// A cooperative matrix as an adapter has it: of 16-bit numbers, summed in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragment {
    /// Rows, columns and depth, which are alike: 8 or 16.
    pub(crate) size: u32,
    /// The most invocations that a subgroup can have.
    pub(crate) lanes: u32,
    /// Whether matrices are read from numbers one by one (Metal) and not from groups of four.
    pub(crate) from_numbers: bool,
}

/// What each subgroup has, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragments {
    /// The matrix.
    pub(crate) fragment: Fragment,
    /// Rows of a subgroup, and columns.
    pub(crate) each: (u32, u32),
    /// Subgroups one under the other, and side by side.
    pub(crate) subgroups: (u32, u32),
}

impl Fragments {
    /// How many subgroups there are.
    pub(crate) const fn count(&self) -> u32 {
        self.subgroups.0 * self.subgroups.1
    }

    /// Rows of all.
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
    /// For large ones, where registers are few, 64×128.
    pub(crate) const WIDE: Self = Self::plain(4, 2);
    /// For large ones, 128×128.
    pub(crate) const LARGE: Self = Self::plain(8, 2);

    const fn plain(rows: u32, columns: u32) -> Self {
        Self::Plain(Registers { rows, columns })
    }

    /// 64×64 by cooperative matrices.
    pub(crate) const fn cooperative_small(fragment: Fragment) -> Self {
        Self::Cooperative(Fragments {
            fragment,
            each: (32, 32),
            subgroups: (2, 2),
        })
    }

    /// 128×128 by cooperative matrices.
    pub(crate) const fn cooperative_large(fragment: Fragment) -> Self {
        Self::Cooperative(Fragments {
            fragment,
            each: (32, 64),
            subgroups: (4, 2),
        })
    }

    /// Rows of a workgroup.
    pub(crate) const fn rows(self) -> u32 {
        match self {
            Self::Plain(registers) => registers.rows * 16,
            Self::Cooperative(fragments) => fragments.rows(),
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

/// The tiles that suit a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// For large products.
    pub(crate) large: Tile,
    /// For those that would not fill the device with large tiles.
    pub(crate) small: Tile,
}

impl Tiles {
    /// What every adapter computes.
    pub(crate) const PLAIN: Self = Self {
        large: Tile::LARGE,
        small: Tile::SMALL,
    };

    /// Where many small parts are better than a few large ones.
    pub(crate) const SMALL: Self = Self {
        large: Tile::SMALL,
        small: Tile::SMALL,
    };

    /// Large tiles do more with what they read, but only where they are enough to go round.
    pub(crate) fn suited(self, rows: usize, n4: usize) -> Tile {
        if rows.div_ceil(128) * n4.div_ceil(32) >= 96 {
            self.large
        } else if rows <= 32 {
            Tile::LOW
        } else {
            self.small
        }
    }
}
