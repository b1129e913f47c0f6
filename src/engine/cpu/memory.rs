//! Memory for kernels: whole cache lines, and matrices whose rows do not fight over them.

use bytemuck::{Pod, Zeroable};
use memmap2::MmapMut;

/// Values in a cache line.
pub(crate) const LINE: usize = 16;

/// A cache line of 64 bytes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

// SAFETY: 16 floats of 4 bytes fill the 64 bytes, without padding, and zeros are floats.
unsafe impl Zeroable for Line {}
// SAFETY: as above; it is `Copy`, and any bits are floats.
unsafe impl Pod for Line {}

/// From how many bytes on memory is asked for in large pages.
const PAGES_FROM: usize = 4 << 20;

/// Numbers that begin at a cache line.
///
/// Weights and other large ones lie in the large pages that Linux has where it is asked for them:
/// they come zeroed some hundred times quicker than as many small ones, which is most of the time
/// that a model takes to open, and kernels that read through them miss fewer translations.
#[derive(Default)]
pub(crate) struct Aligned(Memory);

enum Memory {
    Lines(Vec<Line>),
    Pages(MmapMut),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Lines(Vec::new())
    }
}

impl Clone for Aligned {
    fn clone(&self) -> Self {
        let mut clone = Self::zeros(self.values().len());
        clone.values_mut().copy_from_slice(self.values());
        clone
    }
}

impl Aligned {
    /// Zeros; `length` is rounded up to whole lines.
    pub(crate) fn zeros(length: usize) -> Self {
        let lines = length.div_ceil(LINE);
        let bytes = lines * size_of::<Line>();
        if bytes >= PAGES_FROM
            && let Ok(pages) = MmapMut::map_anon(bytes)
        {
            // Without them it is only slower.
            #[cfg(target_os = "linux")]
            drop(pages.advise(memmap2::Advice::HugePage));
            return Self(Memory::Pages(pages));
        }
        // The system's own zeros: pages that nobody writes to are none.
        Self(Memory::Lines(bytemuck::zeroed_vec(lines)))
    }

    /// At least so many values; what they are is left open.
    pub(crate) fn reserve(&mut self, length: usize) {
        if self.values().len() < length {
            // Not `resize`: it would copy what nobody needs.
            *self = Self::zeros(length);
        }
    }

    /// As floats.
    pub(crate) fn values(&self) -> &[f32] {
        self.cast()
    }

    /// As floats.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        self.cast_mut()
    }

    /// As any plain type of at most a line's alignment.
    pub(crate) fn cast<T: Pod>(&self) -> &[T] {
        match &self.0 {
            Memory::Lines(lines) => bytemuck::cast_slice(lines),
            Memory::Pages(pages) => bytemuck::cast_slice(pages),
        }
    }

    /// As any plain type of at most a line's alignment.
    pub(crate) fn cast_mut<T: Pod>(&mut self) -> &mut [T] {
        match &mut self.0 {
            Memory::Lines(lines) => bytemuck::cast_slice_mut(lines),
            Memory::Pages(pages) => bytemuck::cast_slice_mut(pages),
        }
    }
}

/// A matrix `[rows, width]`, row by row.
///
/// The rows are an odd number of cache lines apart: with an even number the rows that a kernel
/// reads side by side would share a few of the cache's sets and throw each other out.
#[derive(Clone, Default)]
pub(crate) struct Matrix {
    memory: Aligned,
    rows: usize,
    width: usize,
    stride: usize,
}

impl Matrix {
    /// Zeros.
    #[cfg(test)]
    pub(crate) fn zeros(rows: usize, width: usize) -> Self {
        let mut matrix = Self::default();
        matrix.shape(rows, width);
        matrix
    }

    /// Becomes `[rows, width]`, of any content, in the memory that it has if that suffices.
    pub(crate) fn shape(&mut self, rows: usize, width: usize) {
        let lines = width.div_ceil(LINE);
        self.stride = (lines + 1 - lines % 2) * LINE;
        (self.rows, self.width) = (rows, width);
        self.memory.reserve(rows * self.stride);
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Values in a row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Values from one row's start to the next one's.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// A row.
    pub(crate) fn row(&self, index: usize) -> &[f32] {
        &self.memory.values()[index * self.stride..][..self.width]
    }

    /// A row.
    pub(crate) fn row_mut(&mut self, index: usize) -> &mut [f32] {
        &mut self.memory.values_mut()[index * self.stride..][..self.width]
    }

    /// All rows, `stride` apart.
    pub(crate) fn values(&self) -> &[f32] {
        &self.memory.values()[..self.rows * self.stride]
    }

    /// All rows, `stride` apart.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        let length = self.rows * self.stride;
        &mut self.memory.values_mut()[..length]
    }
}

/// A matrix that several threads write to, each elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    start: *mut f32,
    length: usize,
    pub(crate) stride: usize,
}

// SAFETY: it is a pointer into a matrix that is borrowed for as long as it is used; whoever writes
// through it says why nobody else has these values.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// The caller keeps the borrow for as long as it uses the result.
    pub(crate) fn new(matrix: &mut Matrix) -> Self {
        let stride = matrix.stride();
        let values = matrix.values_mut();
        Self {
            start: values.as_mut_ptr(),
            length: values.len(),
            stride,
        }
    }

    /// Where `[row, column]` is, after checking that a block of `rows` and `columns` from there
    /// lies within.
    pub(crate) fn block(&self, row: usize, column: usize, rows: usize, columns: usize) -> *mut f32 {
        let end = (row + rows.saturating_sub(1)) * self.stride + column + columns;
        assert!(rows == 0 || (end <= self.length && column + columns <= self.stride));
        // SAFETY: the block's end lies within, so its start does.
        unsafe {
            self.start.add(if rows == 0 {
                0
            } else {
                row * self.stride + column
            })
        }
    }
}
