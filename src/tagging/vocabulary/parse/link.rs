//! Checks and links labels: duplicates, clashes, parents.

use std::collections::HashMap;

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::label::{General, Label};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::name::{key, quoted};
use crate::tagging::vocabulary::parse::draft::{Draft, Found, Parent};

/// No user nests labels deeper; a hostile list's paths would fill the memory.
const MAX_LEVELS: usize = 32;
/// Several times the largest keyword collections; each label is scored on each photo.
const MAX_LABELS: usize = 50_000;

/// Links the drafts to a vocabulary, if there are no problems.
///
/// - A label is its path: two may share a name under different parents, which Lightroom allows, but
///   not under the same parent or both without one.
/// - A synonym may belong to several labels (a bonnet is a hat and a part of a car), but must not
///   be a label's name, because a keyword could then mean either.
pub(super) fn link(found: Found) -> Result<Vocabulary, VocabularyError> {
    let Found {
        mut drafts,
        mut problems,
        mut warnings,
        lenient,
        threshold,
        prior,
    } = found;
    if drafts.is_empty() && problems.is_empty() {
        let message = "the vocabulary has no labels; write one on each line";
        problems.push(Problem::at(1, message));
    }
    if let Some(draft) = drafts.get(MAX_LABELS) {
        let message = format!("the vocabulary has more than {MAX_LABELS} labels, from here on");
        problems.push(Problem::at(draft.line, message));
        return Err(VocabularyError::new(problems));
    }
    let keys: Vec<String> = drafts.iter().map(|d| key(&d.name)).collect();
    let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, key) in keys.iter().enumerate() {
        by_key.entry(key).or_default().push(i);
    }
    let parents = find_parents(&drafts, &by_key, &mut problems);
    find_circles(&drafts, &parents, &mut problems);
    find_duplicates(&drafts, &keys, &parents, &mut problems);
    let clashes = if lenient {
        &mut warnings
    } else {
        &mut problems
    };
    drop_clashing_synonyms(&mut drafts, &keys, &by_key, clashes);
    if !problems.is_empty() {
        return Err(VocabularyError::new(problems));
    }
    let ids = (0..drafts.len()).map(|i| {
        let shared = keys
            .get(i)
            .and_then(|k| by_key.get(k.as_str()))
            .is_some_and(|same| same.len() > 1);
        id(i, shared, &drafts, &parents)
    });
    let ids: Vec<String> = ids.collect();
    let names: Vec<String> = drafts.iter().map(|d| d.name.clone()).collect();
    let labels = drafts.into_iter().zip(ids).zip(&parents);
    let labels = labels
        .map(|((draft, id), parent)| Label {
            name: draft.name,
            id,
            parent: parent.and_then(|p| names.get(p).cloned()),
            synonyms: draft.synonyms.into_iter().map(|(word, _)| word).collect(),
            model_names: draft.model_names,
            prompts: draft.prompts,
            negatives: draft.negatives,
            threshold: draft.threshold,
            prior: draft.prior,
            general: General { threshold, prior },
            export: draft.export,
            line: draft.line,
        })
        .collect();
    Ok(Vocabulary::linked(labels, parents, warnings))
}

/// Returns the index of each draft's parent.
fn find_parents(
    drafts: &[Draft],
    by_key: &HashMap<&str, Vec<usize>>,
    problems: &mut Vec<Problem>,
) -> Vec<Option<usize>> {
    let mut parents = Vec::with_capacity(drafts.len());
    for draft in drafts {
        parents.push(match &draft.parent {
            Parent::None => None,
            Parent::Draft(i) => Some(*i),
            Parent::Named(name, line) => {
                let same = by_key.get(key(name).as_str()).map_or(&[][..], Vec::as_slice);
                match same {
                    [only] => Some(*only),
                    [] => {
                        problems.push(Problem::at(
                            *line,
                            format!("the parent {} is not defined; add a label of this name or correct it", quoted(name)),
                        ));
                        None
                    }
                    [a, b, ..] => {
                        problems.push(Problem::at(
                            *line,
                            format!(
                                "the parent {} could be the label of line {} or of line {}; a parent's name must be unique",
                                quoted(name), line_of(drafts, *a), line_of(drafts, *b)
                            ),
                        ));
                        None
                    }
                }
            }
        });
    }
    parents
}

