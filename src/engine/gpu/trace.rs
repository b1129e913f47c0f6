//! The cost of a batch, as counted by the program.

/// Work and traffic of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Pictures or texts in it.
    pub(crate) items: u64,
    /// Floating-point operations of the matrix products, including convolutions; a multiplication
    /// and an addition count as two, padding does not count.
    pub(crate) gemm_flops: u64,
    /// Bytes that the kernels read and write, each operand once, as with a perfect cache.
    pub(crate) bytes: u64,
    /// Bytes uploaded and read back.
    pub(crate) transfer_bytes: u64,
    /// Kernels dispatched.
    pub(crate) dispatches: u64,
    /// Kernels dispatched in the longest repeated block.
    pub(crate) dispatches_per_block: u64,
    /// Command buffers submitted.
    pub(crate) submissions: u64,
    /// The duration of the longest, in microseconds.
    pub(crate) longest_submission_us: u64,
    /// Batches in progress at the same time, including this one.
    pub(crate) in_flight: u64,
    /// Buffers allocated while the batch was computed.
    pub(crate) buffers_allocated: u64,
}
