//! The folders that a person watches: what is in them, and what has changed.