/// Reports each cycle of parents once, and labels that are nested too deeply.
fn find_circles(drafts: &[Draft], parents: &[Option<usize>], problems: &mut Vec<Problem>) {
    // The walk from label i marks labels with i + 1. Its own mark means a cycle; another's mark
    // means that the rest was already walked.
    let mut marks = vec![0; drafts.len()];
    let mut levels = vec![0_usize; drafts.len()];
    for start in 0..drafts.len() {
        let mut passed = Vec::new();
        let mut next = Some(start);
        while let Some(i) = next {
            match marks.get_mut(i) {
                Some(mark) if *mark == 0 => *mark = start + 1,
                Some(mark) if *mark == start + 1 => {
                    let circle = passed.iter().skip_while(|&&p| p != i).copied();
                    problems.push(circle_problem(drafts, circle.collect()));
                    break;
                }
                _ => break,
            }
            passed.push(i);
            next = parents.get(i).copied().flatten();
        }
        let mut level = next.and_then(|i| levels.get(i).copied()).unwrap_or(0);
        for &i in passed.iter().rev() {
            level += 1;
            if let Some(l) = levels.get_mut(i) {
                *l = level;
            }
            if level == MAX_LEVELS + 1 {
                let message = format!("the hierarchy is deeper than {MAX_LEVELS} levels here");
                problems.push(Problem::at(line_of(drafts, i), message));
            }
        }
    }
}

fn circle_problem(drafts: &[Draft], circle: Vec<usize>) -> Problem {
    /// The most members of a cycle that a message names.
    const NAMED: usize = 6;
    let mut way: Vec<String> = circle
        .iter()
        .take(NAMED)
        .filter_map(|&i| drafts.get(i))
        .map(|d| format!("{} (line {})", quoted(&d.name), d.line))
        .collect();
    if circle.len() > NAMED {
        way.push("…".to_owned());
    }
    let first = circle.first().and_then(|&i| drafts.get(i));
    way.extend(first.map(|d| quoted(&d.name)));
    let line = match first.map(|d| &d.parent) {
        Some(Parent::Named(_, line)) => *line,
        _ => first.map_or(1, |d| d.line),
    };
    Problem::at(
        line,
        format!("the parents form a cycle: {}", way.join(" → ")),
    )
}

fn find_duplicates(
    drafts: &[Draft],
    keys: &[String],
    parents: &[Option<usize>],
    problems: &mut Vec<Problem>,
) {
    let mut first: HashMap<(&str, Option<usize>), usize> = HashMap::new();
    for ((draft, key), parent) in drafts.iter().zip(keys).zip(parents) {
        // A missing or empty name has been reported already.
        if key.is_empty() {
            continue;
        }
        let line = *first.entry((key, *parent)).or_insert(draft.line);
        if line != draft.line {
            let message = format!(
                "the label {} is already on line {line}",
                quoted(&draft.name)
            );
            problems.push(Problem::at(draft.line, message));
        }
    }
}

