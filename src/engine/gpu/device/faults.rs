//! Deliberate faults, for tests of their handling.

/// The faults to cause; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// No adapter is found, as if it was unplugged or its driver was missing.
    pub(crate) no_adapter: bool,
    /// Buffers larger than this are refused, in bytes.
    pub(crate) refuse_above_bytes: Option<u64>,
    /// The device is destroyed during the batch with this number, counted from 0 over the model's
    /// life.
    pub(crate) lose_at_batch: Option<u64>,
    /// Once lost, the device cannot be opened again.
    pub(crate) stays_lost: bool,
}
