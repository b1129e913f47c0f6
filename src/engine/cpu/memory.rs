//! Memory for kernels: whole cache lines, and matrices whose rows do not compete for cache sets.

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

/// The size in bytes from which large pages are requested.
const PAGES_FROM: usize = 4 << 20;

/// Numbers that begin at a cache line.
///
/// Weights and other large ones use the large pages that Linux provides on request: these are
/// zeroed a hundred times faster than many small ones, which dominates the time to open a model,
/// and kernels that read through them have fewer TLB misses.
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
        // The system's zero pages, which take no memory until they are written.
        Self(Memory::Lines(bytemuck::zeroed_vec(lines)))
    }

    /// Ensures at least `length` values, of undefined content.
    pub(crate) fn reserve(&mut self, length: usize) {
        if self.values().len() < length {
            // Not `resize`, which would copy the old content.
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

    /// As any plain type with at most a line's alignment.
    pub(crate) fn cast<T: Pod>(&self) -> &[T] {
        match &self.0 {
            Memory::Lines(lines) => bytemuck::cast_slice(lines),
            Memory::Pages(pages) => bytemuck::cast_slice(pages),
        }
    }

    /// As any plain type with at most a line's alignment.
    pub(crate) fn cast_mut<T: Pod>(&mut self) -> &mut [T] {
        match &mut self.0 {
            Memory::Lines(lines) => bytemuck::cast_slice_mut(lines),
            Memory::Pages(pages) => bytemuck::cast_slice_mut(pages),
        }
    }
}

/// A matrix `[rows, width]`, row by row.
///
/// The rows are an odd number of cache lines apart: with an even number, the rows that a kernel
/// reads side by side would share a few of the cache's sets and evict each other.
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

    /// Reshapes to `[rows, width]`, with undefined content, in the existing memory if that is
    /// enough.
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

    /// Values from one row's start to the next.
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

/// A matrix that several threads write to, each in another place.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    start: *mut f32,
    length: usize,
    pub(crate) stride: usize,
}

// SAFETY: it is a pointer into a matrix that is borrowed for as long as it is used; each write
// explains why no other thread has these values.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// The caller must keep the borrow as long as it uses the result.
    pub(crate) fn new(matrix: &mut Matrix) -> Self {
        let stride = matrix.stride();
        let values = matrix.values_mut();
        Self {
            start: values.as_mut_ptr(),
            length: values.len(),
            stride,
        }
    }

    /// Returns a pointer to `[row, column]`, after checking that a block of `rows` and `columns`
    /// from there is inside.
    pub(crate) fn block(&self, row: usize, column: usize, rows: usize, columns: usize) -> *mut f32 {
        let end = (row + rows.saturating_sub(1)) * self.stride + column + columns;
        assert!(rows == 0 || (end <= self.length && column + columns <= self.stride));
        // SAFETY: the block's end is inside, so its start is too.
        unsafe {
            self.start.add(if rows == 0 {
                0
            } else {
                row * self.stride + column
            })
        }
    }
}
