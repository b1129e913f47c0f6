//! Lightroom's keyword list (Metadata, Export Keywords): tabs for the hierarchy, synonyms in
//! braces, keywords that are not exported in brackets.

use crate::tagging::vocabulary::error::Problem;
use crate::tagging::vocabulary::name::quoted;
use crate::tagging::vocabulary::parse::draft::{Draft, Found, MAX_TEXTS, Parent, too_many};
use crate::tagging::vocabulary::parse::lines::{indented_with_spaces, lines};

/// Reads a keyword list. A keyword may have the name of another under a different parent.
///
/// Lightroom writes no comments; a line that begins, without a tab, with `#` and a space was added
/// by a user. Other keywords may begin with `#`.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found {
        lenient: true,
        ..Found::default()
    };
    // The parents of the next line, one per level.
    let mut above: Vec<usize> = Vec::new();
    found.warnings.extend(indented_with_spaces(text));
    for (number, line) in lines(text) {
        let level = line.bytes().take_while(|&b| b == b'\t').count();
        let entry = line.trim();
        if entry.is_empty() || level == 0 && (entry == "#" || entry.starts_with("# ")) {
            continue;
        }
        if level > above.len() {
            found.problems.push(Problem::at(
                number,
                format!(
                    "{} is indented by {level} tabs, but the keywords above allow at most {}",
                    quoted(entry),
                    above.len()
                ),
            ));
        } else {
            above.truncate(level);
        }
        match kind(entry) {
            Kind::Unclosed(bracket) => found.problems.push(Problem::at(
                number,
                format!("{} has no closing “{bracket}”", quoted(entry)),
            )),
            Kind::Synonym(word) => {
                let word = found.name(word, number);
                match above.last().and_then(|&i| found.drafts.get_mut(i)) {
                    Some(keyword) if keyword.synonyms.len() > MAX_TEXTS => {}
                    Some(keyword) => {
                        if keyword.synonyms.len() == MAX_TEXTS {
                            let message = too_many("synonyms");
                            found.problems.push(Problem::at(number, message));
                        }
                        keyword.synonyms.push((word, number));
                    }
                    None => found.problems.push(Problem::at(
                        number,
                        format!(
                            "the synonym {} stands under no keyword; indent it by one tab more than its keyword",
                            quoted(&word)
                        ),
                    )),
                }
            }
            Kind::Keyword { name, export } => {
                let mut draft = Draft::new(found.name(name, number), number);
                draft.export = export;
                if let Some(&parent) = above.last() {
                    draft.parent = Parent::Draft(parent);
                }
                above.push(found.drafts.len());
                found.drafts.push(draft);
            }
        }
    }
    found
}

enum Kind<'a> {
    Keyword { name: &'a str, export: bool },
    Synonym(&'a str),
    Unclosed(char),
}

fn kind(entry: &str) -> Kind<'_> {
    if let Some(rest) = entry.strip_prefix('{') {
        return match rest.strip_suffix('}') {
            Some(word) => Kind::Synonym(word),
            None => Kind::Unclosed('}'),
        };
    }
    if let Some(rest) = entry.strip_prefix('[') {
        return match rest.strip_suffix(']') {
            Some(name) => Kind::Keyword {
                name,
                export: false,
            },
            None => Kind::Unclosed(']'),
        };
    }
    Kind::Keyword {
        name: entry,
        export: true,
    }
}

#[cfg(test)]
mod tests {
    use crate::tagging::Vocabulary;

    const LIST: &str = "[Nature]\r\n\tAnimal\r\n\t\t{fauna}\r\n\t\tCrane\r\n\t\t\t{Grus}\r\n\t\t\t{grus grus}\r\n\t\tDog\r\nThings\r\n\tCrane\r\n# mine\r\n";

    #[test]
    fn reads_hierarchy_synonyms_and_export() {
        let v = Vocabulary::parse(LIST).unwrap();
        let all: Vec<_> = v
            .labels()
            .iter()
            .map(|l| (l.id.as_str(), l.parent.as_deref(), l.export, l.line))
            .collect();
        assert_eq!(
            all,
            [
                ("Nature", None, false, 1),
                ("Animal", Some("Nature"), true, 2),
                ("Nature|Animal|Crane", Some("Animal"), true, 4),
                ("Dog", Some("Animal"), true, 7),
                ("Things", None, true, 8),
                ("Things|Crane", Some("Things"), true, 9),
            ]
        );
        assert_eq!(v.labels()[1].synonyms, ["fauna"]);
        assert_eq!(v.labels()[2].synonyms, ["Grus", "grus grus"]);
        assert_eq!(v.labels()[5].texts(), ["Crane, Things"]);
        assert_eq!(v.summary().depth, 3);
    }

    #[test]
    fn a_clashing_synonym_is_left_out_with_a_warning() {
        let v = Vocabulary::parse("dog\n\t{Cat}\n\t{hound}\ncat\n\t{cat}\n").unwrap();
        assert_eq!(v.labels()[0].synonyms, ["hound"]);
        assert!(v.labels()[1].synonyms.is_empty());
        let lines: Vec<_> = v.warnings().iter().map(|w| w.line).collect();
        assert_eq!(lines, [Some(2), Some(5)]);
    }

    #[test]
    fn a_slash_is_a_letter_and_comes_back() {
        let v =
            Vocabulary::parse("Music\n\tAC/DC\nPlaces\n\tItaly\n\t\t{Italia/Italien}\n").unwrap();
        assert_eq!(v.labels()[1].name, "AC/DC");
        assert_eq!(v.labels()[3].synonyms, ["Italia/Italien"]);
        assert!(v.warnings().is_empty(), "{:?}", v.warnings());
    }

    #[test]
    fn spaces_that_look_like_levels_are_told_once() {
        for text in [
            "Places\n  Italy\n    Rome\n",
            "Places\n\tItaly\n    Rome\n    Pisa\n",
        ] {
            let v = Vocabulary::parse(text).unwrap();
            let warnings: Vec<_> = v.warnings().iter().map(|w| w.located(None)).collect();
            assert_eq!(warnings.len(), 1, "{text:?}: {warnings:?}");
            assert!(warnings[0].contains("tabs"), "{warnings:?}");
        }
    }

    #[test]
    fn faults_have_their_lines() {
        for (text, line, word) in [
            ("\tdog", 1, "indented by 1"),
            ("a\n\t\tb", 2, "at most 1"),
            ("a\n\t{s}\n\t\tb", 3, "at most 1"),
            ("a\n\tb\n{s}", 3, "under no keyword"),
            ("a\n\t{s", 2, "no closing “}”"),
            ("a\n\t[s", 2, "no closing “]”"),
            ("a\n\t[]", 2, "empty"),
            ("a\n\tb|c", 2, "“|”"),
            ("a\n\tb\n\tB", 3, "line 2"),
        ] {
            let error = Vocabulary::parse(text).unwrap_err();
            assert_eq!(error.problems[0].line, Some(line), "{text:?}: {error}");
            assert!(error.to_string().contains(word), "{text:?}: {error}");
        }
    }
}
