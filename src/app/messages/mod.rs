//! What threads and state tell each other.

pub mod event;
