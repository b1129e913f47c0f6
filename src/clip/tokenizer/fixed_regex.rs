//! Patterns that are part of the program.

use regex::Regex;

/// Compiles a pattern that is part of the program.
#[expect(clippy::expect_used, reason = "the tests compile every such pattern")]
pub(super) fn fixed_regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of the program is valid")
}
