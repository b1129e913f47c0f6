//! What a batch costs, counted by the program itself.

/// Work and traffic of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Pictures or texts in it.
    pub items: u64,
    /// Floating-point operations of the matrix products, convolutions among them; a
    /// multiplication and an addition count as two, padding is not counted.
    pub gemm_flops: u64,
    /// Bytes that the kernels read and write, each operand once: what a perfect cache would leave.
    pub bytes: u64,
    /// Bytes that go to the device and come back.
    pub transfer_bytes: u64,
    /// Kernels started.
    pub dispatches: u64,
    /// Kernels started in the longest repeated block.
    pub dispatches_per_block: u64,
    /// Command buffers handed in.
    pub submissions: u64,
    /// What the longest of them took, in microseconds.
    pub longest_submission_us: u64,
    /// Batches that were under way at once while this one was, itself among them.
    pub in_flight: u64,
    /// Buffers allocated while the batch was computed.
    pub buffers_allocated: u64,
}
