//! The size of a batch.

/// The number of rows of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// So many per picture or text.
    Items(usize),
    /// One per token of the texts.
    Tokens,
}

/// The size of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Pictures or texts.
    pub(crate) items: usize,
    /// Tokens of all texts together.
    pub(crate) tokens: usize,
    /// Tokens of the longest.
    pub(crate) longest: usize,
}

impl Rows {
    pub(crate) fn of(self, shape: Shape) -> usize {
        match self {
            Self::Items(n) => n * shape.items,
            Self::Tokens => shape.tokens,
        }
    }
}
