//! What a kernel and whoever starts it agree on: where its parameters lie, and how its workgroups
//! are counted.

/// Numbers of 32 bits.
pub(crate) const WORDS: usize = 32;
/// Bytes of them.
pub(crate) const PARAMS_BYTES: u64 = WORDS as u64 * 4;
/// From one kernel's parameters to the next: WebGPU's alignment of dynamic offsets.
pub(crate) const STRIDE: usize = 256;
/// Where a kernel's own begin. Before them lie those that all have: rows, workgroups, the first
/// workgroup, and how many workgroups lie across and along.
pub(crate) const OWN: usize = 5;
/// Where the first workgroup stands, in bytes.
pub(crate) const FIRST_BYTES: u64 = 8;

/// How many workgroups of a dispatch lie across at most; the others lie in further lines.
pub(crate) const ACROSS: usize = 32_768;
