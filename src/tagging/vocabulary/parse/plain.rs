//! One label a line.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name::quoted;
use crate::tagging::vocabulary::parse::draft::{Draft, Found};
use crate::tagging::vocabulary::parse::lines::{indented_with_spaces, is_comment, lines};

/// Reads labels: every line that is not blank and does not begin with `#`.
///
/// A line such as `#travel` may be meant as a hashtag, so it is skipped with a warning.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    found.warnings.extend(indented_with_spaces(text));
    for (number, line) in lines(text) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if is_comment(line) {
            if is_hashtag(line) {
                found.warnings.push(Problem::at(
                    number,
                    format!(
                        "{} is taken for a remark; leave the # away if it is a label",
                        quoted(line)
                    ),
                ));
            }
            continue;
        }
        let name = found.name(line, number);
        found.drafts.push(Draft::new(name, number));
    }
    found
}

/// `#` followed directly by one word.
fn is_hashtag(line: &str) -> bool {
    let word = line.trim_start_matches('#');
    line.len() == word.len() + 1
        && word.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !word.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::tagging::Vocabulary;

    #[test]
    fn skips_remarks_and_blank_lines() {
        let v = Vocabulary::parse("\u{FEFF}# mine\r\n\r\n  dog \r\nhot  dog\r\n#x y\r\n").unwrap();
        let all: Vec<_> = v
            .labels()
            .iter()
            .map(|l| (l.name.as_str(), l.line))
            .collect();
        assert_eq!(all, [("dog", 3), ("hot dog", 4)]);
        assert_eq!(v.warnings(), []);
        assert!(v.labels().iter().all(|l| l.export && l.parent.is_none()));
    }

    #[test]
    fn hashtags_are_not_lost_silently() {
        let v = Vocabulary::parse("dog\n#travel\n##\n#\n").unwrap();
        assert_eq!(v.labels().len(), 1);
        assert_eq!(v.warnings().len(), 1);
        assert_eq!(v.warnings()[0].line, Some(2));
    }
}
