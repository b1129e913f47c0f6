//! Faults on purpose, so that tests can see what is done about them.

/// What shall go wrong; by default nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// No adapter is found, as where it was unplugged or its driver is missing.
    pub(crate) no_adapter: bool,
    /// Buffers larger than this are refused, in bytes.
    pub(crate) refuse_above_bytes: Option<u64>,
    /// The device is destroyed in the middle of the batch with this number, counted from 0 over
    /// the whole life of the model.
    pub(crate) lose_at_batch: Option<u64>,
    /// Once lost, the device cannot be opened again.
    pub(crate) stays_lost: bool,
}
