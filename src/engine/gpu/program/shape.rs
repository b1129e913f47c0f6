//! How large a batch is.

/// How many rows a kernel works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// So many for each picture or text.
    Items(usize),
    /// One for each token of the texts.
    Tokens,
}

/// The size of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Pictures or texts.
    pub(crate) items: usize,
    /// Tokens of all together.
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
