//! Checks for fuzzing that the facts from any answer are harmless.

use crate::model_store::hub::address::Address;
use crate::model_store::hub::answer::{Answer, Head};
use crate::model_store::names::{is_file_name, is_hexadecimal};

/// Parses a text as an answer, with its status in the first line and one header per further line,
/// and checks that the facts are harmless.
pub(crate) fn check_answer(text: &str) {
    let mut lines = text.lines();
    let status = lines.next().and_then(|line| line.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    let head = Head {
        status: status.unwrap_or(200),
        headers: lines.filter_map(header).collect(),
    };
    let mut answer = Answer::default();
    if answer.add(&head).is_ok() {
        if let Some(commit) = &answer.commit {
            assert!(is_hexadecimal(commit, 160) || is_hexadecimal(commit, 256));
        }
        if let Some(id) = &answer.id {
            assert!(is_file_name(id.as_text()));
        }
    }
    for from in [0, 5] {
        if let Ok((begin, _)) = head.body(from) {
            assert!(begin == 0 || begin == from);
        }
    }
    let hub = Address::parse("https://hub.example/a");
    if let (Some(hub), Ok(Some(location))) = (hub, head.one("location"))
        && let Ok(to) = hub.redirect(location)
    {
        assert!(to.is_https() && !to.host().is_empty());
        assert!(Address::parse(&to.as_text()).is_some());
    }
}