/// Drops synonyms that repeat a name or a synonym of their own label, or another's name.
fn drop_clashing_synonyms(
    drafts: &mut [Draft],
    keys: &[String],
    by_key: &HashMap<&str, Vec<usize>>,
    clashes: &mut Vec<Problem>,
) {
    let lines: Vec<usize> = drafts.iter().map(|d| d.line).collect();
    for (draft, own) in drafts.iter_mut().zip(keys) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        draft.synonyms.retain(|(word, line)| {
            let word_key = key(word);
            let named = by_key.get(word_key.as_str()).and_then(|same| same.first());
            let message = if word_key.is_empty() {
                return true;
            } else if word_key == *own {
                format!("the synonym {} is its label's own name", quoted(word))
            } else if let Some(other) = named.and_then(|&i| lines.get(i)) {
                format!(
                    "the synonym {} is the name of the label on line {other}; keep one of the two",
                    quoted(word)
                )
            } else if let Some(before) = seen.insert(word_key, *line) {
                format!(
                    "the synonym {} is given twice, first on line {before}",
                    quoted(word)
                )
            } else {
                return true;
            };
            clashes.push(Problem::at(*line, message));
            false
        });
    }
}

/// The name if it is unique, else the path from the root.
fn id(label: usize, shared: bool, drafts: &[Draft], parents: &[Option<usize>]) -> String {
    let mut path = Vec::new();
    let mut next = Some(label);
    while let Some(draft) = next.and_then(|i| drafts.get(i)) {
        path.push(draft.name.as_str());
        next = if shared {
            next.and_then(|i| parents.get(i).copied().flatten())
        } else {
            None
        };
    }
    path.reverse();
    path.join("|")
}

fn line_of(drafts: &[Draft], i: usize) -> usize {
    drafts.get(i).map_or(1, |d| d.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        Vocabulary::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn duplicates_and_an_empty_list_name_their_lines() {
        assert_eq!(
            errors("dog\ncafe\u{301}\n DOG\nCafé\n"),
            "line 3: the label “DOG” is already on line 1\nline 4: the label “Café” is already on line 2"
        );
        for text in ["", "\n\n", "# nothing\n"] {
            assert!(errors(text).starts_with("line 1: the vocabulary has no labels"));
        }
    }

    #[test]
    fn a_synonym_is_no_other_labels_name() {
        assert_eq!(
            errors("[[label]]\nname='cat'\n[[label]]\nname='dog'\nsynonyms=['hound',\n 'CAT']\n"),
            "line 6: the synonym “CAT” is the name of the label on line 2; keep one of the two"
        );
        let shared = "[[label]]\nname='hat'\nsynonyms=['bonnet']\n[[label]]\nname='car'\nsynonyms=['bonnet']\n";
        assert!(Vocabulary::parse(shared).is_ok());
    }

    #[test]
    fn each_circle_is_told_once() {
        let text = "[[label]]\nname='z'\nparent='a'\n[[label]]\nname='a'\nparent='b'\n[[label]]\nname='b'\nparent='a'\n";
        assert_eq!(
            errors(text),
            "line 6: the parents form a cycle: “a” (line 5) → “b” (line 8) → “a”"
        );
    }

    #[test]
    fn the_depth_has_a_limit() {
        let list = |levels: usize| -> String {
            (0..levels)
                .map(|n| format!("{}k{n}\n", "\t".repeat(n)))
                .collect()
        };
        assert_eq!(Vocabulary::parse(&list(32)).unwrap().summary().depth, 32);
        assert_eq!(
            errors(&list(34)),
            "line 33: the hierarchy is deeper than 32 levels here"
        );
    }

    #[test]
    fn the_number_of_labels_has_a_limit() {
        let list: String = (0..=MAX_LABELS).map(|n| format!("k{n}\n")).collect();
        assert!(errors(&list).starts_with("line 50001: the vocabulary has more than 50000"));
    }

    #[test]
    fn a_chain_written_backwards_is_no_circle() {
        let mut text = String::new();
        for n in 0..30 {
            text.push_str(&format!("[[label]]\nname='k{n}'\nparent='k{}'\n", n + 1));
        }
        text.push_str("[[label]]\nname='k30'\n");
        let v = Vocabulary::parse(&text).unwrap();
        assert_eq!(v.ancestors(0).count(), 30);
        assert_eq!(v.summary().roots, 1);
    }
}
