//! The contract between a kernel and its dispatch: the layout of parameters, and the numbering of
//! workgroups.

/// Numbers of 32 bits.
pub(crate) const WORDS: usize = 32;
/// Bytes of them.
pub(crate) const PARAMS_BYTES: u64 = WORDS as u64 * 4;
/// From one kernel's parameters to the next: WebGPU's alignment of dynamic offsets.
pub(crate) const STRIDE: usize = 256;
/// The start of a kernel's own parameters. Before them are those of all kernels: rows, workgroups,
/// the first workgroup, and the number of workgroups across and along.
pub(crate) const OWN: usize = 5;
/// The offset of the first workgroup, in bytes.
pub(crate) const FIRST_BYTES: u64 = 8;

/// The most workgroups of a dispatch across; the others are in further lines.
pub(crate) const ACROSS: usize = 32_768;
