//! What a batch costs, counted by the program itself.

/// Work and traffic of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Pictures or texts in it.
    pub(crate) items: u64,
    /// Floating-point operations of the matrix products, convolutions among them; a
    /// multiplication and an addition count as two, padding is not counted.
    pub(crate) gemm_flops: u64,
    /// Bytes that the kernels read and write, each operand once: what a perfect cache would leave.
    pub(crate) bytes: u64,
    /// Bytes that go to the device and come back.
    pub(crate) transfer_bytes: u64,
    /// Kernels started.
    pub(crate) dispatches: u64,
    /// Kernels started in the longest repeated block.
    pub(crate) dispatches_per_block: u64,
    /// Command buffers handed in.
    pub(crate) submissions: u64,
    /// What the longest of them took, in microseconds.
    pub(crate) longest_submission_us: u64,
    /// Batches that were under way at once while this one was, itself among them.
    pub(crate) in_flight: u64,
    /// Buffers allocated while the batch was computed.
    pub(crate) buffers_allocated: u64,
}
