//! XMP sidecars: keywords in and out, and nothing else changed by a byte.
